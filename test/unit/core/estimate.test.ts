import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ceilingCovers } from '../../../src/core/estimate.ts'
import type { Ceiling } from '../../../src/core/estimate.ts'

const agreed: Ceiling = { usd: 0.01, wh: 2, outputTokens: 400 }
const amount = fc.option(fc.nat({ max: 3 }))
const ceiling: fc.Arbitrary<Ceiling> = fc.record({ usd: amount, wh: amount, outputTokens: fc.nat({ max: 10 }) })

test.each<[Partial<Ceiling>, boolean]>([
  [{}, true],
  [{ usd: 0, wh: 0, outputTokens: 0 }, true],
  [{ usd: 0.010_000_01 }, false],
  [{ wh: 2.01 }, false],
  [{ outputTokens: 401 }, false],
  [{ usd: null }, false],
  [{ wh: null }, false],
  [{ usd: NaN }, false],
  [{ outputTokens: NaN }, false],
])('what was agreed to and a run of %o: %s', (asked, covered) => {
  expect(ceilingCovers(agreed, { ...agreed, ...asked })).toBe(covered)
})

test('who was shown no price agreed to none', () => {
  expect(ceilingCovers({ ...agreed, usd: null }, { ...agreed, usd: 0 })).toBe(false)
  expect(ceilingCovers({ ...agreed, usd: null }, { ...agreed, usd: null })).toBe(true)
})

test('a ceiling covers itself, and whatever one that it covers covers', () => {
  fc.assert(fc.property(ceiling, ceiling, ceiling, (a, b, c) => {
    expect(ceilingCovers(a, a)).toBe(true)
    const chained = ceilingCovers(a, b) && ceilingCovers(b, c)
    expect(!chained || ceilingCovers(a, c)).toBe(true)
  }))
})
