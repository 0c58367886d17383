import { createParser } from 'eventsource-parser'

export interface Listeners {
  /** Called whenever bytes come, also of comments, which only keep a connection open. */
  readonly heard: () => void
  readonly comment: (text: string) => void
  /** Ends the reading, also of a body whose `fetch` does not heed it. */
  readonly signal: AbortSignal
}

/** Characters of one event. Whole answers come in one from servers that do not stream; more than this is no answer. */
const longest = 32_000_000
/** Milliseconds for which a server may take to close an answer that it has marked as over. */
const closing = 1_000
/** One event is longer than any answer. */
export class TooLongError extends Error {
  override name = 'TooLongError'
}

/** What marks an answer as over. */
export const endMark = '[DONE]'

/**
 * The data of an answer's events, as many at a time as came at once, up to and with `[DONE]`. Servers that
 * answer with one JSON object in place of a stream are read as one event. Stopping early cancels the
 * body, so that the server learns of it; after `[DONE]` what is left is read, so that the connection
 * can serve again.
 * @throws {TooLongError} for an event that cannot be part of an answer
 */
export async function* readAnswer(body: ReadableStream<Uint8Array>, { heard, comment, signal }: Listeners): AsyncGenerator<readonly string[]> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const { events, feed } = collector(comment)
  let over = false
  const cancel = () => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener('abort', cancel)
  try {
    while (!over) {
      const { done: ended, value } = await reader.read()
      signal.throwIfAborted()
      heard()
      feed(ended ? decoder.decode() : decoder.decode(value, { stream: true }), ended)
      const marked = events.indexOf(endMark)
      over = ended || marked >= 0
      // What comes after the mark, such as another one, says nothing.
      const came = marked >= 0 ? events.slice(0, marked + 1) : events.slice()
      events.length = 0
      if (came.length > 0) yield came
    }
  } finally {
    signal.removeEventListener('abort', cancel)
    // Also after an early stop: the other side must learn that nobody reads.
    if (over) void readOut(reader)
    else cancel()
  }
}

/** Gathers events from text. Text that begins with a brace is one JSON object, which no event can begin with. */
function collector(onComment: (text: string) => void) {
  const events: string[] = []
  const parser = createParser({
    onEvent: event => events.push(event.data),
    onComment,
    onError: error => { if (error.type === 'max-buffer-size-exceeded') throw new TooLongError() },
    maxBufferSize: longest,
  })
  let whole: string | null = null
  let begun = false
  const feed = (text: string, ended: boolean) => {
    if (!begun && text.trim()) {
      begun = true
      if (text.trimStart().startsWith('{')) whole = ''
    }
    if (whole === null) return void parser.feed(ended ? `${text}\n\n` : text)
    whole += text
    if (whole.length > longest) throw new TooLongError()
    if (ended) events.push(whole)
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
