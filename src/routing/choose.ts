import type { Catalog, Choice, ReachableModel } from '../core/index.ts'
import { exploreOf, shortlist } from './shortlist.ts'
import type { ChoiceDemand, ChoiceKnowledge, ReasonCode } from './shortlist.ts'

/** A choice with the model it names. */
export interface RankedChoice extends Choice {
  readonly reachable: ReachableModel
}

/** Why a choice is as it is, by code: `{share}` is filled in. */
export const reasons = {
  asked: 'Quotes were asked for.',
  lookup: 'A look-up needs nothing written: quotes answer it, at almost no cost.',
  unconfigured: 'No generative model is set up for this level.',
  down: 'Every generative model that could do this is out of order for now.',
  cheapest: 'The cheapest model of the level that was asked for.',
  below: 'No model of the level that was asked for can do this; this is the nearest below it.',
  spared: 'Below the level that was asked for, whose models are no better and cost more, or more than is left.',
  plain: 'The models of the level that was asked for cannot stop reasoning; this is the nearest below it.',
  adequate: 'The cheapest model that people have found good enough for this.',
  nearest: 'None is known to be good enough for this yet; of those known, this is the best that is worth its cost.',
  unjudged: 'What is cheaper was found not good enough for this; of this one, too little is known yet.',
  trial: 'Tried in {share} of the runs, to learn whether it is good enough for this.',
  thinks: 'This model cannot stop reasoning; no other up to the level that was asked for can do this.',
} satisfies Record<ReasonCode, string>

/** As `shortlist`, with the reasons in words: a page shows none before there is a receipt, and does without them. */
export function choose(demand: ChoiceDemand, catalog: Catalog, given: ChoiceKnowledge = {}): readonly RankedChoice[] {
  const share = percentOf(exploreOf(given, catalog.policy))
  return shortlist(demand, catalog, given).map(({ model: reachable, effort, codes }) => {
    const { id: model, provider, tier } = reachable
    const because = codes.map(code => ({ code, text: reasons[code].replace('{share}', () => share) }))
    return { model, provider, tier, effort, need: demand.need, reasons: because, reachable }
  })
}

/** As "25%", or "0.5%": of less than a tenth of a percent nobody needs to know how much less. */
const percentOf = (share: number) => `${Math.max(0.1, Math.round(share * 1_000) / 10)}%`
