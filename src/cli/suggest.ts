import { models } from '../catalog/models.ts'
import { exactly, inputQuestion, roundEffortDown } from '../core/index.ts'
import type { Catalog, Effort, Need, ReachableFeature, ReachableModel, Reason, RunInput, Tier } from '../core/index.ts'
import { choose, classify, difficultyOf, followsUp, inContext, lowestTier } from '../routing/index.ts'
import type { Chances, Classifier } from '../routing/index.ts'
import { baseline } from '../server/index.ts'
import { reachableModels } from '../server/providers/configured-model.ts'

/** What `sparing route` says of a request. */
export interface Suggestion {
  readonly need: Chances
  readonly difficulty: number
  readonly tier: Tier
  /** The most that an opt-in to reasoning would be worth; without one a run has `none`. */
  readonly effort: Effort
  /** `null` where no model is set up that could. */
  readonly model: string | null
  readonly reasons: readonly Reason[]
}

export type Suggest = (input: RunInput) => Suggestion

/** The models that the catalog knows, at the levels it suggests, and the baseline. */
export function knownModels(): ReachableModel[] {
  return [...baseline().models, ...models.flatMap(({ provider, id, suggestedTier }) => reachableModels(provider, { [suggestedTier]: [id] }, false))]
}

/** The level that a need is worth, and the effort: `standard` is the lowest level that reasons at all. */
const worth = {
  none: { tier: 'baseline', effort: 'none' },
  generate: { tier: 'eco', effort: 'none' },
  reason: { tier: 'standard', effort: 'low' },
} as const satisfies Record<Need, { tier: Tier; effort: Effort }>

/**
 * Decides with `classifier` what a request needs, and which of the models serves that cheapest. That
 * depends on the need alone, for an input of middling length, so it is worked out once for each.
 */
export function suggestFrom(reachable: readonly ReachableModel[], classifier: Classifier): Suggest {
  const served = { none: serve('none', reachable), generate: serve('generate', reachable), reason: serve('reason', reachable) }
  return input => {
    const question = inputQuestion(input)
    // As a server does: the trained one knows requests that stand alone.
    const { need, chances, reason } = inContext(input, (followsUp(input) ? classify : classifier)(question))
    const { reason: choice, ...level } = served[need]
    return { need: rounded(chances), difficulty: thousandths(difficultyOf(question)), ...level, reasons: [reason, ...choice ? [choice] : []] }
  }
}

type Served = Pick<Suggestion, 'tier' | 'effort' | 'model'> & { readonly reason: Reason | undefined }

function serve(need: Need, reachable: readonly ReachableModel[]): Served {
  const { tier, effort } = worth[need]
  const catalog = catalogOf(reachable)
  // A look-up is served at the lowest level there is, with quotes where something can quote.
  const level = need === 'none' ? lowestTier(anything, catalog) ?? 'eco' : tier
  const ranked = choose({ feature: 'any', tier: level, effort, need, input: { text: 'x'.repeat(2_000), query: '' } }, catalog)
  const thinking = ranked.filter(choice => choice.effort !== 'none')
  const best = need === 'reason' && thinking.length > 0 ? thinking[0] : ranked[0]
  if (!best) return { tier, effort, model: null, reason: undefined }
  return { tier: best.tier, effort: need === 'reason' ? roundEffortDown(effort, best.reachable.efforts) : best.effort, model: best.model, reason: best.reasons[0] }
}

/** A feature that may do anything: what is asked here belongs to none. */
const anything: ReachableFeature = {
  task: 'answer', baseline: 'search', tier: 'max', effort: 'xhigh', maxInputTokens: 100_000, maxOutputTokens: 600,
  mode: 'offer', background: false, overhead: 100, output: exactly(300),
}

const catalogOf = (reachable: readonly ReachableModel[]): Catalog =>
  ({ version: '', models: reachable, features: { any: anything }, policy: { owner: null, pays: false, revision: 0, carbon: { gco2ePerWh: 0, zone: '', year: 0 } } })

const thousandths = (value: number) => Math.round(value * 1_000) / 1_000
const rounded = ({ none, generate, reason }: Chances): Chances => ({ none: thousandths(none), generate: thousandths(generate), reason: thousandths(reason) })

/**
 * What a line asks: `text`, `prompt` or `messages`, whose contents may be strings or parts with a `text`.
 * @throws {Error} with a sentence that says what the line lacks
 */
export function inputOf(line: string): RunInput {
  const { text, prompt, messages } = objectIn(line)
  if (typeof text === 'string') return { text }
  if (typeof prompt === 'string') return { text: prompt }
  if (Array.isArray(messages) && messages.length > 0) return { messages: messages.flatMap(messageOf) }
  throw new Error('has no "text", "prompt" or "messages". Give one of them, a string or a list of messages.')
}

function objectIn(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {}
  throw new Error('is no JSON object. Write one object a line.')
}

type Turn = Extract<RunInput, { messages: unknown }>['messages'][number]

/** Only what people and models said; instructions of the system decide nothing here. */
function messageOf(message: unknown): Turn[] {
  const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown }
  const text = typeof content === 'string' ? content : Array.isArray(content) ? content.map(textOfPart).join('\n') : content
  // Who calls tools need not say anything besides.
  if (typeof role !== 'string' || (typeof text !== 'string' && text !== null)) throw new Error('has a message without a role or content. Give both.')
  return role === 'user' || role === 'assistant' ? [{ role, content: text ?? '' }] : []
}

function textOfPart(part: unknown): string {
  const { text } = (part ?? {}) as { text?: unknown }
  return typeof text === 'string' ? text : ''
}
