import type { Budget } from './budget.ts'
import type { Estimate } from './estimate.ts'
import type { OptInGap } from './opt-in.ts'
import type { BudgetNotice, Receipt } from './receipt.ts'
import type { Tier } from './tier.ts'

/** Every refusal and failure, with the HTTP status it travels under. */
export const problemStatus = {
  'invalid-request': 400,
  'identity-required': 401,
  'opt-in-required': 403,
  'feature-disabled': 403,
  'background-blocked': 403,
  'tier-not-allowed': 403,
  'origin-not-allowed': 403,
  'not-found': 404,
  'unknown-feature': 404,
  'method-not-allowed': 405,
  'ceiling-exceeded': 409,
  'run-in-progress': 409,
  'idempotency-conflict': 409,
  'input-too-long': 413,
  'unsupported-media-type': 415,
  'budget-exceeded': 429,
  'too-many-runs': 429,
  'aborted': 499,
  'internal': 500,
  'upstream-failed': 502,
  'no-model': 503,
  'ledger-unavailable': 503,
  'model-selector-unreachable': 503,
} as const
export type ProblemCode = keyof typeof problemStatus

/** A failure as it travels: RFC 9457 problem details. `type` is stable, `detail` is for people. */
export interface Problem {
  readonly type: `urn:sparing:${ProblemCode}`
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly [extension: string]: unknown
}

const brand = Symbol.for('sparing.error')

/** What every error of this package is. `message` gives the fact, the consequence and the remedy. */
export class SparingError extends Error {
  readonly code: ProblemCode
  /** What a program needs to act on it; travels with the problem. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ProblemCode, message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.details = details
    Object.defineProperty(this, brand, { value: true })
  }

  get status(): number {
    return problemStatus[this.code]
  }
}

/** Whether it is an error of this package, also across two copies of it; with a code, that one. */
export function isSparingError(error: unknown, code?: ProblemCode): error is SparingError {
  return typeof error === 'object' && error !== null && brand in error && (!code || (error as { code?: unknown }).code === code)
}

/** No opt-in covers the run: ask the person, showing the estimate. */
export class OptInRequiredError extends SparingError {
  readonly gap: OptInGap
  constructor(message: string, details: { gap: OptInGap }) {
    super('opt-in-required', message, details)
    this.gap = details.gap
  }
}

/** A budget has not enough left. `cheaper` are the tiers that still fit. */
export class BudgetExceededError extends SparingError {
  readonly budgets: readonly (Budget | BudgetNotice)[]
  /** Milliseconds since 1970; `null` where no clock ends the period. */
  readonly resetsAt: number | null
  readonly cheaper: readonly Tier[]
  constructor(message: string, details: { budgets: readonly (Budget | BudgetNotice)[]; cheaper?: readonly Tier[]; resetsAt?: number | null }) {
    const { budgets, cheaper = [] } = details
    // Everything that refused must reset before the run fits; one that never does keeps it refused.
    const resetsAt = budgets.some(each => each.resetsAt === null) ? null : Math.max(...budgets.map(each => each.resetsAt ?? 0))
    super('budget-exceeded', message, { ...details, cheaper, resetsAt })
    this.budgets = budgets
    this.resetsAt = resetsAt
    this.cheaper = cheaper
  }
}

/** The run would cost more than what the person saw. Show them the new estimate. */
export class CeilingExceededError extends SparingError {
  readonly estimate: Estimate
  constructor(message: string, details: { estimate: Estimate }) {
    super('ceiling-exceeded', message, details)
    this.estimate = details.estimate
  }
}

/** The feature, or all of it, is switched off: by the person, by the product team, or by policy. */
export class FeatureDisabledError extends SparingError {
  constructor(message: string, details: { by: 'person' | 'policy' }) {
    super('feature-disabled', message, details)
  }
}

/** The run was not started by a person's act, and the feature does not allow that. */
export class BackgroundBlockedError extends SparingError {
  constructor(message: string) {
    super('background-blocked', message)
  }
}

/** The run was stopped. `receipt` says what it consumed, where that is known. */
export class AbortedError extends SparingError {
  readonly receipt: Receipt | null
  constructor(message: string, details: { receipt?: Receipt | null } = {}) {
    super('aborted', message, details)
    this.receipt = details.receipt ?? null
  }
}

/** The model's own server failed. `receipt` says what was consumed until then. */
export class UpstreamError extends SparingError {
  readonly receipt: Receipt | null
  constructor(message: string, details: { receipt?: Receipt | null } = {}, options?: ErrorOptions) {
    super('upstream-failed', message, details, options)
    this.receipt = details.receipt ?? null
  }
}

/** The problem that an error travels as. Errors that are not ours say nothing of themselves. */
export function problemOf(error: unknown): Problem {
  const known = isSparingError(error) ? error : new SparingError('internal', 'Something failed here that should not. Nothing was spent by it; try again.')
  const title = known.code.replaceAll('-', ' ')
  return { ...known.details, type: `urn:sparing:${known.code}`, title: title[0]!.toUpperCase() + title.slice(1), status: known.status, detail: known.message }
}

/** The error that a problem was. Anything that is no problem of ours is an upstream's or a proxy's. */
export function errorOf(value: unknown, status = 502): SparingError {
  const { type, title, status: _, detail, ...details } = (value ?? {}) as Problem
  const code = String(type).replace('urn:sparing:', '') as ProblemCode
  if (!(code in problemStatus)) {
    return new SparingError('model-selector-unreachable', `The model selector's address answered ${status} with something else than this package's. Check its URL, and that a proxy does not rewrite it.`)
  }
  // The shape of each code's details is the sender's; a wrong one must not turn a refusal into a crash.
  const from = details as never
  if (code === 'opt-in-required') return new OptInRequiredError(detail, from)
  if (code === 'budget-exceeded' && Array.isArray(details['budgets'])) return new BudgetExceededError(detail, from)
  if (code === 'ceiling-exceeded' && details['estimate']) return new CeilingExceededError(detail, from)
  if (code === 'feature-disabled') return new FeatureDisabledError(detail, from)
  if (code === 'background-blocked') return new BackgroundBlockedError(detail)
  if (code === 'upstream-failed') return new UpstreamError(detail, from)
  return code === 'aborted' ? new AbortedError(detail, from) : new SparingError(code, detail, details)
}
