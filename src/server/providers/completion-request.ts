import { jsonInstruction, shapeInstruction } from '../output-schema.ts'
import { instructed } from '../prompts.ts'
import { capField, formOf, outputField, passedFields, reasoningFields, streamFields } from './dialects.ts'
import type { Dialect, Fields, Form, Reasoner } from './dialects.ts'
import type { Passthrough, PromptMessage, ProviderCall } from './port.ts'

/** Where and how a server is asked. */
export interface Endpoint {
  readonly base: URL
  readonly dialect: Dialect
  readonly apiVersion: string | null
  readonly headers: Readonly<Record<string, string>>
}

/**
 * An address below the base, with the base's own query. Azure's older addresses name the deployment
 * in their path: https://learn.microsoft.com/azure/ai-foundry/openai/reference
 */
export function addressFor({ base, dialect, apiVersion }: Endpoint, path: 'chat/completions' | 'models', model: string | null = null): URL {
  const url = new URL(base)
  if (apiVersion) url.searchParams.set('api-version', apiVersion)
  url.pathname = `${pathOf(url.pathname, dialect === 'azure' ? model : null)}/${path}`
  return url
}

function pathOf(base: string, deployment: string | null): string {
  const trimmed = base.replace(/\/+$/, '')
  if (deployment === null || !isDeploymentStyle(trimmed) || /\/deployments\//.test(trimmed)) return trimmed
  return `${trimmed || '/openai'}/deployments/${encodeURIComponent(deployment)}`
}

/** Azure's newer addresses end in their version, as everybody's do, and take the model in the body. */
export const isDeploymentStyle = (path: string): boolean => !/\/v\d+\/?$/.test(path)

const passedOn: readonly (keyof Passthrough)[] = ['tools', 'tool_choice', 'parallel_tool_calls', 'temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'seed', 'stop']

/** The request's body. What was passed on cannot touch what decides about cost: only known fields are, and before the rest. */
export function bodyFor(call: ProviderCall, dialect: Dialect, model: Reasoner): Fields {
  const { passthrough = {}, schema } = call
  const form = formOf(dialect, model, schema)
  return {
    ...passedFields(dialect, call.effort, model, Object.fromEntries(passedOn.filter(field => passthrough[field] !== undefined).map(field => [field, passthrough[field]]))),
    ...schema && outputField(dialect, model, form, schema),
    model: call.model, messages: messagesFor(call, form).map(messageFor),
    ...capField(dialect, call.maxOutputTokens), ...streamFields(dialect, form), ...reasoningFields(dialect, call.effort, model),
  }
}

/** With what servers that take no shape must be told in words. A feature's own prompt has said it already. */
function messagesFor({ messages, schema: shape }: ProviderCall, form: Form): readonly PromptMessage[] {
  if (!shape || form === 'shape') return messages
  const { schema } = shape
  const isSaid = messages.some(({ content }) => schema ? content.includes(JSON.stringify(schema)) : /json/i.test(content))
  return isSaid ? messages : instructed(messages, schema ? shapeInstruction(shape) : jsonInstruction)
}

function messageFor({ role, content, toolCalls, toolCallId }: PromptMessage): Fields {
  return {
    role, content,
    ...toolCalls && { tool_calls: toolCalls.map(({ id, name, arguments: args }) => ({ id, type: 'function', function: { name, arguments: args } })) },
    ...toolCallId !== undefined && { tool_call_id: toolCallId },
  }
}
