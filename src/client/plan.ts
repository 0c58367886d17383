import { estimateRun } from '../catalog/estimate.ts'
import { inputBound, longestInput } from '../core/index.ts'
import type { Catalog, Effort, Estimate, ReachableFeature, ReachableModel, RunInput, Tier } from '../core/index.ts'
import { choose, lowestTier } from '../routing/choose.ts'
import { needOf } from '../routing/need.ts'
import type { CatalogState, Input, NoEstimate } from './ai.ts'

/** A level and an input, with every default filled in. */
export interface Ask {
  readonly feature: string
  readonly input: RunInput
  readonly tier: Tier
  readonly effort: Effort
}

export const inputOf = (input: Input): RunInput => typeof input === 'string' ? { text: input } : input

/** A feature of the catalog by its name, and by nothing that objects have by themselves. */
export const featureOf = (catalog: Catalog | null, name: string): ReachableFeature | undefined =>
  catalog && Object.hasOwn(catalog.features, name) ? catalog.features[name] : undefined

/** The lowest generative level that is set up; where none is, the lowest there could be, which quotes will serve. */
export function defaultTier(catalog: Catalog | null, name: string): Tier {
  const feature = featureOf(catalog, name)
  return feature && catalog ? lowestTier(feature, catalog) ?? 'eco' : 'eco'
}

/** What a run would cost, as the server will work it out too. */
export function planRun({ status, catalog }: CatalogState, ask: Ask, moneyLimited: boolean): Estimate | NoEstimate {
  if (!catalog) return status === 'unreachable' ? unavailable('unreachable') : { status: 'loading' }
  const feature = featureOf(catalog, ask.feature)
  if (!feature) return unavailable('unknown-feature')
  if (feature.mode !== 'offer' && ask.tier !== 'baseline') return unavailable('disabled')
  if (inputBound(ask.input, 0) > longestInput(feature.maxInputTokens)) return unavailable('input-too-long')
  const choice = choose({ ...ask, need: needOf(feature.task, ask.input), moneyLimited }, catalog)[0]
  return choice ? estimateRun({ ...ask, effort: choice.effort }, choice.reachable, catalog) : unavailable('no-model')
}

/** The model that the most costly run of a feature at a level would use: what a standing opt-in must allow for. */
export function standingModel(catalog: Catalog, ask: Omit<Ask, 'input'>, moneyLimited: boolean): ReachableModel | undefined {
  return choose({ ...ask, input: { text: '' }, need: 'generate', moneyLimited }, catalog)[0]?.reachable
}

const unavailable = (reason: Extract<NoEstimate, { reason: string }>['reason']): NoEstimate => ({ status: 'unavailable', reason })
