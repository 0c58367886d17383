import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerPrior } from '../../../src/catalog/priors.ts'
import { likelyRange, observe } from '../../../src/catalog/sketch.ts'
import type { Prior, Sketch } from '../../../src/catalog/sketch.ts'
import { rangeOf, tasks } from '../../../src/core/index.ts'
import { randomFrom } from './random.ts'

const prior = answerPrior('chat')
const sketchOf = (lengths: readonly number[], cut = false): Sketch => lengths.reduce<Sketch>((sketch, length) => observe(sketch, length, cut), [])
const length = fc.oneof(fc.integer({ min: 1, max: 200_000 }), fc.constantFrom(0, 1, 2, 1e9))
const seen = fc.array(fc.tuple(length, fc.boolean()), { maxLength: 120 }).map(all => all.reduce<Sketch>((sketch, [each, cut]) => observe(sketch, each, cut), []))
const anyPrior: fc.Arbitrary<Prior> = fc.constantFrom(...tasks).map(answerPrior)

describe('a likely range', () => {
  test('of nothing is the prior', () => {
    expect(likelyRange({ own: [] }, prior)).toEqual(prior.range)
    expect(likelyRange({ own: [], others: [[], []] }, prior)).toEqual(prior.range)
  })

  test('of anything is ordered, above 0 and finite, also at other levels', () => {
    fc.assert(fc.property(seen, fc.array(seen, { maxLength: 3 }), anyPrior, fc.double({ min: 0.005, max: 0.4, noNaN: true }), (own, others, prior, tail) => {
      const { low, mid, high } = likelyRange({ own, others }, prior, [tail, 1 - tail])
      expect(low > 0 && low <= mid && mid <= high && high < Infinity).toBe(true)
    }), { numRuns: 500 })
  })

  test('is no narrower at wider levels', () => {
    fc.assert(fc.property(seen, anyPrior, (own, prior) => {
      fc.pre(own.length > 0)
      const [usual, wide] = [likelyRange({ own }, prior), likelyRange({ own }, prior, [0.02, 0.98])]
      expect(wide.low).toBeLessThanOrEqual(usual.low)
      expect(wide.high).toBeGreaterThanOrEqual(usual.high)
    }))
  })

  test('grows with every length there is', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 70 }), lengths => {
      const [once, twice] = [likelyRange({ own: sketchOf(lengths) }, prior), likelyRange({ own: sketchOf(lengths.map(each => each * 2)) }, { ...prior, range: rangeOf(120, 440, 1_200) })]
      for (const end of ['low', 'mid', 'high'] as const) expect(twice[end] / once[end]).toBeCloseTo(2, 6)
    }))
  })

  test('of a constant comes down to it', () => {
    const few = likelyRange({ own: sketchOf([180, 180, 180]) }, prior)
    const many = likelyRange({ own: sketchOf(Array.from({ length: 60 }, () => 180)) }, prior)
    expect(few.high / few.low).toBeLessThan(prior.range.high / prior.range.low)
    expect(few.low).toBeLessThan(180)
    expect(few.high).toBeGreaterThan(180)
    expect(many.low).toBeCloseTo(180, 6)
    expect(many.high).toBeCloseTo(180, 6)
  })

  test('ends where few lengths do that are far apart', () => {
    const both = likelyRange({ own: sketchOf(Array.from({ length: 60 }, (_, i) => i % 2 ? 40 : 900)) }, prior)
    expect(both.low).toBeCloseTo(40, 6)
    expect(both.high).toBeCloseTo(900, 6)
  })

  test('leaves a prior that was far off after a few lengths', () => {
    const { low, high } = likelyRange({ own: sketchOf([9_000, 7_000, 12_000, 8_000, 10_000, 9_500]) }, prior)
    expect(low).toBeGreaterThan(2_000)
    expect(high).toBeLessThan(40_000)
  })

  test('follows a drift within its last sixty', () => {
    const after = (count: number) => likelyRange({ own: sketchOf([...Array.from({ length: 60 }, () => 100), ...Array.from({ length: count }, () => 1_000)]) }, prior)
    expect(after(6).mid).toBeCloseTo(100, 3)
    expect(after(30).mid).toBeCloseTo(1_000, 0)
    expect(after(60).low).toBeCloseTo(1_000, 0)
  })

  test('of what was cut lies above where it was cut, and counts what was not', () => {
    const random = randomFrom(7)
    // Half of these are longer than the 400 they are cut at.
    const whole = Array.from({ length: 60 }, () => Math.exp(6 + 0.5 * random.normal()))
    const own = whole.reduce<Sketch>((sketch, each) => observe(sketch, Math.min(each, 400), each > 400), [])
    const [known, naive] = [likelyRange({ own }, prior), likelyRange({ own: sketchOf(whole.map(each => Math.min(each, 400))) }, prior)]
    const truth = [Math.exp(6 - 0.5 * 1.2816), Math.exp(6), Math.exp(6 + 0.5 * 1.2816)] as const
    expect(naive.high).toBeLessThanOrEqual(401)
    expect(Math.abs(Math.log(known.low / truth[0]))).toBeLessThan(0.25)
    expect(Math.abs(Math.log(known.mid / truth[1]))).toBeLessThan(0.25)
    expect(Math.abs(Math.log(known.high / truth[2]))).toBeLessThan(0.35)
  })

  test('all of which was cut still ends somewhere', () => {
    const { low, high } = likelyRange({ own: sketchOf(Array.from({ length: 60 }, () => 500), true) }, prior)
    expect(low).toBeGreaterThan(400)
    expect(high).toBeGreaterThan(600)
    expect(high).toBeLessThan(20_000)
  })

  test('borrows from others less and less', () => {
    const others = [sketchOf(Array.from({ length: 60 }, () => 800))]
    const mine = Array.from({ length: 60 }, () => 100)
    const [none, some, many] = [0, 5, 60].map(count => likelyRange({ own: sketchOf(mine.slice(0, count)), others }, prior))
    expect(none!.mid).toBeGreaterThan(600)
    expect(some!.mid).toBeLessThan(none!.mid)
    expect(many!.mid).toBeCloseTo(100, 3)
    expect(many!.high).toBeLessThan(130)
  })
})

