import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amountsOf, fromGrains, priceOf, safeAmount, toGrains, units } from '../../../src/core/amount.ts'

const most = Number.MAX_SAFE_INTEGER
const million = 1_000_000n

/** Grains in one whole unit, as powers of ten: written here anew, so that a wrong factor shows. */
const digits = { usd: 9, wh: 6, gco2e: 6, tokens: 0, runs: 0 } as const

const ceilDivide = (a: bigint, b: bigint) => (a + b - 1n) / b
const unit = fc.constantFrom(...units)

describe('toGrains', () => {
  test.each([
    ['usd', 0.07, 70_000_000],
    ['usd', 0.1 + 0.2, 300_000_000],
    ['usd', 1.005, 1_005_000_000],
    ['usd', 0.000_000_001, 1],
    ['usd', 999_999.999_999_999, 999_999_999_999_999],
    ['wh', 4.35, 4_350_000],
    ['gco2e', 0.29, 290_000],
    ['tokens', 12, 12],
    ['runs', 0, 0],
  ] as const)('%s %d is %d grains, either way of rounding', (of, decimal, grains) => {
    expect(toGrains(of, decimal)).toBe(grains)
    expect(toGrains(of, decimal, 'nearest')).toBe(grains)
  })

  test('is exact for decimals of up to 15 digits, rounded up', () => {
    const decimal = fc.tuple(fc.integer({ min: 0, max: 1e15 - 1 }), fc.integer({ min: 0, max: 22 }))
    fc.assert(fc.property(unit, decimal, (of, [significand, places]) => {
      const exact = ceilDivide(BigInt(significand) * 10n ** BigInt(digits[of]), 10n ** BigInt(places))
      fc.pre(exact < 10n ** 15n)
      expect(toGrains(of, Number(`${significand}e-${places}`))).toBe(Number(exact))
    }), { numRuns: 2_000 })
  })

  test('undoes fromGrains', () => {
    fc.assert(fc.property(unit, fc.integer({ min: 0, max: 1e15 }), (of, grains) => {
      expect(toGrains(of, fromGrains(of, grains), 'up')).toBe(grains)
      expect(toGrains(of, fromGrains(of, grains), 'nearest')).toBe(grains)
    }), { numRuns: 2_000 })
  })

  test('never makes something nothing when rounding up, however little', () => {
    expect(toGrains('usd', Number.MIN_VALUE)).toBe(1)
    fc.assert(fc.property(unit, fc.double({ min: Number.MIN_VALUE, max: 1, noNaN: true }), (of, decimal) => {
      expect(toGrains(of, decimal)).toBeGreaterThanOrEqual(1)
    }))
  })

  test('rounds to the nearest grain what somebody wrote down', () => {
    expect(toGrains('usd', 0.000_000_000_4, 'nearest')).toBe(0)
    expect(toGrains('usd', 0.000_000_000_6, 'nearest')).toBe(1)
    expect(toGrains('tokens', 1.5, 'nearest')).toBe(2)
  })

  test.each([-1, -0.001, NaN, Infinity, -Infinity, 1e7 * 1e9])('throws for %d dollars', decimal => {
    expect(() => toGrains('usd', decimal)).toThrow(RangeError)
    expect(() => toGrains('usd', decimal, 'nearest')).toThrow(RangeError)
  })

  test('throws for a negative amount however small', () => {
    expect(() => toGrains('usd', -1e-10)).toThrow(RangeError)
    expect(() => toGrains('runs', -Number.MIN_VALUE, 'nearest')).toThrow(RangeError)
  })

  test('keeps whole grains beyond 10^15 exact', () => {
    expect(toGrains('tokens', most)).toBe(most)
    expect(toGrains('tokens', 1e15 + 1)).toBe(1e15 + 1)
    expect(toGrains('usd', 1_000_000.000_000_001)).toBe(1e15 + 1)
    fc.assert(fc.property(fc.integer({ min: 1e15, max: most }), grains => void expect(toGrains('runs', grains)).toBe(grains)))
  })
})

