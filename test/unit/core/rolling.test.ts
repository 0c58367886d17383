import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assume, available, bindClaims, budgetOf, dispatch, emptyAccount, expire, fitsAgainAt, isOpen, release, reserve, settle, tightest } from '../../../src/core/budget.ts'
import type { Account, Budget, Claim, Reservation } from '../../../src/core/budget.ts'
import { isWindow, periodsAt, secondsOf } from '../../../src/core/window.ts'
import type { Window } from '../../../src/core/window.ts'

const limit = 100
const seconds = fc.constantFrom(1, 7, 60, 3_600, 86_400)
const start = Date.UTC(2026, 2, 28, 22, 30)

/** One rolling budget, and a book of what each run counts and when it was reserved. */
class Rolling {
  readonly seconds: number
  now: number
  readonly accounts = new Map<string, Account>()
  readonly runs: { at: number; reservation: Reservation }[] = []
  readonly claim: Omit<Claim, 'amount'>

  constructor(seconds: number, offset = 0) {
    this.seconds = seconds
    this.now = start + offset
    this.claim = { budget: 'mine', scope: 'user', subject: 'ada', unit: 'runs', window: `${seconds}s`, timeZone: 'UTC', limit }
  }

  /** @returns when it may fit, where it was refused */
  reserve(amount: number): { resetsAt: number | null } | null {
    const outcome = reserve(`run-${this.runs.length}`, bindClaims([{ ...this.claim, amount }], '', this.now), this.accounts, this.now + 1_000)
    if ('exceeded' in outcome) return { resetsAt: fitsAgainAt(outcome.exceeded.map(({ claim }) => claim)) }
    for (const account of outcome.accounts) this.accounts.set(account.key, account)
    this.runs.push({ at: this.now, reservation: outcome.reservation })
    return null
  }

  end(which: number, how: 'settle' | 'release' | 'expire' | 'assume', actual: number) {
    const run = this.runs[which % Math.max(1, this.runs.length)]
    if (!run) return
    if (how === 'assume' && isOpen(run.reservation)) run.reservation = dispatch(run.reservation)
    const verbs = { settle: () => settle(run.reservation, this.accounts, { runs: actual }), release: () => release(run.reservation, this.accounts), expire: () => expire(run.reservation, this.accounts, this.now), assume: () => assume(run.reservation, this.accounts) }
    const { reservation, accounts } = verbs[how]()
    for (const account of accounts) this.accounts.set(account.key, account)
    run.reservation = reservation
  }

  /** What counts of the runs reserved from one instant to another, both included. */
  counted(from: number, to: number): number {
    return this.runs.filter(({ at }) => at >= from && at <= to).reduce((sum, { reservation: { claims: [claim] } }) => sum + (claim!.settled ?? claim!.amount), 0)
  }

  reading(): Budget {
    const pots = bindClaims([{ ...this.claim, amount: 0 }], '', this.now).map(claim => ({ claim, account: this.accounts.get(claim.account) ?? emptyAccount(claim) }))
    const [pot, ...others] = tightest(pots)
    expect(others).toEqual([])
    expect(available(pot!.account)).toBe(Math.min(...pots.map(({ account }) => available(account))))
    return budgetOf(pot!.claim, pot!.account)
  }
}

type Step = { do: 'reserve'; amount: number } | { do: 'clock'; share: number } | { do: 'end'; run: number; how: 'settle' | 'release' | 'expire' | 'assume'; actual: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('reserve' as const), amount: fc.oneof(fc.nat({ max: limit + 1 }), fc.nat({ max: 20 })) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('clock' as const), share: fc.oneof(fc.double({ min: 0, max: 0.3, noNaN: true }), fc.constantFrom(0.25, 0.5, 1, 1.25)) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), run: fc.nat({ max: 40 }), how: fc.constantFrom('settle' as const, 'release' as const, 'expire' as const, 'assume' as const), actual: fc.nat({ max: 60 }) }) },
)

function play(rolling: Rolling, next: Step): void {
  switch (next.do) {
    case 'reserve': return void rolling.reserve(next.amount)
    case 'clock': return void (rolling.now += Math.floor(next.share * rolling.seconds * 1_000))
    case 'end': return rolling.end(next.run, next.how, next.actual)
  }
}

const historyOf = (step: fc.Arbitrary<Step>) => fc.record({ seconds, offset: fc.nat({ max: 100_000_000 }), steps: fc.array(step, { maxLength: 60, size: 'max' }) })
const history = historyOf(step)
/** Clocks are put back too. */
const jumping = historyOf(fc.oneof({ weight: 9, arbitrary: step }, { weight: 1, arbitrary: fc.record({ do: fc.constant('clock' as const), share: fc.double({ min: -2, max: 0, noNaN: true }) }) }))

