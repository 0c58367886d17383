import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clockTolerance, hasLapsed, isCeiling, isOptIn, isOptInScope, lapseOf, onceLength, optInGap, sessionLength } from '../../../src/core/opt-in.ts'
import type { OptIn, OptInDemand, OptInScope } from '../../../src/core/opt-in.ts'
import { efforts, tiers } from '../../../src/core/tier.ts'

const given = Date.parse('2026-03-29T12:00:00Z')
const minute = 60_000
const day = 86_400_000

const record: OptIn = {
  id: 'o1', feature: 'summary', scope: 'session', tier: 'standard', effort: 'low',
  ceiling: { usd: 0.02, wh: 1.5, outputTokens: 400 }, catalogVersion: '2026-03', at: given, lapsesAt: null, origin: 'control',
}
const demand: OptInDemand = { feature: 'summary', tier: 'standard', effort: 'low', ceiling: record.ceiling }

const gap = (over: object, asked: Partial<OptInDemand> = {}, now = given + minute) =>
  optInGap({ ...record, ...over }, { ...demand, ...asked }, now)

describe('optInGap', () => {
  test('nothing is lacking when it covers exactly what is asked', () => {
    expect(gap({})).toBeNull()
  })

  test('nothing is lacking when it covers more', () => {
    expect(gap({}, { tier: 'eco', effort: 'none', ceiling: { usd: 0, wh: 0, outputTokens: 1 } })).toBeNull()
  })

  test('a record that came as JSON is as good', () => {
    expect(optInGap(JSON.parse(JSON.stringify(record)), demand, given)).toBeNull()
  })

  test.each([null, undefined])('missing: %s', nothing => {
    expect(optInGap(nothing, demand, given)).toBe('missing')
  })

  test.each<[string, unknown]>([
    ['{}', {}], ['[]', []], ['an array of one', [record]], ['a string', JSON.stringify(record)], ['true', true], ['0', 0], ['""', ''],
    ['a function', () => record], ['prototype keys only', JSON.parse(`{"__proto__": ${JSON.stringify(record)}}`)],
    ['constructor', { constructor: record }],
  ])('malformed: %s', (_, wrong) => {
    expect(optInGap(wrong, demand, given)).toBe('malformed')
  })

  test.each<[keyof OptIn, unknown[]]>([
    ['id', ['', 1, null, 'x'.repeat(201), ['o1']]],
    ['feature', ['', 7, null, { toString: () => 'summary' }, ['summary']]],
    ['scope', ['forever', '', null, {}, [], 1, { days: 0 }, { days: -1 }, { days: NaN }, { days: Infinity }, { days: '7' }, { days: 3661 }, { days: [7] }]],
    ['tier', ['ultra', '', null, 2, 'constructor', '__proto__', ['eco']]],
    ['effort', ['extreme', '', null, 0, 'toString', ['low']]],
    ['ceiling', [null, {}, [], 0, { ...record.ceiling, usd: undefined }]],
    ['catalogVersion', ['', 3, null]],
    ['at', [NaN, Infinity, -Infinity, -1, '2026-03-29', null, new Date(given)]],
    ['lapsesAt', [NaN, Infinity, -1, 'never', undefined]],
    ['origin', ['', 'server', null, 'hasOwnProperty']],
  ])('malformed: a wrong %s', (key, wrongs) => {
    for (const wrong of wrongs) expect.soft(gap({ [key]: wrong }), String(wrong)).toBe('malformed')
  })

  test.each(Object.keys(record))('malformed: no %s', key => {
    const { [key as keyof OptIn]: _, ...rest } = record
    expect(optInGap(rest, demand, given)).toBe('malformed')
  })

  test('feature: it was for another one', () => {
    expect(gap({ feature: 'think' })).toBe('feature')
    expect(gap({ feature: 'Summary' })).toBe('feature')
  })

  test('tier: it was for less', () => {
    expect(gap({}, { tier: 'max' })).toBe('tier')
    expect(gap({ tier: 'baseline' }, { tier: 'eco' })).toBe('tier')
  })

  test('effort: it was for less', () => {
    expect(gap({}, { effort: 'medium' })).toBe('effort')
    expect(gap({ effort: 'none' }, { effort: 'minimal' })).toBe('effort')
  })

  test.each([
    { usd: 0.020_000_1 }, { wh: 1.500_1 }, { outputTokens: 401 }, { usd: NaN }, { wh: Infinity }, { usd: null }, { wh: null },
  ])('ceiling: the run may cost %o', asked => {
    expect(gap({}, { ceiling: { ...demand.ceiling, ...asked } })).toBe('ceiling')
  })

  test('ceiling: a price that was unknown then covers none that is known now, nor the reverse', () => {
    const unknown = { ...record.ceiling, usd: null }
    expect(gap({ ceiling: unknown })).toBe('ceiling')
    expect(gap({ ceiling: unknown }, { ceiling: { ...demand.ceiling, usd: 0 } })).toBe('ceiling')
    expect(gap({ ceiling: unknown }, { ceiling: unknown })).toBeNull()
  })

  test('lapsed: its time is over, or it comes from the future', () => {
    expect(gap({ lapsesAt: given + minute })).toBe('lapsed')
    expect(gap({ at: given + day })).toBe('lapsed')
  })

  test('a covering record covers exactly what is no higher in any respect', () => {
    const tier = fc.constantFrom(...tiers)
    const effort = fc.constantFrom(...efforts)
    const ceiling = fc.record({ usd: fc.nat({ max: 3 }), wh: fc.nat({ max: 3 }), outputTokens: fc.nat({ max: 3 }) })
    const terms = fc.record({ tier, effort, ceiling })
    fc.assert(fc.property(terms, terms, (agreed, asked) => {
      const covered = tiers.indexOf(asked.tier) <= tiers.indexOf(agreed.tier)
        && efforts.indexOf(asked.effort) <= efforts.indexOf(agreed.effort)
        && asked.ceiling.usd <= agreed.ceiling.usd && asked.ceiling.wh <= agreed.ceiling.wh && asked.ceiling.outputTokens <= agreed.ceiling.outputTokens
      expect(gap(agreed, asked) === null).toBe(covered)
    }), { numRuns: 1_000 })
  })

  test('nothing that JSON can say makes it throw', () => {
    fc.assert(fc.property(fc.jsonValue(), value => {
      expect(optInGap(value, demand, given)).toBe(value === null ? 'missing' : 'malformed')
    }))
    const key = fc.constantFrom<keyof OptIn>(...(Object.keys(record) as (keyof OptIn)[]))
    fc.assert(fc.property(key, fc.jsonValue(), (at, value) => {
      expect(() => gap({ [at]: value })).not.toThrow()
    }))
  })
})

