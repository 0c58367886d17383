import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ceilingOf, costOf, estimateRun, models, pricesFrom } from '../../../src/catalog/index.ts'
import { rangeOf } from '../../../src/core/index.ts'
import type { Catalog, ReachableFeature, ReachableModel, TokenPrices, Usage } from '../../../src/core/index.ts'

const feature: ReachableFeature = {
  task: 'chat', baseline: 'search', tier: 'max', effort: 'xhigh', maxInputTokens: 2_000_000, maxOutputTokens: 4_000,
  mode: 'offer', background: false, overhead: 100, output: rangeOf(100, 300, 900),
}
const modelAt = (price: TokenPrices): ReachableModel => ({
  id: 'm', provider: 'p', tier: 'max', kind: 'generative', tasks: null, context: 2_000_000, efforts: ['none'], price, energy: null, pace: null, stars: null,
  provenance: { usd: 'class', wh: 'unknown' },
})
const catalogOf = (model: ReachableModel): Catalog => ({ version: '1', models: [model], features: { f: feature }, policy: { owner: null, pays: true, revision: 0, carbon: { gco2ePerWh: 0.4, zone: 'WORLD', year: 2025 } } })
const usage = (counts: Partial<Usage>): Usage => ({ input: 0, cached: 0, output: 0, reasoning: 0, source: 'reported', ...counts })
const nanosOf = (counts: Partial<Usage>, price: TokenPrices) => Math.round(costOf(usage(counts), modelAt(price), catalogOf(modelAt(price))).usd! * 1e9)

/** Dollars per million of five classes, dearer above 200,000 tokens, half of it for what may wait. */
const full: TokenPrices = {
  ...pricesFrom({ input: 2, output: 10, cached: 0.2, written: 2.5, reasoning: 3 }),
  long: [{ above: 200_000, ...pricesFrom({ input: 4, output: 15, cached: 0.4, written: 5, reasoning: 6 }) }], batch: 50,
}

describe('a run', () => {
  test('pays each class at its own price', () => {
    expect(nanosOf({ input: 1_000, cached: 300, written: 200, output: 100, reasoning: 40 }, full)).toBe(500 * 2_000 + 300 * 200 + 200 * 2_500 + 60 * 10_000 + 40 * 3_000)
  })

  test('pays what its class has no price for as the wider class', () => {
    expect(nanosOf({ input: 1_000, written: 200, output: 100, reasoning: 40 }, pricesFrom({ input: 2, output: 10 }))).toBe(1_000 * 2_000 + 100 * 10_000)
  })

  test('pays for all of a long input by its tier, from the first token beyond it', () => {
    expect(nanosOf({ input: 200_000, output: 10 }, full)).toBe(200_000 * 2_000 + 10 * 10_000)
    expect(nanosOf({ input: 200_001, output: 10 }, full)).toBe(200_001 * 4_000 + 10 * 15_000)
    const steps: TokenPrices = { ...pricesFrom({ input: 1, output: 1 }), long: [{ above: 10, ...pricesFrom({ input: 2, output: 2 }) }, { above: 20, ...pricesFrom({ input: 3, output: 3 }) }] }
    expect([10, 11, 20, 21].map(input => nanosOf({ input }, steps))).toEqual([10_000, 22_000, 40_000, 63_000])
  })

  test('pays half for what could wait, where the list says so', () => {
    const counts = { input: 300_000, cached: 1_000, output: 10 }
    expect(nanosOf({ ...counts, batch: true }, full)).toBe(nanosOf(counts, full) / 2)
    expect(nanosOf({ ...counts, batch: true }, pricesFrom({ input: 2, output: 10 }))).toBe(nanosOf(counts, pricesFrom({ input: 2, output: 10 })))
    expect(nanosOf({ input: 3_000_000, batch: true }, { ...pricesFrom({ input: 0.000_000_001, output: 1 }), batch: 50 })).toBe(3)
  })

  test('is counted once where an upstream counts parts beyond the whole', () => {
    expect(nanosOf({ input: 100, cached: 500, output: 10, reasoning: 99 }, full)).toBe(100 * 200 + 10 * 3_000)
  })

  test('pays the dearer class for what an upstream claims was both read from its cache and put into it', () => {
    expect(nanosOf({ input: 100, cached: 60, written: 500 }, full)).toBe(100 * 2_500)
    expect(nanosOf({ input: 100, cached: 90, written: 40 }, full)).toBe(40 * 2_500 + 60 * 200)
    expect(nanosOf({ input: 100, cached: 90, written: 40 }, pricesFrom({ input: 2, output: 10, cached: 1, written: 0.5 }))).toBe(90 * 1_000 + 10 * 500)
  })

  test('never pays less than it would if either claim alone were true', () => {
    const claims = fc.record({ input: fc.integer({ min: 1, max: 1_000 }), cached: fc.nat(1_000), written: fc.nat(1_000) })
    fc.assert(fc.property(claims, fc.constantFrom(full, pricesFrom({ input: 2, output: 10, cached: 1, written: 0.5 })), ({ input, cached, written }, price) => {
      const billed = nanosOf({ input, cached, written }, price)
      const [read, stored] = [Math.min(cached, input), Math.min(written, input)]
      expect(billed).toBeGreaterThanOrEqual(nanosOf({ input, cached: read, written: Math.min(stored, input - read) }, price))
      expect(billed).toBeGreaterThanOrEqual(nanosOf({ input, cached: Math.min(read, input - stored), written: stored }, price))
    }))
  })
})

