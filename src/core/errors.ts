import { isAmount } from './amount.ts'
import type { Budget } from './budget.ts'
import type { Ceiling, Cost, Estimate } from './estimate.ts'
import type { OptInGap } from './opt-in.ts'
import type { BudgetNotice, Receipt } from './receipt.ts'
import type { Tier } from './tier.ts'

/** Every refusal and failure, with the HTTP status it travels under. */
export const problemStatus = {
  'invalid-request': 400,
  'refused-by-model': 400,
  'identity-required': 401,
  'admin-token-required': 401,
  'api-key-required': 401,
  'opt-in-required': 403,
  'feature-disabled': 403,
  'background-blocked': 403,
  'tier-not-allowed': 403,
  'origin-not-allowed': 403,
  'refused-by-host': 403,
  'not-found': 404,
  'unknown-feature': 404,
  'unknown-model': 404,
  'method-not-allowed': 405,
  'ceiling-exceeded': 409,
  'run-in-progress': 409,
  'idempotency-conflict': 409,
  'stale-policy': 409,
  'input-too-long': 413,
  'unsupported-media-type': 415,
  'budget-exceeded': 429,
  'too-many-runs': 429,
  'aborted': 499,
  'internal': 500,
  'upstream-failed': 502,
  'no-model': 503,
  'ledger-unavailable': 503,
  'restarting': 503,
  'model-selector-unreachable': 503,
} as const
export type ProblemCode = keyof typeof problemStatus

const brand = Symbol.for('sparing.error')

