import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { units } from '../../../src/core/amount.ts'
import type { Amounts, Unit } from '../../../src/core/amount.ts'
import { assume, available, bindClaim, dispatch, emptyAccount, expire, isOpen, release, renew, reserve, settle } from '../../../src/core/budget.ts'
import type { Account, Claim, Reservation, Transition } from '../../../src/core/budget.ts'
import type { Window } from '../../../src/core/window.ts'

/**
 * Random histories, played to the arithmetic and to a book that knows only runs and what each
 * of them ties down. The book does no sums of its own until it is asked for one.
 */
type Step =
  | { do: 'reserve'; claims: readonly { pot: number; amount: number }[]; lease: number }
  | { do: 'dispatch' | 'release' | 'expire' | 'assume'; run: number }
  | { do: 'renew'; run: number; by: number }
  | { do: 'settle'; run: number; actual: Amounts }
  | { do: 'clock'; by: number }
  | { do: 'limit'; pot: number; limit: number }

interface Entry {
  readonly claims: { readonly account: string; readonly unit: Unit; readonly amount: number; settled: number }[]
  state: 'held' | 'dispatched' | 'settled' | 'assumed' | 'released'
  expiresAt: number
}

const pots: readonly Omit<Claim, 'amount' | 'limit'>[] = [
  { budget: 'mine', scope: 'user', subject: 'ada', unit: 'usd', window: 'day', timeZone: 'Europe/Paris' },
  { budget: 'mine', scope: 'user', subject: 'ada', unit: 'runs', window: 'day', timeZone: 'Europe/Paris' },
  { budget: 'mine', scope: 'user', subject: 'bob', unit: 'usd', window: 'day', timeZone: 'America/Havana' },
  { budget: 'team', scope: 'org', subject: 'acme', unit: 'usd', window: 'month', timeZone: 'UTC' },
  { budget: 'team', scope: 'org', subject: 'acme', unit: 'wh', window: 'hour', timeZone: 'Asia/Kolkata' },
  { budget: 'each', scope: 'user', subject: 'ada', unit: 'tokens', window: 'run', timeZone: 'UTC' },
  { budget: 'tab', scope: 'user', subject: 'ada', unit: 'gco2e', window: 'session' satisfies Window, timeZone: 'UTC' },
]

const amount = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constant(0), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
const pot = fc.nat({ max: pots.length - 1 })
const run = fc.nat({ max: 12 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('reserve' as const), claims: fc.array(fc.record({ pot, amount }), { maxLength: 4 }), lease: fc.integer({ min: -10, max: 200_000 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('dispatch' as const, 'dispatch' as const, 'release' as const, 'expire' as const, 'assume' as const), run }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const), run, by: fc.integer({ min: -100_000, max: 400_000 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), run, actual: fc.record(Object.fromEntries(units.map(unit => [unit, amount])), { requiredKeys: [] }) as fc.Arbitrary<Amounts> }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clock' as const), by: fc.oneof(fc.integer({ min: 0, max: 300_000 }), fc.integer({ min: -200_000_000, max: 200_000_000 })) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('limit' as const), pot, limit: fc.oneof(fc.integer({ min: 0, max: 150 }), fc.constant(Number.MAX_SAFE_INTEGER)) }) },
)

const sum = (numbers: readonly number[]) => Number(numbers.reduce((total, each) => total + BigInt(each), 0n))

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(frozen)
  }
  return value
}

class History {
  now = Date.parse('2026-03-28T22:30:00Z')
  readonly limits = pots.map(() => 100)
  readonly accounts = new Map<string, Account>()
  readonly reservations: Reservation[] = []
  readonly book: Entry[] = []
  /** The most that any successful reserve allowed an account to hold and spend. */
  readonly allowed = new Map<string, number>()

