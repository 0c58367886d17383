import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { models, starRating, starsOf } from '../../../src/catalog/index.ts'
import type { ModelFacts } from '../../../src/catalog/index.ts'

// AI Energy Score, February 2025 (https://huggingface.co/spaces/AIEnergyScore/Leaderboard): watt-hours of
// a query, and the stars published for it. `npm run bench stars` goes through all 69 rows.
const published = [
  ['question answering', { min: 5.54e-5, max: 0.178130109 }, [[5.54e-5, 5], [0.03436275, 5], [0.072278456, 3], [0.087697858, 3], [0.178130109, 1]]],
  ['summarization', { min: 0.000784852, max: 0.034807171 }, [[0.000784852, 5], [0.004288572, 5], [0.008676504, 4], [0.013240065, 4], [0.034807171, 1]]],
  ['text generation, up to 20 billion', { min: 0.001313333, max: 0.028741175 }, [[0.001313333, 5], [0.006393343, 5], [0.007279517, 4], [0.015875393, 3], [0.019010862, 2], [0.026102442, 1], [0.028741175, 1]]],
  ['text generation, above 66 billion', { min: 1.648505252, max: 3.426381777 }, [[1.648505252, 5], [1.86955316, 5], [3.426381777, 1]]],
] as const

describe('a rating', () => {
  test.each(published)('of %s is as published', (_, bounds, rows) => {
    for (const [energy, stars] of rows) expect(starRating(energy, bounds)).toBe(stars)
  })

  const bounds = fc.tuple(fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true })).map(([min, span]) => ({ min, max: min + span }))
  const energy = fc.double({ min: 0, max: 30, noNaN: true })

  test('is one to five stars, and never more for more energy', () => {
    fc.assert(fc.property(bounds, energy, energy, (bounds, a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)].map(each => starRating(each, bounds))
      expect([1, 2, 3, 4, 5]).toContain(less)
      expect(more!).toBeLessThanOrEqual(less!)
    }))
  })

  test('is five at the least and beyond, one at the most and beyond, of any span', () => {
    fc.assert(fc.property(bounds, energy, ({ min, max }, beyond) => {
      expect(starRating(min, { min, max })).toBe(5)
      const most = starRating(max + beyond, { min, max })
      expect(max - min < 1e-9 || most === 1).toBe(true)
    }))
  })

  test.each([[Number.NaN, 0, 1], [-1, 0, 1], [Infinity, 0, 1], [1, 2, 1], [1, Number.NaN, 1], [1, -1, 1]])('of %d between %d and %d there is none', (energy, min, max) => {
    expect(() => starRating(energy, { min, max })).toThrow(RangeError)
  })
})

describe('a model', () => {
  const sized = (active: readonly [number, number], total = active): Pick<ModelFacts, 'params'> => ({ params: { active, total, source: 'estimated' } })

  test('has the stars that were published, whatever we think', () => {
    const rated = models.filter(({ stars }) => stars !== undefined)
    expect(rated.map(({ id, stars }) => [id, stars])).toEqual([['ministral-8b-2410', 2], ['qwen2.5-72b-instruct', 5], ['phi-4', 1]])
    for (const model of rated) expect(starsOf(model)).toEqual({ stars: model.stars, source: 'published' })
  })

  test('has an estimate otherwise, said to be one', () => {
    expect(starsOf(sized([1, 1]))).toEqual({ stars: 5, source: 'estimated' })
    expect(starsOf(sized([19, 19]))).toEqual({ stars: 1, source: 'estimated' })
  })

  test('has none where its size may be worth more than two', () => {
    expect(starsOf(sized([1, 19]))).toBeNull()
    expect(starsOf(sized([5, 18.5]))).toBeNull()
  })

  test('of more parameters has no more stars in its class', () => {
    const size = fc.double({ min: 0.1, max: 20, noNaN: true })
    fc.assert(fc.property(size, size, (a, b) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)].map(billions => starsOf(sized([billions, billions]))!.stars)
      expect(large!).toBeLessThanOrEqual(small!)
    }))
  })

  test('finds every class of the table large enough', () => {
    for (const sizeClass of ['small', 'medium', 'large'] as const) {
      const rated = models.filter(model => model.sizeClass === sizeClass).map(starsOf)
      expect(new Set(rated.map(each => each?.stars)).size).toBeGreaterThanOrEqual(4)
    }
  })
})
