import { createParser } from 'eventsource-parser'

export interface Listeners {
  /** Called whenever bytes come, also of comments, which only keep a connection open. */
  readonly heard: () => void
  readonly comment: (text: string) => void
  /** Ends the reading, also of a body whose `fetch` does not heed it. */
  readonly signal: AbortSignal
  /** How far the answer is by what was read of it: it goes on; it is whole, and only what it used may follow; nothing more is waited for. */
  readonly stage: () => 'open' | 'whole' | 'over'
}

export interface AnswerEvent {
  /** Its name, which few have. */
  readonly event?: string | undefined
  readonly data: string
}

/** Characters of one event. Whole answers come in one from servers that do not stream; more than this is no answer. */
const longest = 32_000_000
/** Milliseconds that a server may take for all that follows an answer that is whole, and for closing it. */
const closing = 1_000
/** One event is longer than any answer. */
export class TooLongError extends Error {
  override name = 'TooLongError'
}

/** What marks an answer as over. */
export const endMark = '[DONE]'
/** The mark as the last line of what came: nothing that follows belongs to it, so it needs no blank line after it. */
const marked = /(?:^|[\r\n])data: ?\[DONE\][ \t]{0,4}(?:\r\n?|\n)?$/
/** More characters than that takes. */
const tailLength = 24

/**
 * An answer's events, as many at a time as came at once, until the answer is over. One that is whole is
 * over as well when its connection is torn, or held open. Servers that
 * answer with one JSON object in place of a stream are read as one event, which is all there is of them, as soon as the object is closed. Stopping early cancels the
 * body, so that the server learns of it; once it is over what is left is read, so that the connection
 * can serve again.
 * @throws {TooLongError} for an event that cannot be part of an answer
 */
export async function* readAnswer(body: ReadableStream<Uint8Array>, { heard, comment, signal, stage }: Listeners): AsyncGenerator<readonly AnswerEvent[]> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const { events, feed, isOver } = collector(comment)
  let ended = false
  let whole: number | null = null
  const cancel = () => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener('abort', cancel)
  try {
    while (!ended && !isOver() && stage() !== 'over') {
      if (stage() !== 'open') whole ??= performance.now()
      const next = whole === null ? await reader.read() : await lastOf(reader, whole + closing - performance.now())
      signal.throwIfAborted()
      if (!next) break
      heard()
      ended = next.done
      feed(ended ? decoder.decode() : decoder.decode(next.value, { stream: true }), ended)
      if (events.length > 0) yield events.splice(0)
    }
  } finally {
    signal.removeEventListener('abort', cancel)
    // Also after an early stop: the other side must learn that nobody reads.
    if (ended || isOver() || stage() === 'over') void readOut(reader)
    else cancel()
  }
}

/** What follows an answer that is whole; `null` where its connection is torn, or nothing comes in time, which comments and what is no part of it do not prolong. */
async function lastOf(reader: ReadableStreamDefaultReader<Uint8Array>, timeout: number): Promise<ReadableStreamReadResult<Uint8Array> | null> {
  if (timeout <= 0) return null
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(resolve, timeout, null)
  try {
    return await Promise.race([reader.read(), late])
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}

/** Gathers events from text. Text that begins with a brace is one JSON object, which no event can begin with. */
function collector(onComment: (text: string) => void) {
  const events: AnswerEvent[] = []
  const parser = createParser({
    onEvent: event => events.push(event),
    onComment,
    onError: error => { if (error.type === 'max-buffer-size-exceeded') throw new TooLongError() },
    maxBufferSize: longest,
  })
  let whole: ReturnType<typeof objectReader> | null = null
  let over = false
  let begun = false
  let tail = ''
  const feed = (text: string, ended: boolean) => {
    if (!begun && text.trim()) {
      begun = true
      if (text.trimStart().startsWith('{')) whole = objectReader()
    }
    if (whole === null) {
      tail = (text.length < tailLength ? tail + text : text).slice(-tailLength)
      return void parser.feed(ended || marked.test(tail) ? `${text}\n\n` : text)
    }
    // Nothing that follows an object belongs to it.
    if (over) return
    over = whole.read(text)
    if (whole.text.length > longest) throw new TooLongError()
    if (over || ended) events.push({ data: whole.text })
  }
  return { events, feed, isOver: () => over }
}

/** Reads one JSON object in pieces, and knows where it closes: each character is looked at once, so that small pieces cost no more than large ones. */
function objectReader() {
  let depth = 0
  let quoted = false
  let escaped = false
  /** Whether the object closes with a character. */
  const closes = (character: string): boolean => {
    if (escaped) escaped = false
    else if (quoted) {
      if (character === '\\') escaped = true
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{') depth++
    else if (character === '}') return --depth === 0
    return false
  }
  return {
    text: '',
    read(piece: string): boolean {
      for (let at = 0; at < piece.length; at++) {
        if (!closes(piece[at]!)) continue
        this.text += piece.slice(0, at + 1)
        return true
      }
      this.text += piece
      return false
    },
  }
}

async function readOut(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const late = setTimeout(() => void reader.cancel().catch(() => {}), closing)
  try {
    while (!(await reader.read()).done);
  } catch {
    // It was cut after its end, and nobody misses anything.
  } finally {
    clearTimeout(late)
  }
}
