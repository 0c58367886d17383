import { createStore } from 'zustand/vanilla'
import type { Choice, Effort, Estimate, Partially, Receipt, SparingError, Tier } from '../core/index.ts'
import type { Readable } from './readable.ts'

/** A run as it stands. `refused`: it was never made and nothing was spent. */
export interface RunState<Output = unknown> {
  readonly id: string
  readonly feature: string
  readonly tier: Tier
  readonly effort: Effort
  readonly status: 'starting' | 'thinking' | 'writing' | 'completed' | 'ceiling' | 'aborted' | 'failed' | 'refused'
  readonly text: string
  /** Of a feature with an `output`: as much of it as has come, unchecked until the run has completed. */
  readonly object: Partially<Output> | undefined
  readonly choice: Choice | null
  /** Of one that failed it may come later: until then the run counts in full. */
  readonly receipt: Receipt | null
  readonly estimate: Estimate | null
  readonly error: SparingError | null
}

/** What a run came to. */
export interface RunOutcome<Output = unknown> {
  readonly text: string
  /** Checked; `undefined` where the feature has no `output`, or the ceiling cut it short. */
  readonly object: Output | undefined
  readonly choice: Choice
  readonly receipt: Receipt
}

/**
 * A run under way: awaited for its outcome, iterated for its text as it comes, or followed as a
 * store. Nothing of it is lost when nobody iterates.
 */
export interface Run<Output = unknown> extends PromiseLike<RunOutcome<Output>>, AsyncIterable<string>, Readable<RunState<Output>> {
  readonly id: string
  readonly text: string
  readonly object: Partially<Output> | undefined
  /** Stops it: what was consumed until then is settled, and the receipt says so. */
  abort(): void
}

/** A run's own side: what the client tells it. */
export interface RunControl {
  readonly run: Run
  readonly signal: AbortSignal
  update(change: Partial<RunState>): void
  /** Adds to the text. @param read what its object is by then, where it has one */
  write(delta: string, read?: (text: string) => unknown): void
  finish(outcome: RunOutcome): void
  fail(error: SparingError): void
}

export const hasEnded = ({ status }: Pick<RunState, 'status'>): boolean => !['starting', 'thinking', 'writing'].includes(status)

export function createRun(initial: Pick<RunState, 'id' | 'feature' | 'tier' | 'effort' | 'estimate'>, signal?: AbortSignal): RunControl {
  const store = createStore<RunState>(() => ({ ...initial, status: 'starting', text: '', object: undefined, choice: null, receipt: null, error: null }))
  const controller = new AbortController()
  const stop = () => controller.abort(new DOMException('The run was stopped.', 'AbortError'))
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  const { promise, resolve, reject } = withResolvers<RunOutcome>()
  // Whoever only iterates or follows the store is told there; the promise is for those who await it.
  // The host's signal may outlive many runs.
  promise.catch(() => {}).finally(() => signal?.removeEventListener('abort', stop))
  const { getState, getInitialState, setState } = store
  const run: Run = {
    id: initial.id, getState, getInitialState, abort: stop,
    // A follower that throws is reported as an unhandled rejection, and does not break off the run.
    subscribe: follower => store.subscribe((...states) => void (async () => follower(...states))()),
    get text() { return getState().text },
    get object() { return getState().object },
    // A run is awaited for its outcome: that it is a thenable is its purpose.
    // oxlint-disable-next-line unicorn/no-thenable
    then: (...handlers) => promise.then(...handlers),
    [Symbol.asyncIterator]: () => textOf(run, promise),
  }
  return {
    run, signal: controller.signal,
    update: change => setState(change),
    write: (delta, read) => setState(({ text }) => ({ status: 'writing', text: text + delta, ...read && { object: read(text + delta) } })),
    finish: resolve, fail: reject,
  }
}

/** The text as it grows, from its start for every reader, and anew where it was void; ends as the run ends, and throws as it throws. */
async function* textOf(run: Run, outcome: Promise<RunOutcome>): AsyncGenerator<string> {
  let read = ''
  while (true) {
    const state = run.getState()
    const { text, status } = state
    if (!text.startsWith(read)) read = ''
    if (text.length > read.length) {
      const more = text.slice(read.length)
      read = text
      yield more
    } else if (hasEnded(state)) {
      await outcome
      return
    } else {
      await change(run, text, status)
    }
  }
}

function change(run: Run, text: string, status: RunState['status']): Promise<void> {
  return new Promise(resolve => {
    const unsubscribe = run.subscribe(state => {
      if (state.text === text && state.status === status) return
      unsubscribe()
      resolve()
    })
  })
}

function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((yes, no) => [resolve, reject] = [yes, no])
  return { promise, resolve, reject }
}
