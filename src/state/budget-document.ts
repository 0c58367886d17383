import { budgetOf, expire, fitsAgainAt, isOpen, release, renew, reserve, tightest } from '../core/budget.ts'
import type { Account, BoundClaim, Refusal, Reservation, Transition } from '../core/budget.ts'
import { BudgetExceededError } from '../core/errors.ts'
import { sessionLength } from '../core/opt-in.ts'

/** Until when an account counts, in milliseconds since 1970. */
export interface StoredAccount extends Account {
  readonly until: number
}

/** The lock of the tab that holds it; '' where there are no locks. Of a closed one only the status is kept. */
export interface StoredReservation extends Reservation {
  readonly tab: string
}

/** What all tabs agree upon for one subject: amounts and run ids, never what was written or read. */
export interface BudgetDocument {
  readonly version: 1
  readonly accounts: ReadonlyMap<string, StoredAccount>
  readonly reservations: ReadonlyMap<string, StoredReservation>
}

export const emptyDocument: BudgetDocument = { version: 1, accounts: new Map(), reservations: new Map() }

/** Milliseconds that a reservation lasts unless it is renewed. */
export const lease = 600_000
/** Milliseconds between two renewals. */
export const heartbeat = 20_000
/** Without locks: a tab not heard of for so long is gone. Hidden tabs' timers run once a minute. */
const silence = 120_000
/** What is over is kept for a day: clocks go backward, and what was assumed may be settled late. */
const grace = 86_400_000

/**
 * Takes a run's claims. A run that is open already keeps what it holds.
 * @throws {BudgetExceededError} with the budgets that refuse; nothing is taken then
 */
export function reserveRun(document: BudgetDocument, run: string, claims: readonly BoundClaim[], tab: string, now: number): BudgetDocument {
  if (openRuns(document).some(each => each.run === run)) return document
  const result = reserve(run, claims, document.accounts, now + lease)
  if ('exceeded' in result) throw refusalOf(result)
  const until = (key: string) => claims.find(claim => claim.account === key)?.period.end ?? now + sessionLength
  return write(document, { ...result.reservation, tab }, result.accounts.map(account => ({ ...account, until: until(account.key) })))
}

/** Does something with a run; nothing, where the document does not know it. */
export function changeRun(document: BudgetDocument, run: string, verb: (known: Reservation, accounts: BudgetDocument['accounts']) => Transition): BudgetDocument {
  const known = document.reservations.get(run)
  if (!known) return document
  const { reservation, accounts } = verb(known, document.accounts)
  // The verbs copy an account with all it has, `until` included.
  return reservation === known ? document : write(document, { ...known, ...reservation }, accounts as readonly StoredAccount[])
}

/** A verb that moves no amounts. */
export const marking = (mark: (known: Reservation) => Reservation) => (known: Reservation): Transition => ({ reservation: mark(known), accounts: [] })

/** Holds on to a run; writes only when a good part of a heartbeat has passed. */
export const renewRun = (document: BudgetDocument, run: string, now: number): BudgetDocument =>
  changeRun(document, run, marking(known => (known.expiresAt < now + lease - heartbeat / 2 ? renew(known, now + lease) : known)))

/** Closes what tabs that are gone left open, and drops what is over. */
export function sweep(document: BudgetDocument, gone: ReadonlySet<string>, now: number): BudgetDocument {
  const verb = (known: Reservation, accounts: BudgetDocument['accounts']) =>
    known.status === 'held' ? release(known, accounts) : expire(known, accounts, now)
  return prune(leftBehind(document, gone, now).reduce((swept, { run }) => changeRun(swept, run, verb), document), now)
}

/** Reservations without a final end whose tab is gone: by its lock, or where there are none by its silence. */
export function leftBehind(document: BudgetDocument, gone: ReadonlySet<string>, now: number): StoredReservation[] {
  return unsettled(document).filter(({ tab, expiresAt }) => (tab ? gone.has(tab) : now > expiresAt - lease + silence))
}

/** Reservations without a final end: open, or assumed. */
export const unsettled = (document: BudgetDocument): StoredReservation[] =>
  [...document.reservations.values()].filter(each => isOpen(each) || each.status === 'assumed')

/** Grains that were counted in full because nobody knew better, by account: they may still be lowered. */
export function assumedIn(document: BudgetDocument): ReadonlyMap<string, number> {
  const assumed = new Map<string, number>()
  for (const { status, claims } of document.reservations.values()) {
    for (const { account, settled = 0 } of status === 'assumed' ? claims : []) assumed.set(account, (assumed.get(account) ?? 0) + settled)
  }
  return assumed
}

