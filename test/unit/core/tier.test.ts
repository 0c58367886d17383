import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { effortCaps, effortFits, efforts, isEffort, isTier, lowestEffort, reasoningOf, roundEffortDown, tierFits, tiers } from '../../../src/core/tier.ts'
import type { Effort, Tier } from '../../../src/core/tier.ts'

const effort = fc.constantFrom(...efforts)

test('tiers and efforts are in the order of the design', () => {
  expect(tiers).toEqual(['baseline', 'eco', 'standard', 'max'])
  expect(efforts).toEqual(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])
})

test('a bound lets through itself and what is below', () => {
  expect(tiers.map(tier => tierFits(tier, 'eco'))).toEqual([true, true, false, false])
  expect(tiers.map(tier => tierFits(tier, 'baseline'))).toEqual([true, false, false, false])
  expect(efforts.map(each => effortFits(each, 'low'))).toEqual([true, true, true, false, false, false])
})

test('no tier but the highest allows much reasoning', () => {
  expect(effortCaps).toEqual({ baseline: 'none', eco: 'none', standard: 'low', max: 'xhigh' })
})

test('nothing unknown is allowed by a bound that is unknown', () => {
  expect(tierFits('eco', 'ultra' as Tier)).toBe(false)
  expect(effortFits('none', 'ultra' as Effort)).toBe(false)
})

test('what is unknown fits no bound', () => {
  expect(tierFits('ultra' as Tier, 'eco') || effortFits('ultra' as Effort, 'none')).toBe(false)
  expect(tierFits('ultra' as Tier, 'ultra' as Tier) || effortFits('ultra' as Effort, 'ultra' as Effort)).toBe(false)
})

describe('lowestEffort', () => {
  test('fits all of them, and is one of them', () => {
    fc.assert(fc.property(fc.array(effort, { minLength: 1 }), all => {
      const lowest = lowestEffort(...all)
      expect(all).toContain(lowest)
      expect(all.every(each => effortFits(lowest, each))).toBe(true)
    }))
  })

  test('is none of nothing', () => {
    expect(lowestEffort()).toBe('none')
  })
})

describe('roundEffortDown', () => {
  test('is the strongest on offer within what is wanted, in whatever order they are offered', () => {
    fc.assert(fc.property(effort, fc.array(effort, { minLength: 1 }), (wanted, offered) => {
      const given = roundEffortDown(wanted, offered)
      expect(offered).toContain(given)
      const within = offered.filter(each => effortFits(each, wanted))
      // Where all are stronger it is the weakest.
      const against = within.length > 0 ? within.every(each => effortFits(each, given)) && effortFits(given, wanted) : offered.every(each => effortFits(given, each))
      expect(against).toBe(true)
    }))
  })

  test.each<[Effort, Effort[], Effort]>([
    ['medium', ['high', 'low'], 'low'], ['xhigh', ['low', 'high'], 'high'], ['none', ['low', 'medium'], 'low'], ['high', ['high'], 'high'], ['high', [], 'none'],
  ])('%s, offered %j, is %s', (wanted, offered, given) => {
    expect(roundEffortDown(wanted, offered)).toBe(given)
  })
})

test.each<[Effort[], string]>([[['none'], 'none'], [['none', 'high'], 'optional'], [['high', 'none', 'low'], 'optional'], [['minimal', 'low'], 'always'], [['high'], 'always']])('a model that takes %j reasons: %s', (offered, reasons) => {
  expect(reasoningOf(offered)).toBe(reasons)
})

test.each([null, undefined, 0, '', 'Eco', 'constructor', '__proto__', ['eco'], {}])('%j is neither a tier nor an effort', value => {
  expect(isTier(value)).toBe(false)
  expect(isEffort(value)).toBe(false)
})
