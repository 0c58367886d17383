import * as z from 'zod/mini'
import { efforts, isCeiling, isOptIn, SparingError, tiers } from '../core/index.ts'
import type { Ceiling, RunInput } from '../core/index.ts'
import { schemas } from '../protocol/index.ts'
import { parsed } from './parse.ts'
import type { ParsedRun } from './parse.ts'

/** A request of the AI SDK's default chat transport, as a run that has no id yet. */
export interface ChatRequest {
  /** The conversation's id, as the page calls it. */
  readonly chat: string
  readonly trigger: 'submit-message' | 'regenerate-message'
  /** The message that is edited or written anew, where the page names one. */
  readonly messageId: string | null
  readonly lastMessage: string | null
  readonly ask: Omit<ParsedRun, 'id'>
}

const id = z.string().check(z.maxLength(200))
const name = id.check(z.minLength(1))
const part = z.looseObject({ type: z.string(), text: z.optional(z.unknown()) })

/** What a page adds to the transport's body: `body: { sparing: { feature, optIn } }`. */
const options = z.object({
  feature: name, tier: z._default(z.enum(tiers), 'eco'), effort: z._default(z.enum(efforts), 'none'),
  ceiling: z.optional(schemas.ceiling), optIn: z.optional(z.unknown()),
  // A message is sent by somebody's act; pages that send by themselves say so.
  trigger: z._default(z.enum(['user', 'background']), 'user'),
  estimate: z._default(z.nullable(name), null),
})

const request = z.looseObject({
  id: name,
  messages: z.array(z.looseObject({ id: z.optional(id), role: z.string(), parts: z.array(part) })).check(z.minLength(1), z.maxLength(1_000)),
  trigger: z._default(z.enum(['submit-message', 'regenerate-message']), 'submit-message'),
  messageId: z.optional(z.nullable(id)),
  sparing: options,
})
type Parsed = z.output<typeof request>

/**
 * Reads a request.
 * @throws {SparingError} `invalid-request`, naming the field
 */
export function readChat(body: unknown): ChatRequest {
  const { id: chat, messages, trigger, messageId = null, sparing } = parsed<Parsed>(request, body)
  const { ceiling, optIn, ...level } = sparing
  return {
    chat, trigger, messageId, lastMessage: messages.at(-1)!.id ?? null,
    ask: { ...level, optIn, input: inputOf(messages), ceiling: ceiling ?? ceilingOf(sparing) },
  }
}

/** Quotes cost nobody anything worth a question. */
const anything: Ceiling = { usd: Infinity, wh: Infinity, outputTokens: Infinity }
const nothing: Ceiling = { usd: 0, wh: 0, outputTokens: 0 }

/** What may be spent where the page names no ceiling: what the person agreed to. */
function ceilingOf({ tier, optIn }: Parsed['sparing']): Ceiling {
  if (tier === 'baseline') return anything
  return isOptIn(optIn) && isCeiling(optIn.ceiling) ? optIn.ceiling : nothing
}

function inputOf(messages: Parsed['messages']): RunInput {
  const said = messages.flatMap(({ role, parts }, at) => {
    if (role !== 'user' && role !== 'assistant') throw refused(at, `Messages may have the roles "user" and "assistant", not "${role.slice(0, 40)}". Nothing was run; prompts are written on the server.`)
    const content = parts.flatMap(part => textOf(part, at)).join('\n')
    // An answer that failed before it began has none.
    return content || role === 'user' ? [{ role, content } as const] : []
  })
  return { messages: said }
}

/** What the AI SDK notes beside an answer's text: nothing of it is sent to a model again. */
const isBeside = (type: string) => type === 'step-start' || type === 'reasoning' || type.startsWith('data-')

function textOf({ type, text }: Parsed['messages'][number]['parts'][number], at: number): string[] {
  if (type === 'text' && typeof text === 'string') return [text]
  if (isBeside(type)) return []
  throw refused(at, `Messages may hold text, not "${type.slice(0, 40)}". Nothing was run; send the text alone.`)
}

const refused = (at: number, sentence: string) => new SparingError('invalid-request', sentence, { field: `messages.${at}` })
