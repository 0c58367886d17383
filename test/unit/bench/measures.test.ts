import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apgr, auc, clustered, cpt, pgr, share } from '../../bench/measures.ts'

describe('a share', () => {
  test('has the interval of Wilson', () => {
    // 9 of 10: 0.5958 to 0.9821.
    expect(share(9, 10)).toEqual({ value: 0.9, low: 0.5958, high: 0.9821, n: 10 })
  })
})

describe('the ranking', () => {
  test('is 1 in order, 0 in reverse and half where all are alike', () => {
    const rows = (...scores: number[]) => scores.map((score, at) => ({ score, positive: at > 1 }))
    expect([auc(rows(1, 2, 3, 4)), auc(rows(4, 3, 2, 1)), auc(rows(5, 5, 5, 5)), auc(rows(1, 3, 2, 4))]).toEqual([1, 0, 0.5, 0.75])
  })

  test('is what pairs say', () => {
    fc.assert(fc.property(fc.array(fc.record({ score: fc.nat(6), positive: fc.boolean() }), { minLength: 2 }), rows => {
      const pairs = rows.filter(({ positive }) => positive).flatMap(a => rows.filter(({ positive }) => !positive).map(b => a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0))
      fc.pre(pairs.length > 0)
      expect(auc(rows)).toBeCloseTo(pairs.reduce<number>((sum, pair) => sum + pair, 0) / pairs.length, 9)
    }))
  })
})

describe('routes', () => {
  // Ten prompts, of which only the strong model answers the three hardest; seven both do.
  const rows = Array.from({ length: 10 }, (_, at) => ({ score: at, weak: at < 7 ? 1 : 0, strong: 1 }))

  test('that know the hard ones cover the whole way with three tenths', () => {
    expect(pgr(rows).map(value => Math.round(value * 100))).toEqual([0, 33, 67, 100, 100, 100, 100, 100, 100, 100, 100])
    expect(apgr(rows)).toBeCloseTo(0.85, 9)
    expect(cpt(rows, 0.5)).toBeCloseTo(0.15, 9)
    expect(cpt(rows, 0.8)).toBeCloseTo(0.24, 9)
  })

  test('that tell nothing cover no more than chance, in whatever order the prompts come', () => {
    const alike = rows.map(row => ({ ...row, score: 1 }))
    expect(apgr(alike)).toBeCloseTo(0.5, 9)
    expect(apgr(alike.toReversed())).toBeCloseTo(0.5, 9)
  })

  test('that have it the wrong way round need nearly all', () => {
    const reversed = rows.map(row => ({ ...row, score: -row.score }))
    expect(apgr(reversed)).toBeCloseTo(0.15, 9)
    expect(cpt(reversed, 0.5)).toBeCloseTo(0.85, 9)
  })
})

describe('an interval by groups', () => {
  test('is wider than one that takes every row for itself, where groups are alike', () => {
    const rows = Array.from({ length: 60 }, (_, at) => ({ group: String(at % 6), value: (at % 6) / 6 }))
    const mean = (some: typeof rows) => some.reduce((sum, { value }) => sum + value, 0) / some.length
    const grouped = clustered(rows, ({ group }) => group, some => mean([...some]))
    let row = 0
    const single = clustered(rows, () => String(row++), some => mean([...some]))
    expect(grouped.value).toBe(single.value)
    expect(grouped.high - grouped.low).toBeGreaterThan(single.high - single.low)
    expect(clustered(rows, ({ group }) => group, some => mean([...some]))).toEqual(grouped)
  })
})