  play(next: Step) {
    switch (next.do) {
      case 'clock': this.now += next.by; return
      case 'limit': this.limits[next.pot] = next.limit; return
      case 'reserve': return this.reserve(next.claims, next.lease)
      default:
    }
    const reservation = this.reservations[next.run]
    const entry = this.book[next.run]
    if (!reservation || !entry) return
    const apply = (each: Reservation, accounts: ReadonlyMap<string, Account>): Transition => {
      switch (next.do) {
        case 'dispatch': return { reservation: dispatch(each), accounts: [] }
        case 'renew': return { reservation: renew(each, this.now + next.by), accounts: [] }
        case 'release': return release(each, accounts)
        case 'settle': return settle(each, accounts, next.actual)
        case 'expire': return expire(each, accounts, this.now)
        case 'assume': return assume(each, accounts)
      }
    }
    if (next.do === 'dispatch' && !isOpen(reservation)) return void expect(() => dispatch(reservation)).toThrow('must not start')
    const done = frozen(apply(reservation, this.accounts))
    this.write(done.accounts)
    this.reservations[next.run] = done.reservation
    this.enter(next, entry)
    expect(apply(done.reservation, this.accounts)).toEqual({ reservation: done.reservation, accounts: [] })
  }

  private reserve(asked: readonly { pot: number; amount: number }[], lease: number) {
    const id = `run-${this.reservations.length}`
    const claims = frozen(asked.map(({ pot, amount }) => bindClaim({ ...pots[pot]!, limit: this.limits[pot]!, amount }, id, this.now)))
    const before = new Map(this.accounts)
    const outcome = frozen(reserve(id, claims, this.accounts, this.now + lease))
    expect(this.accounts).toEqual(before)

    const fits = claims.every((claim, i) => {
      const sameAccount = claims.slice(0, i + 1).filter(other => other.account === claim.account)
      return BigInt(sum(this.held(claim.account))) + BigInt(sum(this.settled(claim.account))) + BigInt(sum(sameAccount.map(each => each.amount))) <= BigInt(claim.limit)
        || claim.amount === 0
    })
    if ('exceeded' in outcome) {
      expect(fits).toBe(false)
      expect(outcome.exceeded.length).toBeGreaterThan(0)
      for (const { claim, account } of outcome.exceeded) expect(claim.amount).toBeGreaterThan(available(account))
      return
    }
    expect(fits).toBe(true)
    this.write(outcome.accounts)
    this.reservations.push(outcome.reservation)
    this.book.push({ state: 'held', expiresAt: this.now + lease, claims: claims.map(({ account, unit, amount }) => ({ account, unit, amount, settled: 0 })) })
    for (const { account, limit } of claims) this.allowed.set(account, Math.max(limit, this.allowed.get(account) ?? 0))
  }

  /** What the design says becomes of a run, in the words of the design. */
  private enter(next: Exclude<Step, { do: 'clock' | 'limit' | 'reserve' }>, entry: Entry) {
    const open = entry.state === 'held' || entry.state === 'dispatched'
    const close = (state: Entry['state'], settledOf: (claim: Entry['claims'][number]) => number) => {
      for (const claim of entry.claims) claim.settled = settledOf(claim)
      entry.state = state
    }
    if (next.do === 'dispatch' && entry.state === 'held') entry.state = 'dispatched'
    if (next.do === 'renew' && open) entry.expiresAt = Math.max(entry.expiresAt, this.now + next.by)
    if (next.do === 'release' && entry.state === 'held') close('released', () => 0)
    if (next.do === 'assume' && entry.state === 'dispatched') close('assumed', claim => claim.amount)
    if (next.do === 'expire' && open && this.now >= entry.expiresAt) {
      if (entry.state === 'held') close('released', () => 0)
      else close('assumed', claim => claim.amount)
    }
    if (next.do === 'settle' && (open || entry.state === 'assumed')) close('settled', claim => Math.min(claim.amount, next.actual[claim.unit] ?? claim.amount))
  }

  private write(changed: readonly Account[]) {
    expect(new Set(changed.map(account => account.key)).size).toBe(changed.length)
    for (const account of changed) {
      expect(account.revision).toBeGreaterThan(this.accounts.get(account.key)?.revision ?? 0)
      this.accounts.set(account.key, account)
    }
  }

