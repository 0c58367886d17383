import type { Amounts, Unit, Window } from '../../core/index.ts'
import { hour, lease } from './scene.ts'

/** How a verb is asked for: once; again, because the answer was lost; or by two holders at once. */
export const manners = ['once', 'again', 'both'] as const
type Manner = (typeof manners)[number]

/** A claim of a history; its limit is the policy's. */
export interface Part {
  readonly unit: Unit
  readonly subject: string
  readonly window: Window
  readonly amount: number
  /** Ties the amount down while the run is open, and counts nothing: what one person may hold of a whole. */
  readonly share: boolean
}

/** One thing that happens to a ledger. Runs go by number. */
export type Step =
  | { readonly do: 'reserve'; readonly run: number; readonly parts: readonly Part[]; readonly stale: boolean; readonly dispatched: boolean; readonly manner: Manner }
  | { readonly do: 'dispatch' | 'release' | 'renew'; readonly run: number; readonly manner: Manner }
  | { readonly do: 'settle'; readonly run: number; readonly actual: Amounts; readonly manner: Manner }
  | { readonly do: 'expire' | 'look' | 'vanish' }
  /** The clock moves, also backwards. */
  | { readonly do: 'jump'; readonly by: number }
  /** The clock is wrong for a moment, by so much, and then right again. */
  | { readonly do: 'stray'; readonly by: number }
  /** The policy changes. */
  | { readonly do: 'limit'; readonly limit: number }
  /** Clears away what is older than this, in milliseconds. */
  | { readonly do: 'retire'; readonly age: number }

// Few of each, so that they meet.
export const runs = 12
const units: readonly Unit[] = ['usd', 'runs']
export const subjects = ['ada', 'bob'] as const
export const spans: readonly Window[] = ['run', 'session', 'hour', 'day', '3600s']
export const jumps = [1, lease / 2, lease, hour / 4, hour, 24 * hour, -1, -lease, -hour / 4, -hour]
/** Beyond what any history lasts, so that all of it is over by a clock that is so far ahead. */
export const strays = [2, 20].map(years => years * 366 * 24 * hour)
export const ages = [0, hour, 24 * hour]
/** Amounts that fill limits to the last grain, and go beyond them by one. */
export const amounts = [0, 1, 200, 399, 400]
export const limits = [0, 400, 401, 800]

/** The history of a seed: the same one each time. */
export function historyOf(seed: number): readonly Step[] {
  const below = numbers(seed)
  const pick = <T>(of: readonly T[]): T => of[below(of.length)]!
  const amount = () => pick(amounts)
  const parts = () => Array.from({ length: below(4) }, (): Part => ({ unit: pick(units), subject: pick(subjects), window: pick(spans), amount: amount(), share: below(6) === 0 }))
  const actual = () => Object.fromEntries(units.filter(() => below(4) > 0).map(unit => [unit, amount()])) as Amounts
  const run = () => ({ run: below(runs), manner: pick(manners) })
  const kinds: readonly (readonly [weight: number, make: () => Step])[] = [
    [8, () => ({ do: 'reserve', ...run(), parts: parts(), stale: below(8) === 0, dispatched: below(2) === 0 })],
    [5, () => ({ do: pick(['dispatch', 'dispatch', 'release', 'renew'] as const), ...run() })],
    [5, () => ({ do: 'settle', ...run(), actual: actual() })],
    [2, () => ({ do: pick(['expire', 'look', 'look', 'vanish'] as const) })],
    [3, () => ({ do: 'jump', by: pick(jumps) })],
    [1, () => ({ do: 'stray', by: pick(strays) })],
    [1, () => ({ do: 'limit', limit: pick(limits) })],
    [1, () => ({ do: 'retire', age: pick(ages) })],
  ]
  const lots = kinds.flatMap(([weight, make]) => Array.from({ length: weight }, () => make))
  return Array.from({ length: 20 + below(40) }, () => pick(lots)())
}

/** Whole numbers below a bound, one after the other (mulberry32 by Tommy Ettinger). */
function numbers(seed: number): (bound: number) => number {
  let state = seed
  return bound => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296 * bound)
  }
}
