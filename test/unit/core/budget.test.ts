import { describe, expect, test } from 'vitest'
import { assume, available, bindClaim, budgetOf, claimAmounts, dispatch, emptyAccount, expire, isOpen, release, renew, reserve, settle } from '../../../src/core/budget.ts'
import type { Account, Claim, Reservation, Transition } from '../../../src/core/budget.ts'

const noon = Date.parse('2026-03-29T12:00:00Z')

const money: Claim = { budget: 'mine', scope: 'user', subject: 'ada', unit: 'usd', window: 'day', timeZone: 'Europe/Paris', limit: 100, amount: 40 }
const energy: Claim = { ...money, unit: 'wh', limit: 1_000, amount: 300 }
const team: Claim = { ...money, budget: 'team', scope: 'org', subject: 'acme', window: 'month', limit: 50, amount: 40 }

const byKey = (...accounts: readonly Account[]) => new Map(accounts.map(account => [account.key, account]))
const bound = (...claims: readonly Claim[]) => claims.map(claim => bindClaim(claim, 'run-1', noon))

function reserved(claims: readonly Claim[] = [money], accounts: readonly Account[] = [], run = 'run-1'): Transition {
  const made = reserve(run, claims.map(claim => bindClaim(claim, run, noon)), byKey(...accounts), noon + 60_000)
  if ('exceeded' in made) throw new Error('refused')
  return made
}

function dispatched(claims: readonly Claim[] = [money]): Transition {
  const { reservation, accounts } = reserved(claims)
  return { reservation: dispatch(reservation), accounts }
}

const amountsIn = ({ accounts }: { accounts: readonly Account[] }) => accounts.map(({ held, settled }) => ({ held, settled }))

describe('an account', () => {
  const account = (limit: number, settled: number, held: number): Account => ({ key: 'a', limit, settled, held, revision: 1 })

  test('has left what is neither settled nor held', () => {
    expect(available(account(100, 30, 20))).toBe(50)
    expect(available(account(100, 30, 70))).toBe(0)
  })

  test('has never less than nothing left, also after its limit was lowered', () => {
    expect(available(account(10, 30, 20))).toBe(0)
  })
})

describe('bindClaim', () => {
  const keyOf = (claim: Partial<Claim>, run = 'run-1', now = noon) => bindClaim({ ...money, ...claim }, run, now).account

  test('names one account for one pot and period', () => {
    expect(keyOf({}, 'run-2', noon + 1)).toBe(keyOf({}))
    expect(keyOf({ amount: 1, limit: 1 })).toBe(keyOf({}))
  })

  test('names another for another budget, subject, unit or period', () => {
    const others = [keyOf({ budget: 'team' }), keyOf({ subject: 'bob' }), keyOf({ unit: 'wh' }), keyOf({}, 'run-1', noon + 86_400_000)]
    expect(new Set([keyOf({}), ...others]).size).toBe(5)
  })

  test('is not confused by what people put into ids', () => {
    expect(keyOf({ budget: 'a","b', subject: 'c' })).not.toBe(keyOf({ budget: 'a', subject: 'b","c' }))
    expect(keyOf({ budget: 'a:b', subject: 'c' })).not.toBe(keyOf({ budget: 'a', subject: 'b:c' }))
  })

  test('does not count for another window or time zone, also where both begin at once', () => {
    const monday = Date.parse('2026-06-01T12:00Z') // the first day of its week and of its month
    const keys = (['hour', 'day', 'week', 'month'] as const).map(window => keyOf({ window, timeZone: 'UTC' }, 'run-1', monday - monday % 86_400_000))
    expect(new Set(keys).size).toBe(4)
    expect(keyOf({ timeZone: 'Europe/Berlin' })).not.toBe(keyOf({}))
  })

  test('gives every run its own account where the window is a run', () => {
    expect(keyOf({ window: 'run' }, 'run-1')).not.toBe(keyOf({ window: 'run' }, 'run-2'))
    expect(keyOf({ window: 'run' }, 'run-1', noon)).toBe(keyOf({ window: 'run' }, 'run-1', noon + 86_400_000))
  })

  test('takes the period from the time it is given', () => {
    expect(bindClaim(money, 'run-1', noon).period).toEqual({ start: Date.parse('2026-03-28T23:00Z'), end: Date.parse('2026-03-29T22:00Z') })
  })
})

