import type { Effort, ReachableModel, RunInput, Task, Usage } from '../../core/index.ts'

/** A message as a model's server takes it. Only the server writes `system`. */
export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
  /** The tools that the assistant called with this message. */
  readonly toolCalls?: readonly ToolCall[]
  /** The call that a `tool` message answers. */
  readonly toolCallId?: string
}

/** A tool that a model called. `arguments` is JSON as the model wrote it. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/** The shape that an answer is to have. */
export interface OutputSchema {
  readonly name: string
  readonly description?: string
  /** JSON Schema; without one any JSON object will do. */
  readonly schema?: Readonly<Record<string, unknown>>
  /** Whether a server is told to hold the model to it, which many do only for some schemas. Where it is left out, nothing is said of it. */
  readonly strict?: boolean
}

/** What a request in OpenAI's format may add to a call. Nothing here can raise a call's cost above its ceiling but `tools`, whose length counts as input. */
export interface Passthrough {
  readonly tools?: readonly { readonly type: 'function'; readonly function: { readonly name: string; readonly description?: string; readonly parameters?: Readonly<Record<string, unknown>>; readonly strict?: boolean } }[]
  readonly tool_choice?: 'auto' | 'none' | 'required' | { readonly type: 'function'; readonly function: { readonly name: string } }
  readonly parallel_tool_calls?: boolean
  readonly temperature?: number
  readonly top_p?: number
  readonly presence_penalty?: number
  readonly frequency_penalty?: number
  readonly seed?: number
  readonly stop?: string | readonly string[]
}

/** One call of a model. */
export interface ProviderCall {
  readonly run: string
  readonly model: string
  readonly feature: string
  readonly task: Task
  readonly input: RunInput
  readonly messages: readonly PromptMessage[]
  /** The most output tokens, reasoning included. */
  readonly maxOutputTokens: number
  readonly effort: Effort
  /**
   * Asks for JSON of this shape. A server that takes no schemas is asked for JSON alone and reads the
   * shape in its messages, which whoever bounds the input has to allow for; either way the answer is to be checked.
   */
  readonly schema?: OutputSchema
  readonly passthrough?: Passthrough
  /** Headers of the request besides the provider's own, which go first: a `traceparent`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Aborts when nobody waits any longer: the call must stop what it pays for. */
  readonly signal: AbortSignal
}

/** What a model's server says of usage. */
export type ReportedUsage = Omit<Usage, 'source'>

/** Why an answer ended. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter'

/** What a model says, in the order it says it. Providers never hold text back or cut it up to look busy. */
export type ProviderPart =
  /** The upstream took the request and may have read it: from here on its input is paid for. One that answers with nothing but an error did not. */
  | { readonly type: 'accepted' }
  /** `again`: it came before as reasoning, and turned out to be the answer, so that it is counted already. */
  | { readonly type: 'text' | 'reasoning'; readonly text: string; readonly again?: true }
  /** A piece of a tool's call: `id` and `name` come with its first, `arguments` in pieces. `index` says which call. */
  | { readonly type: 'tool-call'; readonly index: number; readonly id?: string; readonly name?: string; readonly arguments: string }
  | { readonly type: 'usage'; readonly usage: ReportedUsage }
  /** Measured energy of this run, in watt-hours. */
  | { readonly type: 'energy'; readonly wh: number }
  | { readonly type: 'finish'; readonly reason: FinishReason }

/** What a model says, piece by piece. Parts that came together may be given together: handing on each by itself costs more than reading it. */
export type ProviderParts = AsyncIterable<ProviderPart | readonly ProviderPart[]>

/** A way to reach models. */
export interface Provider {
  readonly id: string
  /** What OpenTelemetry's conventions for generative AI call it, such as `openai`. @default its id */
  readonly tracedAs?: string
  readonly models: readonly ReachableModel[]
  /**
   * Milliseconds without a part after which a call is given up, `Infinity` for one that gives up by itself.
   * What says nothing of an answer, such as that it was accepted, puts it off five times at most.
   * @default the option `silence` of the server
   */
  readonly silence?: number
  /** @throws UpstreamError with a sentence for people; what it knows of usage comes as a part before */
  stream(call: ProviderCall): ProviderParts
}
