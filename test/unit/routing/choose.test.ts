import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { choose, lowestTier, offeredTiers } from '../../../src/routing/index.ts'
import type { ChoiceDemand } from '../../../src/routing/index.ts'
import { effortCaps, effortFits, efforts, exactly, lowestEffort, rangeOf, tierFits, tiers } from '../../../src/core/index.ts'
import type { Catalog, Effort, ReachableFeature, ReachableModel, Task, Tier } from '../../../src/core/index.ts'

const quotes: ReachableModel = {
  id: 'extractive', provider: 'baseline', tier: 'baseline', kind: 'extractive', tasks: ['summarize', 'answer'], context: 1e6, efforts: ['none'],
  price: { input: 0, cached: 0, output: 0 }, energy: null, pace: null, stars: null, provenance: { usd: 'local', wh: 'measured' },
}
const priced = (nano: number) => ({ input: nano, cached: nano, output: nano })
const energy = (wh: number) => ({ request: exactly(0), input: exactly(0), output: exactly(wh) })
const model = (id: string, tier: Tier, change: Partial<ReachableModel> = {}): ReachableModel =>
  ({ ...quotes, id, tier, provider: 'p', kind: 'generative', tasks: null, price: priced(1_000), energy: energy(1), ...change })
const feature: ReachableFeature = {
  task: 'answer', baseline: 'search', tier: 'max', effort: 'high', maxInputTokens: 8_000, maxOutputTokens: 500,
  mode: 'offer', background: false, overhead: 300, output: rangeOf(60, 220, 500),
}
const catalogOf = (models: readonly ReachableModel[], of: ReachableFeature = feature): Catalog =>
  ({ version: '1', models, features: { f: of }, policy: { revision: 0, owner: null, pays: false, carbon: { gco2ePerWh: 0.4, zone: 'WOR', year: 2025 } } })
const demand = (change: Partial<ChoiceDemand> = {}): ChoiceDemand =>
  ({ feature: 'f', tier: 'standard', effort: 'none', need: 'generate', input: { text: 'Some text.' }, ...change })
const ranked = (models: readonly ReachableModel[], change: Partial<ChoiceDemand> = {}, of = feature) =>
  choose(demand(change), catalogOf(models, of)).map(({ model: id, effort, reasons }) => `${id} ${effort} ${reasons[0]!.code}`)

const [small, middle, large] = [model('small', 'eco'), model('middle', 'standard'), model('large', 'max')]

describe('the choice', () => {
  test('is quotes when they are asked for', () => {
    expect(ranked([quotes, small, middle], { tier: 'baseline' })).toEqual(['extractive none asked'])
    expect(ranked([small], { tier: 'baseline' })).toEqual([])
  })

  test('is quotes for a look-up, at the lowest level only', () => {
    expect(ranked([quotes, small, middle], { tier: 'eco', need: 'none' })).toEqual(['extractive none lookup'])
    expect(ranked([quotes, middle], { need: 'none' })).toEqual(['extractive none lookup'])
    expect(ranked([quotes, small, middle], { need: 'none' })[0]).toBe('middle none cheapest')
    expect(ranked([small], { tier: 'eco', need: 'none' })).toEqual(['small none cheapest'])
  })

  test('is quotes where nothing generative is set up for the level', () => {
    expect(ranked([quotes])).toEqual(['extractive none unconfigured'])
    expect(ranked([quotes, large])).toEqual(['extractive none unconfigured'])
    expect(ranked([])).toEqual([])
    expect(ranked([{ ...quotes, tasks: ['summarize'] }])).toEqual([])
  })

  test('is the cheapest of the level, then those below', () => {
    const cheap = model('cheap', 'standard', { price: priced(10) })
    expect(ranked([large, small, middle, cheap])).toEqual(['cheap none cheapest', 'middle none cheapest', 'small none below'])
  })

  test('goes by energy where money is the same, and by name where that is too', () => {
    const frugal = model('z', 'standard', { energy: energy(0.1) })
    const unknown = model('a', 'standard', { energy: null })
    expect(ranked([unknown, middle, frugal, model('b', 'standard')])).toEqual(['z none cheapest', 'b none cheapest', 'middle none cheapest', 'a none cheapest'])
  })

  test('is never above the level, or above the feature\'s own', () => {
    expect(ranked([large, small], { tier: 'max' }, { ...feature, tier: 'standard' })).toEqual(['small none below'])
  })

  test('does what the task needs', () => {
    expect(ranked([model('coder', 'standard', { tasks: ['code'] }), small])).toEqual(['small none below'])
  })

  test('knows its price under a money limit, and its energy under an energy limit', () => {
    const free = model('unpriced', 'standard', { price: null })
    const dark = model('dark', 'standard', { energy: null })
    expect(ranked([quotes, free], { moneyLimited: true })).toEqual(['extractive none unconfigured'])
    expect(ranked([free], {})).toEqual(['unpriced none cheapest'])
    expect(ranked([free, dark, small], { moneyLimited: true, energyLimited: true })).toEqual(['small none below'])
    expect(offeredTiers(feature, catalogOf([free, large]), { moneyLimited: true })).toEqual(['max'])
  })

  test('thinks only as much as was asked for, rounded down to what the model can', () => {
    const thinker = model('thinker', 'max', { efforts: ['none', 'low', 'high'] })
    const effort = (wanted: Effort, of = feature) => choose(demand({ tier: 'max', effort: wanted }), catalogOf([thinker], of))[0]!.effort
    expect(efforts.map(each => effort(each))).toEqual(['none', 'none', 'low', 'low', 'high', 'high'])
    expect(effort('high', { ...feature, effort: 'low' })).toBe('low')
    expect(ranked([{ ...thinker, tier: 'standard' }], { effort: 'high' })).toEqual(['thinker low cheapest'])
    expect(ranked([{ ...thinker, tier: 'eco' }], { tier: 'eco', effort: 'high' })).toEqual(['thinker none cheapest'])
  })

  test('is of two the one that can stop thinking, and says so when none can', () => {
    const always = model('always', 'standard', { price: priced(1), efforts: ['low', 'high'] })
    expect(ranked([always, middle])).toEqual(['middle none cheapest', 'always low thinks'])
    expect(ranked([always])).toEqual(['always low thinks'])
    expect(ranked([always], { effort: 'low' })).toEqual(['always low cheapest'])
  })

  test('of a feature that nobody declared is none', () => {
    expect(ranked([small], { feature: 'nothing' })).toEqual([])
    expect(ranked([small], { feature: 'constructor' })).toEqual([])
  })
})

