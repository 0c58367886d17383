// Not among the names of index.ts: what a bundler reaches through it, a page loads at once.

import { isAmount, units } from './amount.ts'
import type { Budget } from './budget.ts'
import { AbortedError, BackgroundBlockedError, BudgetExceededError, CeilingExceededError, FeatureDisabledError, isSparingError, OptInRequiredError, problemStatus, SparingError, UpstreamError } from './errors.ts'
import type { ProblemCode } from './errors.ts'
import type { BudgetNotice } from './receipt.ts'
import { isTier } from './tier.ts'

const prefix = 'urn:sparing:'

/** A failure as it travels: RFC 9457 problem details. `type` is stable, `detail` is for people. */
export interface Problem {
  readonly type: `urn:sparing:${ProblemCode}`
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly [extension: string]: unknown
}

/** The problem that an error travels as. Errors that are not ours say nothing of themselves. */
export function problemOf(error: unknown): Problem {
  const known = isSparingError(error) ? error : new SparingError('internal', 'Something failed here that should not. Nothing was spent by it; try again.')
  const title = known.code.replaceAll('-', ' ')
  return { ...known.details, type: `${prefix}${known.code}`, title: title[0]!.toUpperCase() + title.slice(1), status: known.status, detail: known.message }
}

/** The error that a problem was. Anything that is no problem of ours is an upstream's or a proxy's. */
export function errorOf(value: unknown, status = 502): SparingError {
  const code = codeOf(value)
  if (!code) {
    return new SparingError('model-selector-unreachable', `The model selector's address answered ${status} with something else than this package's. Check its URL, and that a proxy does not rewrite it.`)
  }
  const { type: _, title: _title, status: _status, detail, ...details } = value as Problem
  const message = typeof detail === 'string' ? detail : ''
  // The shape of each code's details is the sender's; a wrong one must not turn a refusal into a crash.
  const from = details as never
  if (code === 'opt-in-required') return new OptInRequiredError(message, from)
  if (code === 'budget-exceeded') {
    return new BudgetExceededError(message, { ...details, budgets: listOf(details['budgets']).filter(isBudget), cheaper: listOf(details['cheaper']).filter(isTier) })
  }
  if (code === 'ceiling-exceeded' && details['estimate']) return new CeilingExceededError(message, from)
  if (code === 'feature-disabled') return new FeatureDisabledError(message, from)
  if (code === 'background-blocked') return new BackgroundBlockedError(message)
  if (code === 'upstream-failed') return new UpstreamError(message, from)
  return code === 'aborted' ? new AbortedError(message, from) : new SparingError(code, message, details)
}

/** Asked before anything else is looked at: what a proxy answers may be a page of any length. */
function codeOf(value: unknown): ProblemCode | undefined {
  const type = (value as Partial<Problem> | null | undefined)?.type
  const code = typeof type === 'string' && type.startsWith(prefix) ? type.slice(prefix.length) : ''
  return Object.hasOwn(problemStatus, code) ? code as ProblemCode : undefined
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** Whether it is a notice that can be shown, or a budget that can be reckoned with. */
function isBudget(value: unknown): value is Budget | BudgetNotice {
  const { id, resetsAt, unit, limit, settled, held, available, revision } = (value ?? {}) as Partial<Budget>
  return typeof id === 'string' && (resetsAt === null || isAmount(resetsAt))
    && (unit === undefined || units.includes(unit) && [limit, settled, held, available, revision].every(isAmount))
}