describe('claimAmounts', () => {
  test('claims what the limits ask about, and nothing else', () => {
    const { amount: _, ...limit } = money
    expect(claimAmounts([limit], { usd: 7, wh: 9, runs: 1 })).toEqual([{ ...money, amount: 7 }])
  })

  test('a cost that nobody knows cannot be allowed by a budget that limits it', () => {
    expect(() => claimAmounts([money], { wh: 1 })).toThrow(/usd of this run is unknown, so the budget "mine" cannot allow it/)
  })

  test.each([-1, 0.5, NaN, Infinity])('%d is not claimed', amount => {
    expect(() => claimAmounts([money], { usd: amount })).toThrow(RangeError)
  })
})

describe('reserve', () => {
  test('holds every claim in its own account', () => {
    const { reservation, accounts } = reserved([money, energy])
    expect(reservation).toMatchObject({ run: 'run-1', status: 'held', expiresAt: noon + 60_000 })
    expect(amountsIn({ accounts })).toEqual([{ held: 40, settled: 0 }, { held: 300, settled: 0 }])
    expect(accounts.map(account => account.revision)).toEqual([1, 1])
  })

  test('takes what is left to the last grain, and not one more', () => {
    const half = reserved([{ ...money, amount: 60 }]).accounts
    expect(reserve('run-2', bound(money), byKey(...half), 0)).toHaveProperty('reservation')
    expect(reserve('run-2', bound({ ...money, amount: 41 }), byKey(...half), 0)).toHaveProperty('exceeded')
  })

  test('is all or nothing: one claim that does not fit refuses all', () => {
    const refusal = reserve('run-1', bound(money, { ...energy, amount: 1_001 }, { ...team, amount: 51 }), byKey(), 0)
    expect(refusal).toEqual({
      exceeded: [
        { claim: expect.objectContaining({ unit: 'wh' }), account: expect.objectContaining({ limit: 1_000, held: 0, settled: 0, revision: 0 }) },
        { claim: expect.objectContaining({ budget: 'team' }), account: expect.objectContaining({ limit: 50, held: 0 }) },
      ],
    })
  })

  test('sees what the same run has already taken from an account', () => {
    const twice = reserve('run-1', bound({ ...money, amount: 60 }, { ...money, amount: 60 }), byKey(), 0)
    expect(twice).toHaveProperty('exceeded')
    const fits = reserve('run-1', bound(money, money), byKey(), 0)
    expect(fits).toMatchObject({ accounts: [{ held: 80 }] })
  })

  test('goes by the limit as the policy stands now', () => {
    const { accounts } = reserved()
    expect(reserve('run-2', bound({ ...money, limit: 79 }), byKey(...accounts), 0)).toHaveProperty('exceeded')
    expect(reserve('run-2', bound({ ...money, limit: 80 }), byKey(...accounts), 0)).toMatchObject({ accounts: [{ held: 80, limit: 80 }] })
    expect(reserve('run-2', bound({ ...money, limit: 30, amount: 1 }), byKey(...accounts), 0)).toMatchObject({ exceeded: [{ account: { limit: 30, held: 40 } }] })
  })

  test('a run that costs nothing fits even a used-up account', () => {
    const full = reserved([{ ...money, amount: 100 }]).accounts
    expect(reserve('run-2', bound({ ...money, amount: 0 }), byKey(...full), 0)).toHaveProperty('reservation')
  })

  test('a run under no budget is held without accounts', () => {
    expect(reserved([])).toMatchObject({ reservation: { status: 'held', claims: [] }, accounts: [] })
  })

  test.each([{ limit: NaN }, { limit: Infinity }, { limit: -1 }, { amount: NaN }, { amount: -50 }, { amount: 0.5 }])('fails closed for %o', wrong => {
    expect(() => reserve('run-1', bound({ ...money, ...wrong }), byKey(), 0)).toThrow(RangeError)
  })

  test.each([{ settled: NaN }, { held: NaN }])('lets nothing out of an account with %o', broken => {
    const [account] = reserved().accounts
    expect(reserve('run-2', bound({ ...money, amount: 1 }), byKey({ ...account!, ...broken }), 0)).toHaveProperty('exceeded')
  })
})

