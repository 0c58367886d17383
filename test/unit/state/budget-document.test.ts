import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Amounts } from '../../../src/core/amount.ts'
import { assume, available, bindClaim, claimAmounts, dispatch, isOpen, release, settle } from '../../../src/core/budget.ts'
import type { BudgetPolicy } from '../../../src/core/budget-policy.ts'
import { claimsOf } from '../../../src/core/budget-policy.ts'
import { isSparingError } from '../../../src/core/errors.ts'
import { changeRun, emptyDocument, lease, marking, openRuns, readDocument, renewRun, reserveRun, sweep, unsettled } from '../../../src/state/budget-document.ts'
import type { BudgetDocument } from '../../../src/state/budget-document.ts'

const noon = Date.UTC(2026, 10, 24, 12)
const day = 86_400_000
const nobody = new Set<string>()
const one = { runs: 1 }

const bound = (run: string, amounts: Amounts, limit: BudgetPolicy['limit'], now = noon, per: BudgetPolicy['per'] = 'day') =>
  claimAmounts(claimsOf({ id: 'mine', per, limit }, 'user', 'ann', 'UTC'), amounts).map(claim => bindClaim(claim, run, now))

const reserveRuns = (runs: readonly string[], { tab = 'a', limit = 10, now = noon, from = emptyDocument }: { tab?: string; limit?: number; now?: number; from?: BudgetDocument } = {}) =>
  runs.reduce((document, run) => reserveRun(document, run, bound(run, one, { runs: limit }, now), tab, now), from)

const dispatched = (document: BudgetDocument, run: string) => changeRun(document, run, marking(dispatch))
const onlyAccount = (document: BudgetDocument) => [...document.accounts.values()][0]!
const isRefusal = (error: unknown) => isSparingError(error, 'budget-exceeded')

describe('any sequence of verbs', () => {
  const runs = ['r1', 'r2', 'r3', 'r4', 'r5']
  const verbs = fc.record({
    verb: fc.constantFrom('reserve', 'dispatch', 'settle', 'release', 'assume', 'renew', 'tabDies', 'later'),
    run: fc.constantFrom(...runs),
    tab: fc.constantFrom('', 'a', 'b'),
    amount: fc.integer({ min: 0, max: 40 }),
  })
  type Step = (typeof verbs) extends fc.Arbitrary<infer T> ? T : never

  function play(document: BudgetDocument, { verb, run, tab, amount }: Step, clock: { now: number }): BudgetDocument {
    const actual = { tokens: amount }
    switch (verb) {
      case 'reserve':
        try {
          return reserveRun(document, run, bound(run, actual, { tokens: 100 }, clock.now), tab, clock.now)
        } catch (error) {
          if (isRefusal(error)) return document
          throw error
        }
      // What has ended is not started: the arithmetic would throw.
      case 'dispatch': return document.reservations.has(run) && !isOpen(document.reservations.get(run)!) ? document : dispatched(document, run)
      case 'settle': return changeRun(document, run, (known, accounts) => settle(known, accounts, actual))
      case 'release': return changeRun(document, run, release)
      case 'assume': return changeRun(document, run, assume)
      case 'renew': return renewRun(document, run, clock.now)
      case 'tabDies': return sweep(document, new Set([tab || 'nobody']), clock.now)
      case 'later':
        clock.now += amount * 60_000
        return sweep(document, nobody, clock.now)
    }
    return document
  }

  test('never passes a limit, holds what open runs hold, and reads back as it was written', () => {
    fc.assert(fc.property(fc.array(verbs, { maxLength: 60 }), steps => {
      const clock = { now: noon }
      let document = emptyDocument
      for (const step of steps) {
        document = play(document, step, clock)
        for (const account of document.accounts.values()) {
          const claims = openRuns(document).flatMap(each => each.claims).filter(claim => claim.account === account.key)
          expect(account.held).toBe(claims.reduce((sum, claim) => sum + claim.amount, 0))
          expect(account.settled + account.held).toBeLessThanOrEqual(100)
          expect(available(account)).toBe(100 - account.settled - account.held)
        }
      }
      expect(readDocument(structuredClone(document))).toEqual(document)
    }))
  })

  test('once every run has ended nothing is held', () => {
    fc.assert(fc.property(fc.array(verbs, { maxLength: 60 }), steps => {
      const clock = { now: noon }
      let document = steps.reduce((before, step) => play(before, step, clock), emptyDocument)
      document = sweep(document, new Set(['a', 'b']), clock.now + 2 * lease)
      expect(openRuns(document)).toEqual([])
      expect([...document.accounts.values()].every(account => account.held === 0)).toBe(true)
    }))
  })

  test('what is settled is the sum of what was settled, each at most what it reserved', () => {
    fc.assert(fc.property(fc.array(fc.record({ reserved: fc.nat(40), actual: fc.nat(60) }), { maxLength: 30 }), all => {
      let document = emptyDocument
      all.forEach(({ reserved, actual }, index) => {
        document = reserveRun(document, `${index}`, bound(`${index}`, { tokens: reserved }, { tokens: 10_000 }), 'a', noon)
        document = changeRun(dispatched(document, `${index}`), `${index}`, (known, accounts) => settle(known, accounts, { tokens: actual }))
      })
      expect([...document.accounts.values()].reduce((sum, account) => sum + account.settled, 0))
        .toBe(all.reduce((sum, { reserved, actual }) => sum + Math.min(reserved, actual), 0))
    }))
  })
})

