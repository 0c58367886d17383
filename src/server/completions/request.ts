import * as z from 'zod/mini'
import { efforts, longestInput, SparingError, utf8Length } from '../../core/index.ts'
import type { Effort, RunInput } from '../../core/index.ts'
import { parsed } from '../parse.ts'
import { messagesBound } from '../prompts.ts'
import type { Passthrough, PromptMessage } from '../providers/port.ts'
import type { Verbatim } from '../verbatim.ts'

/** A request in OpenAI's format, as far as it says something here. */
export interface CompletionRequest {
  readonly model: string
  /** All that is sent to the model. */
  readonly verbatim: Verbatim
  /** What people and models said, without instructions and results of tools. */
  readonly input: RunInput
  /** Tokens of everything else that is sent, at most. */
  readonly overhead: number
  readonly effort: Effort
  /** The most output tokens asked for; `null` where the request leaves it to the feature. */
  readonly maxOutputTokens: number | null
  readonly stream: boolean
  readonly includeUsage: boolean
}

const maybe = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema))
const count = z.int().check(z.gte(1))
const named = z.object({ name: z.string() })
const textParts = z.array(z.looseObject({ type: z.string(), text: z.optional(z.string()), refusal: z.optional(z.string()) }))
const content = z.optional(z.nullable(z.union([z.string(), textParts])))
const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']), content,
  refusal: z.optional(z.nullable(z.string())),
  tool_calls: z.optional(z.nullable(z.array(z.looseObject({ id: z.string(), type: z.literal('function'), function: z.object({ name: z.string(), arguments: z.string() }) })))),
  tool_call_id: z.optional(z.string()),
})
const fields = z.record(z.string(), z.unknown())
const tool = z.looseObject({
  type: z.literal('function'),
  function: z.object({ name: z.string(), description: maybe(z.string()), parameters: maybe(fields), strict: maybe(z.boolean()) }),
})
const oneTool = z.object({ type: z.literal('function'), function: named })
const toolChoice = z.union([
  z.enum(['auto', 'none', 'required']), oneTool,
  z.object({ type: z.literal('allowed_tools'), allowed_tools: z.object({ mode: z.enum(['auto', 'required']), tools: z.array(oneTool) }) }),
])
const jsonSchema = z.looseObject({ name: z.string(), description: maybe(z.string()), schema: maybe(fields), strict: maybe(z.boolean()) })
const responseFormat = z.union([
  z.looseObject({ type: z.enum(['text', 'json_object']) }),
  z.looseObject({ type: z.literal('json_schema'), json_schema: jsonSchema }),
])

const request = z.looseObject({
  model: z.string(),
  messages: z.array(message).check(z.minLength(1), z.maxLength(1_000)),
  max_tokens: maybe(count), max_completion_tokens: maybe(count),
  stream: maybe(z.boolean()), stream_options: maybe(z.looseObject({ include_usage: maybe(z.boolean()) })),
  tools: maybe(z.array(tool)),
  tool_choice: maybe(toolChoice),
  parallel_tool_calls: maybe(z.boolean()), response_format: maybe(responseFormat), reasoning_effort: maybe(z.enum(efforts)),
  temperature: maybe(z.number()), top_p: maybe(z.number()), presence_penalty: maybe(z.number()), frequency_penalty: maybe(z.number()),
  seed: maybe(z.int()), stop: maybe(z.union([z.string(), z.array(z.string())])), n: maybe(z.int()), modalities: maybe(z.array(z.string())), logprobs: maybe(z.boolean()),
})
type Parsed = z.output<typeof request>

/** What would change the answer or its price, and is not passed on. Whatever else is unknown changes neither and is left out. */
const refusedFields = ['functions', 'function_call', 'audio', 'web_search_options', 'prediction', 'logit_bias'] as const

/**
 * Reads a request.
 * @throws {SparingError} `invalid-request`, naming the field
 */
export function readCompletion(body: unknown): CompletionRequest {
  const said = parsed<Parsed>(request, body)
  refuseUnsupported(said)
  const messages = said.messages.map(promptMessage)
  const input: RunInput = { messages: messages.flatMap(({ role, content }) => role === 'user' || role === 'assistant' ? [{ role, content }] : []) }
  const schema = schemaOf(said)
  const verbatim: Verbatim = { messages, passthrough: passthroughOf(said), ...schema && { schema } }
  const caps = [said.max_tokens, said.max_completion_tokens].filter(cap => cap != null)
  return {
    model: said.model, verbatim, input, overhead: boundOf(verbatim) - messagesBound(input.messages),
    effort: said.reasoning_effort ?? 'none', maxOutputTokens: caps.length > 0 ? Math.min(...caps) : null,
    stream: said.stream ?? false, includeUsage: said.stream_options?.include_usage ?? false,
  }
}

/**
 * A request with what the host put in place of its conversation.
 * @throws {SparingError} `internal` where its turns are others: nobody knows where instructions and results of tools belong then
 */
