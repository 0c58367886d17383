import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ceilingOf, costOf, energyProfile, estimateRun, extractiveEnergy, featureCeiling, likelyTokens, models, tokenPrices } from '../../../src/catalog/index.ts'
import { addRanges, ceilingCovers, efforts, inputBound, longestInput, priceOf, rangeOf, toGrains } from '../../../src/core/index.ts'
import type { Catalog, Effort, Range, ReachableFeature, ReachableModel, RunInput, Usage } from '../../../src/core/index.ts'
import { createModelSelector } from '../../../src/server/index.ts'
import { createHarness, scriptedProvider } from '../../../src/testing/index.ts'
import { hostileInput as input } from './hostile.ts'

const feature: ReachableFeature = {
  task: 'chat', baseline: 'search', tier: 'max', effort: 'xhigh', maxInputTokens: 8_000, maxOutputTokens: 500,
  mode: 'offer', background: false, overhead: 300, output: rangeOf(60, 220, 500),
}
const quotes: ReachableModel = {
  id: 'extractive', provider: 'baseline', tier: 'baseline', kind: 'extractive', tasks: null, context: 1e6, efforts: ['none'],
  price: { input: 0, cached: 0, output: 0 }, energy: extractiveEnergy, pace: null, stars: null, provenance: { usd: 'local', wh: 'measured' },
}
const catalogOf = (model: ReachableModel, of = feature): Catalog => ({
  version: '1', models: [quotes, model], features: { f: of },
  policy: { revision: 0, owner: null, pays: false, carbon: { gco2ePerWh: 0.47301, zone: 'WOR', year: 2025 } },
})

const price = fc.record({ input: fc.nat(100_000_000_000), cached: fc.nat(100_000_000_000), output: fc.nat(500_000_000_000) })
const size = fc.tuple(fc.double({ min: 0.05, max: 600, noNaN: true }), fc.double({ min: 1, max: 10, noNaN: true }))
const model: fc.Arbitrary<ReachableModel> = fc.record({
  price: fc.option(price), size: fc.option(size), thinks: fc.subarray([...efforts], { minLength: 1 }), pace: fc.option(fc.record({ tps: fc.double({ min: 1, max: 500, noNaN: true }), ttft: fc.double({ min: 0.01, max: 20, noNaN: true }) })),
}).map(({ price, size, thinks, pace }) => ({
  ...quotes, id: 'm', provider: 'p', tier: 'max', kind: 'generative', efforts: thinks, price,
  energy: size && energyProfile({ params: { active: [size[0], size[0]], total: [size[0], size[0] * size[1]], source: 'estimated' }, ...pace && { pace } }),
  pace: pace && { first: rangeOf(pace.ttft * 0.6, pace.ttft, pace.ttft * 2.5), each: rangeOf(0.5 / pace.tps, 1 / pace.tps, 2 / pace.tps) },
  provenance: { usd: 'class', wh: size && size[1] > 5 ? 'metered' : 'modelled' },
}))
const effort = fc.constantFrom<Effort>(...efforts)
/** A feature with what its runs taught, as catalogs may carry it. */
const lengthRange = fc.tuple(fc.integer({ min: 1, max: 3_000 }), fc.nat(3_000), fc.nat(3_000)).map(([low, more, most]) => rangeOf(low, low + more, low + more + most))
const ratio = fc.tuple(fc.double({ min: 0.1, max: 2, noNaN: true }), fc.double({ min: 1, max: 3, noNaN: true }), fc.double({ min: 1, max: 3, noNaN: true })).map(([low, a, b]) => rangeOf(low, low * a, low * a * b))
const by = fc.tuple(fc.double({ min: 0.2, max: 3, noNaN: true }), fc.double({ min: 0.2, max: 3, noNaN: true }))
const taught: fc.Arbitrary<ReachableFeature> = fc.record({
  lengths: fc.option(fc.record({ m: fc.dictionary(effort, lengthRange) }), { nil: undefined }),
  count: fc.option(ratio, { nil: undefined }),
  spread: fc.option(fc.record({ 'p/m': fc.record({ usd: by, wh: by, seconds: by }, { requiredKeys: [] }) }), { nil: undefined }),
}).map(learned => ({ ...feature, ...learned }))
const estimated = (given: RunInput, by: ReachableModel, effort: Effort = 'none', of = feature) =>
  estimateRun({ feature: 'f', tier: 'max', effort, input: given }, by, catalogOf(by, of))

const ordered = ({ low, mid, high }: Range) => low >= 0 && low <= mid && mid <= high && high < Infinity