test('a refusal changes nothing and names the budget', () => {
  const full = reserveRuns(['r1', 'r2'], { limit: 2 })
  const error = (() => {
    try {
      return reserveRuns(['r3'], { limit: 2, from: full })
    } catch (refusal) {
      return refusal
    }
  })()
  expect(isRefusal(error)).toBe(true)
  expect(error).toMatchObject({ budgets: [{ id: 'mine', unit: 'runs', limit: 2, held: 2, available: 0 }], resetsAt: Date.UTC(2026, 10, 25) })
})

test('of several units one that does not fit is enough to refuse them all', () => {
  const limit = { usd: 1, runs: 1 }
  const once = reserveRun(emptyDocument, 'r1', bound('r1', { usd: 1e8, runs: 1 }, limit), 'a', noon)
  expect(() => reserveRun(once, 'r2', bound('r2', { usd: 1e8, runs: 1 }, limit), 'a', noon)).toThrow('does not fit')
  expect([...once.accounts.values()].find(account => account.limit === 1e9)!.held).toBe(1e8)
})

test('done twice, a verb does what it does once', () => {
  const once = reserveRuns(['r1'])
  expect(reserveRuns(['r1'], { from: once })).toBe(once)
  const settledOnce = changeRun(dispatched(once, 'r1'), 'r1', (known, accounts) => settle(known, accounts, { runs: 1 }))
  expect(changeRun(settledOnce, 'r1', (known, accounts) => settle(known, accounts, { runs: 0 }))).toBe(settledOnce)
  expect(changeRun(settledOnce, 'unknown', release)).toBe(settledOnce)
})

describe('whose tab is gone', () => {
  test('a held run is released, a dispatched one waits for its lease and is then assumed', () => {
    const document = dispatched(reserveRuns(['held', 'sent']), 'sent')
    const swept = sweep(document, new Set(['a']), noon + 1)
    expect(onlyAccount(swept)).toMatchObject({ held: 1, settled: 0 })
    expect(swept.reservations.get('held')!.status).toBe('released')
    const later = sweep(swept, new Set(['a']), noon + lease)
    expect(later.reservations.get('sent')!.status).toBe('assumed')
    expect(onlyAccount(later)).toMatchObject({ held: 0, settled: 1 })
  })

  test('a late true settlement lowers what was assumed', () => {
    const assumed = sweep(dispatched(reserveRuns(['sent']), 'sent'), new Set(['a']), noon + lease)
    const lowered = changeRun(assumed, 'sent', (known, accounts) => settle(known, accounts, { runs: 0 }))
    expect(onlyAccount(lowered).settled).toBe(0)
  })

  test('a tab that holds its lock keeps its runs, however long it is frozen', () => {
    const document = dispatched(reserveRuns(['held', 'sent']), 'sent')
    expect(openRuns(sweep(document, nobody, noon + 30 * day))).toHaveLength(2)
  })

  test('without locks it is its silence that tells; renewing breaks it', () => {
    const document = reserveRuns(['r1'], { tab: '' })
    expect(openRuns(sweep(document, nobody, noon + 60_000))).toHaveLength(1)
    expect(openRuns(sweep(document, nobody, noon + 121_000))).toHaveLength(0)
    const renewed = renewRun(document, 'r1', noon + 60_000)
    expect(openRuns(sweep(renewed, nobody, noon + 121_000))).toHaveLength(1)
    expect(renewRun(renewed, 'r1', noon + 61_000)).toBe(renewed)
  })
})

