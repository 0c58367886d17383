import { effortCaps, lowestEffort, roundEffortDown, tierFits, tiers } from '../core/index.ts'
import type { Catalog, Choice, Effort, Need, ReachableFeature, ReachableModel, Reason, RunInput, Task, Tier } from '../core/index.ts'
import { ceilingOf } from '../catalog/index.ts'

/** What a model is wanted for. */
export interface ChoiceDemand {
  readonly feature: string
  readonly tier: Tier
  readonly effort: Effort
  readonly need: Need
  readonly input: RunInput
  /** Whether money is limited: then a model of unknown price is no candidate. */
  readonly moneyLimited: boolean
}

/** A choice with the model it names. */
export interface RankedChoice extends Choice {
  readonly reachable: ReachableModel
}

const reasons = {
  asked: 'Quotes were asked for.',
  lookup: 'A look-up needs nothing written: quotes answer it, at almost no cost.',
  unconfigured: 'No generative model is set up for this level.',
  cheapest: 'The cheapest model of the level that was asked for.',
  below: 'No model of the level that was asked for can do this; this is the nearest below it.',
  thinks: 'This model cannot stop reasoning; no other can do this.',
} satisfies Record<string, string>

/**
 * Ranks what may serve a request, best first: the cheapest at most within the level asked for,
 * then within the levels below, and the extractive baseline where nothing generative is wanted or
 * set up.
 * @returns no choice when nothing is set up that can do the task
 */
export function choose(demand: ChoiceDemand, catalog: Catalog): readonly RankedChoice[] {
  const feature = catalog.features[demand.feature]
  if (!feature) return []
  const extractive = catalog.models.filter(model => model.kind === 'extractive' && does(model, feature.task))
  const generative = candidates(demand, feature, catalog)
  if (demand.tier === 'baseline') return extractive.map(model => choiceOf(model, demand, 'none', 'asked'))
  // At the lowest level a look-up is answered with quotes; asking for more is the person's word against the rule's.
  if (demand.need === 'none' && extractive.length > 0 && demand.tier === lowestTier(feature, catalog)) {
    return extractive.map(model => choiceOf(model, demand, 'none', 'lookup'))
  }
  if (generative.length === 0) return extractive.map(model => choiceOf(model, demand, 'none', 'unconfigured'))
  return generative.map(({ model, effort }) => {
    const thinks = effort !== 'none' && demand.effort === 'none'
    return choiceOf(model, demand, effort, thinks ? 'thinks' : model.tier === demand.tier ? 'cheapest' : 'below')
  })
}

/** The lowest generative level that is set up for a feature, which is what an opt-in gets unless more is asked for. */
export function lowestTier(feature: ReachableFeature, catalog: Catalog): Tier | null {
  return offeredTiers(feature, catalog)[0] ?? null
}

/** The generative levels that are set up for a feature, lowest first. */
export function offeredTiers(feature: ReachableFeature, catalog: Catalog): Tier[] {
  return tiers.filter(tier => tier !== 'baseline' && tierFits(tier, feature.tier)
    && catalog.models.some(model => model.kind === 'generative' && model.tier === tier && does(model, feature.task)))
}

function candidates(demand: ChoiceDemand, feature: ReachableFeature, catalog: Catalog): { model: ReachableModel; effort: Effort }[] {
  const wanted = lowestEffort(demand.effort, feature.effort, effortCaps[demand.tier])
  return catalog.models
    .filter(model => model.kind === 'generative' && does(model, feature.task) && tierFits(model.tier, demand.tier))
    .filter(model => model.price !== null || !demand.moneyLimited)
    .map(model => ({ model, effort: roundEffortDown(wanted, model.efforts), ceiling: ceilingOf(feature, model, demand.input) }))
    .sort((a, b) => tiers.indexOf(b.model.tier) - tiers.indexOf(a.model.tier)
      || Number(a.effort !== 'none') * Number(wanted === 'none') - Number(b.effort !== 'none') * Number(wanted === 'none')
      || (a.ceiling.usd ?? Infinity) - (b.ceiling.usd ?? Infinity) || (a.ceiling.wh ?? Infinity) - (b.ceiling.wh ?? Infinity))
}

const does = (model: ReachableModel, task: Task) => model.tasks === null || model.tasks.includes(task)

function choiceOf(reachable: ReachableModel, { need }: ChoiceDemand, effort: Effort, code: keyof typeof reasons): RankedChoice {
  const { id: model, provider, tier } = reachable
  const reason: Reason = { code, text: reasons[code] }
  return { model, provider, tier, effort, need, reasons: [reason], reachable }
}
