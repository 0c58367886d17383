import { estimateTokenCount } from 'tokenx'
import { costOf, likelyTokens } from '../catalog/index.ts'
import { noUsage } from '../core/index.ts'
import type { Catalog, Receipt, RunInput, RunStatus, Usage } from '../core/index.ts'
import type { Admitted } from './admission.ts'
import type { FinishReason } from './providers/port.ts'

/** What was seen of a run while it went on. */
export interface Tally {
  /** The upstream took the request, so its input is paid for. */
  accepted: boolean
  text: string
  events: number
  reported: Omit<Usage, 'source'> | null
  measuredWh: number | undefined
  cut: boolean
  /** Why the model says it ended. */
  finish: FinishReason | undefined
  seconds: number
}

export const emptyTally = (): Tally => ({ accepted: false, text: '', events: 0, reported: null, measuredWh: undefined, cut: false, finish: undefined, seconds: 0 })

/** Tokens a second that a model may have thought unseen, where its own pace is not known. */
const hiddenPace = 100

/**
 * What a run used: as the upstream reports it, or counted from what came through, with a bound on
 * reasoning that was not shown. What is counted never exceeds what was reserved.
 */
export function usageOf(tally: Tally, { choice, model, feature, estimate }: Admitted, input: RunInput): Usage {
  if (model.kind === 'extractive') return noUsage
  const { reported, events, text } = tally
  // A report of nothing, where something was seen, is none.
  if (reported && (reported.output > 0 || events === 0)) return { ...reported, source: 'reported' }
  if (!tally.accepted) return noUsage
  const visible = Math.min(estimate.ceiling.outputTokens, countTokens(text, events))
  const pace = model.pace ? 1 / model.pace.each.low : hiddenPace
  const hidden = choice.effort === 'none' ? 0 : Math.ceil(tally.seconds * pace)
  const reasoning = Math.min(hidden, estimate.ceiling.outputTokens - visible)
  return { input: likelyTokens(input, feature.overhead).mid, cached: 0, output: visible + reasoning, reasoning, source: 'counted' }
}

/**
 * Output tokens of a stream that reported none: most servers send a token an event, so short events
 * are counted; longer ones are estimated from their text.
 */
function countTokens(text: string, events: number): number {
  return text.length <= events * 8 ? events : Math.max(events, estimateTokenCount(text))
}

/**
 * Whether a model wrote more than it may. By events and by length, because some servers send letters
 * one by one; looked at now and then, because counting costs.
 */
export function overran({ text, events }: Pick<Tally, 'text' | 'events'>, most: number): boolean {
  if (text.length > most * longestToken) return true
  return events > most && events % 32 === 0 && estimateTokenCount(text) > most
}

/** Characters of the longest token in common vocabularies: a row of spaces. */
const longestToken = 128

/** Whether anything was done for the run that costs something: a model's server that refused did nothing. */
const wasServed = ({ accepted, events, measuredWh }: Tally): boolean => accepted || events > 0 || measuredWh !== undefined

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
  const cost = wasServed(tally) ? costOf(usage, model, catalog, tally.measuredWh) : { usd: 0, wh: 0, gco2e: 0 }
  return { id, feature: estimate.feature, status, choice, usage, cost, estimate, optIn: optIn?.id ?? null, budgets: [], at, signature: null }
}
