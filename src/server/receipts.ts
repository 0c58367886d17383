import { countTokens } from '../catalog/count-tokens.ts'
import { costOf, embodiedOf } from '../catalog/index.ts'
import { addRanges, exactly, fromGrains, noUsage, provenances, toGrains, utf8Length } from '../core/index.ts'
import type { Catalog, Choice, Cost, Effort, OptIn, Estimate, Provenance, Range, ReachableModel, Receipt, RunStatus, Unit, Usage } from '../core/index.ts'
import { mostTokens } from './most-tokens.ts'
import type { FinishReason } from './providers/port.ts'

/** What was seen of a call while it went on. */
export interface Tally {
  /** The upstream took the request, so its input is paid for. */
  accepted: boolean
  /** Everything it wrote: text, reasoning and calls of tools. */
  text: string
  /** The text of the answer alone. */
  answer: string
  events: number
  /** Those of white space alone, or of nothing. */
  blank: number
  /** It said something that whoever asked gets: words, reasoning, or a call of a tool that there is. */
  said: boolean
  reported: Omit<Usage, 'source'> | null
  measuredWh: number | undefined
  cut: boolean
  /** Its server says that the request is longer than the model can hold. */
  tooLong: boolean
  /** Why the model says it ended. */
  finish: FinishReason | undefined
  /** From the call to its first word, and to its end. */
  first: number | null
  seconds: number
}

export const emptyTally = (): Tally => ({ accepted: false, text: '', answer: '', events: 0, blank: 0, said: false, reported: null, measuredWh: undefined, cut: false, tooLong: false, finish: undefined, first: null, seconds: 0 })

/** What a call was made under, as far as its bill goes by it. */
export interface Terms {
  readonly model: ReachableModel
  readonly effort: Effort
  /** Tokens that its input counts as, where nobody reports them. */
  countedInput(): number
  /** The most tokens its input can be. */
  readonly inputTokens: number
  /** The most output tokens it may have, reasoning included. */
  readonly maxOutputTokens: number
}

/** What a call, or a run of several, consumed and cost. */
export interface Bill {
  readonly usage: Usage
  readonly cost: Cost
  /** Absent where nothing was served. */
  readonly provenance?: NonNullable<Receipt['provenance']>
  /** Grams CO2e of making the hardware: absent where nothing was generated, `null` where nobody knows. */
  readonly embodied?: Range | null
}

const nothing: Cost = { usd: 0, wh: 0, gco2e: 0 }

/** Tokens a second that a model may have thought unseen, where its own pace is not known. */
const hiddenPace = 100

/**
 * What a call used: as the upstream reports it, or counted from what was sent and came through, with a bound on
 * reasoning that was not shown. What is counted is no less than what was used, as far as that can be known, and
 * never exceeds what was reserved.
 */
export function usageOf(tally: Tally, { model, effort, countedInput, maxOutputTokens }: Terms): Usage {
  if (model.kind === 'extractive') return noUsage
  const { reported, events, text } = tally
  // A report of nothing, where something was seen, is none.
  if (reported && (reported.output > 0 || events === 0)) return reported.input > 0 ? { ...reported, source: 'reported' } : { ...reported, input: countedInput(), source: 'counted' }
  // A host's own provider may forget to say that it was accepted.
  if (!tally.accepted && events === 0) return noUsage
  const visible = Math.min(maxOutputTokens, writtenTokens(text, events))
  const pace = model.pace ? 1 / model.pace.each.low : hiddenPace
  const hidden = effort === 'none' ? 0 : Math.ceil(tally.seconds * pace)
  const reasoning = Math.min(hidden, maxOutputTokens - visible)
  return { input: countedInput(), cached: 0, output: visible + reasoning, reasoning, source: 'counted' }
}

/**
 * Output tokens of a stream that reported none: most servers send a token an event, so short events are
 * counted. Longer ones, and letters that are several tokens each, count as what their text is at most.
 */
function writtenTokens(text: string, events: number): number {
  const bytes = utf8Length(text)
  const mayBePieces = /[^\0-\u024f]/.test(text)
  if (bytes <= events * 8 && !mayBePieces) return events
  const most = mostTokens(text)
  return bytes <= events * 8 && most < bytes * 0.9 ? events : Math.max(events, most)
}

/**
 * Whether a model wrote more than it may. By events and by length, because some servers send letters
 * one by one; looked at now and then, because counting costs. White space comes to few tokens however many
 * events it takes, and nothing to none, so those events are counted too: the spaces between single letters are fewer.
 */
