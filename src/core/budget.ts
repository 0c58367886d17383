import { fromGrains, safeAmount } from './amount.ts'
import type { Amounts, Unit } from './amount.ts'
import type { Trigger } from './feature.ts'
import type { Tier } from './tier.ts'
import { periodAt, periodsAt } from './window.ts'
import type { Period, Window } from './window.ts'

/**
 * One limit in one unit, and what counts against it: the pot that one person, organisation or
 * feature has for one period. Amounts are grains (see `amount.ts`).
 */
export interface Account {
  readonly key: string
  readonly limit: number
  readonly settled: number
  readonly held: number
  /** One more with every change, so that an older reading never replaces a newer one. */
  readonly revision: number
}

/** A policy's demand on a run: this much from that subject's pot. The ledger's clock picks the period. */
export interface Claim {
  readonly budget: string
  readonly scope: string
  /** Whose pot: a user, an organisation, a feature. */
  readonly subject: string
  readonly unit: Unit
  readonly window: Window
  readonly timeZone: string
  readonly limit: number
  readonly amount: number
  /** It ties down and is never spent: it limits what may be open at once. */
  readonly holdOnly?: boolean
}

/** A claim bound to the account of one period. `settled` is what it came to. */
export interface BoundClaim extends Claim {
  readonly account: string
  readonly period: Period
  readonly settled?: number
}

/**
 * `held` and `dispatched` tie amounts down; the others are final, but for `assumed`, which a late
 * true settlement may still lower.
 */
export type ReservationStatus = 'held' | 'dispatched' | 'settled' | 'assumed' | 'released'

export interface Reservation {
  readonly run: string
  readonly status: ReservationStatus
  readonly claims: readonly BoundClaim[]
  /** Milliseconds since 1970, by the ledger's clock. */
  readonly expiresAt: number
}

/** What a verb did: the reservation as it is now, and the accounts that changed. */
export interface Transition {
  readonly reservation: Reservation
  readonly accounts: readonly Account[]
}

/** A refused reserve changes nothing; these are the claims that do not fit, with what their accounts hold. */
export interface Refusal {
  readonly exceeded: readonly { readonly claim: BoundClaim; readonly account: Account }[]
}

type Accounts = ReadonlyMap<string, Account>

/** What is left: limit − settled − held, never below zero; nothing, where one of them is no number. */
export const available = (account: Account): number => Math.max(0, account.limit - account.settled - account.held) || 0

/**
 * Binds a claim to the account of one period. Another window or time zone is another account, also
 * where both begin at the same instant: a week does not inherit Monday's spending.
 * @param period the one that `now` belongs to; of a rolling window there are several, see `bindClaims`
 * @throws {RangeError} as `periodAt` does
 */
export function bindClaim(claim: Claim, run: string, now: number, period: Period = periodAt(claim.window, claim.timeZone, now)): BoundClaim {
  const start = claim.window === 'run' ? run : period.start
  return { ...claim, period, account: JSON.stringify([claim.budget, claim.subject, claim.unit, claim.window, claim.timeZone, start]) }
}

/** Binds claims to the accounts of all the periods that `now` belongs to: one each, or several where the window rolls. */
export const bindClaims = (claims: readonly Claim[], run: string, now: number): BoundClaim[] =>
  claims.flatMap(claim => periodsAt(claim.window, claim.timeZone, now).map(period => bindClaim(claim, run, now, period)))

export const emptyAccount = (claim: BoundClaim): Account =>
  ({ key: claim.account, limit: claim.limit, settled: 0, held: 0, revision: 0 })

/** The claims that an amount makes on policies' units; units that are not limited claim nothing. */
export function claimAmounts(claims: readonly Omit<Claim, 'amount'>[], amounts: Amounts): Claim[] {
  return claims.map(claim => {
    const amount = amounts[claim.unit]
    if (amount === undefined) throw new RangeError(`The ${claim.unit} of this run is unknown, so the budget "${claim.budget}" cannot allow it. Give its model a ${claim.unit} figure.`)
    return { ...claim, amount: safeAmount(amount) }
  })
}

/** How one account moves. A step with a `guard` holds only where that limit leaves as much as it takes. */
export interface Step {
  readonly account: string
  readonly held: number
  readonly settled: number
  readonly guard?: number
  /** When the account's period ends, for whoever clears away what is over; `null` where no clock ends it. */
  readonly ends: number | null
}

/**
 * What a verb comes to: the reservation as it will be, and how accounts move. All steps hold
 * together or not at all; whoever keeps the accounts makes it so.
 */
