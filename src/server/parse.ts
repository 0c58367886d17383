import { isOptIn, SparingError } from '../core/index.ts'
import type { OptIn } from '../core/index.ts'
import { schemas } from '../protocol/index.ts'
import type { EstimateRequest, OutcomeRequest, PolicyRequest, RunRequest } from '../protocol/index.ts'

/** A run request whose shape is right; its opt-in is still unread. */
export type ParsedRun = Omit<RunRequest, 'optIn'> & { readonly optIn?: unknown }

/** @throws {SparingError} `invalid-request`, naming the field */
export const parseRun = (body: unknown): ParsedRun => parsed(schemas.runRequest, body)

/** @throws {SparingError} `invalid-request`, naming the field */
export const parseEstimate = (body: unknown): EstimateRequest => parsed(schemas.estimateRequest, body)

/** @throws {SparingError} `invalid-request`, naming the field */
export const parsePolicy = (body: unknown): PolicyRequest => parsed(schemas.policyRequest, body)

/** @throws {SparingError} `invalid-request`, naming the field */
export const parseOutcome = (body: unknown): OutcomeRequest => parsed(schemas.outcomeRequest, body)

/** @throws {SparingError} `invalid-request`, naming the field */
export function parseOptIn(body: unknown): OptIn {
  const optIn = parsed(schemas.optIn, body)
  // The guard is the stricter one.
  if (isOptIn(optIn)) return optIn
  throw new SparingError('invalid-request', 'The field "scope" is not what it may be. Nothing was kept; correct it and send it again.', { field: 'scope' })
}

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } }
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly code: string
  readonly expected?: string
  readonly values?: readonly unknown[]
  readonly errors?: readonly (readonly Issue[])[]
}

/** @throws {SparingError} `invalid-request`, naming the field */
export function parsed<T>(schema: Schema<T>, body: unknown): T {
  refuseForeignRoles(body)
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const { path, problem } = describe(result.error.issues[0]!)
  const field = path.length > 0 ? `The field "${path.join('.')}"` : 'The body'
  throw new SparingError('invalid-request', `${field} ${problem}. Nothing was run; correct it and send it again.`, { field: path.join('.') })
}

/** Messages that speak as the product or as a tool are never a slip: they get a sentence of their own. */
function refuseForeignRoles(body: unknown): void {
  const messages = (body as { input?: { messages?: unknown } } | null)?.input?.messages
  if (!Array.isArray(messages)) return
  const role = messages.map(message => (message as { role?: unknown } | null)?.role).find(each => each !== 'user' && each !== 'assistant')
  if (role !== undefined) throw new SparingError('invalid-request', `Messages may have the roles "user" and "assistant", not "${String(role).slice(0, 40)}". Nothing was run; prompts are written on the server.`, { field: 'input.messages' })
}

function describe({ path, code, expected, values, errors }: Issue): { path: readonly PropertyKey[]; problem: string } {
  switch (code) {
    case 'invalid_type': return { path, problem: `must be ${kinds[expected ?? ''] ?? `a ${expected}`}, and is something else or missing` }
    case 'invalid_value': return { path, problem: `must be one of ${values?.map(String).join(', ')}` }
    case 'unrecognized_keys': return { path, problem: 'has fields that do not belong there' }
    case 'invalid_union': return { path, problem: errors && path[0] === 'input' ? 'must be { text }, { text, query } or { messages }' : 'has none of the shapes it may have' }
    case 'invalid_format': return { path, problem: 'must be 8 to 64 letters, digits, "-" or "_"' }
    case 'too_small': return { path, problem: 'is too small or too short' }
    case 'too_big': return { path, problem: 'is too big or too long' }
    default: return { path, problem: 'is not what it may be' }
  }
}

const kinds: Readonly<Record<string, string>> = { object: 'an object', array: 'a list', string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false' }
