import { effortCaps, effortFits, inputBound, lowestEffort, roundEffortDown, tierFits, tiers } from '../core/index.ts'
import type { Catalog, Choice, Effort, Need, ReachableFeature, ReachableModel, Reason, RunInput, Task, Tier } from '../core/index.ts'
import { ceilingAt } from '../catalog/estimate.ts'

/** What budgets limit: a model whose figure in that is unknown is no candidate. */
export interface Limited {
  readonly moneyLimited?: boolean
  readonly energyLimited?: boolean
}

/** What a model is wanted for. */
export interface ChoiceDemand extends Limited {
  readonly feature: string
  readonly tier: Tier
  readonly effort: Effort
  readonly need: Need
  readonly input: RunInput
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
  thinks: 'This model cannot stop reasoning; no other of its level can do this.',
} satisfies Record<string, string>

/**
 * Ranks what may serve a request, best first: within the level asked for, then within the levels
 * below, those that think no more than was asked for before the others, the cheapest at most first;
 * and the extractive baseline where nothing generative is wanted or set up. Never above the level or
 * the feature's own.
 * @returns no choice when nothing is set up that can do the task
 */
export function choose(demand: ChoiceDemand, catalog: Catalog): readonly RankedChoice[] {
  const feature = Object.hasOwn(catalog.features, demand.feature) ? catalog.features[demand.feature] : undefined
  if (!feature) return []
  const extractive = catalog.models.filter(model => model.kind === 'extractive' && does(model, feature.task))
  const generative = candidates(demand, feature, catalog)
  if (demand.tier === 'baseline') return extractive.map(model => choiceOf(model, demand, 'none', 'asked'))
  // At the lowest level a look-up is answered with quotes; asking for more is the person's word against the rule's.
  if (demand.need === 'none' && extractive.length > 0 && demand.tier === lowestTier(feature, catalog, demand)) {
    return extractive.map(model => choiceOf(model, demand, 'none', 'lookup'))
  }
  if (generative.length === 0) return extractive.map(model => choiceOf(model, demand, 'none', 'unconfigured'))
  return generative.map(({ model, effort, thinks }) =>
    choiceOf(model, demand, effort, thinks ? 'thinks' : model.tier === demand.tier ? 'cheapest' : 'below'))
}

/** The lowest generative level that is set up for a feature, which is what an opt-in gets unless more is asked for. */
export function lowestTier(feature: ReachableFeature, catalog: Catalog, limited?: Limited): Tier | null {
  return offeredTiers(feature, catalog, limited)[0] ?? null
}

/** The generative levels that are set up for a feature, lowest first. */
export function offeredTiers(feature: ReachableFeature, catalog: Catalog, limited: Limited = {}): Tier[] {
  const models = generativeModels(feature, catalog, limited)
  return tiers.filter(tier => models.some(model => model.tier === tier))
}

function generativeModels({ task, tier }: ReachableFeature, catalog: Catalog, { moneyLimited, energyLimited }: Limited): ReachableModel[] {
  return catalog.models.filter(model => model.kind === 'generative' && does(model, task) && tierFits(model.tier, tier)
    && !(moneyLimited && model.price === null) && !(energyLimited && model.energy === null))
}

interface Candidate {
  readonly model: ReachableModel
  readonly effort: Effort
  /** It reasons more than was asked for, because it cannot do otherwise. */
  readonly thinks: boolean
}

function candidates(demand: ChoiceDemand, feature: ReachableFeature, catalog: Catalog): Candidate[] {
  const wanted = lowestEffort(demand.effort, feature.effort, effortCaps[demand.tier])
  const inputTokens = inputBound(demand.input, feature.overhead)
  return generativeModels(feature, catalog, demand)
    .filter(model => tierFits(model.tier, demand.tier))
    .map(model => ({ model, effort: roundEffortDown(wanted, model.efforts), ceiling: ceilingAt(model, inputTokens, feature.maxOutputTokens) }))
    .map(each => ({ ...each, thinks: !effortFits(each.effort, wanted) }))
    .sort((a, b) => tiers.indexOf(b.model.tier) - tiers.indexOf(a.model.tier) || Number(a.thinks) - Number(b.thinks)
      || ascending(a.ceiling.usd, b.ceiling.usd) || ascending(a.ceiling.wh, b.ceiling.wh) || (a.model.id < b.model.id ? -1 : 1))
}

/** Unknown last. */
function ascending(a: number | null, b: number | null): number {
  return a === b ? 0 : (a ?? Infinity) < (b ?? Infinity) ? -1 : 1
}

const does = (model: ReachableModel, task: Task) => model.tasks === null || model.tasks.includes(task)

function choiceOf(reachable: ReachableModel, { need }: ChoiceDemand, effort: Effort, code: keyof typeof reasons): RankedChoice {
  const { id: model, provider, tier } = reachable
  const reason: Reason = { code, text: reasons[code] }
  return { model, provider, tier, effort, need, reasons: [reason], reachable }
}
