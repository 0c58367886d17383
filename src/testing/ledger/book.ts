import { bindClaims, toGrains } from '../../core/index.ts'
import type { Amounts, BoundClaim, Budget, Claim } from '../../core/index.ts'
import type { Entry } from '../../server/index.ts'
import { isTotal, totalKey } from '../../server/ledger/keys.ts'
import type { Part } from './history.ts'
import { lease } from './scene.ts'

type Status = Entry['status']

/** What is known of a run from outside: what it claimed, when, and how it was last seen. */
interface Life {
  readonly claims: readonly BoundClaim[]
  readonly at: number
  readonly status: Status
  /** Somebody gave it back. */
  readonly freed: boolean
  /** The words of the settlement that stood. */
  readonly word: string | null
}

/** A pot of a clock, or of none: what it is asked for by, at an instant at which it is current. */
interface Pot {
  readonly claim: Claim
  readonly at: number
  readonly ends: number | null
}

/** What a run may have become since it was last seen; of a dispatch the book knows. */
const futures: Readonly<Record<Status, readonly Status[]>> = {
  held: ['held', 'settled', 'released'],
  dispatched: ['dispatched', 'settled', 'assumed'],
  assumed: ['assumed', 'settled'],
  settled: ['settled'],
  released: ['released'],
}

/**
 * A book beside a ledger: it knows of each run only what it asked for and what became of it, and
 * works out what every pot must come to. What cannot be it tells in words.
 */
export interface Book {
  /** @param dispatched in the same go */
  begin(run: string, claims: readonly Claim[], now: number, dispatched: boolean): void
  has(run: string): boolean
  /** Somebody was told that the run may go ahead. */
  dispatched(run: string): void
  /** Somebody gave it back, if that could still be done. */
  freed(run: string): void
  /** How all runs stand. @param now the latest instant that the ledger's clock has shown */
  seen(entries: readonly Entry[], now: number): readonly string[]
  /** Runs that began before a time were cleared away, all but those that are kept: what they came to stays. */
  cleared(kept: ReadonlySet<string>, before: number): readonly string[]
  /** Grains that must be held of a pot, and that it must have settled as long as its period is not cleared away. */
  pot(account: string): { readonly held: number; readonly settled: number | null }
  /** Grains that all pots of a total must have settled, by the total's key. */
  settled(): ReadonlyMap<string, number>
  readonly pots: ReadonlyMap<string, Pot>
}

export function createBook(): Book {
  const lives = new Map<string, Life>()
  /** Those that were cleared away. */
  const past: Life[] = []
  const pots = new Map<string, Pot>()
  /** What ended before it may have been cleared away. */
  let horizon = -Infinity
  const all = () => [...past, ...lives.values()]
  const learn = (run: string, news: (life: Life) => Partial<Life>) => {
    const life = lives.get(run)
    if (life) lives.set(run, { ...life, ...news(life) })
  }
  return {
    pots,
    begin(run, claims, now, dispatched) {
      const bound = bindClaims(claims, run, now)
      lives.set(run, { claims: bound, at: now, status: dispatched ? 'dispatched' : 'held', freed: false, word: null })
      for (const { account, period, ...claim } of bound) if (claim.window !== 'run') pots.set(account, { claim, at: now, ends: period.end })
    },
    has: run => lives.has(run),
    dispatched: run => learn(run, ({ status }) => status === 'held' ? { status: 'dispatched' } : {}),
    freed: run => learn(run, () => ({ freed: true })),
    seen: (entries, now) => entries.flatMap(({ run, status, receipt }) => {
      const [life, next] = [lives.get(run), { status, word: receipt?.signature ?? null }]
      learn(run, () => next)
      return faultsOf(life, next, now).map(fault => `"${run}" ${fault}`)
    }),
    cleared(kept, before) {
      horizon = Math.max(horizon, before)
      const gone = [...lives].filter(([run]) => !kept.has(run))
      for (const [run] of gone) lives.delete(run)
      past.push(...gone.map(([, life]) => life))
      return gone.filter(([, life]) => isOpen(life) || life.at >= before).map(([run]) => `"${run}" was cleared away too soon`)
    },
    pot(account) {
      const { ends } = pots.get(account)!
      return { ...potOf(account, all()), ...ends !== null && ends < horizon && { settled: null } }
    },
    settled: () => all().reduce(count, new Map()),
  }
}

const isOpen = ({ status }: Life) => status === 'held' || status === 'dispatched'

function potOf(account: string, lives: readonly Life[]): { held: number; settled: number } {
  const claimsOf = ({ claims }: Life) => claims.filter(claim => claim.account === account)
  return {
    held: sum(lives.filter(isOpen).flatMap(claimsOf).map(({ amount }) => amount)),
    settled: sum(lives.flatMap(life => claimsOf(life).map(claim => cameTo(life, claim)))),
  }
}

function faultsOf(before: Life | undefined, after: Pick<Life, 'status' | 'word'>, now: number): string[] {
  if (!before) return ['is in the record and was never reserved']
  if (!futures[before.status].includes(after.status)) return [`was ${before.status} and is ${after.status}`]
  if (before.word !== null && before.word !== after.word) return ['was settled twice']
  const isEarly = before.status !== after.status && now < before.at + lease && (after.status === 'assumed' || (after.status === 'released' && !before.freed))
  return isEarly ? ['was given up before its lease was over'] : []
}

/** Grains that a run that was seen came to: nothing, all that was reserved, or what its settlement says and never more. */
function cameTo({ status, word }: Life, { unit, amount, holdOnly }: BoundClaim): number {
  if (holdOnly) return 0
  if (status === 'assumed') return amount
  if (status !== 'settled') return 0
  const actual = JSON.parse(word ?? '{}') as Amounts
  return Math.min(amount, actual[unit] ?? amount)
}

function count(sums: Map<string, number>, life: Life): Map<string, number> {
  for (const claim of life.claims) {
    const key = totalKey(claim.account)
    if (isTotal(key)) sums.set(key, (sums.get(key) ?? 0) + cameTo(life, claim))
  }
  return sums
}

export const claimOfPart = ({ unit, subject, window, amount, share }: Part, limit: number): Claim =>
  ({ budget: share ? 'share' : 'history', scope: 'user', subject, unit, window: share ? 'session' : window, timeZone: 'UTC', limit, amount, ...share && { holdOnly: true } })

/** A budget's amounts in grains. */
export const grainsOf = ({ unit, settled, held, available }: Budget) => {
  const grains = (amount: number) => toGrains(unit, amount, 'nearest')
  return { settled: grains(settled), held: grains(held), available: grains(available) }
}

const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0)
