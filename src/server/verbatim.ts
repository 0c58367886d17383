import type { OutputSchema, Passthrough, PromptMessage } from './providers/port.ts'

/** What a caller's own server wrote: sent to the model as it stands, in place of the feature's prompt and of its shape of output. */
export interface Verbatim {
  /** Instructions and results of tools as well as the conversation, in the order in which they are sent. */
  readonly messages: readonly PromptMessage[]
  readonly schema?: OutputSchema
  readonly passthrough: Passthrough
}
