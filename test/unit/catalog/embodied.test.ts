import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { embodiedOf, energyProfile, extractiveEnergy, findModel, grids, models, requestImpact } from '../../../src/catalog/index.ts'
import { boundsOf } from '../../../src/catalog/impact.ts'
import type { EnergyFacts } from '../../../src/catalog/index.ts'
import { exactly, rangeOf } from '../../../src/core/index.ts'

const dense = (billions: number): EnergyFacts => ({ params: { active: [billions, billions], total: [billions, billions], source: 'published' } })
const madeFor = (facts: EnergyFacts, tokens: number) => embodiedOf({ kind: 'generative', energy: energyProfile(facts) }, exactly(tokens))!
/** Grams, as the method has them. */
const byMethod = ({ params, pace }: EnergyFacts, outputTokens: number) => {
  const { gwp } = requestImpact({ activeParams: params.active, totalParams: params.total, outputTokens, tps: pace?.tps, ttft: pace?.ttft, pue: 1.2, mix: grids.usa.mix }).embodied
  return boundsOf(gwp).map(kilograms => 1_000 * kilograms)
}

describe('an answer\'s share of making the hardware', () => {
  test.each<[string, EnergyFacts]>([['8 billion parameters', dense(8)], ['200 billion', dense(200)], ['GPT-4o mini, of uncertain size and measured pace', findModel('gpt-4o-mini')!]])('is the method\'s for its tokens, between a quarter and twice of it: %s', (_, facts) => {
    for (const tokens of [0, 1, 400, 9_000]) {
      const [least, most] = byMethod(facts, tokens)
      const { low, mid, high } = madeFor(facts, tokens)
      expect(low).toBeCloseTo(least! / 4, 9)
      expect(high).toBeCloseTo(most! * 2, 9)
      expect(low <= mid && mid <= high).toBe(true)
    }
  })

  test('is a range where tokens are one', () => {
    const energy = energyProfile(dense(8))
    const { low, high } = embodiedOf({ kind: 'generative', energy }, rangeOf(100, 200, 400))!
    expect([low, high]).toEqual([madeFor(dense(8), 100).low, madeFor(dense(8), 400).high])
  })

  test('is there for every model of the catalog, above nothing, and knows no grid', () => {
    for (const model of models) expect(madeFor(model, 300).low).toBeGreaterThan(0)
    const google = energyProfile({ ...dense(8), provider: 'google' })
    expect(google.output).not.toEqual(energyProfile(dense(8)).output)
    expect(google.embodied).toEqual(energyProfile(dense(8)).embodied)
  })

  test('is not known where the architecture is not, and none of quotes', () => {
    const { embodied, ...energy } = energyProfile(dense(8))
    expect(embodiedOf({ kind: 'generative', energy }, exactly(100))).toBeNull()
    expect(embodiedOf({ kind: 'generative', energy: null }, exactly(100))).toBeNull()
    expect(embodiedOf({ kind: 'extractive', energy: extractiveEnergy }, exactly(0))).toBeNull()
    expect(embodiedOf({ kind: 'extractive', energy: { ...energy, embodied: embodied! } }, exactly(100))).toBeNull()
  })

  test('grows with tokens and with parameters', () => {
    const billions = fc.double({ min: 0.05, max: 2_000, noNaN: true })
    fc.assert(fc.property(billions, fc.double({ min: 0, max: 500, noNaN: true }), fc.nat(10_000), fc.nat(10_000), (size, more, tokens, further) => {
      const here = madeFor(dense(size), tokens)
      for (const after of [madeFor(dense(size + more), tokens), madeFor(dense(size), tokens + further)]) {
        for (const bound of ['low', 'mid', 'high'] as const) expect(after[bound]).toBeGreaterThanOrEqual(here[bound] * (1 - 1e-9))
      }
    }))
  })
})