test('the levels of a feature are those that are set up for it', () => {
  const { tier: _, ...rest } = feature
  const of = (most: ReachableFeature['tier']) => ({ ...rest, tier: most })
  expect(offeredTiers(of('max'), catalogOf([large, quotes, small]))).toEqual(['eco', 'max'])
  expect(offeredTiers(of('standard'), catalogOf([large, small]))).toEqual(['eco'])
  expect(lowestTier(of('eco'), catalogOf([large, quotes]))).toBeNull()
})

describe('whatever is set up', () => {
  const anyModel = fc.record({
    name: fc.string({ minLength: 1, maxLength: 8 }), tier: fc.constantFrom<Tier>('eco', 'standard', 'max'),
    price: fc.option(fc.nat(1_000).map(priced)), energy: fc.option(fc.nat(100).map(energy)),
    efforts: fc.subarray([...efforts], { minLength: 1 }), tasks: fc.option(fc.subarray<Task>(['answer', 'code'])),
  }).map(({ name, tier, ...change }) => model(name, tier, change))
  const anyModels = fc.uniqueArray(anyModel, { maxLength: 8, selector: ({ id }) => id })
  const anyDemand = fc.record({
    tier: fc.constantFrom(...tiers), effort: fc.constantFrom(...efforts), need: fc.constantFrom('none', 'generate', 'reason'),
    moneyLimited: fc.boolean(), energyLimited: fc.boolean(),
  })

  test('nothing is above what was asked, nothing limited is unknown, and the order of the catalog does not matter', () => {
    fc.assert(fc.property(anyModels, anyDemand, fc.boolean(), (models, asked, withQuotes) => {
      const all = withQuotes ? [quotes, ...models] : models
      const choices = choose(demand(asked), catalogOf(all))
      for (const { reachable, tier, effort, reasons } of choices) {
        expect(tierFits(tier, asked.tier)).toBe(true)
        expect(reachable.kind === 'extractive' || !(asked.moneyLimited && reachable.price === null || asked.energyLimited && reachable.energy === null)).toBe(true)
        expect(reachable.efforts).toContain(effort)
        expect(reasons[0]!.code === 'thinks' || effortFits(effort, lowestEffort(asked.effort, feature.effort, effortCaps[asked.tier]))).toBe(true)
      }
      const ids = (list: typeof choices) => list.map(each => each.model)
      expect(ids(choose(demand(asked), catalogOf(all.toReversed())))).toEqual(ids(choices))
      expect(new Set(ids(choices)).size).toBe(choices.length)
    }), { numRuns: 500 })
  })
})