describe('settle', () => {
  test('replaces the worst case by the actual', () => {
    const { reservation, accounts } = dispatched([money, energy])
    const done = settle(reservation, byKey(...accounts), { usd: 25, wh: 100 })
    expect(done.reservation.status).toBe('settled')
    expect(done.reservation.claims.map(claim => claim.settled)).toEqual([25, 100])
    expect(amountsIn(done)).toEqual([{ held: 0, settled: 25 }, { held: 0, settled: 100 }])
  })

  test('takes no more than was reserved: that was the promise', () => {
    const { reservation, accounts } = dispatched()
    expect(amountsIn(settle(reservation, byKey(...accounts), { usd: 41 }))).toEqual([{ held: 0, settled: 40 }])
  })

  test('takes the worst case where nobody says what it was', () => {
    const { reservation, accounts } = dispatched([money, energy])
    expect(amountsIn(settle(reservation, byKey(...accounts), { wh: 0 }))).toEqual([{ held: 0, settled: 40 }, { held: 0, settled: 0 }])
  })

  test('leaves what others hold and have settled alone', () => {
    const first = dispatched()
    const second = reserved([money], first.accounts, 'run-2')
    expect(amountsIn(settle(first.reservation, byKey(...second.accounts), { usd: 10 }))).toEqual([{ held: 40, settled: 10 }])
  })

  test('happens once: neither a repetition nor another figure changes anything', () => {
    const { reservation, accounts } = dispatched()
    const done = settle(reservation, byKey(...accounts), { usd: 25 })
    for (const usd of [25, 1, 40]) {
      expect(settle(done.reservation, byKey(...done.accounts), { usd })).toEqual({ reservation: done.reservation, accounts: [] })
    }
  })

  test('after release it does nothing: no money was promised any more', () => {
    const { reservation, accounts } = reserved()
    const given = release(reservation, byKey(...accounts))
    expect(settle(given.reservation, byKey(...given.accounts), { usd: 25 })).toEqual({ reservation: given.reservation, accounts: [] })
  })

  test('counts each of two claims on the same account', () => {
    const { reservation, accounts } = dispatched([money, money])
    expect(amountsIn(settle(reservation, byKey(...accounts), { usd: 25 }))).toEqual([{ held: 0, settled: 50 }])
  })

  test('says which account the ledger did not load', () => {
    expect(() => settle(dispatched().reservation, byKey(), { usd: 1 })).toThrow(/account .*mine.* of run "run-1" is missing/)
  })

  test.each([NaN, -10, 1.5, 40.5, Infinity, '5'])('throws for %s and changes nothing', usd => {
    const { reservation, accounts } = dispatched([energy, money])
    const before = structuredClone({ reservation, accounts })
    expect(() => settle(reservation, byKey(...accounts), { wh: 1, usd: usd as number })).toThrow(RangeError)
    expect({ reservation, accounts }).toEqual(before)
    expect(amountsIn(settle(reservation, byKey(...accounts), { wh: 1, usd: 2 }))).toEqual([{ held: 0, settled: 1 }, { held: 0, settled: 2 }])
  })
})

describe('release', () => {
  test('gives everything back', () => {
    const { reservation, accounts } = reserved([money, energy])
    const given = release(reservation, byKey(...accounts))
    expect(given.reservation.status).toBe('released')
    expect(amountsIn(given)).toEqual([{ held: 0, settled: 0 }, { held: 0, settled: 0 }])
  })

  test('not once it was dispatched: money may have been spent', () => {
    const { reservation, accounts } = dispatched()
    expect(release(reservation, byKey(...accounts))).toEqual({ reservation, accounts: [] })
  })

  test('a released one is not dispatched either', () => {
    const { reservation, accounts } = reserved()
    const given = release(reservation, byKey(...accounts)).reservation
    expect(() => dispatch(given)).toThrow('The reservation of run "run-1" is released already, so the run must not start. Reserve it anew.')
    expect(isOpen(given)).toBe(false)
  })
})

describe('dispatch', () => {
  test('twice is once', () => {
    const { reservation } = dispatched()
    expect(dispatch(reservation)).toBe(reservation)
  })

  test.each<Reservation['status']>(['settled', 'assumed', 'released'])('throws for what is %s: nothing is set aside for it any more', status => {
    expect(() => dispatch({ ...reserved().reservation, status })).toThrow(`is ${status} already`)
  })
})

