import type { AI, Input, NoEstimate } from '../client/index.ts'
import { isSparingError } from '../core/index.ts'
import type { Budget, BudgetNotice, Effort, Estimate, Tier } from '../core/index.ts'
import { isFor, refuses } from '../state/server-budgets.ts'
import { mostAmounts, ownLines, shareOf } from './share.ts'
import type { Share } from './share.ts'

/** A level that is asked for. */
export interface Demand {
  /** @default the lowest generative level that is set up */
  readonly tier?: Tier | undefined
  readonly effort: Effort
}

/** What may be pressed for: what it takes at most, and which budgets refuse it. */
export interface Offer<E = Estimate | NoEstimate> {
  readonly demand: Demand
  readonly estimate: E
  readonly share: Share | null
  readonly refusing: readonly (Budget | BudgetNotice)[]
}

export type ReadyOffer = Offer<Estimate>

export const isReady = (offer: Offer | null | undefined): offer is ReadyOffer => offer?.estimate.status === 'ready'

/** What a level would take for this input, beside everything that limits it now. */
export function offerOf(ai: AI, feature: string, input: Input, demand: Demand): Offer {
  const { tier, effort } = demand
  const estimate = ai.estimate(feature, { input, effort, ...tier && { tier } })
  return estimate.status === 'ready' ? pricedOffer(ai, input, demand, estimate) : { demand, estimate, share: null, refusing: [] }
}

/** The same for an estimate that is there already, such as a server's newer one. */
export function pricedOffer(ai: AI, input: Input, demand: Demand, estimate: Estimate): ReadyOffer {
  const { catalog } = ai.catalog.getState()
  const budgets = ai.budget.getState()
  const most = mostAmounts(estimate, typeof input === 'string' ? { text: input } : input, catalog)
  const run = runOf(estimate)
  return {
    demand, estimate,
    share: shareOf(most, linesFor(ai, estimate)),
    refusing: estimate.tier === 'baseline' ? [] : [...budgets.local, ...budgets.server].filter(budget => refuses(budget, most, Date.now(), run)),
  }
}

/** Whoever looks at an offer is about to press. */
const runOf = ({ feature, tier }: Estimate) => ({ feature, tier, trigger: 'user' }) as const

/** The person's own lines that a run draws on. */
export const linesFor = (ai: AI, estimate: Estimate): readonly Budget[] =>
  ownLines(ai.budget.getState()).filter(line => isFor(line, runOf(estimate)))

/** Whether it was asked to think, by a model that can. */
export const thinksLonger = ({ demand, estimate }: ReadyOffer): boolean => demand.effort !== 'none' && estimate.effort !== 'none'

/** Whether a press must be confirmed: the person pays, it thinks longer, or it takes a good part of the allowance. */
export function mustAsk(offer: ReadyOffer, { pays, askAt, standing }: { pays: boolean; askAt: number; standing: boolean }): boolean {
  const { estimate, share } = offer
  if (standing || estimate.tier === 'baseline') return false
  const charged = pays && estimate.ceiling.usd !== 0
  return charged || thinksLonger(offer) || (share?.ratio ?? 0) >= askAt
}

/** The estimate that a refused run came back with, because it would cost more than was shown. */
export const newEstimateOf = (error: unknown): Estimate | null =>
  isSparingError(error, 'ceiling-exceeded') ? (error as unknown as { estimate: Estimate }).estimate : null
