import { roundEffortDown } from '../../core/index.ts'
import type { Effort } from '../../core/index.ts'
import type { OutputSchema, Passthrough } from './port.ts'

/** Fields of a request's body. */
export type Fields = Readonly<Record<string, unknown>>

/** What a dialect needs to know of a model: its efforts as they are offered, `none` among them where it can be told not to reason. */
export interface Reasoner {
  readonly id: string
  readonly efforts: readonly Effort[]
}

/** How answers of a shape are asked for. */
interface OutputRules {
  /** Whether a model takes schemas, or only the wish for a JSON object. */
  readonly takes: (model: Reasoner) => boolean
  /** Whether a model that does can be held to one. */
  readonly holds: (model: Reasoner) => boolean
  /** Whether schemas of anything but objects are refused. */
  readonly objectsOnly: boolean
  /** Whether such answers are streamed. */
  readonly streams: boolean
}

/** How one kind of server departs from OpenAI's format. */
interface Rules {
  /** The field that caps output with reasoning included. */
  readonly cap: 'max_tokens' | 'max_completion_tokens'
  /** What asks for usage at a stream's end. */
  readonly usage: Fields
  readonly output: OutputRules
  /** What it calls a field of OpenAI's. */
  readonly names?: Readonly<Partial<Record<string, string>>>
  /** The fields that it refuses of a model at an effort. @default none, but for what a model refuses wherever it runs */
  readonly refuses?: (effort: Effort, model: Reasoner) => readonly (keyof Passthrough)[]
  /** The efforts it has names for. */
  readonly efforts: readonly Effort[]
  /** Sets a model's effort, or switches its reasoning off. `effort` is one that both it and the model have. */
  readonly reasoning: (effort: Effort, model: Reasoner) => Fields
}

const includeUsage = { stream_options: { include_usage: true } }
const three = ['none', 'low', 'medium', 'high'] as const
const four = ['none', 'minimal', 'low', 'medium', 'high'] as const
const six = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const

const shapes: OutputRules = { takes: () => true, holds: () => true, objectsOnly: false, streams: true }
const objects: OutputRules = { ...shapes, objectsOnly: true }
/** Some of its models take schemas, fewer are held to them, and neither is streamed: https://console.groq.com/docs/structured-outputs */
const groqs: OutputRules = { takes: ({ id }) => /gpt-oss|llama-4|kimi-k2/i.test(id), holds: ({ id }) => /gpt-oss-\d/i.test(id), objectsOnly: true, streams: false }

const thinks = ({ efforts }: Reasoner) => efforts.some(effort => effort !== 'none')

const unsampled = ['presence_penalty', 'frequency_penalty', 'stop'] as const
/**
 * While they reason OpenAI's models take nothing that steers how they sample, and its first ones cannot be
 * held to one call of a tool at a time: https://platform.openai.com/docs/guides/latest-model
 */
function refusedByOpenAI(effort: Effort, model: Reasoner): readonly (keyof Passthrough)[] {
  if (!thinks(model)) return []
  return [...unsampled, ...effort === 'none' ? [] : ['temperature', 'top_p'] as const, .../^o\d/.test(model.id) ? ['parallel_tool_calls'] as const : []]
}

/** xAI's, under whatever address: https://docs.x.ai/docs/guides/reasoning */
const refusedAnywhere = (_: Effort, model: Reasoner): readonly (keyof Passthrough)[] => /grok/i.test(model.id) && thinks(model) ? unsampled : []

/** Where a model that does not reason is refused for being told not to. */
const named = (effort: Effort, model: Reasoner): Fields => thinks(model) ? { reasoning_effort: effort } : {}

// Chat templates read what they know and ignore the rest: Qwen, GLM and Gemma "enable_thinking", DeepSeek
// and Granite "thinking". Mistral's tokenisers are no templates and refuse such arguments.
const switchable = ({ id }: Reasoner) => !/(mi|mini|magi|dev|code)stral|mixtral/i.test(id)
const template = (effort: Effort, more: Fields = {}): Fields =>
  ({ chat_template_kwargs: { enable_thinking: effort !== 'none', thinking: effort !== 'none', ...more } })