describe('expire', () => {
  test('waits until the very instant', () => {
    const { reservation, accounts } = reserved()
    expect(expire(reservation, byKey(...accounts), noon + 59_999)).toEqual({ reservation, accounts: [] })
    expect(expire(reservation, byKey(...accounts), noon + 60_000).reservation.status).toBe('released')
  })

  test('settles in full what was dispatched, as assumed', () => {
    const { reservation, accounts } = dispatched()
    const lost = expire(reservation, byKey(...accounts), noon + 60_000)
    expect(lost.reservation).toMatchObject({ status: 'assumed', claims: [{ settled: 40 }] })
    expect(amountsIn(lost)).toEqual([{ held: 0, settled: 40 }])
  })

  test('leaves one alone that was renewed in time', () => {
    const { reservation, accounts } = dispatched()
    const renewed = renew(reservation, noon + 120_000)
    expect(expire(renewed, byKey(...accounts), noon + 60_000).accounts).toEqual([])
  })
})

describe('what was assumed', () => {
  const lost = () => {
    const { reservation, accounts } = dispatched([money, energy])
    return expire(reservation, byKey(...accounts), noon + 60_000)
  }

  test('is lowered by a late true settlement, once', () => {
    const { reservation, accounts } = lost()
    const late = settle(reservation, byKey(...accounts), { usd: 5, wh: 400 })
    expect(late.reservation.status).toBe('settled')
    expect(amountsIn(late)).toEqual([{ held: 0, settled: 5 }, { held: 0, settled: 300 }])
    expect(settle(late.reservation, byKey(...late.accounts), { usd: 1 }).accounts).toEqual([])
  })

  test('is not held a second time, released or expired', () => {
    const { reservation, accounts } = lost()
    for (const again of [release(reservation, byKey(...accounts)), expire(reservation, byKey(...accounts), Infinity), assume(reservation, byKey(...accounts))]) {
      expect(again).toEqual({ reservation, accounts: [] })
    }
  })

  test('is nothing that was never dispatched', () => {
    const { reservation, accounts } = reserved()
    expect(assume(reservation, byKey(...accounts))).toEqual({ reservation, accounts: [] })
  })
})

describe('renew', () => {
  test('holds for longer, never for shorter', () => {
    const { reservation } = dispatched()
    expect(renew(reservation, noon + 90_000).expiresAt).toBe(noon + 90_000)
    expect(renew(reservation, noon).expiresAt).toBe(noon + 60_000)
  })

  test('revives nothing that has ended', () => {
    const { reservation, accounts } = dispatched()
    const done = settle(reservation, byKey(...accounts), {}).reservation
    expect(renew(done, Infinity)).toBe(done)
  })
})

test.each<[Reservation['status'], boolean]>([['held', true], ['dispatched', true], ['settled', false], ['assumed', false], ['released', false]])('%s: open is %s', (status, open) => {
  expect(isOpen({ run: 'run-1', status, claims: [], expiresAt: 0 })).toBe(open)
})

describe('budgetOf', () => {
  test('is what people read: decimals, and when it starts anew', () => {
    const [claim] = bound({ ...money, limit: 250_000_000 })
    const account = { ...emptyAccount(claim!), settled: 100_000_000, held: 25_000_000, revision: 7 }
    expect(budgetOf(claim!, account)).toEqual({
      id: 'mine', scope: 'user', unit: 'usd', window: 'day', timeZone: 'Europe/Paris',
      limit: 0.25, settled: 0.1, held: 0.025, available: 0.125,
      resetsAt: Date.parse('2026-03-29T22:00Z'), revision: 7,
    })
  })

  test('shows the limit of the claim, for an account that has not met it yet', () => {
    const [claim] = bound({ ...money, unit: 'runs', limit: 10 })
    expect(budgetOf(claim!, { ...emptyAccount(claim!), limit: 50, settled: 20 })).toMatchObject({ limit: 10, available: 0 })
  })

  test('shows the limit of the claim again where a new period has begun', () => {
    const [claim] = bound({ ...money, unit: 'runs', limit: 10 })
    expect(budgetOf(claim!, emptyAccount(claim!))).toMatchObject({ limit: 10, available: 10, revision: 0 })
  })

  test('never shows an older limit under a newer revision', () => {
    const first = dispatched([{ ...money, unit: 'runs', limit: 100, amount: 1 }])
    const second = reserved([{ ...money, unit: 'runs', limit: 200, amount: 1 }], first.accounts, 'run-2')
    const done = settle(first.reservation, byKey(...second.accounts), { runs: 1 })
    const shown = budgetOf(done.reservation.claims[0]!, done.accounts[0]!)
    expect(shown.revision).toBeGreaterThan(second.accounts[0]!.revision)
    expect(shown.limit).toBe(200)
  })
})