export interface Plan {
  readonly reservation: Reservation
  /** One for each claim, in their order. */
  readonly steps: readonly Step[]
}

/**
 * Takes every claim from its account, all or nothing. The limit that counts is the claim's, as the
 * policy stands now; the account takes it over.
 * @throws {RangeError} for a limit or an amount that is none
 */
export function planReserve(run: string, claims: readonly BoundClaim[], expiresAt: number): Plan {
  const steps = claims.map(({ account, amount, limit, window, period }) => ({ account, held: safeAmount(amount), settled: 0, guard: safeAmount(limit), ends: endOf(window, period, expiresAt) }))
  return { reservation: { run, status: 'held', claims, expiresAt }, steps }
}

/**
 * Replaces the worst case by the actual, once. What a run cost beyond its reservation is not taken
 * from anybody: the reservation was the promise. After `assumed` it may lower, never raise.
 * @returns `null` after `settled` or `released`: there is nothing left to do
 * @throws {RangeError} for an actual that is no amount
 */
export function planSettle(reservation: Reservation, actual: Amounts): Plan | null {
  if (!isOpen(reservation) && reservation.status !== 'assumed') return null
  return planClose(reservation, 'settled', claim => Math.min(claim.settled ?? claim.amount, safeAmount(actual[claim.unit] ?? claim.amount)))
}

/** Gives everything back, for a run that was never dispatched; `null` for any other. */
export const planRelease = (reservation: Reservation): Plan | null =>
  reservation.status === 'held' ? planClose(reservation, 'released', () => 0) : null

/** Settles a dispatched run at its full reservation, because nobody knows what it consumed; `null` for any other. */
const planAssume = (reservation: Reservation): Plan | null =>
  reservation.status === 'dispatched' ? planClose(reservation, 'assumed', claim => claim.amount) : null

/**
 * What becomes of a reservation whose holder is gone: never dispatched is released; dispatched may
 * have cost everything, so that is what it settles at until somebody knows better.
 */
export function planExpire(reservation: Reservation, now: number): Plan | null {
  return now < reservation.expiresAt ? null : planRelease(reservation) ?? planAssume(reservation)
}

function planClose(reservation: Reservation, status: ReservationStatus, settledOf: (claim: BoundClaim) => number): Plan {
  // What ties down and is never spent, such as a place among the runs of one person, ends at nothing.
  const claims = reservation.claims.map(claim => ({ ...claim, settled: claim.holdOnly ? 0 : settledOf(claim) }))
  const held = (claim: BoundClaim) => isOpen(reservation) ? -claim.amount : 0
  const steps = claims.map((claim, index) => ({ account: claim.account, held: held(claim), settled: claim.settled - (reservation.claims[index]!.settled ?? 0), ends: endOf(claim.window, claim.period, reservation.expiresAt) }))
  return { reservation: { ...reservation, status, claims }, steps }
}

/** The pot of a single run is over when the run is. */
const endOf = (window: Window, { end }: Period, expiresAt: number) => window === 'run' ? expiresAt : end

/** An account after a step; `null` where its guard does not hold. What the guard says is the limit from then on. */
export function takeStep(account: Account, { held, settled, guard }: Step): Account | null {
  const limit = guard ?? account.limit
  // Not the other way round: what is no number must not get through.
  const holds = guard === undefined || held <= available({ ...account, limit })
  return holds ? { ...account, limit, held: account.held + held, settled: account.settled + settled, revision: account.revision + 1 } : null
}

/** Reserves among accounts at hand. @param accounts those that exist, by key; others start empty */
export function reserve(run: string, claims: readonly BoundClaim[], accounts: Accounts, expiresAt: number): Transition | Refusal {
  const plan = planReserve(run, claims, expiresAt)
  const changed = new Map<string, Account>()
  const exceeded = plan.steps.flatMap((step, index) => {
    const claim = claims[index]!
    const account = changed.get(step.account) ?? accounts.get(step.account) ?? emptyAccount(claim)
    const next = takeStep(account, step)
    if (!next) return [{ claim, account: { ...account, limit: claim.limit } }]
    changed.set(step.account, next)
    return []
  })
  return exceeded.length > 0 ? { exceeded } : { reservation: plan.reservation, accounts: [...changed.values()] }
}

/**
 * Marks that the upstream is about to be called: from here on money may have been spent.
 * @throws {Error} for a reservation that has ended: nothing is set aside for the run any more
 */
export function dispatch(reservation: Reservation): Reservation {
  const { run, status } = reservation
  if (!isOpen(reservation)) throw new Error(`The reservation of run "${run}" is ${status} already, so the run must not start. Reserve it anew.`)
  return status === 'held' ? { ...reservation, status: 'dispatched' } : reservation
}

