import { isTokens, isWattHours } from './plausible.ts'
import type { FinishReason, ProviderPart, ReportedUsage } from './port.ts'
import type { ThinkTags } from './think-tags.ts'
import { faultIn } from './upstream-failure.ts'
import type { SaidError } from './upstream-failure.ts'

type Text = string | null

/** Content comes as text, or in pieces of several kinds. */
type Content = Text | readonly { readonly type?: string; readonly text?: Text; readonly thinking?: Text | readonly { readonly text?: Text }[] }[]

interface Delta {
  readonly content?: Content
  /** What a model says in place of an answer of the shape that was asked for. */
  readonly refusal?: Text
  readonly reasoning_content?: Text
  readonly reasoning?: Text
  readonly tool_calls?: readonly { readonly index?: number; readonly id?: Text; readonly function?: { readonly name?: Text; readonly arguments?: unknown } }[] | null
}

/** Counts under every name they go by. */
interface Counts {
  readonly prompt_tokens?: unknown
  readonly completion_tokens?: unknown
  readonly input_tokens?: unknown
  readonly output_tokens?: unknown
  readonly total_tokens?: unknown
  readonly cached_tokens?: unknown
  readonly prompt_cache_hit_tokens?: unknown
  readonly reasoning_tokens?: unknown
  readonly cache_creation_input_tokens?: unknown
  readonly prompt_tokens_details?: { readonly cached_tokens?: unknown; readonly cache_write_tokens?: unknown; readonly cache_creation_tokens?: unknown } | null
  readonly completion_tokens_details?: { readonly reasoning_tokens?: unknown } | null
  readonly input_tokens_details?: { readonly cached_tokens?: unknown } | null
  readonly output_tokens_details?: { readonly reasoning_tokens?: unknown } | null
}

type Energy = Readonly<Record<string, unknown>> | null

interface Alternative {
  readonly delta?: Delta | null
  readonly message?: Delta | null
  readonly finish_reason?: Text
  /** Where Moonshot puts usage. */
  readonly usage?: Counts | null | undefined
}

/** A piece of an answer, or one that did not come in pieces. */
export interface Chunk {
  readonly choices?: readonly Alternative[] | undefined
  readonly usage?: Counts & { readonly energy?: Energy } & Record<string, unknown> | null
  /** Where Groq puts usage. */
  readonly x_groq?: { readonly usage?: Counts | null } | null
  readonly energy?: Energy
  readonly impact?: { readonly energy?: Energy } | null
  readonly [field: string]: unknown
}

/** What an upstream's JSON says, as an object; `null` where it is none. */
export function parseChunk(data: string): Chunk | null {
  try {
    const chunk = JSON.parse(data) as unknown
    return typeof chunk === 'object' && chunk !== null && !Array.isArray(chunk) ? chunk as Chunk : null
  } catch {
    return null
  }
}

/** Whether a chunk is an error: as OpenAI writes it, vLLM (`object`), Anthropic (`type`), or a web framework (`detail`). A status where it has one, and what it finds fault with. */
export function errorIn(chunk: Chunk): SaidError | null {
  const { error, object, type, detail, choices } = chunk
  const failed = choices?.some(({ finish_reason: reason }) => reason === 'error')
  if (!error && object !== 'error' && type !== 'error' && !failed && !(detail && !choices)) return null
  const said = (typeof error === 'object' && error !== null ? error : chunk) as { code?: unknown; status?: unknown; type?: unknown }
  const httpStatus = [said.code, said.status].map(Number).find(each => each >= 400 && each < 600)
  const fault = faultIn(said, httpStatus)
  return { ...httpStatus !== undefined && { httpStatus }, ...fault && { fault } }
}

/** What a chunk says, in the order in which it counts: text before the usage that covers it. */
export function partsOf(chunk: Chunk, tags: ThinkTags): ProviderPart[] {
  const parts: ProviderPart[] = []
  for (const { delta, message, finish_reason: reason } of chunk.choices ?? []) {
    const said = delta ?? message
    if (said) saidIn(said, tags, parts)
    if (reason) parts.push(...finishedBy(finishOf(reason), tags))
  }
  const usage = usageIn(chunk)
  if (usage) parts.push({ type: 'usage', usage })
  const wh = energyOf(chunk)
  if (wh !== null) parts.push({ type: 'energy', wh })
  return parts
}

/** What was held back, and why the answer ended. */
const finishedBy = (reason: FinishReason, tags: ThinkTags): ProviderPart[] =>
  [...tags.end(reason === 'length' || reason === 'content-filter'), { type: 'finish', reason }]

/** Adds what a delta says to `parts`. */
function saidIn(delta: Delta, tags: ThinkTags, parts: ProviderPart[]): void {
  // Some send both names with the same words.
  const thought = delta.reasoning_content || delta.reasoning
  if (thought && typeof thought === 'string') parts.push(...tags.apart(), { type: 'reasoning', text: thought })
  if (typeof delta.content === 'string') parts.push(...tags.read(delta.content))
  else if (delta.content) parts.push(...piecesOf(delta.content, tags))
  if (delta.refusal) parts.push({ type: 'text', text: delta.refusal })
  if (delta.tool_calls) parts.push(...callsIn(delta.tool_calls))
}

