import { estimateTokenCount } from 'tokenx'
import { costOf, likelyTokens } from '../catalog/index.ts'
import { noUsage } from '../core/index.ts'
import type { Budget, Catalog, Receipt, RunInput, RunStatus, Usage } from '../core/index.ts'
import type { Admitted } from './admission.ts'

/** What was seen of a run while it went on. */
export interface Tally {
  /** The upstream took the request, so its input is paid for. */
  accepted: boolean
  text: string
  events: number
  reported: Omit<Usage, 'source'> | null
  measuredWh: number | undefined
  cut: boolean
  seconds: number
}

export const emptyTally = (): Tally => ({ accepted: false, text: '', events: 0, reported: null, measuredWh: undefined, cut: false, seconds: 0 })

/** Tokens a second that a model may have thought unseen, where its own pace is not known. */
const hiddenPace = 100

/**
 * What a run used: as the upstream reports it, or counted from what came through, with a bound on
 * reasoning that was not shown. Never more than was reserved.
 */
export function usageOf(tally: Tally, { choice, model, feature, estimate }: Admitted, input: RunInput): Usage {
  if (model.kind === 'extractive') return noUsage
  if (tally.reported) return { ...tally.reported, source: 'reported' }
  if (!tally.accepted) return noUsage
  const visible = countTokens(tally.text, tally.events)
  const pace = model.pace ? 1 / model.pace.each.low : hiddenPace
  const hidden = choice.effort === 'none' ? 0 : Math.ceil(tally.seconds * pace)
  const reasoning = Math.min(hidden, Math.max(0, estimate.ceiling.outputTokens - visible))
  return { input: likelyTokens(input, feature.overhead).mid, cached: 0, output: visible + reasoning, reasoning, source: 'counted' }
}

/**
 * Output tokens of a stream that reported none: most servers send a token an event, so short events
 * are counted; longer ones are estimated from their text.
 */
export function countTokens(text: string, events: number): number {
  return text.length <= events * 8 ? events : Math.max(events, estimateTokenCount(text))
}

/** Whether anything was done for the run that costs something: a model's server that refused did nothing. */
const wasServed = (tally: Tally, { model }: Admitted): boolean => model.kind === 'extractive' || tally.accepted

export interface ReceiptFacts {
  readonly id: string
  readonly status: RunStatus
  readonly usage: Usage
  readonly tally: Tally
  readonly at: number
}

/** The receipt of a run. Its budgets are filled in once it is settled. */
export function receiptOf(admitted: Admitted, catalog: Catalog, { id, status, usage, tally, at }: ReceiptFacts): Receipt {
  const { estimate, choice, model, optIn } = admitted
  const cost = wasServed(tally, admitted) ? costOf(usage, model, catalog, tally.measuredWh) : { usd: 0, wh: 0, gco2e: 0 }
  return { id, feature: estimate.feature, status, choice, usage, cost, estimate, optIn: optIn?.id ?? null, budgets: [], at, signature: null }
}

/** The receipt with its budgets as they stand; people see amounts of their own only. */
export const withBudgets = (receipt: Receipt, budgets: readonly Budget[]): Receipt =>
  ({ ...receipt, budgets: budgets.filter(({ scope }) => scope === 'user') })
