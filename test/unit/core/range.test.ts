import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addRanges, exactly, multiplyRanges, rangeOf, scaleRange } from '../../../src/core/range.ts'
import type { Range } from '../../../src/core/range.ts'

const range = fc.tuple(fc.nat({ max: 1_000 }), fc.nat({ max: 1_000 }), fc.nat({ max: 1_000 }))
  .map(([low, by, more]) => rangeOf(low, low + by, low + by + more))
const ordered = ({ low, mid, high }: Range) => low <= mid && mid <= high
const share = fc.double({ min: 0, max: 1, noNaN: true })
const inside = ({ low, high }: Range, at: number) => low + (high - low) * at

test('bounds are added and multiplied each for itself', () => {
  expect(addRanges(rangeOf(1, 2, 3), rangeOf(10, 20, 30), exactly(100))).toEqual(rangeOf(111, 122, 133))
  expect(multiplyRanges(rangeOf(1, 2, 3), rangeOf(10, 20, 30), exactly(2))).toEqual(rangeOf(20, 80, 180))
  expect(scaleRange(rangeOf(1, 2, 3), 0.5)).toEqual(rangeOf(0.5, 1, 1.5))
})

test('nothing adds up to nothing, and multiplies to one', () => {
  expect(addRanges()).toEqual(exactly(0))
  expect(multiplyRanges()).toEqual(exactly(1))
})

test('sums and products stay in order, and hold whatever their parts may be', () => {
  fc.assert(fc.property(range, range, share, share, (a, b, x, y) => {
    const [sum, product] = [addRanges(a, b), multiplyRanges(a, b)]
    expect(ordered(sum) && ordered(product)).toBe(true)
    const noise = 1e-6
    for (const [whole, value] of [[sum, inside(a, x) + inside(b, y)], [product, inside(a, x) * inside(b, y)]] as const) {
      expect(value).toBeGreaterThanOrEqual(whole.low - noise)
      expect(value).toBeLessThanOrEqual(whole.high + noise)
    }
  }))
})

test('what was given is left as it was', () => {
  const frozen = Object.freeze(rangeOf(1, 2, 3))
  expect(() => addRanges(frozen, frozen)).not.toThrow()
})