const table = {
  /** Whatever is not named here: OpenAI's format as most took it over. */
  generic: { cap: 'max_tokens', usage: includeUsage, output: shapes, efforts: six, reasoning: named },
  openai: { cap: 'max_completion_tokens', usage: includeUsage, output: objects, refuses: refusedByOpenAI, efforts: six, reasoning: named },
  azure: { cap: 'max_completion_tokens', usage: includeUsage, output: objects, refuses: refusedByOpenAI, efforts: six, reasoning: named },
  google: { cap: 'max_tokens', usage: includeUsage, output: shapes, efforts: four, reasoning: named },
  mistral: {
    // Usage comes by itself, and fields it does not know are refused.
    cap: 'max_tokens', usage: {}, output: shapes, names: { seed: 'random_seed' }, efforts: three,
    // Magistral reasons always and takes no effort.
    reasoning: (effort, model) => /magistral/i.test(model.id) ? {} : named(effort, model),
  },
  deepseek: {
    cap: 'max_tokens', usage: includeUsage, output: { ...objects, takes: () => false }, efforts: three,
    // Reasons unless told otherwise: https://api-docs.deepseek.com/guides/thinking_mode
    reasoning: effort => effort === 'none' ? { thinking: { type: 'disabled' } } : { thinking: { type: 'enabled' }, reasoning_effort: effort },
  },
  groq: {
    cap: 'max_completion_tokens', usage: includeUsage, output: groqs, efforts: three,
    // Qwen knows only on and off, and would write its tags into the text: https://console.groq.com/docs/reasoning
    reasoning: (effort, model) => thinks(model) && /qwen/i.test(model.id)
      ? { reasoning_effort: effort === 'none' ? 'none' : 'default', reasoning_format: 'parsed' }
      : named(effort, model),
  },
  openrouter: {
    cap: 'max_tokens', usage: { ...includeUsage, usage: { include: true } }, output: objects, efforts: six,
    // Models that cannot reason ignore it: https://openrouter.ai/docs/use-cases/reasoning-tokens
    reasoning: effort => ({ reasoning: effort === 'none' ? { enabled: false } : { effort, exclude: false } }),
  },
  huggingface: { cap: 'max_tokens', usage: includeUsage, output: shapes, efforts: six, reasoning: named },
  ollama: {
    cap: 'max_tokens', usage: includeUsage, output: shapes, efforts: three,
    // Told not to, every model stays; told to, one that cannot is refused. `think` is its own name for it, which proxies before it read.
    reasoning: (effort, model) => effort === 'none' || thinks(model) ? { reasoning_effort: effort, think: effort !== 'none' } : {},
  },
  vllm: {
    cap: 'max_tokens', usage: includeUsage, output: shapes, efforts: three,
    // Efforts are for gpt-oss; older ones know no "none": https://docs.vllm.ai/en/stable/features/reasoning_outputs
    reasoning: (effort, model) => ({ ...switchable(model) && template(effort), ...effort !== 'none' && { reasoning_effort: effort } }),
  },
  llamacpp: {
    cap: 'max_tokens', usage: includeUsage, output: shapes, efforts: three,
    reasoning: effort => template(effort, effort === 'none' ? {} : { reasoning_effort: effort }),
  },
} as const satisfies Record<string, Rules>

/** A kind of server that speaks OpenAI's format in its own way. */
export type Dialect = keyof typeof table
export const dialects = Object.keys(table) as readonly Dialect[]

const rulesOf = (dialect: Dialect): Rules => table[dialect]

/**
 * The fields that make a model reason as hard as was asked and no harder; with `none` those that
 * switch it off, where it can be. An effort that server or model have no name for is rounded down.
 */
export function reasoningFields(dialect: Dialect, effort: Effort, model: Reasoner): Fields {
  return rulesOf(dialect).reasoning(effortAt(dialect, effort, model), model)
}

function effortAt(dialect: Dialect, effort: Effort, model: Reasoner): Effort {
  const { efforts } = rulesOf(dialect)
  const offered = model.efforts.filter(each => efforts.includes(each))
  return roundEffortDown(effort, offered.length > 0 ? offered : efforts)
}

