import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { AI, FeatureStatus, Input, RunState } from '../client/index.ts'
import { effortCaps, effortFits, longestInput, lowestEffort, tierFits, tiers } from '../core/index.ts'
import type { Effort, Tier } from '../core/index.ts'
import { isActive } from './control-state.ts'
import { useAI, useReady } from './hooks.ts'
import { isReady, offerOf, pricedOffer } from './offer.ts'
import type { Demand, Offer, ReadyOffer } from './offer.ts'

/** Everything that may be pressed for now, with figures of one and the same moment. */
export interface Offers {
  readonly status: FeatureStatus
  readonly main: Offer
  /** Quotes first, then every level that is set up, without reasoning. */
  readonly levels: readonly Offer[]
  /** The level asked for, otherwise the cheapest one, at which a model thinks harder than it would by itself. */
  readonly think: ReadyOffer | null
}

/**
 * What can be had for this input, worked out anew when anything changes that it goes by. While
 * `held` (hovered, focused, pressed) the figures stand still: the one on screen at the press binds.
 * Those of another input or level are not the same figures, and follow it at once; and a run that
 * ended left less to be had than there was.
 */
export function useOffers(feature: string, input: Input, { tier, effort }: Demand, held: boolean, run: RunState | null): Offers {
  const ai = useAI()
  const ready = useReady()
  const catalog = useStore(ai.catalog)
  const budget = useStore(ai.budget)
  const optIns = useStore(ai.optIns)
  const subject = useStore(ai.subject)
  // The client is asked, and what it goes by is its own state: these say when to ask again.
  const moment = useMemo(() => ({ catalog, budget, optIns, subject }), [catalog, budget, optIns, subject])
  const fresh = useMemo(
    // A share of one allowance alone may be the smaller one, and whoever presses would be held to have seen it.
    () => ready && budget.agreement !== 'loading' ? offersOf({ ai, feature, input, demand: { tier, effort }, moment }) : unknownOffers,
    [ready, ai, feature, input, tier, effort, moment, budget.agreement],
  )
  const ended = run && !isActive(run) ? run : null
  const [shown, show] = useState({ feature, input, ended, offers: fresh })
  const keeps = held && shown.feature === feature && shown.input === input && (!ended || shown.ended === ended) && isSameLevel(shown.offers, fresh)
  const offers = keeps ? shown.offers : fresh
  if (shown.offers !== offers || shown.ended !== ended) show({ feature, input, ended, offers })
  // What was granted or declined shows at once; only figures stand still.
  return keeps ? { ...offers, status: fresh.status } : fresh
}

/** What the server renders, and the first render that takes it over: no figure, whatever is known already. */
const unknownOffers: Offers = {
  status: { state: 'loading', optIn: null, tiers: [] },
  main: { demand: { tier: undefined, effort: 'none' }, estimate: { status: 'loading' }, share: null, refusing: [] },
  levels: [], think: null,
}

function offersOf({ ai, feature, input, demand }: { ai: AI; feature: string; input: Input; demand: Demand; moment: object }): Offers {
  const status = ai.status(feature, { input, effort: demand.effort, ...demand.tier && { tier: demand.tier } })
  const at = (demand: Demand) => offerOf(ai, feature, input, demand)
  const isAsked = (level: Offer) => level.demand.tier === demand.tier
  const levels = (['baseline', ...status.tiers] as const).map(tier => at({ tier, effort: 'none' }))
  const most = ai.catalog.getState().catalog?.features[feature]?.effort ?? 'none'
  return { status, main: at(demand), levels, think: thinkOffer(levels.toSorted((a, b) => Number(isAsked(b)) - Number(isAsked(a))), most, at) }
}

/** Nothing was shown that could stand still, or another level was picked: then the figure must follow. */
const isSameLevel = ({ main }: Offers, { main: next }: Offers) =>
  main.estimate.status === 'ready' && main.demand.tier === next.demand.tier && main.demand.effort === next.demand.effort

/**
 * A level may allow thinking that its model cannot do, or that it does anyway: then there is nothing to offer.
 * @param levels the best first
 */
function thinkOffer(levels: readonly Offer[], most: Effort, at: (demand: Demand) => Offer): ReadyOffer | null {
  for (const plain of levels) {
    const tier = plain.demand.tier!
    const offer = at({ tier, effort: lowestEffort(most, effortCaps[tier]) })
    if (isReady(offer) && isReady(plain) && !effortFits(offer.estimate.effort, plain.estimate.effort)) return offer
  }
  return null
}

export const levelOf = ({ levels }: Offers, tier: Tier | undefined): Offer | null =>
  levels.find(({ demand }) => demand.tier === tier) ?? null

/** The levels below one, cheapest first. */
export const levelsBelow = ({ levels }: Offers, tier: Tier): readonly Offer[] =>
  levels.filter(({ demand }) => demand.tier !== tier && demand.tier !== 'baseline' && tierFits(demand.tier!, tier))

/** The next level above one. */
export const levelAbove = ({ levels }: Offers, tier: Tier): Offer | null =>
  levels.find(({ demand }) => tiers.indexOf(demand.tier!) > tiers.indexOf(tier)) ?? null

/**
 * The most that any run of the feature can cost at a level, which is what a standing opt-in agrees
 * to: with the longest input there may be, by whichever model takes it.
 */
export function standingOffer(ai: AI, feature: string, demand: Demand): Offer | null {
  const longest = ai.catalog.getState().catalog?.features[feature]?.maxInputTokens ?? 0
  const { tier, effort } = demand
  const level = { effort, ...tier && { tier } }
  const [estimate, ceiling] = [ai.estimate(feature, { input: '', ...level }), ai.ceiling(feature, level)]
  // The bound of a text counts 16 tokens beside its bytes.
  return estimate.status === 'ready' && ceiling ? pricedOffer(ai, 'a'.repeat(Math.max(0, longestInput(longest) - 16)), demand, { ...estimate, ceiling }) : null
}