describe('a rolling window', { timeout: 30_000 }, () => {
  test('nowhere counts more than its limit, wherever so many seconds are laid', () => {
    fc.assert(fc.property(jumping, ({ seconds, offset, steps }) => {
      const rolling = new Rolling(seconds, offset)
      for (const each of steps) {
        play(rolling, each)
        // The fullest stretches begin with a run.
        for (const { at } of rolling.runs) expect(rolling.counted(at, at + seconds * 1_000)).toBeLessThanOrEqual(limit)
      }
    }), { numRuns: 500 })
  })

  test('refuses nothing that fits with all that was drawn in one and a quarter of its length', () => {
    fc.assert(fc.property(history, fc.nat({ max: limit }), ({ seconds, offset, steps }, amount) => {
      const rolling = new Rolling(seconds, offset)
      for (const each of steps) play(rolling, each)
      fc.pre(rolling.counted(rolling.now - seconds * 1_250 + 1, rolling.now) + amount <= limit)
      expect(rolling.reserve(amount)).toBeNull()
    }), { numRuns: 500 })
  })

  test('lets the whole limit go at once, and says to the millisecond when a refused run fits', () => {
    fc.assert(fc.property(history, fc.integer({ min: 1, max: limit }), ({ seconds, offset, steps }, amount) => {
      const rolling = new Rolling(seconds, offset)
      expect(rolling.reserve(limit)).toBeNull()
      for (const each of steps) play(rolling, each)
      const refused = rolling.reserve(amount)
      fc.pre(refused !== null)
      const { resetsAt } = refused!
      expect(resetsAt! - rolling.now).toBeLessThanOrEqual(seconds * 1_250)
      rolling.now = resetsAt! - 1
      expect(rolling.reserve(amount)).toEqual(refused)
      rolling.now = resetsAt!
      expect(rolling.reserve(amount)).toBeNull()
    }), { numRuns: 500 })
  })

  test('has readings in order: a later one never resets earlier, nor has a lower revision at the same time', () => {
    fc.assert(fc.property(history, ({ seconds, offset, steps }) => {
      const rolling = new Rolling(seconds, offset)
      let before = rolling.reading()
      for (const each of steps) {
        play(rolling, each)
        const reading = rolling.reading()
        expect(reading.resetsAt!).toBeGreaterThanOrEqual(before.resetsAt!)
        expect(reading.resetsAt).toBeGreaterThan(rolling.now)
        expect(reading.resetsAt! > before.resetsAt! || reading.revision >= before.revision).toBe(true)
        before = reading
      }
    }), { numRuns: 500 })
  })

  test('comes back after its length, and a quarter of it at most', () => {
    const rolling = new Rolling(3_600)
    const [first, ...others] = periodsAt('3600s', 'UTC', rolling.now).map(({ start, end }) => [(start - rolling.now) / 60_000, (end! - rolling.now) / 60_000])
    expect([first, ...others]).toEqual([[-60, 15], [-45, 30], [-30, 45], [-15, 60], [0, 75]])
    expect(rolling.reserve(limit)).toBeNull()
    rolling.now += 3_600_000
    expect(rolling.reserve(1)).not.toBeNull()
    rolling.now += 900_000
    expect(rolling.reserve(limit)).toBeNull()
  })

  test('has periods of which every fifth together hold each instant once', () => {
    fc.assert(fc.property(seconds, fc.integer({ min: -1e12, max: 4e12 }), (length, at) => {
      const step = length * 250
      const fifth = periodsAt(`${length}s`, 'UTC', at).filter(({ start }) => start % (5 * step) === 0)
      expect(fifth).toHaveLength(1)
      expect(fifth[0]!.start <= at && at < fifth[0]!.end!).toBe(true)
    }))
  })
})

test.each(['1s', '90s', '3600s', '31622400s'])('%s is a window', window => {
  expect(isWindow(window)).toBe(true)
  expect(secondsOf(window)).toBe(Number.parseInt(window, 10))
})

test.each(['0s', '-1s', '1.5s', '1e3s', '01s', 's', ' 1s', '1s ', '31622401s', '999999999999s', 'Infinitys', 60, null, undefined, {}])('%s is none', window => {
  expect(isWindow(window)).toBe(false)
  expect(() => periodsAt(window as Window, 'UTC', 0)).toThrow(RangeError)
})

test('no instant belongs to one that is none', () => {
  for (const none of [NaN, Infinity, 8.64e15 + 1]) expect(() => periodsAt('60s', 'UTC', none)).toThrow(RangeError)
})
