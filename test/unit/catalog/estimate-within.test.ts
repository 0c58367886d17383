import fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimateRun } from '../../../src/catalog/index.ts'
import { estimateWithin } from '../../../src/catalog/estimate-within.ts'
import { ceilingCovers, exactly, rangeOf } from '../../../src/core/index.ts'
import type { Catalog, Ceiling, ReachableModel } from '../../../src/core/index.ts'

const model: ReachableModel = {
  id: 'm', provider: 'p', tier: 'eco', kind: 'generative', tasks: null, context: 1e6, efforts: ['none'], price: { input: 1e8, cached: 1e8, output: 1e9 },
  energy: { request: exactly(0), input: exactly(0.01), output: rangeOf(0.1, 0.2, 0.4) }, pace: null, stars: null, provenance: { usd: 'class', wh: 'modelled' },
}
const catalogOf = (lengths: readonly [number, number, number] | null): Catalog => ({
  version: '1', models: [model], policy: { revision: 0, owner: null, pays: false, carbon: { gco2ePerWh: 0.4, zone: 'WOR', year: 2025 } },
  features: { f: {
    task: 'chat', baseline: 'search', tier: 'eco', effort: 'none', maxInputTokens: 8_000, maxOutputTokens: 500, mode: 'offer', background: false, overhead: 100,
    output: rangeOf(60, 220, 500), ...lengths && { lengths: { m: { none: rangeOf(...lengths) } } },
  } },
})
const demand = { feature: 'f', tier: 'eco', effort: 'none', input: { text: 'When is it open?' } } as const
const whole = (catalog: Catalog) => estimateRun(demand, model, catalog)
const shareOf = ({ usd, wh, outputTokens }: Ceiling, share: number): Ceiling => ({ usd: usd! * share, wh: wh! * share, outputTokens })

test('what fits is left as it is', () => {
  const catalog = catalogOf(null)
  const { ceiling, cost } = whole(catalog)
  expect(estimateWithin(demand, model, catalog, ceiling)).toMatchObject({ ceiling, cost })
})

test('a rise by a quarter is met by writing a fifth less, a greater one by nothing', () => {
  const catalog = catalogOf(null)
  const { ceiling } = whole(catalog)
  expect(estimateWithin(demand, model, catalog, shareOf(ceiling, 0.85))?.ceiling.outputTokens).toBeGreaterThanOrEqual(400)
  expect(estimateWithin(demand, model, catalog, shareOf(ceiling, 0.75))).toBeNull()
})

test('what nine of ten answers do without may be taken, however much it is', () => {
  const catalog = catalogOf([20, 60, 120])
  const { ceiling, cost } = whole(catalog)
  const less = estimateWithin(demand, model, catalog, shareOf(ceiling, 0.5))
  expect(less?.cost.usd).toEqual(cost.usd)
  expect(estimateWithin(demand, model, catalog, shareOf(ceiling, 0.2))).toBeNull()
})

test('whatever was agreed to, it is never passed, and what is unknown of either is never agreed to', () => {
  const share = fc.option(fc.integer({ min: 0, max: 120 }))
  const { ceiling } = whole(catalogOf(null))
  const of = (most: number, percent: number | null) => percent === null ? null : most * percent / 100
  const agreement = fc.record({ usd: share, wh: share, outputTokens: fc.integer({ min: 0, max: 600 }) })
    .map(({ usd, wh, outputTokens }): Ceiling => ({ usd: of(ceiling.usd!, usd), wh: of(ceiling.wh!, wh), outputTokens }))
  let fitting = 0
  fc.assert(fc.property(agreement, fc.constantFrom(null, [20, 60, 120] as const), (agreed, lengths) => {
    const catalog = catalogOf(lengths)
    const estimate = estimateWithin(demand, model, catalog, agreed)
    if (!estimate) return
    fitting++
    expect(ceilingCovers(agreed, estimate.ceiling)).toBe(true)
    expect(estimate.ceiling.outputTokens).toBeGreaterThanOrEqual(Math.min(400, whole(catalog).tokens.output.high))
  }), { numRuns: 1_000 })
  expect(fitting).toBeGreaterThan(50)
})