describe('amountsOf', () => {
  test('leaves unknown and absent amounts absent, and keeps a known nothing', () => {
    expect(amountsOf({ usd: null, wh: 0, tokens: 3 })).toEqual({ wh: 0, tokens: 3 })
    expect(Object.keys(amountsOf({ usd: null }))).toEqual([])
  })

  test('ignores what is no unit', () => {
    expect(amountsOf({ usd: 1, eur: 1 } as object)).toEqual({ usd: 1_000_000_000 })
  })

  test('rounds every unit the way it is told', () => {
    const little = { usd: 1e-10, wh: 1e-7 }
    expect(amountsOf(little)).toEqual({ usd: 1, wh: 1 })
    expect(amountsOf(little, 'nearest')).toEqual({ usd: 0, wh: 0 })
  })
})

describe('priceOf', () => {
  const item = fc.tuple(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 0, max: 1_000_000_000_000 }))
  const sumOf = (items: readonly (readonly [number, number])[]) =>
    items.reduce((sum, [tokens, price]) => sum + BigInt(tokens) * BigInt(price), 0n)

  test('is never less than the true value and never a whole nano-dollar more', () => {
    fc.assert(fc.property(fc.array(item, { maxLength: 8 }), items => {
      const sum = sumOf(items)
      fc.pre(sum < BigInt(most) * million)
      const price = BigInt(priceOf(items)) * million
      expect(price >= sum).toBe(true)
      expect(price < sum + million).toBe(true)
    }), { numRuns: 2_000 })
  })

  test('rounds the sum once, not each of its parts', () => {
    // A third of a nano-dollar, three times: one, not three.
    expect(priceOf([[1, 333_333], [1, 333_333], [1, 333_333]])).toBe(1)
    expect(priceOf([[1, 333_333], [1, 333_333], [1, 333_334]])).toBe(1)
    expect(priceOf([[1, 333_333], [1, 333_334], [1, 333_334]])).toBe(2)
  })

  test('does not depend on the order, and grows with every item', () => {
    fc.assert(fc.property(fc.array(item, { minLength: 1, maxLength: 6 }), items => {
      fc.pre(sumOf(items) < BigInt(most) * million)
      expect(priceOf(items.toReversed())).toBe(priceOf(items))
      expect(priceOf(items.slice(1))).toBeLessThanOrEqual(priceOf(items))
    }))
  })

  test('is exact where floating point is not', () => {
    // 9007199254740993 / 10⁶ = 9007199254.740993; its numerator is no double.
    expect(priceOf([[94_906_267, 94_906_267]])).toBe(Number(ceilDivide(94_906_267n ** 2n, million)))
    expect(priceOf([[most, 1_000_000]])).toBe(most)
  })

  test('1,500 tokens at 0.25 USD and 400 at 2 USD per million', () => {
    expect(priceOf([[1_500, 250_000_000], [400, 2_000_000_000]])).toBe(375_000 + 800_000)
  })

  test('no tokens, no price and no items cost nothing', () => {
    expect(priceOf([])).toBe(0)
    expect(priceOf([[0, 5], [5, 0]])).toBe(0)
  })

  test('throws rather than be inexact', () => {
    expect(() => priceOf([[most, 1_000_001]])).toThrow(RangeError)
    expect(() => priceOf([[most, 1_000_000], [1, 1]])).toThrow(RangeError)
    for (const wrong of [-1, 0.5, NaN, Infinity, most + 1]) {
      expect(() => priceOf([[wrong, 1]])).toThrow(RangeError)
      expect(() => priceOf([[1, wrong]])).toThrow(RangeError)
    }
  })
})

describe('safeAmount', () => {
  test('hands whole numbers through', () => {
    expect([0, 1, most].map(safeAmount)).toEqual([0, 1, most])
  })

  test('knows one nothing only', () => {
    expect(safeAmount(-0)).toBe(0)
    expect(toGrains('usd', -0)).toBe(0)
  })

  test.each([-1, 0.1, NaN, Infinity, most + 1, '1', null, undefined, 1n])('throws for %s, and names it', value => {
    expect(() => safeAmount(value as number)).toThrow(new RegExp(`^${String(value)} is no amount`))
  })
})