export function withConversation(asked: CompletionRequest, input: RunInput): CompletionRequest {
  const given = 'messages' in input ? [...input.messages] : []
  const messages = asked.verbatim.messages.map(message => {
    if (message.role !== 'user' && message.role !== 'assistant') return message
    const turn = given.shift()
    if (turn?.role !== message.role) throw otherTurns()
    return { ...message, content: turn.content }
  })
  if (given.length > 0) throw otherTurns()
  return { ...asked, input, verbatim: { ...asked.verbatim, messages } }
}

const otherTurns = () =>
  new SparingError('internal', 'What onRun.before put in place of the conversation has other turns, so nothing was run or spent. Change what its messages say, and leave their roles and number.')

function refuseUnsupported(said: Parsed): void {
  const { n = 1, modalities = null, logprobs = false } = said
  const field = refusedFields.find(each => said[each] != null && !isEmpty(said[each]))
    ?? (n !== 1 && n !== null ? 'n' : modalities?.some(each => each !== 'text') ? 'modalities' : logprobs ? 'logprobs' : undefined)
  if (field !== undefined) throw unsupported(field, `The field "${field}" asks for what this server does not pass on, so nothing was run. Leave it out.`)
}

/** Some clients send an object or a list with nothing in it, which asks for nothing. */
const isEmpty = (value: unknown): boolean => typeof value === 'object' && Object.keys(value as object).length === 0

const unsupported = (field: string, sentence: string) => new SparingError('invalid-request', sentence, { field })

function promptMessage({ role, content, refusal, tool_calls: calls, tool_call_id: id }: Parsed['messages'][number], at: number): PromptMessage {
  if (role === 'tool' && id === undefined) throw unsupported(`messages.${at}.tool_call_id`, 'A message of the role "tool" does not say which call it answers, so nothing was run. Give its "tool_call_id".')
  return {
    // What newer models call developer is what all others know as system.
    role: role === 'developer' ? 'system' : role, content: textOf(content, at) || (refusal ?? ''),
    ...calls?.length && { toolCalls: calls.map(call => ({ id: call.id, name: call.function.name, arguments: call.function.arguments })) },
    ...role === 'tool' && { toolCallId: id! },
  }
}

function textOf(content: Parsed['messages'][number]['content'], at: number): string {
  if (typeof content === 'string' || content == null) return content ?? ''
  const other = content.find(({ type }) => type !== 'text' && type !== 'refusal')
  if (other) throw unsupported(`messages.${at}.content`, `Messages may hold text, not "${other.type.slice(0, 40)}", so nothing was run. Leave it out.`)
  return content.map(({ text, refusal }) => text ?? refusal ?? '').join('\n')
}

function schemaOf({ response_format: format }: Parsed): Verbatim['schema'] {
  if (!format || format.type === 'text') return undefined
  // Not the widest of schemas: servers that hold models to schemas refuse it.
  if (format.type !== 'json_schema') return { name: 'object' }
  const { name, description, schema, strict } = format.json_schema as z.output<typeof jsonSchema>
  return { name, ...description != null && { description }, ...schema && { schema }, ...strict != null && { strict } }
}

const passedOn = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'seed', 'stop'] as const

function passthroughOf(said: Parsed): Passthrough {
  return { ...Object.fromEntries(passedOn.filter(field => said[field] != null).map(field => [field, said[field]])), ...toolsOf(said) }
}

/** The tools and how they may be called. Those that only some of may be called are passed on as those alone, since few servers know of such a choice. */
function toolsOf({ tools: given, tool_choice: asked, parallel_tool_calls: parallel }: Parsed): Passthrough {
  const allowed = typeof asked === 'object' && asked?.type === 'allowed_tools' ? asked.allowed_tools : null
  const names = allowed && new Set(allowed.tools.map(each => each.function.name))
  const tools = given?.filter(each => !names || names.has(each.function.name)).map(({ function: { name, description, parameters, strict } }) =>
    ({ type: 'function', function: { name, ...description != null && { description }, ...parameters && { parameters }, ...strict != null && { strict } } } as const))
  // A list with nothing in it is refused by most, and so is a choice among nothing.
  if (tools?.length === 0) return {}
  const choice = allowed ? allowed.mode : asked as Exclude<typeof asked, { type: 'allowed_tools' }>
  return { ...tools && { tools }, ...choice != null && { tool_choice: choice }, ...parallel != null && { parallel_tool_calls: parallel } }
}

/** Tokens that chat templates put around tools or a schema, at most: their instructions for calling them. */
const aroundTools = 512

/** The most tokens that everything sent can be: byte-level vocabularies make no more of them than there are bytes. */
function boundOf({ messages, schema, passthrough: { tools } }: Verbatim): number {
  const extras = [tools, schema].map(extra => extra ? utf8Length(JSON.stringify(extra)) + aroundTools : 0)
  return messagesBound(messages) + extras[0]! + extras[1]!
}

/** @throws {SparingError} `input-too-long`; instructions, tools and schemas count as well */
export function checkLength({ verbatim }: CompletionRequest, feature: string, maxInputTokens: number): void {
  const length = boundOf(verbatim)
  const longest = longestInput(maxInputTokens)
  if (length > longest) throw new SparingError('input-too-long', `The request is ${length} bytes long with its tools, and "${feature}" takes ${longest}. Nothing was spent; send a shorter one.`, { length, longest, field: 'messages' })
}