  private claimsOn(account: string, open: boolean) {
    return this.book
      .filter(entry => (entry.state === 'held' || entry.state === 'dispatched') === open)
      .flatMap(entry => entry.claims.filter(claim => claim.account === account))
  }

  held = (account: string) => this.claimsOn(account, true).map(claim => claim.amount)
  settled = (account: string) => this.claimsOn(account, false).map(claim => claim.settled)

  check() {
    expect(this.reservations.map(({ status, expiresAt }) => ({ status, expiresAt }))).toEqual(this.book.map(({ state: status, expiresAt }) => ({ status, expiresAt })))
    for (const account of this.accounts.values()) {
      expect(account).toMatchObject({ held: sum(this.held(account.key)), settled: sum(this.settled(account.key)) })
      expect(available(account)).toBeGreaterThanOrEqual(0)
      expect(account.held + account.settled).toBeLessThanOrEqual(this.allowed.get(account.key)!)
    }
  }

  /** Every holder dies, and time goes by. */
  end() {
    this.now += 10 ** 12
    this.reservations.forEach((_, run) => this.play({ do: 'expire', run }))
  }
}

function playAll(steps: readonly Step[], check = true): History {
  const history = new History()
  for (const each of steps) {
    history.play(each)
    if (check) history.check()
  }
  return history
}

describe('any history of reservations', { timeout: 30_000 }, () => {
  const steps = fc.array(step, { maxLength: 60, size: 'max' })

  test('agrees with the book after every step, and every verb done twice is done once', () => {
    fc.assert(fc.property(steps, all => void playAll(all)), { numRuns: 500 })
  })

  test('ends with nothing held, and with accounts that are the sums of what each claim settled', () => {
    fc.assert(fc.property(steps, all => {
      const history = playAll(all, false)
      history.end()
      history.check()
      expect(history.reservations.some(isOpen)).toBe(false)
      for (const account of history.accounts.values()) {
        const claims = history.reservations.flatMap(reservation => reservation.claims).filter(claim => claim.account === account.key)
        expect(account.held).toBe(0)
        expect(account.settled).toBe(sum(claims.map(claim => claim.settled!)))
      }
    }), { numRuns: 500 })
  })

  test('a settled claim never rises, and never exceeds what it reserved', () => {
    fc.assert(fc.property(steps, all => {
      const history = new History()
      const seen = new Map<string, number>()
      for (const each of all) {
        history.play(each)
        for (const { run, claims } of history.reservations) {
          claims.forEach((claim, i) => {
            if (claim.settled === undefined) return
            expect(claim.settled).toBeLessThanOrEqual(Math.min(claim.amount, seen.get(`${run} ${i}`) ?? Infinity))
            seen.set(`${run} ${i}`, claim.settled)
          })
        }
      }
    }), { numRuns: 500 })
  })

  test('settles at the same sums in whatever order the runs end', () => {
    const runs = fc.array(fc.record({ amount: fc.nat({ max: 40 }), actual: fc.nat({ max: 60 }) }), { minLength: 1, maxLength: 12 })
    const shuffled = runs.chain(all => fc.record({ all: fc.constant(all), order: fc.shuffledSubarray(all.map((_, i) => i), { minLength: all.length }) }))
    fc.assert(fc.property(shuffled, ({ all, order }) => {
      const sums = [all.map((_, i) => i), order].map(each => {
        const history = new History()
        history.play({ do: 'limit', pot: 0, limit: 10_000 })
        for (const { amount } of all) history.play({ do: 'reserve', claims: [{ pot: 0, amount }], lease: 1_000 })
        for (const i of each) history.play({ do: 'settle', run: i, actual: { usd: all[i]!.actual } })
        return [...history.accounts.values()].map(account => account.settled)
      })
      expect(sums[1]).toEqual(sums[0])
    }))
  })
})

test('an account that was never drawn on is empty', () => {
  const claim = bindClaim({ ...pots[0]!, limit: 5, amount: 1 }, 'run-0', 0)
  expect(emptyAccount(claim)).toEqual({ key: claim.account, limit: 5, settled: 0, held: 0, revision: 0 })
})