export function overran({ text, events, blank }: Pick<Tally, 'text' | 'events' | 'blank'>, most: number): boolean {
  if (text.length > most * longestToken || blank > most * 2 + longestToken) return true
  return events > most && events % 32 === 0 && countTokens(text) > most
}

/** Characters of the longest token in common vocabularies: a row of spaces. */
const longestToken = 128

/** Whether anything was done for the call that costs something: a model's server that refused did nothing. */
const wasServed = ({ accepted, events, measuredWh }: Tally): boolean => accepted || events > 0 || measuredWh !== undefined

export function billOf(tally: Tally, terms: Terms, catalog: Pick<Catalog, 'policy'>): Bill {
  const usage = usageOf(tally, terms)
  if (!wasServed(tally)) return { usage, cost: nothing }
  const { model } = terms
  const bill = { usage, cost: costOf(usage, model, catalog, tally.measuredWh), provenance: provenanceOf(tally, terms) }
  return model.kind === 'extractive' ? bill : { ...bill, embodied: embodiedOf(model, exactly(usage.output)) }
}

/** What quotes took is worked out from the time it took, and not read off a meter; what other runs were metered at is measured on such runs. */
function provenanceOf({ measuredWh }: Tally, { model: { kind, provenance } }: Terms): NonNullable<Bill['provenance']> {
  if (measuredWh !== undefined && kind === 'generative') return { ...provenance, wh: 'metered' }
  return provenance.wh === 'metered' ? { ...provenance, wh: 'measured' } : provenance
}

/** The bill of all calls of a run. Those that consumed nothing say nothing of it. */
export function sumOf(bills: readonly Bill[]): Bill {
  const served = bills.filter(isServed)
  return served.slice(1).reduce(add, served[0] ?? { usage: noUsage, cost: nothing })
}

const isServed = ({ usage, cost }: Bill) => usage.input > 0 || usage.output > 0 || cost.usd !== 0 || cost.wh !== 0

function add(one: Bill, other: Bill): Bill {
  const cost = { usd: sum('usd', one, other), wh: sum('wh', one, other), gco2e: sum('gco2e', one, other) }
  const provenance = leastSure(one.provenance, other.provenance)
  const embodied = madeOf(one.embodied, other.embodied)
  return { usage: addUsage(one.usage, other.usage), cost, ...provenance && { provenance }, ...embodied !== undefined && { embodied } }
}

/** What is unknown of one call is unknown of both. */
export function madeOf(one: Bill['embodied'], other: Bill['embodied']): Bill['embodied'] {
  if (one === undefined) return other
  return other === undefined ? one : one && other && addRanges(one, other)
}

/** A sum is known no better than any part of it. */
function leastSure(one: Bill['provenance'], other: Bill['provenance']): Bill['provenance'] {
  const least = (a: Provenance, b: Provenance) => provenances[Math.max(provenances.indexOf(a), provenances.indexOf(b))]!
  return one && other ? { usd: least(one.usd, other.usd), wh: least(one.wh, other.wh) } : one ?? other
}

/** In whole grains, so that it is exact. What is unknown of one is unknown of both. */
function sum(unit: Unit & keyof Cost, one: Bill, other: Bill): number | null {
  const [a, b] = [one.cost[unit], other.cost[unit]]
  return a === null || b === null ? null : fromGrains(unit, toGrains(unit, a) + toGrains(unit, b))
}

/** A batch's price is in the cost of each already; of tokens at two prices nothing can be said. */
function addUsage({ batch: _, ...one }: Usage, other: Usage): Usage {
  const written = (one.written ?? 0) + (other.written ?? 0)
  return {
    ...one, input: one.input + other.input, cached: one.cached + other.cached, output: one.output + other.output, reasoning: one.reasoning + other.reasoning,
    ...written > 0 && { written }, source: one.source === 'reported' ? other.source : one.source,
  }
}

export interface ReceiptFacts {
  readonly id: string
  readonly status: RunStatus
  readonly choice: Choice
  readonly estimate: Estimate
  readonly optIn: OptIn | null
  readonly bill: Bill
  readonly at: number
}

/** The receipt of a run as the ledger keeps it. Its budgets are filled in, and it is signed, whenever it is told. */
export function receiptOf({ id, status, choice, estimate, optIn, bill: { usage, cost, provenance, embodied }, at }: ReceiptFacts): Receipt {
  return {
    id, feature: estimate.feature, status, choice, usage, cost, ...provenance && { provenance }, ...embodied && { embodied: { gco2e: embodied } },
    estimate, optIn: optIn?.id ?? null, budgets: [], at, signature: null,
  }
}