function* callsIn(calls: NonNullable<Delta['tool_calls']>): Generator<ProviderPart> {
  for (const [at, { index = at, id, function: called }] of calls.entries()) {
    const args = jsonOf(called?.arguments)
    // Pieces of nothing keep no call alive.
    if (id || called?.name || args) yield { type: 'tool-call', index, ...id && { id }, ...called?.name && { name: called.name }, arguments: args }
  }
}

/** The arguments of a call as JSON; some servers send them parsed. */
const jsonOf = (args: unknown): string => typeof args === 'string' ? args : args == null ? '' : JSON.stringify(args)

function* piecesOf(content: Exclude<Content, Text>, tags: ThinkTags): Generator<ProviderPart> {
  for (const { text, thinking } of content) {
    const thought = typeof thinking === 'string' ? thinking : thinking?.map(each => each.text ?? '').join('')
    if (thought) yield* [...tags.apart(), { type: 'reasoning', text: thought } as const]
    if (text) yield* tags.read(text)
  }
}

/** The first report in a chunk that reports anything. */
function usageIn({ usage, x_groq: groq, choices }: Chunk): ReportedUsage | null {
  let found = usage ? usageOf(usage) : null
  if (!found && groq?.usage) found = usageOf(groq.usage)
  for (const choice of choices ?? []) if (!found && choice.usage) found = usageOf(choice.usage)
  return found
}

const finishes: Readonly<Record<string, FinishReason>> = {
  length: 'length', max_tokens: 'length', tool_calls: 'tool-calls', function_call: 'tool-calls', content_filter: 'content-filter',
}
const finishOf = (reason: string): FinishReason => Object.hasOwn(finishes, reason) ? finishes[reason]! : 'stop'

/** Counts from outside are held to what counts can be. */
const count = (...values: unknown[]) => values.find(isTokens) ?? 0

/**
 * Usage from every shape it comes in; parts never exceed their whole. A report of nothing is none; one of
 * output alone is a report of that, and its input is counted by whoever reads it. Some servers (xAI, Gemini) leave reasoning out of the completion and in the total only: what
 * the total has beyond prompt and completion is output that was paid for.
 */
function usageOf(counts: Counts): ReportedUsage | null {
  const input = count(counts.prompt_tokens, counts.input_tokens)
  const completion = count(counts.completion_tokens, counts.output_tokens)
  // A total says nothing of the output where nobody says what of it was read.
  const output = Math.max(completion, input > 0 ? count(counts.total_tokens) - input : 0)
  const prompt: Counts['prompt_tokens_details'] = counts.prompt_tokens_details ?? counts.input_tokens_details
  const details = counts.completion_tokens_details ?? counts.output_tokens_details
  const reasoning = count(details?.reasoning_tokens, counts.reasoning_tokens) || output - completion
  const written = count(prompt?.cache_write_tokens, prompt?.cache_creation_tokens, counts.cache_creation_input_tokens)
  return input + output === 0 ? null : {
    input, output,
    cached: Math.min(input, count(prompt?.cached_tokens, counts.prompt_cache_hit_tokens, counts.cached_tokens)),
    reasoning: Math.min(output, reasoning),
    ...written > 0 && { written: Math.min(input, written) },
  }
}

/** Watt-hours of one unit under the names that servers report energy by. */
const energyUnits: Readonly<Record<string, number>> = {
  energy_kwh: 1_000, energy_wh: 1, energy_mwh: 1e-3, energy_joules: 1 / 3_600, energy_j: 1 / 3_600, energy_mj: 1 / 3_600_000,
  kwh: 1_000, wh: 1, joules: 1 / 3_600,
}
/** Units that go with `total`; a watt-millisecond is a millijoule. */
const totalUnits: Readonly<Record<string, number>> = { kWh: 1_000, Wh: 1, J: 1 / 3_600, mJ: 1 / 3_600_000, Wms: 1 / 3_600_000 }

/** Watt-hours that a server measured, where it says so: beside the answer, in its usage, or as its impact. */
function energyOf({ energy, usage, impact }: Chunk): number | null {
  return measured(energy) ?? measured(usage?.energy) ?? measured(impact?.energy) ?? measured(usage)
}

/** Watt-hours in an object that reports energy. */
export function measured(report: Readonly<Record<string, unknown>> | null | undefined): number | null {
  if (typeof report !== 'object' || report === null) return null
  const { total, unit } = report
  const scaled = [
    ...Object.keys(energyUnits).map(name => scale(report[name], energyUnits[name])),
    scale(total, typeof unit === 'string' && Object.hasOwn(totalUnits, unit) ? totalUnits[unit] : undefined),
  ]
  return scaled.find(wh => wh !== null) ?? null
}

const scale = (value: unknown, by: number | undefined): number | null =>
  by !== undefined && typeof value === 'number' && isWattHours(value * by) ? value * by : null
