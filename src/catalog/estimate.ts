import { addRanges, exactly, fromGrains, inputBound, longestInput, multiplyRanges, newId, priceOf, rangeOf, roundEffortDown, scaleRange, toGrains } from '../core/index.ts'
import type { Catalog, Ceiling, Cost, Effort, Estimate, Range, Ranges, ReachableFeature, ReachableModel, RunInput, Tier, TokenPrices, Usage } from '../core/index.ts'
import { stretched } from './calibration.ts'
import { energyOf } from './draw.ts'
import { addIndependent, multiplyIndependent } from './independent.ts'
import { dearest, pricesAt, spentOn } from './pricing.ts'
import { reasoningShare } from './priors.ts'
import { countedTokens, sampledTokens } from './tokens.ts'

/** What is to be estimated, and with which model. */
export interface EstimateDemand {
  readonly feature: string
  readonly tier: Tier
  readonly effort: Effort
  readonly input: RunInput
  /** Tokens of the input, where the model's own tokeniser counted them. */
  readonly counted?: number | null
}

/**
 * What a run is likely to cost, and what it costs at most. Client and server work it out alike, so
 * that what was shown is what is enforced.
 */
export function estimateRun(demand: EstimateDemand, model: ReachableModel, catalog: Catalog): Estimate {
  const feature = catalog.features[demand.feature]!
  const inputTokens = inputBound(demand.input, feature.overhead)
  const ceiling = ceilingAt(model, inputTokens, outputBound(feature, model))
  const input = wholeWithin(likelyInput(demand, feature), inputTokens)
  const output = likelyOutput(feature, model, demand.effort)
  const spread = spreadOf(feature, model)
  const extractive = catalog.models.find(({ kind }) => kind === 'extractive')
  return {
    id: newId(), status: 'ready', feature: demand.feature, tier: demand.tier, effort: demand.effort, model: model.id,
    catalogVersion: catalog.version, tokens: { input, output }, ceiling,
    cost: likelyCost({ model, catalog, input, output, ceiling, spread }),
    seconds: model.pace && stretched(addIndependent(model.pace.first, multiplyIndependent(model.pace.each, output)), spread?.seconds),
    stars: model.stars, provenance: model.starsFrom ? { ...model.provenance, stars: model.starsFrom } : model.provenance,
    baseline: extractive ? likelyCost({ model: extractive, catalog, input, output: exactly(0) }) : unknownRanges,
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

/** The most output tokens a model may write for a feature. */
export const outputBound = (feature: ReachableFeature, { kind }: ReachableModel): number => kind === 'extractive' ? 0 : feature.maxOutputTokens

/** The most that so many tokens can cost with a model. */
export function ceilingAt({ price, energy }: ReachableModel, inputTokens: number, outputTokens: number): Ceiling {
  const most = price && dearest(price, inputTokens)
  const usd = most && fromGrains('usd', priceOf([[inputTokens, most.input], [outputTokens, most.output]]))
  const wh = energy && fromGrains('wh', toGrains('wh', (energy.most ?? 1) * energyOf(energy, exactly(inputTokens), exactly(outputTokens)).high))
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

/** What an estimate of the text comes to in tokens, corrected by what the feature's runs came to. */
export function likelyInput({ input, counted }: Pick<EstimateDemand, 'input' | 'counted'>, { overhead, count }: ReachableFeature): Range {
  if (counted != null) return countedTokens(counted, overhead)
  const estimated = sampledTokens(input, overhead)
  // Its own error is in the correction.
  return count ? multiplyRanges(exactly(estimated.mid), count) : estimated
}

function likelyOutput(feature: ReachableFeature, model: ReachableModel, effort: Effort): Range {
  if (model.kind === 'extractive') return exactly(0)
  // A model that cannot stop reasoning does so at its least.
  const least = roundEffortDown(effort, model.efforts)
  const output = lengthsOf(feature, model)?.[least] ?? addRanges(feature.output, multiplyRanges(feature.output, reasoningShare[least]))
  return wholeWithin(output, feature.maxOutputTokens)
}

/** By the model's name, and by nothing that objects have by themselves. */
const lengthsOf = ({ lengths }: ReachableFeature, { id }: ReachableModel) =>
  lengths && Object.hasOwn(lengths, id) ? lengths[id] : undefined

/** No object has a name with a slash by itself. */
const spreadOf = ({ spread }: ReachableFeature, { provider, id }: ReachableModel): Spreads => spread?.[spreadKey(provider, id)]

/** What a model's spread goes by. */
export const spreadKey = (provider: string, model: string): string => `${provider}/${model}`

type Spreads = NonNullable<ReachableFeature['spread']>[string] | undefined

function wholeWithin({ low, mid, high }: Range, most: number): Range {
  // What is above nothing is at least one token.
  const whole = (tokens: number) => Math.min(Math.max(Math.round(tokens), Math.ceil(Math.min(tokens, 1))), most)
  return rangeOf(whole(low), whole(mid), whole(high))
}

interface LikelyDemand {
  readonly model: ReachableModel
  readonly catalog: Catalog
  readonly input: Range
  readonly output: Range
  /** Likely costs end where it cuts the run. */
  readonly ceiling?: Ceiling
  readonly spread?: Spreads
}

function likelyCost({ model: { price, energy, provenance }, catalog, input, output, ceiling, spread }: LikelyDemand): Ranges {
  const usd = price && moneyOf(price, input, output)
  // What is modelled is as wide as nobody knows better; only the model's own meter does.
  const wh = energy && capped(stretched(energyOf(energy, input, output), provenance.wh === 'metered' ? spread?.wh : [1, 1]), ceiling?.wh)
  return { usd: usd && capped(stretched(usd, spread?.usd), ceiling?.usd), wh, gco2e: wh && scaleRange(wh, catalog.policy.carbon.gco2ePerWh) }
}

/** Each bound at its own prices, because a longer input may cost more for each token. */
function moneyOf(price: TokenPrices, input: Range, output: Range): Range {
  const dollars = (tokens: Range, kind: 'input' | 'output') => {
    const at = (bound: keyof Range) => tokens[bound] * pricesAt(price, input[bound])[kind] * 1e-15
    return rangeOf(at('low'), at('mid'), at('high'))
  }
  return addIndependent(dollars(input, 'input'), dollars(output, 'output'))
}

function capped(range: Range, most: number | null = null): Range {
  if (most === null) return range
  return rangeOf(Math.min(range.low, most), Math.min(range.mid, most), Math.min(range.high, most))
}

const unknownRanges: Ranges = { usd: null, wh: null, gco2e: null }
