import { describe, expect, test } from 'vitest'
import { checkBudgets, claimsOf, defaultBudgets } from '../../../src/core/budget-policy.ts'
import type { BudgetPolicy } from '../../../src/core/budget-policy.ts'

const mine: BudgetPolicy = { id: 'mine', per: 'day', limit: { usd: 0.25 } }
const checked = (over: object) => () => checkBudgets([{ ...mine, ...over } as BudgetPolicy])

describe('checkBudgets', () => {
  test('hands back what can be used, with what else it says', () => {
    const policies = [{ ...mine, scope: 'user', timeZone: 'Europe/Paris', warnAt: [0.5, 1] }, { ...mine, id: 'team:1.a_b-c', per: 'month' as const }]
    expect(checkBudgets(policies)).toBe(policies)
    expect(checkBudgets([])).toEqual([])
  })

  test('the default budgets can be used, and are those of the design', () => {
    expect(checkBudgets(defaultBudgets)).toMatchObject([{ per: 'day', limit: { usd: 0.1, wh: 20, runs: 50 } }])
  })

  test.each([{ limit: { usd: 0 } }, { limit: { usd: 1e6 } }, { limit: { runs: 1, tokens: 1 } }, { warnAt: [] }, { id: 'x'.repeat(64) }, { per: '90s' }])('takes %o', over => {
    expect(checked(over)).not.toThrow()
  })

  const id = /its id must be 1 to 64 letters, digits/
  const per = /its "per" must be one of run, session, hour, day, week, month, or seconds such as "3600s", a year at most\./
  const limit = /its limit must be amounts/
  const nothing = /it limits nothing\. Give it a limit in one or more of usd, wh, gco2e, tokens, runs\./
  const warnAt = /its warnAt must be shares between 0 and 1\./

  test.each<[object, RegExp]>([
    [{ id: '' }, id], [{ id: 'x'.repeat(65) }, id], [{ id: 'a b' }, id], [{ id: 'a"' }, id], [{ id: 5 }, id], [{ id: undefined }, id],
    [{ per: 'year' }, per], [{ per: undefined }, per], [{ per: 'constructor' }, per], [{ per: 3_600 }, per], [{ per: '0s' }, per], [{ per: '1.5s' }, per], [{ per: '40000000s' }, per], [{ per: { seconds: 60 } }, per],
    [{ limit: {} }, nothing], [{ limit: undefined }, nothing], [{ limit: null }, nothing], [{ limit: [] }, nothing], [{ limit: 5 }, nothing],
    [{ limit: { usd: -0.01 } }, limit], [{ limit: { usd: NaN } }, limit], [{ limit: { usd: Infinity } }, limit], [{ limit: { usd: 1e6 + 1 } }, limit],
    [{ limit: { usd: 1, eur: 1 } }, limit], [{ limit: { wh: 2e9 } }, limit], [{ limit: { toString: 1 } }, limit],
    [{ warnAt: [0] }, warnAt], [{ warnAt: [0.5, 1.1] }, warnAt], [{ warnAt: [NaN] }, warnAt], [{ warnAt: [-0.5] }, warnAt], [{ warnAt: ['0.5'] }, warnAt], [{ warnAt: 'x' }, warnAt],
    [{ timeZone: 'Europe/Atlantis' }, /nobody knows the time zone "Europe\/Atlantis"\. Use a name such as "Europe\/Paris"\./],
    [{ timeZone: '' }, /nobody knows the time zone ""/],
  ])('refuses %o', (over, message) => {
    expect(checked(over)).toThrow(TypeError)
    expect(checked(over)).toThrow(message)
  })

  test('names the budget at fault, and refuses a second of the same id', () => {
    expect(() => checkBudgets([mine, { ...mine, id: 'team', limit: {} }])).toThrow(/^The budget "team" cannot be used: it limits nothing/)
    expect(() => checkBudgets([mine, { ...mine, per: 'week' }])).toThrow('The budget "mine" cannot be used: another one has the same id.')
  })

  test.each([null, undefined])('says that %s is no budget', policy => {
    expect(() => checkBudgets([policy as never])).toThrow(/^The budget "undefined" cannot be used: its id must be/)
  })

  test.each([null, '', '5', true, [1]])('refuses %j dollars', usd => {
    expect(checked({ limit: { usd } })).toThrow(TypeError)
  })

  test.each([{ warnAt: 0.8 }, { warnAt: null }])('says what is wrong with %o', over => {
    expect(checked(over)).toThrow(/^The budget "mine" cannot be used/)
  })
})

describe('claimsOf', () => {
  test('is one claim for each unit that is limited, in grains', () => {
    expect(claimsOf({ ...mine, limit: { runs: 50, usd: 0.1, wh: 20 } }, 'user', 'ada', 'UTC')).toEqual([
      { budget: 'mine', scope: 'user', subject: 'ada', unit: 'usd', window: 'day', timeZone: 'UTC', limit: 100_000_000 },
      { budget: 'mine', scope: 'user', subject: 'ada', unit: 'wh', window: 'day', timeZone: 'UTC', limit: 20_000_000 },
      { budget: 'mine', scope: 'user', subject: 'ada', unit: 'runs', window: 'day', timeZone: 'UTC', limit: 50 },
    ])
  })

  test('a limit of nothing is a limit', () => {
    expect(claimsOf({ ...mine, limit: { usd: 0 } }, 'user', 'ada', 'UTC')).toMatchObject([{ limit: 0 }])
  })

  test('the policy\'s own time zone comes before the one it is given', () => {
    expect(claimsOf({ ...mine, timeZone: 'Asia/Kolkata' }, 'user', 'ada', 'UTC')).toMatchObject([{ timeZone: 'Asia/Kolkata' }])
  })
})
