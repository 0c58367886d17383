/** The longest that a timer can be set for; longer ones ring at once. */
export const longestTimer = 2 ** 31 - 1

/** Milliseconds that what was told to stop may take to end by itself, and to say what it used. */
const parting = 1_000

interface Patience {
  /** Milliseconds. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
  /** What is waited for, for whoever reads the error. */
  readonly what: string
}

/**
 * What code of the host's gives, which may never: it is waited for until the signal aborts, or for so long.
 * @throws the signal's reason, or a `TimeoutError`
 */
export function waitFor<T>(given: T | PromiseLike<T>, { timeout, signal, what }: Patience): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => end(() => reject(signal!.reason))
    const late = () => end(() => reject(new DOMException(`${what} took longer than ${timeout} ms, so it was waited for no longer. Make it faster, or give it a longer "timeout".`, 'TimeoutError')))
    const timer = setTimeout(late, Math.min(timeout, longestTimer))
    const end = (say: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      say()
    }
    signal?.addEventListener('abort', aborted)
    if (signal?.aborted) aborted()
    Promise.resolve(given).then(value => end(() => resolve(value)), (error: unknown) => end(() => reject(error)))
  })
}

/** What is promised, or the signal's reason once that aborts: not everything that was given a signal heeds it. */
export const orAborted = <T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T> => new Promise((resolve, reject) => {
  const aborted = () => reject(signal.reason)
  signal.addEventListener('abort', aborted)
  promise.then(resolve, reject).then(() => signal.removeEventListener('abort', aborted))
})

/**
 * What a stream says until it ends, and no longer than a moment after `signal` aborts: one that does not
 * heed it is left to itself.
 * @param left called when it is, because it gives no account then
 * @throws what the stream does, or the signal's reason
 */
export async function* heeding<T>(stream: AsyncIterable<T>, signal: AbortSignal, left: () => void): AsyncGenerator<T> {
  const iterator = stream[Symbol.asyncIterator]()
  let timer: ReturnType<typeof setTimeout> | undefined
  let giveUp = () => {}
  let over = false
  // Once it was given its time, its end is not waited for again.
  let leaving = parting
  const aborted = () => { timer = setTimeout(() => giveUp(), parting) }
  signal.addEventListener('abort', aborted)
  if (signal.aborted) aborted()
  const next = () => new Promise<IteratorResult<T>>((resolve, reject) => {
    giveUp = () => {
      left()
      leaving = 0
      reject(signal.reason)
    }
    iterator.next().then(resolve, (error: unknown) => {
      over = true
      reject(error)
    })
  })
  try {
    for (let said = await next(); !said.done; said = await next()) yield said.value
    over = true
  } finally {
    signal.removeEventListener('abort', aborted)
    clearTimeout(timer)
    if (!over) await leave(iterator, leaving)
  }
}

/** Tells a stream that nobody reads on, and lets it end what it holds; one that never does is not waited for. */
async function leave(iterator: AsyncIterator<unknown>, timeout: number): Promise<void> {
  if (iterator.return) await waitFor(iterator.return(), { timeout, what: 'A model\'s stream' }).catch(() => {})
}

/** What is wrong with a number of milliseconds to wait for; `undefined` where nothing is. */
export const faultOfTimeout = (name: string, value: unknown): string | undefined =>
  value === undefined || typeof value === 'number' && value > 0 ? undefined : `The ${name} must be milliseconds above 0, or Infinity to wait without end.`
