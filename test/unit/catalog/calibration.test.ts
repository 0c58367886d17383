import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { count, coverageReport, emptyCoverage, score, levelsOf, spreadOver, stretched } from '../../../src/catalog/calibration.ts'
import type { Coverage, Outcome } from '../../../src/catalog/calibration.ts'
import { rangeOf } from '../../../src/core/index.ts'
import { randomFrom } from './random.ts'

const range = rangeOf(50, 100, 200)
const scored = (outcomes: readonly Partial<Outcome>[], from: Outcome['from'] = 'derived', start = emptyCoverage): Coverage =>
  outcomes.reduce<Coverage>((coverage, outcome) => score(coverage, { range, actual: 100, from, ...outcome }), start)
const times = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i))
/** Eight of ten inside, one below and one above. */
const asPromised = (i: number) => ({ actual: [10, 900][i % 10] ?? 100 })

describe('coverage', () => {
  test('is the share of runs that ended inside, ends included, with the width of their ranges', () => {
    const report = coverageReport(scored([{ actual: 50 }, { actual: 200 }, { actual: 49 }, { actual: 201 }, { actual: 300 }]))
    expect(report.runs).toBe(5)
    expect(report.coverage).toBeCloseTo(2 / 5, 1)
    expect(report.below).toBeCloseTo(1 / 5, 1)
    expect(report.above).toBeCloseTo(2 / 5, 1)
    expect(report.width).toBeCloseTo(4, 3)
    expect(coverageReport(emptyCoverage)).toEqual({ runs: 0, coverage: null, below: 0, above: 0, width: null, cut: 0, cutAbove: 0, adapted: null })
  })

  test('forgets: of the last fifty or so it tells most', () => {
    const report = coverageReport(scored([...times(300, () => ({ actual: 1 })), ...times(100, () => ({ actual: 100 }))]))
    expect(report.runs).toBe(400)
    expect(report.coverage).toBeGreaterThan(0.85)
  })

  test('takes the last grain that an amount was rounded up by for nothing', () => {
    const report = coverageReport(scored([{ range: rangeOf(0.001, 0.002, 0.003_000_000_4), actual: 0.003_000_001 }]))
    expect(report.coverage).toBe(1)
  })

  test('counts runs that the ceiling cut apart, and those of them that had outgrown their range', () => {
    const report = coverageReport(scored([...times(10, asPromised), ...times(10, i => ({ actual: i < 4 ? 201 : 150, cut: true }))]))
    const plain = coverageReport(scored(times(10, asPromised)))
    expect(report.coverage).toBe(plain.coverage)
    expect(report.cut).toBeCloseTo(0.5, 0)
    expect(report.cutAbove).toBeGreaterThan(0.3)
    expect(report.cutAbove).toBeLessThan(0.5)
  })

  test('is counted alike where nothing is made of it', () => {
    const outcomes = times(60, i => ({ range, actual: i % 2 ? 900 : 100, from: 'derived' } as const))
    const counted = outcomes.reduce(count, emptyCoverage)
    expect(counted).toEqual({ ...scored(outcomes), spread: [1, 1], adapting: false })
  })

  test('takes little room whatever happens', () => {
    fc.assert(fc.property(fc.array(fc.record({ actual: fc.double({ min: 0, max: 1e12, noNaN: true }), cut: fc.boolean() }), { maxLength: 300 }), outcomes => {
      const coverage = scored(outcomes)
      expect(JSON.stringify(coverage).length).toBeLessThan(250)
      expect(JSON.parse(JSON.stringify(coverage))).toEqual(coverage)
      const [low, high] = levelsOf(coverage.spread)
      expect(coverage.spread.every(by => by >= 0.2 && by <= 3)).toBe(true)
      expect(low > 0 && low < 0.5 && high > 0.5 && high < 1).toBe(true)
    }))
  })
})

