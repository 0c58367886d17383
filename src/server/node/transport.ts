import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import { longestTimer } from '../waiting.ts'

export interface TransportOptions {
  /** Connections to one origin at a time; further requests wait for one. @default no limit */
  readonly connections?: number
  /** Milliseconds for which an unused connection is kept, unless the server says less. @default 10000 */
  readonly keepAlive?: number
  /** Milliseconds until there must be a connection, for requests that name no time of their own. @default 10000 */
  readonly connect?: number
}

/** A `fetch` for requests to models' servers. `close` lets what goes on end, and then lets go of every connection. */
export type Transport = typeof fetch & { close(): Promise<void> }

/**
 * A `fetch` that costs a fraction of the global one: it keeps connections, hands bodies on as they
 * come, and destroys the connection at once when its signal aborts. It does what a provider needs and
 * no more: bodies are text or bytes, redirects are answers, only gzip and deflate are unpacked, and there is no
 * time-out but for connecting; providers have their own.
 */
export function nodeTransport({ connections, keepAlive = 10_000, connect = 10_000 }: TransportOptions = {}): Transport {
  const agent = new Agent({
    ...connections !== undefined && { connections },
    keepAliveTimeout: keepAlive, headersTimeout: 0, bodyTimeout: 0, pipelining: 1, connect: { timeout: connect },
  })
  const send: typeof fetch = (input, init = {}) => {
    const { pathname, search, origin } = new URL(input instanceof Request ? input.url : input)
    const { method = 'GET', headers, body, signal, connect: within = connect } = init as RequestInit & { connect?: number }
    const request = { origin, path: pathname + search, method: method as Dispatcher.HttpMethod, headers: plain(headers), body: body as string | Uint8Array | null }
    return dispatch(agent, request, signal ?? null, within)
  }
  return Object.assign(send, { close: () => agent.close() })
}

const plain = (headers: HeadersInit | undefined): Record<string, string> =>
  headers === undefined ? {} : Array.isArray(headers) || headers instanceof Headers ? Object.fromEntries(headers) : headers

function dispatch(agent: Agent, request: Dispatcher.DispatchOptions, signal: AbortSignal | null, within: number): Promise<Response> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    agent.dispatch(request, answerHandler({ resolve, reject, signal, within }))
  })
}

interface Waiting {
  readonly resolve: (response: Response) => void
  readonly reject: (reason: unknown) => void
  readonly signal: AbortSignal | null
  readonly within: number
}

/** Turns the events of one request into a response whose body is read at the reader's own pace. */
function answerHandler({ resolve, reject, signal, within }: Waiting): Dispatcher.DispatchHandler {
  let pen: ReadableStreamDefaultController<Uint8Array> | null = null
  let together: Uint8Array[] = []
  const flush = (controller: Dispatcher.DispatchController | null) => {
    if (together.length === 0) return
    pen?.enqueue(together.length === 1 ? together[0]! : Buffer.concat(together))
    together = []
    if (controller && pen && (pen.desiredSize ?? 0) <= 0) controller.pause()
  }
  const brake = brakeFor(signal, within, error => {
    flush(null)
    pen?.error(error)
    pen = null
    reject(error)
  })
  return {
    onRequestStart: controller => brake.connected(controller),
    onResponseStart(controller, status, headers) {
      // What comes before the answer itself, such as 103.
      if (status < 200) return
      const body = bodyless.has(status) ? null : bodyOf(controller, it => { pen = it }, () => {
        // Nothing more can be written to it.
        pen = null
        brake.stop(new DOMException('Nobody reads the answer any longer.', 'AbortError'))
      })
      resolve(responseOf(body, status, headersOf(headers)))
    },
    onResponseData(controller, chunk) {
      // undici gives an empty one whenever it goes on after a pause, which would make for the next.
      if (chunk.length === 0) return
      // One read of the socket may hold an event in each of many chunks: the reader gets them as one.
      if (together.push(chunk) === 1) queueMicrotask(() => flush(controller))
    },
    onResponseEnd() {
      flush(null)
      brake.release()
      pen?.close()
      pen = null
    },
    onResponseError: (_, error) => brake.fail(error),
  }
}

/** Stops a request when its signal aborts or when it has no connection in time. `failed` may be told twice of one end. */
function brakeFor(signal: AbortSignal | null, within: number, failed: (error: unknown) => void) {
  let connection: Dispatcher.DispatchController | null = null
  let stopped: Error | null = null
  const stop = (reason: Error) => {
    stopped ??= reason
    connection?.abort(stopped)
    fail(stopped)
  }
  const aborted = () => stop(signal!.reason as Error)
  const unconnected = setTimeout(() => stop(new ConnectTimeoutError()), Math.min(within, longestTimer))
  const release = () => {
    clearTimeout(unconnected)
    signal?.removeEventListener('abort', aborted)
  }
  const fail = (error: unknown) => {
    release()
    failed(stopped ?? error)
  }
  signal?.addEventListener('abort', aborted)
  return {
    stop, release, fail,
    connected(controller: Dispatcher.DispatchController) {
      clearTimeout(unconnected)
      connection = controller
      // Stopped while it waited for a connection: nothing is sent.
      if (stopped) controller.abort(stopped)
    },
  }
}

/** Ways in which some servers and proxies pack an answer, though nobody asked them to. */
const packings: ReadonlyMap<string, CompressionFormat> = new Map([['gzip', 'gzip'], ['x-gzip', 'gzip'], ['deflate', 'deflate']])

function responseOf(body: ReadableStream<Uint8Array> | null, status: number, headers: Headers): Response {
  const packing = packings.get(headers.get('content-encoding')?.toLowerCase() ?? '')
  if (!body || !packing) return new Response(body, { status, headers })
  // They speak of what was sent, and no longer of what is read.
  for (const name of ['content-encoding', 'content-length']) headers.delete(name)
  return new Response(body.pipeThrough(new DecompressionStream(packing) as ReadableWritablePair<Uint8Array, Uint8Array>), { status, headers })
}

/** Chunks that may wait for their reader before the connection is told to wait. */
const chunksAhead = 8

/** Statuses that a response with a body cannot have. */
const bodyless = new Set([204, 205, 304])

function bodyOf(controller: Dispatcher.DispatchController, start: (pen: ReadableStreamDefaultController<Uint8Array>) => void, cancel: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({ start, pull: () => controller.resume(), cancel }, { highWaterMark: chunksAhead })
}

function headersOf(raw: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(raw)) {
    for (const each of [value ?? []].flat()) headers.append(name, each)
  }
  return headers
}

/** There was no connection in time, so nothing was sent. */
class ConnectTimeoutError extends Error {
  override name = 'ConnectTimeoutError'
  readonly code = 'UND_ERR_CONNECT_TIMEOUT'
  constructor() {
    super('There was no connection in time.')
  }
}