describe('an estimate of anything', () => {
  test('says who gave the stars, where there are any', () => {
    const plain = { ...quotes, id: 'm', kind: 'generative' } as const
    const of = (model: ReachableModel) => estimated({ text: 'hello' }, model)
    expect([of(plain), of({ ...plain, stars: 4, starsFrom: 'estimated' }), of({ ...plain, stars: 2, starsFrom: 'published' })].map(({ stars, provenance }) => [stars, provenance.stars]))
      .toEqual([[null, undefined], [4, 'estimated'], [2, 'published']])
  })

  test('is ordered, and ends at its ceiling', () => {
    fc.assert(fc.property(input, model, effort, taught, (given, by, effort, of) => {
      const { tokens, cost, ceiling, seconds, baseline } = estimated(given, by, effort, of)
      for (const range of [tokens.input, tokens.output, cost.usd, cost.wh, cost.gco2e, seconds, baseline.wh]) expect(!range || ordered(range)).toBe(true)
      expect(cost.usd ? cost.usd.high <= ceiling.usd! : ceiling.usd === null).toBe(true)
      expect(cost.wh ? cost.wh.high <= ceiling.wh! : ceiling.wh === null).toBe(true)
      expect(!cost.gco2e || cost.gco2e.high <= ceiling.wh! * 0.47301 * (1 + 1e-12)).toBe(true)
      expect(tokens.output.high).toBeLessThanOrEqual(ceiling.outputTokens)
      expect(tokens.input.high).toBeLessThanOrEqual(inputBound(given, feature.overhead))
    }), { numRuns: 500 })
  })

  test('is not 0 for what is not 0', () => {
    fc.assert(fc.property(input, model, taught, (given, by, of) => {
      const { cost, tokens, seconds } = estimated(given, by, 'none', of)
      expect(!seconds || seconds.low > 0).toBe(true)
      const costly = (by.price?.input ?? 0) > 0 && by.price!.output > 0
      expect(!costly || cost.usd!.low > 0).toBe(true)
      expect(!by.energy || Math.min(cost.wh!.low, cost.gco2e!.low) > 0).toBe(true)
      expect(Math.min(tokens.input.low, tokens.output.low)).toBeGreaterThan(0)
    }))
    expect(likelyTokens({ text: 'a' }, 0).low).toBe(1)
    expect(likelyTokens({ text: '' }, 0)).toEqual(rangeOf(0, 0, 0))
  })

  test('is a third, from two: adding them adds their ranges', () => {
    fc.assert(fc.property(input, input, model, taught, (one, other, by, of) => {
      const [a, b] = [estimated(one, by, 'none', of).cost.wh, estimated(other, by, 'none', of).cost.wh]
      fc.pre(a !== null && b !== null)
      const sum = addRanges(a!, b!)
      for (const end of ['low', 'mid', 'high'] as const) expect(sum[end]).toBe(a![end] + b![end])
      expect(ordered(sum) && sum.low >= Math.max(a!.low, b!.low)).toBe(true)
    }))
  })

  test('has the lengths that the feature\'s runs came to with this model and effort, up to what is allowed', () => {
    const of = { ...feature, lengths: { m: { none: rangeOf(30, 40, 50), high: rangeOf(300, 600, 900) } } }
    const thinker: ReachableModel = { ...quotes, id: 'm', kind: 'generative', efforts: ['none', 'high'] }
    expect(estimated({ text: 'a' }, thinker, 'none', of).tokens.output).toEqual(rangeOf(30, 40, 50))
    expect(estimated({ text: 'a' }, thinker, 'high', of).tokens.output).toEqual(rangeOf(300, 500, 500))
    expect(estimated({ text: 'a' }, { ...thinker, id: 'n' }, 'none', of).tokens.output).toEqual(feature.output)
    for (const id of ['toString', 'constructor', '__proto__']) expect(estimated({ text: 'a' }, { ...thinker, id }, 'none', of).tokens.output).toEqual(feature.output)
  })

  test('corrects its count of the input by what runs came to, or takes a tokeniser\'s', () => {
    const given = { text: 'The museum opens at nine and has three floors. '.repeat(20) }
    const of = { ...feature, overhead: 0, count: rangeOf(1.9, 2, 2.1) }
    const [plain, corrected] = [estimated(given, quotes, 'none', { ...feature, overhead: 0 }), estimated(given, quotes, 'none', of)].map(({ tokens }) => tokens.input)
    expect(corrected!.mid / plain!.mid).toBeCloseTo(2, 1)
    expect(corrected!.high / corrected!.low).toBeLessThan(plain!.high / plain!.low)
    const counted = estimateRun({ feature: 'f', tier: 'max', effort: 'none', input: given, counted: 200 }, quotes, catalogOf(quotes, of))
    expect(counted.tokens.input).toEqual(rangeOf(200, 200, 200))
    expect(counted.ceiling).toEqual(estimated(given, quotes, 'none', of).ceiling)
  })

  test('is as wide as its ranges held, within its ceiling', () => {
    const priced: ReachableModel = { ...quotes, id: 'm', kind: 'generative', price: tokenPrices(0.1, 0.4), pace: { first: rangeOf(0.5, 1, 2), each: rangeOf(0.01, 0.02, 0.04) } }
    const width = (range: Range | null) => range!.high / range!.low
    const twice = { usd: [2, 2], seconds: [2, 2] } as const
    const [usual, wide, others] = [undefined, { 'baseline/m': twice }, { 'baseline/n': twice, 'm': twice }].map(spread => estimated({ text: 'a' }, priced, 'none', { ...feature, maxOutputTokens: 5_000, spread }))
    expect(width(wide!.cost.usd)).toBeCloseTo(width(usual!.cost.usd) ** 2, 6)
    expect(width(wide!.seconds)).toBeCloseTo(width(usual!.seconds) ** 2, 6)
    expect(wide!.cost.wh).toEqual(usual!.cost.wh)
    expect([others!.cost, others!.seconds]).toEqual([usual!.cost, usual!.seconds])
  })

  test.each([['metered', 0.5], ['measured', 1], ['modelled', 1], ['class', 1]] as const)('of energy that is %s is as wide as its ranges held only by the model\'s own meter', (wh, by) => {
    const drawn: ReachableModel = { ...quotes, id: 'm', kind: 'generative', energy: { request: rangeOf(0, 0, 0), input: rangeOf(0, 0, 0), output: rangeOf(1, 2, 4) }, provenance: { usd: 'local', wh } }
    const width = ({ cost }: { cost: { wh: Range | null } }) => Math.log(cost.wh!.high / cost.wh!.low)
    const [usual, narrow] = [undefined, { 'baseline/m': { wh: [0.5, 0.5] } } as const].map(spread => estimated({ text: 'a' }, drawn, 'none', { ...feature, spread }))
    expect(width(narrow!)).toBeCloseTo(by * width(usual!), 6)
  })

  test('of what is unknown is unknown, never free', () => {
    const unknown = { ...quotes, kind: 'generative', price: null, energy: null } as const
    expect(estimated({ text: 'a' }, unknown)).toMatchObject({ cost: { usd: null, wh: null, gco2e: null }, ceiling: { usd: null, wh: null } })
    expect(costOf({ input: 1, cached: 0, output: 1, reasoning: 0, source: 'reported' }, unknown, catalogOf(unknown))).toEqual({ usd: null, wh: null, gco2e: null })
  })

  test('is no lower for more output, or for a larger model', () => {
    fc.assert(fc.property(input, model, fc.nat(2_000), effort, (given, by, more, effort) => {
      const longer = { ...feature, maxOutputTokens: 500 + more, output: rangeOf(60 + more, 220 + more, 500 + more) }
      const [a, b] = [estimated(given, by, effort), estimated(given, by, effort, longer)]
      for (const unit of ['usd', 'wh'] as const) {
        expect(b.ceiling[unit] ?? 0).toBeGreaterThanOrEqual(a.ceiling[unit] ?? 0)
        for (const bound of ['low', 'mid', 'high'] as const) expect(b.cost[unit]?.[bound] ?? 0).toBeGreaterThanOrEqual(a.cost[unit]?.[bound] ?? 0)
      }
    }))
    fc.assert(fc.property(size, fc.double({ min: 0, max: 300, noNaN: true }), ([billions], more) => {
      const profile = (params: number) => energyProfile({ params: { active: [params, params], total: [params, params], source: 'published' } })
      for (const part of ['request', 'input', 'output'] as const) expect(profile(billions + more)[part].high).toBeGreaterThanOrEqual(profile(billions)[part].high * (1 - 1e-12))
    }))
  })
})

