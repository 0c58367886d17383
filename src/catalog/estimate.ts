import { addRanges, exactly, fromGrains, inputBound, longestInput, multiplyRanges, newId, priceOf, rangeOf, roundEffortDown, scaleRange, toGrains } from '../core/index.ts'
import type { Catalog, Ceiling, Cost, Effort, Estimate, Range, Ranges, ReachableFeature, ReachableModel, RunInput, Tier, TokenPrices, Usage } from '../core/index.ts'
import { dearest, pricesAt, spentOn } from './pricing.ts'
import { likelyTokens, sampleTokens } from './tokens.ts'

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
  const inputTokens = inputBound(demand.input, feature.overhead)
  const ceiling = ceilingAt(model, inputTokens, outputBound(feature, model))
  const input = wholeWithin(likelyTokens(demand.input, feature.overhead, sampleTokens), inputTokens)
  const output = likelyOutput(feature, model, demand.effort)
  const extractive = catalog.models.find(({ kind }) => kind === 'extractive')
  return {
    id: newId(), status: 'ready', feature: demand.feature, tier: demand.tier, effort: demand.effort, model: model.id,
    catalogVersion: catalog.version, tokens: { input, output }, ceiling,
    cost: likelyCost(model, catalog, input, output, ceiling),
    seconds: model.pace && addRanges(model.pace.first, multiplyRanges(model.pace.each, output)),
    stars: model.stars, provenance: model.provenance,
    baseline: extractive ? likelyCost(extractive, catalog, input, exactly(0)) : unknownRanges,
  }
}

/** The most a run can cost: the longest the input can be, all the output it may have, energy at its high end. */
export function ceilingOf(feature: ReachableFeature, model: ReachableModel, input: RunInput): Ceiling {
  return ceilingAt(model, inputBound(input, feature.overhead), outputBound(feature, model))
}

/** The most that any run of a feature can cost with a model: what a standing opt-in agrees to. */
export function featureCeiling(feature: ReachableFeature, model: ReachableModel): Ceiling {
  return ceilingAt(model, longestInput(feature.maxInputTokens) + feature.overhead, outputBound(feature, model))
}

const outputBound = (feature: ReachableFeature, { kind }: ReachableModel) => kind === 'extractive' ? 0 : feature.maxOutputTokens

/** The most that so many tokens can cost with a model. */
function ceilingAt({ price, energy }: ReachableModel, inputTokens: number, outputTokens: number): Ceiling {
  const most = price && dearest(price, inputTokens)
  const usd = most && fromGrains('usd', priceOf([[inputTokens, most.input], [outputTokens, most.output]]))
  const wh = energy && fromGrains('wh', toGrains('wh', energyOf(energy, exactly(inputTokens), exactly(outputTokens)).high))
  return { usd, wh, outputTokens }
}

/** What a run cost, from what it used; energy at the middle of what is likely, unless it was measured. */
export function costOf(usage: Usage, model: ReachableModel, catalog: Pick<Catalog, 'policy'>, measuredWh?: number): Cost {
  const { price, energy } = model
  const wh = measuredWh ?? (energy && energyOf(energy, exactly(usage.input), exactly(usage.output)).mid)
  return {
    usd: price && fromGrains('usd', spentOn(usage, price)),
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
  const output = addRanges(feature.output, multiplyRanges(feature.output, reasoningShare[roundEffortDown(effort, model.efforts)]))
  return wholeWithin(output, feature.maxOutputTokens)
}

function wholeWithin({ low, mid, high }: Range, most: number): Range {
  const whole = (tokens: number) => Math.min(Math.round(tokens), most)
  return rangeOf(whole(low), whole(mid), whole(high))
}

/** @param most likely costs end where the ceiling cuts the run */
function likelyCost({ price, energy }: ReachableModel, catalog: Catalog, input: Range, output: Range, most?: Ceiling): Ranges {
  const usd = price && moneyOf(price, input, output)
  const wh = capped(energy && energyOf(energy, input, output), most?.wh)
  return { usd: capped(usd, most?.usd), wh, gco2e: wh && scaleRange(wh, catalog.policy.carbon.gco2ePerWh) }
}

/** Bound by bound, because a longer input may cost more for each token. */
function moneyOf(price: TokenPrices, input: Range, output: Range): Range {
  const dollars = (bound: keyof Range) => {
    const each = pricesAt(price, input[bound])
    return (input[bound] * each.input + output[bound] * each.output) * 1e-15
  }
  return rangeOf(dollars('low'), dollars('mid'), dollars('high'))
}

function capped(range: Range | null, most: number | null = null): Range | null {
  if (!range || most === null) return range
  return rangeOf(Math.min(range.low, most), Math.min(range.mid, most), Math.min(range.high, most))
}

const unknownRanges: Ranges = { usd: null, wh: null, gco2e: null }
