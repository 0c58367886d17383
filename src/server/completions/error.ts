import { problemOf } from '../../core/problem.ts'
import type { ProblemCode } from '../../core/index.ts'
import type { Problem } from '../../core/problem.ts'
import { problemResponse } from '../http.ts'

/** An error as OpenAI's clients know it; `problem` is all that is known of it. */
export interface CompletionError {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string | null
    readonly problem: Problem
  }
}

interface Kind {
  readonly type: string
  readonly code: string | null
  readonly status?: number
  /** Whether sending it again as it stands can help soon; clients try some statuses again by themselves. */
  readonly again?: boolean
}

const kinds: { readonly [C in ProblemCode]?: Kind } = {
  'invalid-request': { type: 'invalid_request_error', code: null },
  'api-key-required': { type: 'invalid_request_error', code: 'invalid_api_key' },
  'unknown-model': { type: 'invalid_request_error', code: 'model_not_found' },
  'input-too-long': { type: 'invalid_request_error', code: 'context_length_exceeded', status: 400 },
  'refused-by-model': { type: 'invalid_request_error', code: 'refused_by_model', again: false },
  'budget-exceeded': { type: 'insufficient_quota', code: 'insufficient_quota', again: false },
  'too-many-runs': { type: 'requests', code: 'rate_limit_exceeded', again: true },
}

const codeOf = ({ type }: Problem) => type.slice('urn:sparing:'.length) as ProblemCode

function kindOf(problem: Problem): Kind {
  const code = codeOf(problem)
  return kinds[code] ?? { type: problem.status < 500 ? 'invalid_request_error' : 'server_error', code: code.replaceAll('-', '_') }
}

export function completionError(problem: Problem): CompletionError {
  const { type, code } = kindOf(problem)
  const param = codeOf(problem) === 'unknown-model' ? 'model' : problem['field']
  return { error: { message: problem.detail, type, param: typeof param === 'string' ? param : null, code, problem } }
}

/** Seconds after which one of somebody's open runs may have ended. */
const soon = '1'

/** A refusal on an OpenAI-shaped route, with the same headers as elsewhere that tell when to come back. */
export function completionErrorResponse(error: unknown, now: number): Response {
  const problem = problemOf(error)
  const { status = problem.status, again = problem['again'] === false ? false : undefined } = kindOf(problem)
  const { headers } = problemResponse(error, now)
  headers.set('content-type', 'application/json')
  if (again === true) headers.set('retry-after', soon)
  // Read by OpenAI's own clients, which would otherwise ask twice more.
  if (again !== undefined) headers.set('x-should-retry', String(again))
  return new Response(JSON.stringify(completionError(problem)), { status, headers })
}