describe('windows', () => {
  test('a new day begins at zero; the old account goes a day later, unless a run still needs it', () => {
    const yesterday = reserveRuns(['open', 'done'])
    const closed = changeRun(dispatched(yesterday, 'done'), 'done', (known, accounts) => settle(known, accounts, { runs: 1 }))
    const today = reserveRuns(['new'], { from: closed, now: noon + day })
    expect(today.accounts.size).toBe(2)
    const later = sweep(today, nobody, noon + 2 * day)
    expect([...later.accounts.values()].map(({ held, settled }) => [held, settled])).toEqual([[1, 1], [1, 0]])
    const gone = sweep(later, new Set(['a']), noon + 2 * day)
    expect(sweep(gone, nobody, noon + 3 * day)).toEqual({ version: 1, accounts: new Map(), reservations: new Map() })
  })

  test('what was assumed can be settled for a day', () => {
    const claims = bound('r1', { runs: 1 }, { runs: 5 }, noon, 'month')
    const assumed = sweep(dispatched(reserveRun(emptyDocument, 'r1', claims, 'a', noon), 'r1'), new Set(['a']), noon + lease)
    expect(unsettled(sweep(assumed, nobody, noon + day))).toHaveLength(1)
    expect(unsettled(sweep(assumed, nobody, noon + day + 2 * lease))).toHaveLength(0)
  })

  test('a clock that goes back a few hours over midnight finds the day before as it was', () => {
    const evening = Date.UTC(2026, 10, 24, 23)
    const before = ['r1', 'r2'].reduce(
      (document, run) => changeRun(document, run, (known, accounts) => settle(known, accounts, one)),
      reserveRuns(['r1', 'r2'], { limit: 2, now: evening }),
    )
    const over = reserveRuns(['r3'], { limit: 2, now: evening + 4 * 3_600_000, from: sweep(before, nobody, evening + 4 * 3_600_000) })
    expect(() => reserveRuns(['r4'], { limit: 2, now: evening, from: sweep(over, nobody, evening) })).toThrow('does not fit')
  })

  test('a run window leaves nothing behind for long', () => {
    let document = emptyDocument
    for (const run of ['r1', 'r2']) {
      document = reserveRun(document, run, bound(run, { usd: 5 }, { usd: 1 }, noon, 'run'), 'a', noon)
      document = changeRun(document, run, release)
    }
    expect(document.accounts.size).toBe(2)
    expect(sweep(document, nobody, noon + 2 * day).accounts.size).toBe(0)
  })
})

describe('what storage hands over', () => {
  const written = () => structuredClone(dispatched(reserveRuns(['r1', 'r2']), 'r2'))

  test.each([undefined, null, 0, 'text', [], {}, { version: 0 }, { version: '1' }, new Map()])('%o is no document: a new one begins', stored => {
    expect(readDocument(stored)).toEqual(emptyDocument)
  })

  test.each([{ version: 1 }, { version: 1, accounts: {}, reservations: [] }, { version: 1, accounts: new Map([['a', null]]), reservations: new Map([['r', 7]]) }])('%o holds nothing', stored => {
    expect(readDocument(stored)).toEqual(emptyDocument)
  })

  test('a newer version is left alone', () => {
    expect(() => readDocument({ version: 2 })).toThrow('newer version')
  })

  test('whatever it is, reading ends in a document that the verbs can use', () => {
    const junk = fc.anything({ withMap: true })
    fc.assert(fc.property(junk, junk, fc.array(junk), (accounts, reservations, claims) => {
      const base = written()
      const entries = new Map<unknown, unknown>([...base.reservations, ['x', reservations], ['y', { ...base.reservations.get('r1'), run: 'y', claims }]])
      const document = readDocument({ version: 1, accounts: new Map<unknown, unknown>([...base.accounts, ['x', accounts]]), reservations: entries })
      const ended = sweep(reserveRuns(['r9'], { from: document }), new Set(['a']), noon + 2 * lease)
      expect(onlyAccount(ended)).toMatchObject({ held: 0 })
    }))
  })

  test('what nobody can account for any more counts as spent', () => {
    const document = written()
    const broken = { ...document, reservations: new Map<string, unknown>([...document.reservations, ['r1', { run: 'r1' }]]) }
    expect(onlyAccount(readDocument(broken))).toMatchObject({ held: 1, settled: 1 })
  })

  test.each<unknown>([Number.NaN, -1, 0.5, '3', null, Infinity])('an account that says %o is used up, until its window ends', settledAmount => {
    const document = written()
    const account = onlyAccount(document)
    const read = readDocument({ ...document, accounts: new Map([[account.key, { ...account, settled: settledAmount }]]) })
    expect(onlyAccount(read)).toMatchObject({ settled: 10, held: 2 })
    expect(available(onlyAccount(read))).toBe(0)
  })
})
