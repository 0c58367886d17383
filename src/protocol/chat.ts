import type { Cost } from '../core/index.ts'

/**
 * What a conversation came to so far: `data-conversation` after each turn of `POST /v1/chat`, and
 * `GET /v1/chats/:id`. Each turn's own estimate and cost hold the history that is sent again with it.
 */
export interface Conversation {
  readonly id: string
  /** Turns that cost something. */
  readonly turns: number
  /** Of all turns; unknown where that of one was. */
  readonly cost: Cost
  /** Of input and output. */
  readonly tokens: number
}
