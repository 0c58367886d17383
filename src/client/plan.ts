import { estimateRun, featureCeiling } from '../catalog/estimate.ts'
import { estimateWithin } from '../catalog/estimate-within.ts'
import { effortCaps, effortFits, inputBound, longestInput, lowestEffort, optInGap, tierFits } from '../core/index.ts'
import type { Catalog, Ceiling, Effort, Estimate, OptIn, ReachableFeature, ReachableModel, RunInput, Tier } from '../core/index.ts'
import { needOf } from '../routing/need.ts'
import { lowestTier, offeredTiers, shortlist } from '../routing/shortlist.ts'
import type { Limited, Shortlisted } from '../routing/shortlist.ts'
import type { CatalogState, Input, NoEstimate } from './ai.ts'

/** A level and an input, with every default filled in. */
export interface Ask {
  readonly feature: string
  readonly input: RunInput
  readonly tier: Tier
  readonly effort: Effort
}

let latest: { readonly text: string } = { text: '' }

/** The same object for the same text again: what was worked out for it is found by it. */
export function inputOf(input: Input): RunInput {
  if (typeof input !== 'string') return input
  if (input !== latest.text) latest = { text: input }
  return latest
}

/** A feature of the catalog by its name, and by nothing that objects have by themselves. */
export const featureOf = (catalog: Catalog | null, name: string): ReachableFeature | undefined =>
  catalog && Object.hasOwn(catalog.features, name) ? catalog.features[name] : undefined

/** The lowest generative level that is set up and can hold the input; where none is, the lowest there could be, which quotes will serve. */
export function defaultTier(catalog: Catalog | null, name: string, limited: Limited, input: RunInput): Tier {
  const feature = featureOf(catalog, name)
  return feature && catalog ? lowestTier(feature, catalog, limited, input) ?? 'eco' : 'eco'
}

/** The effort that an estimate was asked for with: its model may be one that thinks more than it may be told to. */
export function effortOf({ feature: name, tier, effort }: Estimate, catalog: Catalog | null): Effort {
  return lowestEffort(effort, featureOf(catalog, name)?.effort ?? 'none', effortCaps[tier])
}

/**
 * What a run would cost, as the server will work it out too.
 * @param standing the feature's opt-in, where one stands: before it is asked for anew because it no
 * longer covers what comes first, whatever else it covers is taken, and a little less of what it nearly covers
 */
export function planRun({ status, catalog }: CatalogState, ask: Ask, limited: Limited, standing: OptIn | null): Estimate | NoEstimate {
  if (!catalog) return status === 'unreachable' ? unavailable('unreachable') : { status: 'loading' }
  const feature = featureOf(catalog, ask.feature)
  if (!feature) return unavailable('unknown-feature')
  if (feature.mode !== 'offer' && (ask.tier !== 'baseline' || feature.mode === 'off')) return unavailable('disabled')
  if (!isAllowed(ask, feature)) return unavailable('no-model')
  if (inputBound(ask.input, 0) > longestInput(feature.maxInputTokens)) return unavailable('input-too-long')
  const choices = shortlist({ ...ask, ...limited, need: needOf(feature.task, ask.input) }, catalog)
  const estimateOf = ({ effort, model }: Shortlisted) => estimateRun({ ...ask, effort }, model, catalog)
  const lessOf = ({ effort, model }: Shortlisted) => standing && estimateWithin({ ...ask, effort }, model, catalog, standing.ceiling)
  const gap = ({ ceiling }: Estimate) => optInGap(standing, { ...ask, ceiling }, Date.now())
  const [first, ...others] = choices
  if (!first) return unavailable(offeredTiers(feature, catalog, limited).some(tier => tierFits(tier, ask.tier)) ? 'input-too-long' : 'no-model')
  const estimate = estimateOf(first)
  if (gap(estimate) !== 'ceiling') return estimate
  return others.map(estimateOf).find(other => !gap(other)) ?? choices.map(lessOf).find(less => less !== null) ?? estimate
}

/**
 * The most that any run of a feature at a level can cost: what a standing opt-in agrees to. Short and
 * long inputs may have different models, one of them dearer in money and the other in energy; and the
 * longer a text is, the fewer can hold it.
 * @returns `undefined` where no model is set up
 */
export function standingCeiling(catalog: Catalog, ask: Omit<Ask, 'input'>, limited: Limited): Ceiling | undefined {
  const feature = featureOf(catalog, ask.feature)
  if (!feature || !isAllowed(ask, feature)) return undefined
  const texts = ['', ' '.repeat(longestInput(feature.maxInputTokens))]
  const contextOf = ({ kind, context }: ReachableModel) => kind === 'generative' && context || Infinity
  const among = [...new Set([0, ...catalog.models.map(contextOf)])].map(least => catalog.models.filter(model => contextOf(model) >= least))
  return among.flatMap(models => texts.flatMap(text => shortlist({ ...ask, ...limited, input: { text }, need: 'generate' }, { ...catalog, models }).slice(0, 1)))
    .map(({ model }) => featureCeiling(feature, model)).reduce<Ceiling | undefined>(higher, undefined)
}

function higher(a: Ceiling | undefined, b: Ceiling): Ceiling {
  const most = (x: number | null, y: number | null) => x === null || y === null ? null : Math.max(x, y)
  return a ? { usd: most(a.usd, b.usd), wh: most(a.wh, b.wh), outputTokens: Math.max(a.outputTokens, b.outputTokens) } : b
}

/** Whether the feature may be run at that level at all. */
const isAllowed = ({ tier, effort }: Omit<Ask, 'input'>, feature: ReachableFeature) =>
  tierFits(tier, feature.tier) && effortFits(effort, lowestEffort(feature.effort, effortCaps[tier]))

const unavailable = (reason: Extract<NoEstimate, { reason: string }>['reason']): NoEstimate => ({ status: 'unavailable', reason })