/** Holds a running reservation for longer. */
export function renew(reservation: Reservation, expiresAt: number): Reservation {
  return isOpen(reservation) ? { ...reservation, expiresAt: Math.max(expiresAt, reservation.expiresAt) } : reservation
}

/** `planSettle` among accounts at hand. */
export const settle = (reservation: Reservation, accounts: Accounts, actual: Amounts): Transition =>
  carryOut(planSettle(reservation, actual), reservation, accounts)

/** `planRelease` among accounts at hand. */
export const release = (reservation: Reservation, accounts: Accounts): Transition =>
  carryOut(planRelease(reservation), reservation, accounts)

/** `planExpire` among accounts at hand. */
export const expire = (reservation: Reservation, accounts: Accounts, now: number): Transition =>
  carryOut(planExpire(reservation, now), reservation, accounts)

/** `planAssume` among accounts at hand. */
export const assume = (reservation: Reservation, accounts: Accounts): Transition =>
  carryOut(planAssume(reservation), reservation, accounts)

/** Whether the reservation still ties amounts down. */
export const isOpen = ({ status }: Reservation): boolean => status === 'held' || status === 'dispatched'

function carryOut(plan: Plan | null, reservation: Reservation, accounts: Accounts): Transition {
  const changed = new Map<string, Account>()
  for (const step of plan?.steps ?? []) {
    const account = changed.get(step.account) ?? accounts.get(step.account)
    if (!account) throw new Error(`The account ${step.account} of run "${reservation.run}" is missing: the ledger lost it or did not load it.`)
    changed.set(step.account, takeStep(account, step)!)
  }
  return { reservation: plan?.reservation ?? reservation, accounts: [...changed.values()] }
}

/** A claim, and the account it is bound to. */
export interface Pot {
  readonly claim: BoundClaim
  readonly account: Account
}

/**
 * What decides, for each budget, subject and unit: of a rolling window's periods the one that leaves
 * the least. Where several leave as little it is the one that ends last, because until then nothing
 * comes back; so its end never moves to an earlier time, and a later reading is known as such.
 */
export function tightest(pots: readonly Pot[]): Pot[] {
  const found = new Map<string, Pot>()
  for (const pot of pots) {
    const { budget, subject, unit, window, timeZone } = pot.claim
    const name = JSON.stringify([budget, subject, unit, window, timeZone])
    const known = found.get(name)
    if (!known || isTighter(pot, known)) found.set(name, pot)
  }
  return [...found.values()]
}

function isTighter(one: Pot, other: Pot): boolean {
  const [left, least] = [available(one.account), available(other.account)]
  return left < least || (left === least && (one.claim.period.end ?? Infinity) > (other.claim.period.end ?? Infinity))
}

/** When claims that were refused may fit, if nothing else is drawn: once the periods of all of them are over; `null` where no clock ends one. */
export function fitsAgainAt(refused: readonly BoundClaim[]): number | null {
  const latest = Math.max(...refused.map(({ period }) => period.end ?? Infinity))
  return Number.isFinite(latest) ? latest : null
}

/** Which runs a budget is for, where it is not for all. */
export interface Only {
  readonly feature?: string
  readonly tier?: Tier
  readonly trigger?: Trigger
}

/** A budget as people and programs read it: one limit in one unit, in decimal amounts. */
export interface Budget {
  readonly id: string
  readonly scope: string
  readonly unit: Unit
  readonly window: Window
  readonly timeZone: string
  readonly limit: number
  readonly settled: number
  readonly held: number
  readonly available: number
  /** When the period is over, or where it rolls when something comes back: milliseconds since 1970; `null` where no clock ends it. */
  readonly resetsAt: number | null
  readonly revision: number
  readonly only?: Only
}

/**
 * The budget that a claim draws on, as its account stands. The limit is the account's: the claim of
 * a run that began earlier may know an older one. Only an account that was never drawn on has none yet.
 */
export function budgetOf(claim: BoundClaim, account: Account): Budget {
  const { limit } = account.revision > 0 ? account : claim
  const decimal = (grains: number) => fromGrains(claim.unit, grains)
  const { budget: id, scope, unit, window, timeZone, period } = claim
  return {
    id, scope, unit, window, timeZone, resetsAt: period.end, revision: account.revision,
    limit: decimal(limit), settled: decimal(account.settled), held: decimal(account.held),
    available: decimal(available({ ...account, limit })),
  }
}
