import { efforts, effortFits, roundEffortDown, tierFits } from '../core/index.ts'
import type { Adequacy, ReachableFeature, ReachableModel } from '../core/index.ts'
import { boundsOf, evidenceKey } from '../routing/index.ts'
import type { AdequacyState } from '../routing/index.ts'

/**
 * How good the models that can be reached are for a feature, each at the efforts it may be asked for;
 * nothing where nobody told any outcome, so that the catalog's word stands and nothing is tried.
 */
export function adequacyOf(feature: ReachableFeature, state: AdequacyState, models: readonly ReachableModel[], now: number): Pick<ReachableFeature, 'adequacy'> {
  if (Object.keys(state).length === 0) return {}
  const able = models.filter(({ tasks, tier }) => (tasks === null || tasks.includes(feature.task)) && tierFits(tier, feature.tier))
  const strengths = able.flatMap(model =>
    effortsAt(feature, model).map(effort => [evidenceKey({ provider: model.provider, model: model.id, effort }), model.strength ?? null] as const))
  const bounds = boundsOf(state, Object.fromEntries(strengths), now)
  return { adequacy: Object.fromEntries(Object.entries(bounds).map(([key, { low, mid, high, evidence }]) =>
    [key, { low: rounded(low), mid: rounded(mid), high: rounded(high), evidence: rounded(evidence) } satisfies Adequacy])) }
}

/** As they come out when a person asks for any that the feature allows. */
const effortsAt = (feature: ReachableFeature, model: ReachableModel) =>
  [...new Set(efforts.filter(effort => effortFits(effort, feature.effort)).map(effort => roundEffortDown(effort, model.efforts)))]

/** Browsers are sent no more digits than anything hangs on. */
const rounded = (value: number) => Math.round(value * 1e3) / 1e3