/** What every error of this package is. `message` gives the fact, the consequence and the remedy. */
export class SparingError extends Error {
  // Written out in every class: minifiers rename classes, and what is logged must not change with them.
  override name = 'SparingError'
  readonly code: ProblemCode
  /** What a program needs to act on it; travels with the problem. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ProblemCode, message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.details = details
    Object.defineProperty(this, brand, { value: true })
  }

  get status(): number {
    return problemStatus[this.code]
  }
}

/** Whether it is an error of this package, also across two copies of it; with a code, that one. */
export function isSparingError(error: unknown): error is SparingError
export function isSparingError<C extends ProblemCode>(error: unknown, code: C): error is SparingError & { readonly code: C }
export function isSparingError(error: unknown, code?: ProblemCode): error is SparingError {
  return typeof error === 'object' && error !== null && brand in error && (!code || (error as { code?: unknown }).code === code)
}

/** What is known beside the gap. */
export interface OptInRequiredDetails {
  readonly gap: OptInGap
  /** When it was taken back, in milliseconds since 1970: what is given anew names it (`after`). */
  readonly since?: number
  /** Of a standing opt-in that nothing fits any longer: what a run usually costs now, and what was agreed to at most. */
  readonly typical?: Pick<Cost, 'usd' | 'wh'>
  readonly agreed?: Ceiling
  /** What to show when the person is asked. */
  readonly estimate?: Estimate
}

/** No opt-in covers the run: ask the person, showing the estimate. */
export class OptInRequiredError extends SparingError {
  override name = 'OptInRequiredError'
  readonly gap: OptInGap
  constructor(message: string, details: OptInRequiredDetails) {
    super('opt-in-required', message, { ...details })
    this.gap = details.gap
  }
}

/** When the last of budgets begins anew, milliseconds since 1970; `null` where no clock ends one of them. */
export function latestReset(budgets: readonly (Budget | BudgetNotice)[]): number | null {
  const latest = Math.max(...budgets.map(({ resetsAt }) => resetsAt ?? Infinity))
  return Number.isFinite(latest) ? latest : null
}

/** A budget has not enough left. `cheaper` are the tiers that still fit. */
export class BudgetExceededError extends SparingError {
  override name = 'BudgetExceededError'
  readonly budgets: readonly (Budget | BudgetNotice)[]
  /** When the run fits if nothing else is drawn, in milliseconds since 1970; `null` where no clock ends the period. */
  readonly resetsAt: number | null
  readonly cheaper: readonly Tier[]
  /** @param details.resetsAt for who knows better than the budgets' own: of one that rolls, the first to come back may be too little */
  constructor(message: string, details: { budgets: readonly (Budget | BudgetNotice)[]; cheaper?: readonly Tier[]; resetsAt?: number | null }) {
    const { budgets, cheaper = [] } = details
    // Everything that refused must reset before the run fits; one that never does keeps it refused.
    const resetsAt = isAmount(details.resetsAt) || details.resetsAt === null ? details.resetsAt : latestReset(budgets)
    super('budget-exceeded', message, { ...details, cheaper, resetsAt })
    this.budgets = budgets
    this.resetsAt = resetsAt
    this.cheaper = cheaper
  }
}

/** The run would cost more than what the person saw. Show them the new estimate. */
export class CeilingExceededError extends SparingError {
  override name = 'CeilingExceededError'
  readonly estimate: Estimate
  constructor(message: string, details: { estimate: Estimate }) {
    super('ceiling-exceeded', message, details)
    this.estimate = details.estimate
  }
}

/** The feature, or all of it, is switched off: by the person, by the product team, or by policy. */
export class FeatureDisabledError extends SparingError {
  override name = 'FeatureDisabledError'
  constructor(message: string, details: { by: 'person' | 'policy' }) {
    super('feature-disabled', message, details)
  }
}

/** The run was not started by a person's act, and the feature does not allow that. */
export class BackgroundBlockedError extends SparingError {
  override name = 'BackgroundBlockedError'
  constructor(message: string) {
    super('background-blocked', message)
  }
}

/** The run was stopped. `receipt` says what it consumed, where that is known. */
export class AbortedError extends SparingError {
  override name = 'AbortedError'
  readonly receipt: Receipt | null
  constructor(message: string, details: { receipt?: Receipt | null } = {}) {
    super('aborted', message, details)
    this.receipt = details.receipt ?? null
  }
}

/** What is known of a model's server that failed. It stays on the server, for whoever decides what to try next. */
export interface UpstreamFacts {
  /**
   * `unreachable`: there was no connection, so nothing was spent. `refused`: it answered with an error.
   * `silent`: a time-out. `broken`: the answer ended before its end. `unreadable`: it answered with something else.
   * `empty`: it answered with nothing; `withheld`: because its filter kept the answer.
   */
  readonly reason: 'unreachable' | 'refused' | 'silent' | 'broken' | 'unreadable' | 'empty' | 'withheld'
  /** What was waited for in vain. */
  readonly awaited?: 'connection' | 'first token' | 'next token'
  /** The HTTP status it refused with. */
  readonly httpStatus?: number
  /**
   * What a refusal finds fault with, by its status or its code: the `request`, which will be refused again; the
   * `model`, which it does not have; or the `account`, its key, its bill and how it is reached. By its words: the
   * `length`, which is more than the model can hold.
   */
  readonly fault?: 'request' | 'length' | 'model' | 'account'
  /** Milliseconds after which it wants to be asked again; `null` where it did not say. */
  readonly retryAfter: number | null
  /** Whether another model may be tried: it had said nothing yet. */
  readonly retryable: boolean
}

/** The model's own server failed. `receipt` says what was consumed until then. */
export class UpstreamError extends SparingError {
  override name = 'UpstreamError'
  readonly receipt: Receipt | null
  readonly facts: UpstreamFacts | null
  /** @param details.again `false` where it fails until whoever runs the model selector has changed something */
  constructor(message: string, details: { receipt?: Receipt | null; again?: false } = {}, { facts, ...options }: ErrorOptions & { facts?: UpstreamFacts } = {}) {
    super('upstream-failed', message, details, options)
    this.receipt = details.receipt ?? null
    this.facts = facts ?? null
  }

  /** Milliseconds after which the server wants to be asked again; `null` where it did not say. */
  get retryAfter(): number | null {
    return this.facts?.retryAfter ?? null
  }
}