const dollars = fc.integer({ min: 0, max: 200_000_000 }).map(nano => nano / 1e6)
const classes = fc.record({ input: dollars, output: dollars, cached: dollars, written: dollars, reasoning: dollars }, { requiredKeys: ['input', 'output'] }).map(pricesFrom)
const price: fc.Arbitrary<TokenPrices> = fc.oneof(
  fc.constantFrom(...models.flatMap(({ price }) => price ? [price] : [])),
  fc.record({ base: classes, long: fc.option(fc.uniqueArray(fc.record({ above: fc.nat(400_000), classes }), { maxLength: 3, selector: ({ above }) => above })), batch: fc.option(fc.nat(100)) })
    .map(({ base, long, batch }) => ({ ...base, ...long && { long: long.map(({ above, classes }) => ({ above, ...classes })).sort((a, b) => a.above - b.above) }, ...batch !== null && { batch } })),
)
const within = (input: number, output: number) => fc.record({ input: fc.integer({ min: 0, max: input }), cached: fc.nat(input), written: fc.nat(input), output: fc.integer({ min: 0, max: output }), reasoning: fc.nat(output), batch: fc.boolean() })

test('the ceiling is never below what a run within it costs, whatever was cached, written, reasoned or made to wait', () => {
  fc.assert(fc.property(price, fc.integer({ min: 0, max: 500_000 }), fc.gen(), (price, length, gen) => {
    const model = modelAt(price)
    const { usd } = ceilingOf(feature, model, { text: 'a'.repeat(length) })
    const used = gen(() => within(length + feature.overhead, feature.maxOutputTokens))
    expect(usd!).toBeGreaterThanOrEqual(costOf(usage(used), model, catalogOf(model)).usd!)
  }), { numRuns: 1_000 })
})

test('a longer input never lowers a ceiling, nor an estimate where longer requests cost more', () => {
  fc.assert(fc.property(price, fc.nat(300_000), fc.nat(100_000), (price, length, more) => {
    const model = modelAt(price)
    const at = (characters: number) => estimateRun({ feature: 'f', tier: 'max', effort: 'none', input: { text: 'a'.repeat(characters) } }, model, catalogOf(model))
    const [shorter, longer] = [at(length), at(length + more)]
    expect(longer.ceiling.usd!).toBeGreaterThanOrEqual(shorter.ceiling.usd!)
    expect(longer.cost.usd!.high).toBeLessThanOrEqual(longer.ceiling.usd!)
    const rising = [price, ...price.long ?? []].every((tier, i, tiers) => i === 0 || tier.input >= tiers[i - 1]!.input && tier.output >= tiers[i - 1]!.output)
    expect(!rising || longer.cost.usd!.mid >= shorter.cost.usd!.mid * (1 - 1e-12)).toBe(true)
  }), { numRuns: 200 })
})
