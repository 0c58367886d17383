import type { Engine } from './engine.ts'
import { clockKey } from './keys.ts'

/** Milliseconds for which a clock that went ahead must have stayed there before it is believed. */
const longestDoubt = 3_600_000
/** Milliseconds between looks at what others have found. */
const pause = 60_000

/** Where the clock stands by its readings so far, in milliseconds since 1970. */
interface Marks {
  /** What is believed; 0 before anything is. */
  readonly sure: number
  /** The least that was read since something was last believed. */
  readonly recent: number
}

/** A time that has surely come, for what cannot be undone. */
export interface SureClock {
  /** Takes a reading of the clock into account. */
  note(now: number): void
  /** The time that has surely come, where the clock shows this. */
  at(now: number): Promise<number>
}

/**
 * What is cleared away may be spent anew, so a clock that is wrong for a moment must not clear away what is not over.
 *
 * A clock that goes back is believed at once: less is cleared away. One that goes ahead of the time that this process
 * has lived through, which nobody sets, is believed once every reading of an hour (`doubt`) was as far ahead: after
 * each such hour the least of them is taken over, so it takes one hour, and two at most. While the clock runs as time
 * does, what is believed is what it shows.
 *
 * What was found stands in the ledger, because a process may start while the clock is wrong. It begins with what
 * others have found, and takes over the least that they have read once the clock is an hour beyond that. So one that starts
 * into a wrong time clears away what was over before, and those that live for less than an hour clear away too.
 * @param keep milliseconds that what is over is kept: no doubt lasts longer
 * @param uptime milliseconds by a clock that only ever runs on
 */
export function sureClock({ document, putDocument }: Pick<Engine, 'document' | 'putDocument'>, keep: number, uptime: () => number): SureClock {
  const doubt = Math.min(longestDoubt, keep)
  // By how much the clock is ahead of the time lived through, by each mark.
  let ahead: Marks | undefined
  let least = Infinity
  /** When what is `recent` began, and when it was last compared with what others have found. */
  let [since, compared] = [0, 0]

  async function begin(now: number, lived: number): Promise<void> {
    const { sure, recent } = marksIn((await document(clockKey))?.value) ?? { sure: 0, recent: now }
    const marks = now - recent >= doubt ? { sure: recent, recent: now } : { sure, recent }
    ahead = { sure: marks.sure - lived, recent: marks.recent - lived }
    since = lived
  }
  /** @param isNews whether others cannot know it yet; otherwise they are told only where they took the clock to be further on */
  async function tell(marks: Marks, isNews: boolean): Promise<void> {
    const stored = await document(clockKey)
    const known = marksIn(stored?.value)
    // Where another writes first, what it writes is as good.
    if (isNews || !known || known.recent > marks.recent) await putDocument(clockKey, marks, stored?.revision ?? 0)
  }
  return {
    note(now) {
      least = Math.min(least, now - uptime())
    },
    async at(now) {
      const lived = uptime()
      const isFirst = !ahead
      if (!ahead) await begin(now, lived)
      const isTime = lived - since >= doubt
      const reading = Math.min(least, now - lived)
      const { sure, recent } = ahead!
      ahead = isTime ? { sure: Math.min(recent, reading), recent: now - lived } : { sure: Math.min(sure, reading), recent: Math.min(recent, reading) }
      least = Infinity
      if (isTime) since = lived
      const marks: Marks = { sure: Math.floor(ahead.sure + lived), recent: Math.floor(ahead.recent + lived) }
      if (isFirst || isTime || lived - compared >= pause) {
        compared = lived
        await tell(marks, isFirst || isTime)
      }
      return marks.sure
    },
  }
}

function marksIn(value: unknown): Marks | null {
  const { sure, recent } = (value ?? {}) as Partial<Marks>
  return Number.isFinite(sure) && Number.isFinite(recent) ? { sure: sure!, recent: recent! } : null
}