describe('the adjustment', () => {
  test('leaves alone what holds as often as it says', () => {
    expect(scored(times(200, asPromised))).toMatchObject({ spread: [1, 1], adapting: false })
    expect(levelsOf([1, 1])[0]).toBeCloseTo(0.1, 12)
    expect(levelsOf([1, 1])[1]).toBeCloseTo(0.9, 12)
  })

  test('is not made of a few runs', () => {
    expect(scored(times(14, () => ({ actual: 900 }))).spread).toEqual([1, 1])
  })

  test('moves the end that was missed outwards, and the report says so', () => {
    const coverage = scored(times(60, i => ({ actual: i % 2 ? 900 : 100 })))
    expect(coverage.adapting).toBe(true)
    expect(coverage.spread[1]).toBeGreaterThan(2)
    expect(levelsOf(coverage.spread)[1]).toBeGreaterThan(0.98)
    expect(coverageReport(coverage).adapted).toBe('wider')
  })

  test('narrows what always holds, but not below the quantiles of what was seen', () => {
    const always = times(200, () => ({ actual: 100 }))
    const derived = scored(always)
    expect(coverageReport(derived)).toMatchObject({ coverage: 1, adapted: 'narrower' })
    expect(derived.spread).toEqual([0.2, 0.2])
    expect(scored(always, 'learned').spread).toEqual([1, 1])
    expect(coverageReport(scored(always, 'learned')).adapted).toBeNull()
  })

  test('does not learn from a cut inside the range, and does from one beyond it', () => {
    const drifted = scored(times(30, i => ({ actual: i % 2 ? 900 : 100 })))
    expect(score(drifted, { range, actual: 150, cut: true, from: 'derived' }).spread).toEqual(drifted.spread)
    expect(score(drifted, { range, actual: 201, cut: true, from: 'derived' }).spread[1]).toBeGreaterThan(drifted.spread[1])
  })

  /** Runs whose outcomes lie log-normally around 100, under ranges that are so wide and so far off it. */
  function follow(runs: number, width: number, shift: number, start = emptyCoverage) {
    const random = randomFrom(3)
    const half = Math.exp(0.5 * 1.2816 * width)
    let coverage = start
    let inside = 0
    for (let run = 0; run < runs; run++) {
      const shown = stretched(rangeOf(100 / half, 100, 100 * half), coverage.spread)
      const actual = 100 * Math.exp(shift + 0.5 * random.normal())
      inside += Number(actual >= shown.low && actual <= shown.high)
      coverage = score(coverage, { range: shown, actual, from: 'derived' })
    }
    return { coverage, share: inside / runs }
  }

  test.each([['too narrow', 0.4, 0], ['far too wide', 4, 0], ['beside it', 1, 0.5]])('brings a range that is %s to what it says', (_, width, shift) => {
    const { share } = follow(1_500, width, shift, follow(300, width, shift).coverage)
    expect(share).toBeGreaterThan(0.76)
    expect(share).toBeLessThan(0.84)
    expect(follow(300, width, shift).coverage.adapting).toBe(true)
  })

  test('of several is their average, by how much stands behind each', () => {
    const [wide, usual] = [scored(times(60, i => ({ actual: i % 2 ? 900 : 100 }))), scored(times(15, asPromised))]
    expect(spreadOver([])).toEqual([1, 1])
    expect(spreadOver([emptyCoverage])).toEqual([1, 1])
    expect(spreadOver([wide])).toEqual(wide.spread)
    const [, high] = spreadOver([usual, wide])
    expect(high).toBeGreaterThan((1 + wide.spread[1]) / 2)
    expect(high).toBeLessThan(wide.spread[1])
  })

  test('is over when ranges are right again', () => {
    const drifted = follow(200, 1, 0.8).coverage
    expect(coverageReport(drifted).adapted).not.toBeNull()
    const later = [200, 400, 600, 800, 1_000].map(runs => follow(runs, 1, 0, drifted).coverage)
    expect(later.some(({ adapting, spread }) => !adapting && spread[0] === 1 && spread[1] === 1)).toBe(true)
  })
})

describe('a stretched range', () => {
  const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true })
  const ordered = fc.tuple(positive, fc.double({ min: 1, max: 50, noNaN: true }), fc.double({ min: 1, max: 50, noNaN: true })).map(([mid, down, up]) => rangeOf(mid / down, mid, mid * up))
  const factor = fc.double({ min: 0.18, max: 2.5, noNaN: true })

  test('stays ordered and above 0, and is wider for more', () => {
    fc.assert(fc.property(ordered, factor, factor, (given, down, up) => {
      const { low, mid, high } = stretched(given, [down, up])
      expect(low > 0 && low <= mid && mid === given.mid && high >= mid && high < Infinity).toBe(true)
      expect(up >= 1 ? high >= given.high * (1 - 1e-12) : high <= given.high * (1 + 1e-12)).toBe(true)
    }))
  })

  test('is itself where nothing was adapted, or where it starts at nothing', () => {
    expect(stretched(range, undefined)).toEqual(range)
    expect(stretched(rangeOf(0, 1, 2), [2, 2])).toEqual(rangeOf(0, 1, 2))
  })
})
