import { addRanges, exactly, fromGrains, inputBound, longestInput, multiplyRanges, newId, priceOf, rangeOf, scaleRange, toGrains } from '../core/index.ts'
import type { Catalog, Ceiling, Cost, Effort, Estimate, Range, Ranges, ReachableFeature, ReachableModel, RunInput, Tier, Usage } from '../core/index.ts'
import { likelyTokens } from './tokens.ts'

/** What is to be estimated, and with which model. */
export interface EstimateDemand {
  readonly feature: string
  readonly tier: Tier
  readonly effort: Effort
  readonly input: RunInput
}

// Reasoning before the answer, as multiples of the answer: rough medians of published counts of
// reasoning tokens. What a feature's own runs come to will replace them.
const reasoningShare: Record<Effort, Range> = {
  none: exactly(0),
  minimal: rangeOf(0, 0.5, 1),
  low: rangeOf(0.5, 1.5, 4),
  medium: rangeOf(1, 4, 12),
  high: rangeOf(3, 10, 30),
  xhigh: rangeOf(5, 20, 60),
}

/**
 * What a run is likely to cost, and what it costs at most. Client and server work it out alike, so
 * that what was shown is what is enforced.
 */
export function estimateRun(demand: EstimateDemand, model: ReachableModel, catalog: Catalog): Estimate {
  const feature = catalog.features[demand.feature]!
  const ceiling = ceilingOf(feature, model, demand.input)
  const input = likelyTokens(demand.input, feature.overhead)
  const output = likelyOutput(feature, model, demand.effort)
  const extractive = catalog.models.find(({ kind }) => kind === 'extractive')
  return {
    id: newId(), status: 'ready', feature: demand.feature, tier: demand.tier, effort: demand.effort, model: model.id,
    catalogVersion: catalog.version, tokens: { input, output }, ceiling,
    cost: withinCeiling(likelyCost(model, catalog, input, output), ceiling),
    seconds: model.pace && addRanges(model.pace.first, multiplyRanges(model.pace.each, output)),
    stars: model.stars, provenance: model.provenance,
    baseline: extractive ? likelyCost(extractive, catalog, input, exactly(0)) : unknownRanges,
  }
}

/** The most a run can cost: the longest the input can be, all the output it may have, energy at its high end. */
export function ceilingOf(feature: ReachableFeature, model: ReachableModel, input: RunInput): Ceiling {
  return ceilingAt(model, inputBound(input, feature.overhead), model.kind === 'extractive' ? 0 : feature.maxOutputTokens)
}

/** The most that any run of a feature can cost with a model: what a standing opt-in agrees to. */
export function featureCeiling(feature: ReachableFeature, model: ReachableModel): Ceiling {
  return ceilingAt(model, longestInput(feature.maxInputTokens) + feature.overhead, model.kind === 'extractive' ? 0 : feature.maxOutputTokens)
}

function ceilingAt(model: ReachableModel, inputTokens: number, outputTokens: number): Ceiling {
  const { price, energy } = model
  const usd = price && fromGrains('usd', priceOf([[inputTokens, Math.max(price.input, price.cached)], [outputTokens, price.output]]))
  const wh = energy && fromGrains('wh', toGrains('wh', energyOf(energy, exactly(inputTokens), exactly(outputTokens)).high))
  return { usd, wh, outputTokens }
}

/** What a run cost, from what it used; energy at the middle of what is likely, unless it was measured. */
export function costOf(usage: Usage, model: ReachableModel, catalog: Pick<Catalog, 'policy'>, measuredWh?: number): Cost {
  const { price, energy } = model
  const tokens = [[usage.input - usage.cached, price?.input], [usage.cached, price?.cached], [usage.output, price?.output]] as [number, number][]
  const wh = measuredWh ?? (energy && energyOf(energy, exactly(usage.input), exactly(usage.output)).mid)
  return {
    usd: price && fromGrains('usd', priceOf(tokens)),
    wh: wh && rounded('wh', wh),
    gco2e: wh && rounded('gco2e', wh * catalog.policy.carbon.gco2ePerWh),
  }
}

const rounded = (unit: 'wh' | 'gco2e', value: number) => fromGrains(unit, toGrains(unit, value))

function energyOf(energy: NonNullable<ReachableModel['energy']>, input: Range, output: Range): Range {
  return addRanges(energy.request, scaleRange(multiplyRanges(energy.input, input), 1 / 1_000), scaleRange(multiplyRanges(energy.output, output), 1 / 1_000))
}

function likelyOutput(feature: ReachableFeature, model: ReachableModel, effort: Effort): Range {
  if (model.kind === 'extractive') return exactly(0)
  // A model that cannot stop reasoning does so at its least.
  const thinks = effort === 'none' && !model.efforts.includes('none') ? 'minimal' : effort
  const output = addRanges(feature.output, multiplyRanges(feature.output, reasoningShare[thinks]))
  const capped = (tokens: number) => Math.min(Math.round(tokens), feature.maxOutputTokens)
  return rangeOf(capped(output.low), capped(output.mid), capped(output.high))
}

function likelyCost(model: ReachableModel, catalog: Catalog, input: Range, output: Range): Ranges {
  const { price, energy } = model
  const usd = price && scaleRange(addRanges(scaleRange(input, price.input), scaleRange(output, price.output)), 1e-15)
  const wh = energy && energyOf(energy, input, output)
  return { usd, wh, gco2e: wh && scaleRange(wh, catalog.policy.carbon.gco2ePerWh) }
}

function withinCeiling(cost: Ranges, ceiling: Ceiling): Ranges {
  const cap = (range: Range | null, most: number | null) =>
    range && most !== null ? rangeOf(Math.min(range.low, most), Math.min(range.mid, most), Math.min(range.high, most)) : range
  return { ...cost, usd: cap(cost.usd, ceiling.usd), wh: cap(cost.wh, ceiling.wh) }
}

const unknownRanges: Ranges = { usd: null, wh: null, gco2e: null }