describe('the ceiling', () => {
  // What an upstream may report of such a run: any split, up to every token that is allowed.
  const usageWithin = (most: number, output: number) => fc.record({ input: fc.integer({ min: 0, max: most }), share: fc.double({ min: 0, max: 1, noNaN: true }), output: fc.integer({ min: 0, max: output }) })
    .map(({ input, share, output }): Usage => ({ input, cached: Math.floor(input * share), output, reasoning: 0, source: 'reported' }))

  test('is never below what a run within it costs', () => {
    fc.assert(fc.property(input, model, fc.gen(), (given, by, gen) => {
      const ceiling = ceilingOf(feature, by, given)
      const usage = gen(() => usageWithin(inputBound(given, feature.overhead), feature.maxOutputTokens))
      const cost = costOf(usage, by, catalogOf(by))
      expect(ceiling.usd ?? 0).toBeGreaterThanOrEqual(cost.usd ?? 0)
      expect(ceiling.wh ?? 0).toBeGreaterThanOrEqual(cost.wh ?? 0)
    }), { numRuns: 2_000 })
  })

  test('of a feature covers every input that the feature takes', () => {
    fc.assert(fc.property(input, model, (given, by) => {
      fc.pre(inputBound(given, 0) <= longestInput(feature.maxInputTokens))
      expect(ceilingCovers(featureCeiling(feature, by), ceilingOf(feature, by, given))).toBe(true)
    }))
  })

  test('is at the client what it is at the server', async () => {
    const features = { f: { task: 'chat', baseline: 'search', tier: 'max', effort: 'high', maxOutputTokens: 700 } } as const
    const server = { providers: [scriptedProvider({ script: ['x'] })], identify: () => ({ user: 'tester' }) }
    const { ai, close } = await createHarness({ features, server, client: { budgets: [{ id: 'b', per: 'day', limit: { usd: 10, wh: 1_000 } }] } })
    const selector = createModelSelector({ features, ...server })
    await fc.assert(fc.asyncProperty(input, fc.constantFrom('eco', 'standard', 'max'), async (given, tier) => {
      const body = JSON.stringify({ feature: 'f', input: given, tier, effort: 'none' })
      const response = await selector.fetch(new Request('http://x/v1/estimate', { method: 'POST', body, headers: { 'content-type': 'application/json' } }))
      const { estimate } = await response.json() as { estimate: { ceiling: unknown; model: string; cost: unknown } }
      // Lone surrogates do not survive the wire, where they count the same three bytes.
      const here = ai.estimate('f', { input: JSON.parse(body).input as RunInput, tier })
      expect(here).toMatchObject({ ceiling: estimate.ceiling, model: estimate.model })
    }), { numRuns: 100 })
    await close()
  })
})