describe('an opt-in lapses', () => {
  const lapsed = (scope: OptInScope, after: number, lapsesAt: number | null = null) => hasLapsed({ ...record, scope, lapsesAt }, given + after)

  test.each<[OptInScope, number]>([
    ['once', onceLength], ['session', sessionLength], [{ days: 7 }, 7 * day], [{ days: 0.5 }, day / 2], [{ days: 1 / 24 }, 60 * minute],
  ])('%o, after its time and not before', (scope, length) => {
    expect(lapseOf(scope, given)).toBe(given + length)
    expect(lapsed(scope, length - 1)).toBe(false)
    expect(lapsed(scope, length)).toBe(true)
  })

  test('always, never', () => {
    expect(lapseOf('always', given)).toBeNull()
    expect(lapsed('always', 1_000 * 365 * day)).toBe(false)
  })

  test('when it says so, if that is sooner than its scope', () => {
    expect(lapsed('always', minute, given + minute)).toBe(true)
    expect(lapsed({ days: 7 }, day, given + day)).toBe(true)
  })

  test('with its scope, though it claims to last longer', () => {
    expect(lapsed('once', onceLength, given + 365 * day)).toBe(true)
    expect(lapsed('session', sessionLength, given + 365 * day)).toBe(true)
    expect(lapsed({ days: 1 }, day, given + 365 * day)).toBe(true)
  })

  test('by the server\'s clock: some minutes ahead are forgiven, more are not', () => {
    expect(lapsed('session', -clockTolerance)).toBe(false)
    expect(lapsed('session', -clockTolerance - 1)).toBe(true)
  })

  test('whenever it stands, it does so for no longer than its scope and the tolerance', () => {
    const ahead = fc.integer({ min: -day, max: day })
    fc.assert(fc.property(ahead, fc.constantFrom<OptInScope>('once', 'session', { days: 2 }), (by, scope) => {
      const claimed = { ...record, scope, at: given + by, lapsesAt: given + 365 * day }
      const longest = lapseOf(scope, 0)! + clockTolerance
      expect(hasLapsed(claimed, given) || hasLapsed(claimed, given + longest)).toBe(true)
    }))
  })
})

test.each([3660, 1, 0.25, Number.MIN_VALUE])('%d days are a scope', days => {
  expect(isOptInScope({ days })).toBe(true)
})

test.each<[unknown, boolean]>([
  [{ usd: 0, wh: 0, outputTokens: 0 }, true],
  [{ usd: null, wh: null, outputTokens: 1 }, true],
  [{ usd: 1, wh: 1, outputTokens: 1.5 }, false],
  [{ usd: 1, wh: 1, outputTokens: null }, false],
  [{ usd: 1, wh: 1, outputTokens: 2 ** 53 }, false],
  [{ usd: '1', wh: 1, outputTokens: 1 }, false],
  [{ usd: -1, wh: 1, outputTokens: 1 }, false],
  [{ usd: NaN, wh: 1, outputTokens: 1 }, false],
  [{ usd: 1, outputTokens: 1 }, false],
  [null, false],
  [undefined, false],
  ['ceiling', false],
])('%o as a ceiling: %s', (value, is) => {
  expect(isCeiling(value)).toBe(is)
})

test('isOptIn narrows what storage hands over', () => {
  const stored: unknown = JSON.parse(JSON.stringify(record))
  expect(isOptIn(stored) && stored.feature).toBe('summary')
})
