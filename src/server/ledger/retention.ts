import type { SureClock } from './sure-clock.ts'

/** How long a ledger keeps what is over. */
export interface Retention {
  /**
   * Milliseconds that a run is kept after it began, once it has ended, and a pot after its period.
   * What they came to stays in `totals`, to the grain. A run that is no longer kept cannot be
   * replayed or settled any more, and its id is free. A clock that goes ahead clears nothing more away until it has
   * stayed there for an hour, or for the retention where that is shorter. @default for ever
   */
  readonly retention?: number
  /**
   * Milliseconds by a clock that nobody sets, which the other is held to. Give it with a `now` of your own, as in
   * tests. @default performance.now
   */
  readonly uptime?: () => number
}

/**
 * A retention that can be kept to.
 * @throws {RangeError} for what is no time
 */
export function checkedRetention({ retention = Infinity, uptime = () => performance.now() }: Retention): Required<Retention> {
  if (retention > 0) return { retention, uptime }
  throw new RangeError(`A ledger cannot keep what is over for ${retention} ms. Give "retention" in milliseconds, such as ${30 * 86_400_000} for 30 days, or leave it out to keep all.`)
}

/** Clears away what is over, beside other work. */
export interface Keeper {
  /** There is work: a good time to clear something away. */
  nudge(now: number): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

/** Rows and accounts cleared away in one go: a millisecond's work, and a few where more came in than that clears. */
const [smallestPortion, largestPortion] = [100, 400]
/** Milliseconds between looks, at most, when there was nothing left. */
const longestPause = 60_000

/**
 * Keeps a record from growing: one portion at a time while there are more, then now and then. A portion that
 * did not suffice is followed by one twice as large, so that clearing keeps up with whatever comes in.
 * @param clear clears away what was over before a time, at most so many, and says how many
 * @param sure what says which time has surely come
 */
export function keeper(clear: (before: number, most: number) => Promise<number>, sure: SureClock, { retention, uptime }: Required<Retention>): Keeper {
  const pause = Math.min(longestPause, retention / 10)
  let clearing: Promise<void> | undefined
  let looked = -Infinity
  let portion = smallestPortion

  async function clearOne(now: number): Promise<void> {
    looked = uptime()
    // Where it fails the next verb fails too, and says so.
    const cleared = await sure.at(now).then(time => clear(time - retention, portion)).catch(() => 0)
    const more = cleared >= portion
    if (more) looked = -Infinity
    portion = more ? Math.min(2 * portion, largestPortion) : smallestPortion
  }
  return {
    nudge(now) {
      if (retention === Infinity) return
      sure.note(now)
      if (clearing || uptime() - looked < pause) return
      clearing = clearOne(now).finally(() => { clearing = undefined })
    },
    idle: async () => clearing,
  }
}
