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
/** Milliseconds that a server may take for what follows an answer that is whole, and for closing it. */
const closing = 1_000
/** One event is longer than any answer. */
export class TooLongError extends Error {
  override name = 'TooLongError'
}

/** What marks an answer as over. */
export const endMark = '[DONE]'
/** The mark as the last line of what came: nothing that follows belongs to it, so it needs no blank line after it. */
const marked = /(?:^|[\r\n])data: ?\[DONE\](?:\r\n?|\n)?$/
/** More characters than that takes. */
const tailLength = 20

/**
 * An answer's events, as many at a time as came at once, until the answer is over. One that is whole is
 * over as well when its connection is torn, or held open. Servers that
 * answer with one JSON object in place of a stream are read as one event. Stopping early cancels the
 * body, so that the server learns of it; once it is over what is left is read, so that the connection
 * can serve again.
 * @throws {TooLongError} for an event that cannot be part of an answer
 */
export async function* readAnswer(body: ReadableStream<Uint8Array>, { heard, comment, signal, stage }: Listeners): AsyncGenerator<readonly AnswerEvent[]> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const { events, feed } = collector(comment)
  let ended = false
  const cancel = () => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener('abort', cancel)
  try {
    while (!ended && stage() !== 'over') {
      const next = stage() === 'open' ? await reader.read() : await lastOf(reader)
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
    if (ended || stage() === 'over') void readOut(reader)
    else cancel()
  }
}

/** What follows an answer that is whole; `null` where its connection is torn, or nothing comes in time. */
async function lastOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<ReadableStreamReadResult<Uint8Array> | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(resolve, closing, null)
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
  let whole: string | null = null
  let begun = false
  let tail = ''
  const feed = (text: string, ended: boolean) => {
    if (!begun && text.trim()) {
      begun = true
      if (text.trimStart().startsWith('{')) whole = ''
    }
    if (whole === null) {
      tail = (text.length < tailLength ? tail + text : text).slice(-tailLength)
      return void parser.feed(ended || marked.test(tail) ? `${text}\n\n` : text)
    }
    whole += text
    if (whole.length > longest) throw new TooLongError()
    if (ended) events.push({ data: whole })
  }
  return { events, feed }
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