/** Reservations that tie amounts down. */
export const openRuns = (document: BudgetDocument): StoredReservation[] => unsettled(document).filter(isOpen)

function write(document: BudgetDocument, entry: StoredReservation, accounts: readonly StoredAccount[]): BudgetDocument {
  // Only what was assumed may still be settled; of the other closed ones the claims say nothing more.
  const kept = isOpen(entry) || entry.status === 'assumed' ? entry : { ...entry, claims: [] }
  return {
    version: 1,
    accounts: accounts.length > 0 ? new Map([...document.accounts, ...accounts.map(account => [account.key, account] as const)]) : document.accounts,
    reservations: new Map([...document.reservations, [entry.run, kept]]),
  }
}

function prune(document: BudgetDocument, now: number): BudgetDocument {
  const needed = new Set(unsettled(document).flatMap(({ claims }) => claims.map(claim => claim.account)))
  const accounts = kept(document.accounts, ({ key, until }) => until + grace > now || needed.has(key))
  const reservations = kept(document.reservations, each => isOpen(each) || each.expiresAt + grace > now)
  return accounts === document.accounts && reservations === document.reservations ? document : { version: 1, accounts, reservations }
}

function kept<V>(map: ReadonlyMap<string, V>, isKept: (value: V) => boolean): ReadonlyMap<string, V> {
  const entries = [...map].filter(([, value]) => isKept(value))
  return entries.length < map.size ? new Map(entries) : map
}

function refusalOf({ exceeded }: Refusal): BudgetExceededError {
  const budgets = tightest(exceeded).map(({ claim, account }) => budgetOf(claim, account))
  const names = [...new Set(budgets.map(({ id }) => `"${id}"`))].join(', ')
  return new BudgetExceededError(`The run does not fit the budget ${names}, so it was not started. Choose a lower tier, or wait until the budget resets.`, { budgets, resetsAt: fitsAgainAt(exceeded.map(({ claim }) => claim)) })
}

/**
 * What storage hands over, checked entry by entry. Money fails closed: an amount that is set aside
 * but that no readable reservation accounts for counts as spent, and an account whose amounts cannot
 * be read as used up, for its window. What is no document at all is replaced by an empty one: it says
 * as little as data that the person cleared, and the server is exact.
 * @throws {Error} for a document of a newer version of this package, which is left alone
 */
export function readDocument(stored: unknown): BudgetDocument {
  const { version, accounts, reservations } = (stored ?? {}) as Record<keyof BudgetDocument, unknown>
  if (typeof version === 'number' && version > 1) throw new Error('A newer version of this package wrote these budgets.')
  if (version !== 1) return emptyDocument
  const known = new Map(valuesOf(accounts).filter(isAccount).map(account => [account.key, account]))
  const runs = valuesOf(reservations).filter(isReservation).filter(({ claims }) => claims.every(claim => known.has(claim.account)))
  return {
    version: 1,
    accounts: new Map([...known].map(([key, account]) => [key, reckon(account, runs)])),
    reservations: new Map(runs.map(run => [run.run, run])),
  }
}

/** What is held is what open reservations say. */
function reckon(account: StoredAccount, runs: readonly StoredReservation[]): StoredAccount {
  const claims = runs.filter(isOpen).flatMap(run => run.claims).filter(claim => claim.account === account.key)
  const held = claims.reduce((sum, claim) => sum + claim.amount, 0)
  if (!fits(account, { settled: isCount, held: isCount, revision: isCount })) return { ...account, held, settled: account.limit, revision: 0 }
  return { ...account, held, settled: account.settled + Math.max(0, account.held - held) }
}

const valuesOf = (map: unknown): unknown[] => (map instanceof Map ? [...map.values()] : [])
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const isText = (value: unknown) => typeof value === 'string'
const fits = (value: unknown, shape: Record<string, (value: unknown) => boolean>) =>
  Object.entries(shape).every(([key, isGood]) => isGood((value as Record<string, unknown> | null | undefined)?.[key]))

/** Its amounts are `reckon`'s to judge. */
const isAccount = (value: unknown): value is StoredAccount => fits(value, { key: isText, limit: isCount, until: isCount })

const isReservation = (value: unknown): value is StoredReservation =>
  fits(value, { run: isText, status: isStatus, tab: isText, expiresAt: isCount, claims: claims => Array.isArray(claims) && claims.every(isClaim) })

const isStatus = (status: unknown) => ['held', 'dispatched', 'settled', 'assumed', 'released'].includes(status as string)

/** What settling reads of a claim; the rest was needed to reserve only. */
const isClaim = (claim: unknown) =>
  fits(claim, { account: isText, unit: isText, amount: isCount, settled: settled => settled === undefined || isCount(settled) })
