import { createParser } from 'eventsource-parser'
import type { Choice, Receipt } from '../core/index.ts'
import type { Problem } from '../core/problem.ts'
import type { Conversation } from './chat.ts'

/** The parts of a run's stream: the AI SDK's UI message stream, with our own as its `data-*` parts. */
export type StreamPart =
  | { readonly type: 'start'; readonly messageId: string }
  | { readonly type: 'data-choice'; readonly data: Choice }
  | { readonly type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end'; readonly id: string }
  | { readonly type: 'text-delta' | 'reasoning-delta'; readonly id: string; readonly delta: string }
  /** A tool that the model calls, where the caller gave it any. */
  | { readonly type: 'tool-input-start'; readonly toolCallId: string; readonly toolName: string }
  | { readonly type: 'tool-input-delta'; readonly toolCallId: string; readonly inputTextDelta: string }
  /** What was said so far does not have the feature's form and is void: the answer comes anew, with the model told of so many faults. */
  | { readonly type: 'data-repair'; readonly data: { readonly faults: number } }
  /** The answer as the object it is, checked; its text was JSON. */
  | { readonly type: 'data-object'; readonly data: unknown }
  | { readonly type: 'data-receipt'; readonly data: Receipt }
  | { readonly type: 'data-conversation'; readonly data: Conversation }
  /** `transient` is nothing to keep with the messages: there is no answer that it belongs to. */
  | { readonly type: 'data-problem'; readonly data: Problem; readonly transient?: true }
  | { readonly type: 'error'; readonly errorText: string }
  | { readonly type: 'finish'; readonly finishReason?: 'stop' | 'length' | 'tool-calls' | 'content-filter' }

/** What marks a response as such a stream. */
export const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-vercel-ai-ui-message-stream': 'v1',
  'x-accel-buffering': 'no',
} as const

const done = '[DONE]'

/** A part as a server-sent event. */
export const encodePart = (part: StreamPart): string => `data: ${JSON.stringify(part)}\n\n`
export const encodeDone = (): string => `data: ${done}\n\n`
/** What keeps a quiet connection open; readers skip it. */
export const encodeKeepAlive = (): string => ': keep-alive\n\n'

/**
 * The parts of a stream, in order; kinds that nobody knows yet are skipped.
 * @throws {SyntaxError} for an event that is no JSON
 */
export async function* readParts(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamPart> {
  for await (const data of readEvents(body)) {
    if (data === done) return
    const part = JSON.parse(data) as StreamPart | null
    if (typeof part?.type === 'string') yield part
  }
}

/**
 * The data of server-sent events. Stopping early cancels the body.
 * @param heard called whenever bytes come, also for comments, which only keep a connection open
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, heard = () => {}): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const events: string[] = []
  const parser = createParser({ onEvent: event => events.push(event.data) })
  const reader = body.getReader()
  try {
    while (true) {
      const { done: over, value } = await reader.read()
      heard()
      parser.feed(over ? `${decoder.decode()}\n\n` : decoder.decode(value, { stream: true }))
      yield* events.splice(0)
      if (over) return
    }
  } finally {
    // Also after an early stop: the other side must learn that nobody reads.
    await reader.cancel().catch(() => {})
  }
}
