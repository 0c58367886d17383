import { bindClaim, budgetOf, dispatch, emptyAccount, expire, isOpen, release, renew, reserve, settle } from '../../core/index.ts'
import type { Account, Amounts, BoundClaim, Budget, Claim, Receipt, Reservation, Transition } from '../../core/index.ts'
import type { Entry, ReserveAnswer, ReserveRequest, RunKey } from './port.ts'

/** A run as it is stored. */
export interface Row extends RunKey {
  readonly body: string
  readonly reservation: Reservation
  readonly receipt: Receipt | null
}

/**
 * What an engine that works in synchronous transactions must offer; the verbs below do the rest.
 * Everything one verb does happens in one transaction of the engine's.
 */
export interface Books {
  now(): number
  row(key: RunKey): Row | undefined
  putRow(row: Row): void
  account(key: string): Account | undefined
  putAccount(account: Account): void
  /** Open reservations whose lease is over. */
  overdue(now: number): readonly Row[]
  /** How many runs of an identity are open. */
  open(identity: string): number
}

export function reserveIn(books: Books, request: ReserveRequest): ReserveAnswer {
  expireIn(books)
  const known = books.row(request)
  if (known) return answerAgain(books, known, request)
  const running = books.open(request.identity)
  if (running >= request.concurrency) return { outcome: 'too-many', running }
  const claims = request.claims.map(claim => bindClaim(claim, request.run, books.now()))
  const result = reserve(request.run, claims, accountsOf(books, claims), books.now() + request.lease)
  if ('exceeded' in result) return { outcome: 'exceeded', budgets: result.exceeded.map(({ claim, account }) => budgetOf(claim, account)) }
  const { identity, run, body } = request
  write(books, { identity, run, body, reservation: result.reservation, receipt: null }, result)
  return { outcome: 'reserved', budgets: budgetsOf(books, claims) }
}

function answerAgain(books: Books, row: Row, request: ReserveRequest): ReserveAnswer {
  if (row.body !== request.body) return { outcome: 'conflict' }
  return isOpen(row.reservation) ? { outcome: 'running' } : { outcome: 'ended', entry: entryOf(books, row) }
}

export function dispatchIn(books: Books, key: RunKey): boolean {
  const row = books.row(key)
  if (row?.reservation.status !== 'held' || row.reservation.expiresAt <= books.now()) return false
  books.putRow({ ...row, reservation: dispatch(row.reservation) })
  return true
}

export function renewIn(books: Books, key: RunKey, lease: number): void {
  const row = books.row(key)
  if (row) books.putRow({ ...row, reservation: renew(row.reservation, books.now() + lease) })
}

export function settleIn(books: Books, key: RunKey, actual: Amounts, receipt: Receipt): readonly Budget[] {
  const row = books.row(key)
  if (!row) throw new Error(`The run "${key.run}" has no reservation to settle: it was never reserved, or the ledger lost it.`)
  const result = settle(row.reservation, accountsOf(books, row.reservation.claims), actual)
  // The first true settlement's receipt stands: a second one changes neither amounts nor words.
  if (result.reservation !== row.reservation) write(books, { ...row, receipt }, result)
  return budgetsOf(books, row.reservation.claims)
}

export function releaseIn(books: Books, key: RunKey): void {
  const row = books.row(key)
  if (row) write(books, row, release(row.reservation, accountsOf(books, row.reservation.claims)))
}

export function expireIn(books: Books): number {
  const rows = books.overdue(books.now())
  for (const row of rows) write(books, row, expire(row.reservation, accountsOf(books, row.reservation.claims), books.now()))
  return rows.length
}

export function balanceIn(books: Books, claims: readonly Claim[]): readonly Budget[] {
  expireIn(books)
  // What is asked about is the policy of now; the account may not have been drawn on since it changed.
  return claims.map(claim => bindClaim(claim, '', books.now()))
    .map(claim => budgetOf(claim, { ...books.account(claim.account) ?? emptyAccount(claim), limit: claim.limit }))
}

export function entryIn(books: Books, key: RunKey): Entry | null {
  expireIn(books)
  const row = books.row(key)
  return row ? entryOf(books, row) : null
}

function entryOf(books: Books, { identity, run, reservation, receipt }: Row): Entry {
  return { identity, run, status: reservation.status, receipt, budgets: budgetsOf(books, reservation.claims) }
}

function write(books: Books, row: Row, { reservation, accounts }: Transition): void {
  if (reservation === row.reservation && accounts.length === 0 && books.row(row)) return
  books.putRow({ ...row, reservation })
  for (const account of accounts) books.putAccount(account)
}

function accountsOf(books: Books, claims: readonly BoundClaim[]): Map<string, Account> {
  return new Map(claims.flatMap(claim => {
    const account = books.account(claim.account)
    return account ? [[account.key, account]] : []
  }))
}

function budgetsOf(books: Books, claims: readonly BoundClaim[]): Budget[] {
  return claims.map(claim => budgetOf(claim, books.account(claim.account) ?? emptyAccount(claim)))
}
