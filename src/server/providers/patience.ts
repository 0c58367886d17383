import { faultOfTimeout, longestTimer } from '../waiting.ts'

/** How long a model's server is waited for, in milliseconds. */
export interface Timeouts {
  /**
   * Until there is a connection. It takes a transport that knows, such as `nodeTransport`; with others
   * it is part of `first`. @default 10000
   */
  readonly connect?: number
  /** Until the first token, headers and comments before it notwithstanding. @default 60000 */
  readonly first?: number
  /** Between two tokens. @default 60000 */
  readonly idle?: number
}

/** What a signal that gave up was waiting for. */
export type Awaited = 'first token' | 'next token'

export interface Patience {
  /** Aborts when nobody waits any longer, or when the server was silent for too long. */
  readonly signal: AbortSignal
  /** What was waited for in vain; `null` while it was not. */
  readonly gaveUp: Awaited | null
  /** Something came, if only a comment that keeps the connection open. */
  heard(): void
  /** A token came. */
  token(): void
  stop(): void
}

/**
 * A server that sends comments is alive and may be thinking unseen, so it is waited for so many
 * times as long as one that sends nothing. No comment keeps a run waiting for ever.
 */
const comments = 5

/** @throws {TypeError} for a time-out that is none */
export function checkTimeouts(timeouts: Timeouts, who: string): void {
  for (const name of ['connect', 'first', 'idle'] as const) {
    const fault = faultOfTimeout(`timeout "${name}" of ${who}`, timeouts[name])
    if (fault) throw new TypeError(fault)
  }
}

/** Waits for a model's server as long as `timeouts` allow. */
export function patience(parent: AbortSignal, { first = 60_000, idle = 60_000 }: Timeouts): Patience {
  const controller = new AbortController()
  let awaited: Awaited = 'first token'
  let gaveUp: Awaited | null = null
  const stopped = () => controller.abort(parent.reason)
  const giveUp = () => {
    gaveUp = awaited
    controller.abort(new DOMException('The server was silent for too long.', 'TimeoutError'))
  }
  const silence = alarm(first, giveUp)
  const wordless = alarm(first * comments, giveUp)
  parent.addEventListener('abort', stopped)
  if (parent.aborted) stopped()
  return {
    signal: controller.signal,
    get gaveUp() { return gaveUp },
    heard: () => silence.put(),
    token() {
      awaited = 'next token'
      silence.put(idle)
      wordless.put(idle * comments)
    },
    stop() {
      silence.end()
      wordless.end()
      parent.removeEventListener('abort', stopped)
    },
  }
}

/** Waits for as long as nobody aborts. */
export const endless = (signal: AbortSignal): Patience => ({ signal, gaveUp: null, heard() {}, token() {}, stop() {} })

/** Rings after so many milliseconds in which nobody put it off. The timer is set anew when it ends, not with every token. */
function alarm(first: number, ring: () => void): { put(limit?: number): void; end(): void } {
  let limit = first
  let since = performance.now()
  const look = () => {
    const left = since + limit - performance.now()
    if (left <= 0) ring()
    else timer = setTimeout(look, Math.min(left, longestTimer))
  }
  let timer = setTimeout(look, Math.min(limit, longestTimer))
  return {
    put(next = limit) {
      since = performance.now()
      if (next < limit) {
        clearTimeout(timer)
        timer = setTimeout(look, Math.min(next, longestTimer))
      }
      limit = next
    },
    end: () => clearTimeout(timer),
  }
}
