import type { Effort, ReachableModel, RunInput, Task, Usage } from '../../core/index.ts'

/** A message as a model's server takes it. Only the server writes `system`. */
export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
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
  /** Aborts when nobody waits any longer: the call must stop what it pays for. */
  readonly signal: AbortSignal
}

/** What a model says, in the order it says it. Providers never hold text back or cut it up to look busy. */
export type ProviderPart =
  /** The upstream took the request: from here on its input is paid for. */
  | { readonly type: 'accepted' }
  | { readonly type: 'text' | 'reasoning'; readonly text: string }
  | { readonly type: 'usage'; readonly usage: Omit<Usage, 'source'> }
  /** Measured energy of this run, in watt-hours. */
  | { readonly type: 'energy'; readonly wh: number }
  | { readonly type: 'finish'; readonly reason: 'stop' | 'length' }

/** A way to reach models. */
export interface Provider {
  readonly id: string
  readonly models: readonly ReachableModel[]
  /** @throws UpstreamError with a sentence for people; what it knows of usage comes as a part before */
  stream(call: ProviderCall): AsyncIterable<ProviderPart>
}
