import type { RunInput, Task, Tier } from '../core/index.ts'
import type { ToolCall } from './providers/port.ts'
import type { Verbatim } from './verbatim.ts'

/** What a hook may go by. No address, cookie, key or budget is in it. */
export interface HookContext {
  readonly run: string
  readonly feature: string
  readonly task: Task
  readonly tier: Tier
  /** What `identify` said of the caller. */
  readonly identity: Readonly<Record<string, string>>
  /**
   * All that is sent to the model where it came in OpenAI's format: instructions, calls of tools and their
   * results beside the conversation, and the tools and the schema. To be read: a hook can refuse by it and
   * changes nothing in it. Left out elsewhere, where the model reads the host's own prompt and the input.
   */
  readonly request?: Verbatim
}

/** What a run is to say: its text, its object where the feature has a shape for one, and the caller's tools that it calls. */
export interface RunOutput {
  readonly text: string
  readonly object?: unknown
  readonly toolCalls?: readonly ToolCall[]
}

/** A sentence for the person, who is told it in place of an answer. */
export interface HookRefusal {
  readonly refuse: string
}

/** Nothing lets it pass as it is; something in its place changes it. A throw refuses too. */
export type Verdict<T> = T | HookRefusal | null | undefined | void

/**
 * Moderation and redaction. Both see every run, of the baseline too. Of a request in OpenAI's format the
 * input is what people and models said; the rest of it is `context.request`. One that throws lets nothing
 * pass: a `SparingError` is passed on, of anything else the person is told that a check failed.
 */
export interface RunHooks {
  /**
   * Once the run would be allowed, and before anything is reserved: what is refused here costs nothing. What it puts in
   * place of the input is estimated anew; of a conversation in OpenAI's format that is the words of its turns, and
   * neither their number nor anything else.
   */
  readonly before?: (input: RunInput, context: HookContext) => Verdict<RunInput> | Promise<Verdict<RunInput>>
  /**
   * Once the answer is whole. What it puts in place of one is all that is said: an object or a call of a tool that it leaves out is withheld. With it nothing is streamed: the person gets the answer when it has
   * passed, and neither its reasoning nor what a failed run had said. What is withheld was paid for all the same.
   */
  readonly after?: (output: RunOutput, context: HookContext) => Verdict<RunOutput> | Promise<Verdict<RunOutput>>
  /** Milliseconds that each is waited for; one that takes longer lets nothing pass. @default 30000 */
  readonly timeout?: number
}