/**
 * What a caller asked for besides, without what would have the call refused: who names a level cannot
 * know which model it comes to.
 */
export function passedFields(dialect: Dialect, effort: Effort, model: Reasoner, asked: Fields): Fields {
  const { names = {}, refuses = refusedAnywhere } = rulesOf(dialect)
  const refused: readonly string[] = refuses(effortAt(dialect, effort, model), model)
  return Object.fromEntries(Object.entries(asked).filter(([field]) => !refused.includes(field)).map(([field, value]) => [names[field] ?? field, value]))
}

/** The field that holds output, reasoning included, under so many tokens. */
export const capField = (dialect: Dialect, tokens: number): Fields => ({ [rulesOf(dialect).cap]: tokens })

/** The fields that ask for an answer in pieces and for its usage at the end. */
export const streamFields = (dialect: Dialect, form: Form): Fields =>
  form !== 'words' && !rulesOf(dialect).output.streams ? { stream: false } : { stream: true, ...rulesOf(dialect).usage }

/** What says of an answer which shape it is to have: a field with the shape, one with the wish for a JSON object, or the messages alone. */
export type Form = 'shape' | 'object' | 'words'

/** How a model can be asked for an answer of a shape, or of none. */
export function formOf(dialect: Dialect, model: Reasoner, shape: OutputSchema | undefined): Form {
  if (!shape) return 'words'
  const { takes, objectsOnly } = rulesOf(dialect).output
  if (shape.schema && objectsOnly && shape.schema['type'] !== 'object') return 'words'
  return shape.schema && takes(model) ? 'shape' : 'object'
}

/** The field that asks for JSON of a shape, as far as it can be asked for in this form. */
export function outputField(dialect: Dialect, model: Reasoner, form: Form, { name, description, schema, strict }: OutputSchema): Fields {
  if (form === 'words') return {}
  if (form === 'object') return { response_format: { type: 'json_object' } }
  const held = strict && rulesOf(dialect).output.holds(model)
  return { response_format: { type: 'json_schema', json_schema: { name, ...description !== undefined && { description }, schema, ...strict !== undefined && { strict: held } } } }
}

/** Dialects of servers that keep reasoning apart, or to themselves. */
const apart: readonly Dialect[] = ['openai', 'azure', 'google', 'mistral', 'deepseek', 'openrouter']
/** So do the makers of these models wherever they are asked, or they have other tags. */
const untagged = /gpt|(?<![a-z0-9])o\d(?![a-z0-9])|claude|gemini|grok|magistral|exaone/i

/**
 * Whether a model's template may open its reasoning in the prompt, so that nobody sees it open: those of R1, QwQ
 * and Qwen's thinking models do, which cannot stop reasoning. A server with a parser for it has a field of its own.
 */
export const opensUnseen = (dialect: Dialect, { id, efforts }: Reasoner): boolean =>
  !efforts.includes('none') && !apart.includes(dialect) && !untagged.test(id)

const hosts: readonly (readonly [RegExp, Dialect])[] = [
  [/(^|\.)(openai|services\.ai|cognitiveservices)\.azure\.com$/, 'azure'],
  [/(^|\.)openai\.com$/, 'openai'],
  [/^generativelanguage\.googleapis\.com$/, 'google'],
  [/(^|\.)mistral\.ai$/, 'mistral'],
  [/(^|\.)deepseek\.com$/, 'deepseek'],
  [/(^|\.)groq\.com$/, 'groq'],
  [/(^|\.)openrouter\.ai$/, 'openrouter'],
  [/(^|\.)huggingface\.co$/, 'huggingface'],
  [/(^|\.)ollama\.com$/, 'ollama'],
]

/** The ports that servers for one's own machines take unless told otherwise. */
const ports: Readonly<Record<string, Dialect>> = { 11434: 'ollama', 8000: 'vllm', 8080: 'llamacpp' }

/** The dialect of an address, by its host's name or else its port; what neither gives away is generic. */
export const guessDialect = ({ hostname, port }: URL): Dialect =>
  hosts.find(([pattern]) => pattern.test(hostname))?.[1] ?? ports[port] ?? 'generic'
