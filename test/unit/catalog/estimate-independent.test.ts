import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addIndependent, multiplyIndependent } from '../../../src/catalog/independent.ts'
import { addRanges, exactly, multiplyRanges, rangeOf } from '../../../src/core/index.ts'
import type { Range } from '../../../src/core/index.ts'
import { randomFrom } from './random.ts'

const figure = fc.double({ min: 0, max: 1e6, noNaN: true })
const range = fc.tuple(figure, figure, figure).map(all => all.toSorted((a, b) => a - b) as [number, number, number]).map(all => rangeOf(...all))
const slack = 1 + 1e-9

test.each([['sum', addIndependent, addRanges], ['product', multiplyIndependent, multiplyRanges]] as const)('a %s lies within the one that is made bound by bound, in order', (_, independent, bounds) => {
  fc.assert(fc.property(range, range, (a, b) => {
    const [inner, outer] = [independent(a, b), bounds(a, b)]
    expect(inner.mid).toBe(outer.mid)
    expect(inner.low <= inner.mid && inner.mid <= inner.high).toBe(true)
    expect(inner.low * slack + 1e-9).toBeGreaterThanOrEqual(outer.low)
    expect(inner.high).toBeLessThanOrEqual(outer.high * slack + 1e-9)
  }))
})

test('a product stays within numbers, however small a factor is', () => {
  expect(multiplyIndependent(rangeOf(5e-324, 5e-324, 7.6e-16), rangeOf(0.6, 0.6, 1e6)).high).toBeLessThanOrEqual(7.6e-10)
})

test('what is exact adds no width', () => {
  expect(addIndependent(rangeOf(1, 2, 4), exactly(10))).toEqual(rangeOf(11, 12, 14))
  expect(multiplyIndependent(exactly(0), rangeOf(1, 2, 4))).toEqual(exactly(0))
  const { low, mid, high } = multiplyIndependent(exactly(3), rangeOf(1, 2, 4))
  expect([low, mid, high].map(each => Number(each.toFixed(9)))).toEqual([3, 6, 12])
})

test('a sum and a product hold for eight in ten of what they are made of', () => {
  const random = randomFrom(11)
  const draw = (mid: number, deviation: number) => mid * Math.exp(deviation * random.normal())
  const likely = (mid: number, deviation: number): Range => rangeOf(mid * Math.exp(-1.2816 * deviation), mid, mid * Math.exp(1.2816 * deviation))
  const share = (made: Range, outcome: () => number) => Array.from({ length: 20_000 }, outcome).filter(each => each >= made.low && each <= made.high).length / 20_000
  const [a, b] = [likely(100, 0.3), likely(150, 0.2)]
  expect(share(addIndependent(a, b), () => draw(100, 0.3) + draw(150, 0.2))).toBeCloseTo(0.8, 1)
  expect(share(multiplyIndependent(a, b), () => draw(100, 0.3) * draw(150, 0.2))).toBeCloseTo(0.8, 1)
  expect(share(addRanges(a, b), () => draw(100, 0.3) + draw(150, 0.2))).toBeGreaterThan(0.9)
})
