import { SparingError } from '../core/index.ts'

/** A run that goes on: whose it is, how to stop it, and when it is settled. */
export interface Running {
  readonly identity: string | null
  stop(): void
  readonly over: Promise<unknown>
}

/** Knows what goes on, so that closing can end it before the ledger is let go of. */
export interface RunsUnderWay {
  /** Knows of a run until it is over. */
  follow<T>(run: Omit<Running, 'over'>, over: Promise<T>): Promise<T>
  /** Knows of a request until it is answered: it may be about to begin a run. */
  during<T>(request: Promise<T>): Promise<T>
  /** @throws {SparingError} `restarting` once it is closing: nothing begins any more */
  checkOpen(): void
  /** Stops the runs of an identity, and resolves when they are settled. */
  stop(identity: string): Promise<void>
  /** Lets nothing begin, stops what goes on, and resolves when all of it is settled. */
  close(): Promise<void>
}

/** Milliseconds that requests are waited for that began nothing yet: one may wait for a host that never answers. */
const longestRequest = 5_000

export function keepRuns(): RunsUnderWay {
  const runs = new Set<Running>()
  const requests = new Set<Promise<unknown>>()
  let closing = false

  async function stopped(which: readonly Running[]): Promise<void> {
    for (const { stop } of which) stop()
    await Promise.allSettled(which.map(({ over }) => over))
  }
  return {
    follow(run, over) {
      const entry = { ...run, over }
      runs.add(entry)
      // It was let in before.
      if (closing) run.stop()
      return over.finally(() => runs.delete(entry))
    },
    during(request) {
      requests.add(request)
      return request.finally(() => requests.delete(request))
    },
    checkOpen() {
      if (closing) throw new SparingError('restarting', 'This server is being stopped, so nothing was run or spent. Try again in a moment.')
    },
    stop: identity => stopped([...runs].filter(run => run.identity === identity)),
    async close() {
      closing = true
      let isLate = false
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(() => {
        isLate = true
        resolve()
      }, longestRequest)
      while (runs.size > 0 || (requests.size > 0 && !isLate)) {
        await stopped([...runs])
        await Promise.race([Promise.allSettled(requests), late])
      }
      clearTimeout(timer)
    },
  }
}
