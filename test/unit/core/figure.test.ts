import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { moneyForm, twoFigures, unitFor, wholeFigure } from '../../../src/core/figure.ts'

const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true })

describe('two significant figures', () => {
  test.each([[0.996, 1], [12.5, 13], [3.04, 3], [0.0995, 0.1], [996, 1_000], [0, 0]])('%f is %f', (value, shown) => {
    expect(twoFigures(value)).toBe(shown)
  })

  test.each([[0.0041 / 0.001, 4.1], [0.3 * 1.1, 0.33], [1.1 * 1.1, 1.3], [9.91, 10], [0.012_01, 0.013], [991, 1_000], [0, 0], [4.000_001, 4.1]])('%f is at most %f', (value, shown) => {
    expect(twoFigures(value, 'up')).toBe(shown)
  })

  test('a bound is not below what it bounds, and less than a figure above', () => {
    fc.assert(fc.property(positive, value => {
      const bound = twoFigures(value, 'up')
      expect(bound).toBeGreaterThanOrEqual(value * (1 - 1e-11))
      expect(bound).toBeLessThanOrEqual(value * 1.101)
      expect(twoFigures(bound, 'up')).toBe(bound)
    }))
  })

  test('whole ones are whole', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom('up' as const, undefined), (value, rounding) => {
      expect(Number.isInteger(wholeFigure(value, rounding))).toBe(true)
    }))
    expect([wholeFigure(2.46), wholeFigure(2.49, 'up'), wholeFigure(9.6), wholeFigure(104), wholeFigure(101, 'up')]).toEqual([2, 3, 10, 100, 110])
  })
})

describe('one unit for all that is read together', () => {
  test.each([
    [[0.0023, 0.055, 0.094], 1e-3], [[0.084, 0.000_018], 1e-3], [[0.0099, 1], 1e-3], [[0.000_001, 1], 1], [[12, 0.0084], 1], [[0.0101, 0.5], 1], [[0.04, 1_234], 1], [[0, 3], 1], [[996], 1e3], [[0.009_96], 1], [[1e-9], 1e-6], [[0.06], 1],
  ])('%j', (figures, size) => {
    expect(unitFor(figures).size).toBe(size)
  })

  test('the greatest always reads well in it, whatever the least is', () => {
    fc.assert(fc.property(fc.array(positive, { minLength: 1, maxLength: 4 }), figures => {
      const { size, least } = unitFor(figures)
      const most = Math.max(...figures) / size
      // Above kilo there is nothing.
      const mostRead = size < 1e3 ? 10_100 : Infinity
      expect(most).toBeGreaterThanOrEqual(least * 0.99)
      expect(most).toBeLessThan(mostRead)
    }))
  })
})

test.each([
  [1.3, '$1.30'], [0.1, '$0.10'], [0.012, '$0.012'], [0.000_013, '$0.000013'], [12, '$12'], [1, '$1'], [0, '$0'], [0.29, '$0.29'], [1_234, '$1,200'],
])('%f dollars are %s', (usd, shown) => {
  expect(moneyForm('en', 'USD')(usd)).toBe(shown)
})

test('a currency without coins has none', () => {
  expect([1.3, 130].map(yen => moneyForm('en', 'JPY')(yen))).toEqual(['¥1.3', '¥130'])
})