describe('a sketch', () => {
  test('stays small, and forgets the oldest', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 99_999 }), { minLength: 61, maxLength: 300 }), lengths => {
      const sketch = sketchOf(lengths)
      expect(sketch).toEqual(lengths.slice(-60))
      expect(JSON.stringify(sketch).length).toBeLessThan(400)
    }))
  })

  test('survives JSON, and is changed by nobody', () => {
    const sketch = Object.freeze(sketchOf([5, 10]))
    expect(observe(JSON.parse(JSON.stringify(sketch)) as Sketch, 7, true)).toEqual([5, 10, -7])
    expect(sketch).toEqual([5, 10])
  })
})

describe('over many orderings, ranges made before each length', () => {
  const random = randomFrom(20_261_126)
  const families: Record<string, (i: number) => number> = {
    'log-normal': () => Math.exp(5.3 + random.normal()),
    narrow: () => Math.exp(5.3 + 0.1 * random.normal()),
    'of two kinds': () => Math.exp((random() < 0.5 ? 4 : 6.5) + 0.2 * random.normal()),
    'with a heavy tail': () => 60 * (1 - random()) ** (-1 / 1.1),
    uniform: () => 1 + random() * 800,
    'far from the prior': () => Math.exp(9 + 0.5 * random.normal()),
    'that grow slowly': i => Math.exp(4.5 + i / 150 + 0.4 * random.normal()),
  }

  test.each(Object.entries(families))('hold for eight in ten lengths %s', (_, draw) => {
    let [inside, all] = [0, 0]
    for (let round = 0; round < 40; round++) {
      let sketch: Sketch = []
      for (let i = 0; i < 120; i++) {
        const next = Math.max(1, Math.round(draw(i)))
        const { low, high } = likelyRange({ own: sketch }, prior)
        if (i >= 50) [inside, all] = [inside + Number(next >= low && next <= high), all + 1]
        sketch = observe(sketch, next)
      }
    }
    expect(inside / all).toBeGreaterThan(0.75)
    expect(inside / all).toBeLessThan(0.85)
  })
})