describe('what a run cost', () => {
  const exact = { ...quotes, kind: 'generative', price: tokenPrices(0.15, 0.6, 0.075) } as const
  const usage = (counts: Partial<Usage>): Usage => ({ input: 0, cached: 0, output: 0, reasoning: 0, source: 'reported', ...counts })

  test('is exact, to the nano-dollar, rounded up once', () => {
    expect(costOf(usage({ input: 1_000_000 }), exact, catalogOf(exact)).usd).toBe(0.15)
    expect(costOf(usage({ input: 1_000, cached: 400, output: 7 }), exact, catalogOf(exact)).usd).toBe((600 * 150 + 400 * 75 + 7 * 600) / 1e9)
    expect(costOf(usage({ input: 1 }), { ...exact, price: tokenPrices(0.000_001, 0) }, catalogOf(exact)).usd).toBe(1e-9)
  })

  test.each([[0.07, 70_000_000], [0.1, 100_000_000], [0.285, 285_000_000], [1.1, 1_100_000_000], [0.0375, 37_500_000], [2.5, 2_500_000_000]])('a price of %d dollars is %d', (dollars, nano) => {
    expect(tokenPrices(dollars, 0).input).toBe(nano)
  })

  test('also where more is said to be cached than was read', () => {
    expect(costOf(usage({ input: 10, cached: 50 }), exact, catalogOf(exact)).usd).toBe(750 / 1e9)
  })

  test('its measured energy goes before the modelled', () => {
    expect(costOf(usage({}), exact, catalogOf(exact), 0.25)).toMatchObject({ wh: 0.25, gco2e: 0.118_253 })
    expect(costOf(usage({}), exact, catalogOf(exact), 0)).toMatchObject({ wh: 0, gco2e: 0 })
  })

  test('at the table\'s prices, of whole nano-dollars', () => {
    fc.assert(fc.property(fc.constantFrom(...models.filter(({ price }) => price !== null)), fc.nat(1_000_000), fc.nat(100_000), ({ price }, input, output) => {
      const total = BigInt(input) * BigInt(price!.input) + BigInt(output) * BigInt(price!.output)
      expect(priceOf([[input, price!.input], [output, price!.output]])).toBe(Number((total + 999_999n) / 1_000_000n))
    }))
    expect(toGrains('usd', 0.000_000_001)).toBe(1)
  })
})
