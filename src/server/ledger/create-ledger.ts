import { bindClaims, budgetOf, dispatch, emptyAccount, fitsAgainAt, isOpen, newId, planExpire, planRelease, planReserve, planSettle, renew, tightest } from '../../core/index.ts'
import type { Account, Amounts, BoundClaim, Budget, Claim, Receipt } from '../../core/index.ts'
import type { Change, Engine, Row } from './engine.ts'
import { chatsKey, isTotal, optInsKey, outcomesKey, policyKey } from './keys.ts'
import { hashIn, marked } from './marks.ts'
import { orderly } from './orderly.ts'
import type { Entry, Ledger, ReserveAnswer, ReserveRequest } from './port.ts'
import { keeper } from './retention.ts'
import type { Retention } from './retention.ts'
import { sureClock } from './sure-clock.ts'
import { transitions } from './transitions.ts'
import type { Transition, Transitions } from './transitions.ts'

/** Overdue reservations closed in one go. */
const sweepSize = 200
/** Rows and accounts cleared away in one go. */
const retireSize = 500
/** Places among the runs that one identity may have open; no budget can be called so. */
const places = ' places'

/**
 * The verbs of a ledger over an engine. The arithmetic is the core's; the engine makes it atomic and durable.
 * @param kept how long what is over is kept
 */
export function createLedger(engine: Engine, kept: Required<Retention>): Ledger {
  const rows = transitions(engine)
  const clear = async (before: number, most: number) => {
    await expire(engine, rows)
    return engine.retire(before, most)
  }
  const { nudge, idle } = keeper(clear, sureClock(engine, kept.retention, kept.uptime), kept)
  return orderly({
    async reserve(request) {
      const now = await engine.now()
      nudge(now)
      return reserve(engine, rows, request, now)
    },
    expire: () => expire(engine, rows),
    async dispatch(key, assumed) {
      let body: string | undefined
      const { row, accounts } = await rows.run(key, dispatching(assumed, before => body ??= marked(before)))
      return accounts !== null || (row !== null && row.body === body && isOpen(row.reservation))
    },
    async renew(key, lease) {
      await rows.run(key, renewing(lease))
    },
    async settle(key, actual, receipt) {
      const { row, accounts } = await rows.run(key, settling(actual, receipt))
      if (!row) throw new Error(`The run "${key.run}" has no reservation to settle: it was never reserved, or is no longer kept.`)
      return accounts ? budgetsOf(row.reservation.claims, accounts) : (await entryOf(engine, row)).budgets
    },
    async release(key, assumed) {
      await rows.run(key, releasing(assumed))
    },
    ...telling(engine, rows),
    ...keeping(engine),
    close: () => idle().then(() => engine.close()),
  })
}

/** How things stand, once what is overdue has ended. */
function telling(engine: Engine, rows: Transitions): Pick<Ledger, 'balance' | 'entry' | 'entriesNamed' | 'entries'> {
  return {
    async balance(claims) {
      await expire(engine, rows)
      return balance(engine, claims)
    },
    async entry(key) {
      await expire(engine, rows)
      const row = await engine.row(key)
      return row && entryOf(engine, row)
    },
    async entriesNamed(run) {
      await expire(engine, rows)
      return Promise.all((await engine.rowsNamed(run)).map(row => entryOf(engine, row)))
    },
    async entries(after, most) {
      await expire(engine, rows)
      return Promise.all((await engine.rows(after, most)).map(row => entryOf(engine, row)))
    },
  }
}

/** What is kept beside the verbs of a budget, and for how long. */
function keeping(engine: Engine): Pick<Ledger, 'document' | 'putDocument' | 'retire' | 'totals' | 'erase'> {
  return {
    document: key => engine.document(key),
    putDocument: (key, value, expected) => engine.putDocument(key, value, expected),
    retire: before => retire(engine, before),
    totals: async () => (await engine.totals()).filter(({ key }) => isTotal(key)),
    async erase(identity) {
      await dropDocument(engine, optInsKey(identity))
      await dropDocument(engine, outcomesKey(identity))
      await dropDocument(engine, chatsKey(identity))
      await engine.rename(identity, `erased:${newId()}`)
    },
  }
}

const dispatching = (assumed: Receipt | undefined, mark: (body: string) => string): Transition => ({ reservation, body }, now) =>
  reservation.status === 'held' && now < reservation.expiresAt ? { reservation: dispatch(reservation), steps: [], body: mark(body), ...assumed && { receipt: assumed } } : null
const renewing = (lease: number): Transition => ({ reservation }, now) =>
  isOpen(reservation) && now + lease > reservation.expiresAt ? { reservation: renew(reservation, now + lease), steps: [] } : null
const settling = (actual: Amounts, receipt: Receipt): Transition => ({ reservation }) => {
  const plan = planSettle(reservation, actual)
  return plan && { ...plan, receipt }
}
const releasing = (assumed?: Receipt): Transition => ({ reservation, receipt }) => {
  // An estimate is made for one request alone, so that nobody gives back what another of the same id has called.
  const isLost = assumed !== undefined && reservation.status === 'dispatched' && receipt?.estimate.id === assumed.estimate.id
  return planRelease(isLost ? { ...reservation, status: 'held' } : reservation)
}
const expiring: Transition = ({ reservation }, now) => planExpire(reservation, now)

async function reserve(engine: Engine, rows: Transitions, request: ReserveRequest, now: number): Promise<ReserveAnswer> {
  const { claims, change } = asked(request, now)
  let answer = await engine.change(change)
  // Perhaps it is full of what nobody holds any more.
  if (answer.outcome === 'exceeded' && await expire(engine, rows) > 0) answer = await engine.change(change)
  switch (answer.outcome) {
    case 'conflict': return answerAgain(engine, rows, change.row, answer.row)
    case 'stale': return { outcome: 'stale-policy' }
    case 'exceeded': return refusal(claims, answer.accounts, answer.refused)
    case 'done':
      rows.remember(change.row)
      return { outcome: 'reserved', budgets: budgetsOf(claims, answer.accounts) }
  }
}

/** What a reserve asks of the engine. */
function asked(request: ReserveRequest, now: number): { claims: readonly BoundClaim[]; change: Change } {
  const { identity, run, body, lease, policy, assumed = null } = request
  const claims = bindClaims([...placeClaims(request), ...request.claims], run, now)
  const { reservation, steps } = planReserve(run, claims, now + lease)
  const row: Row = { identity, run, body: marked(body), reservation: assumed ? dispatch(reservation) : reservation, receipt: assumed, at: now, version: 1 }
  return { claims, change: { row, expected: 0, steps, ...policy !== undefined && { under: { key: policyKey, revision: policy } } } }
}

/**
 * The same id again: the same request is told how it stands, another is a conflict. But what this very reserve wrote,
 * and nobody has touched since, is what it asked for: its change was sent twice.
 */
async function answerAgain(engine: Engine, rows: Transitions, asked: Row, row: Row | null): Promise<ReserveAnswer> {
  if (!row || hashIn(row.body) !== hashIn(asked.body)) return { outcome: 'conflict' }
  const current = (await rows.run(row, expiring, row)).row ?? row
  if (!isOpen(current.reservation)) return { outcome: 'ended', entry: await entryOf(engine, current) }
  if (current.body !== asked.body || current.version !== asked.version) return { outcome: 'running' }
  rows.remember(current)
  return { outcome: 'reserved', budgets: (await entryOf(engine, current)).budgets }
}

/** Ends what outlived its lease. @returns how many */
async function expire(engine: Engine, rows: Transitions): Promise<number> {
  let ended = 0
  while (true) {
    const overdue = await engine.overdue(await engine.now(), sweepSize)
    await Promise.all(overdue.map(row => rows.run(row, expiring, row)))
    ended += overdue.length
    if (overdue.length < sweepSize) return ended
  }
}

async function retire(engine: Engine, before: number): Promise<number> {
  let cleared = 0
  while (true) {
    const some = await engine.retire(before, retireSize)
    cleared += some
    // Rows and accounts are counted together, so that fewer than one portion is the end of both.
    if (some < retireSize) return cleared
  }
}

async function dropDocument(engine: Engine, key: string): Promise<void> {
  for (let stored = await engine.document(key); stored; stored = await engine.document(key)) {
    if (await engine.putDocument(key, null, stored.revision)) return
  }
}

async function balance(engine: Engine, claims: readonly Claim[]): Promise<Budget[]> {
  const now = await engine.now()
  const bound = bindClaims(claims, '', now)
  const accounts = await engine.accounts(bound.map(({ account }) => account))
  // What is asked about is the policy of now; an account may not have been drawn on since it changed.
  return budgetsOf(bound, bound.map(claim => ({ ...accountOf(claim, accounts), limit: claim.limit })))
}

async function entryOf(engine: Engine, { identity, run, reservation, receipt }: Row): Promise<Entry> {
  const accounts = await engine.accounts(reservation.claims.map(({ account }) => account))
  return { identity, run, status: reservation.status, receipt: isOpen(reservation) || reservation.status === 'released' ? null : receipt, budgets: budgetsOf(reservation.claims, accounts) }
}

/** One place among those that an identity's open runs have; none where there is no end of them. */
function placeClaims({ identity, concurrency }: ReserveRequest): Claim[] {
  if (concurrency === Infinity) return []
  return [{ budget: places, scope: places, subject: identity, unit: 'runs', window: 'session', timeZone: 'UTC', limit: concurrency, amount: 1, holdOnly: true }]
}

function refusal(claims: readonly BoundClaim[], accounts: readonly Account[], refused: readonly string[]): ReserveAnswer {
  const refusing = claims.filter(({ account }) => refused.includes(account))
  const exceeded = refusing.filter(({ holdOnly }) => !holdOnly)
  const running = claims.filter(isPlace).reduce((sum, claim) => sum + accountOf(claim, accounts).held, 0)
  if (refusing.some(isPlace)) return { outcome: 'too-many', running }
  // A share that is full is free again when a run ends; what is used up is not.
  if (exceeded.length === 0) return { outcome: 'too-many', running, shares: [...new Set(refusing.map(({ budget }) => budget))] }
  return { outcome: 'exceeded', budgets: budgetsOf(exceeded, accounts), resetsAt: fitsAgainAt(exceeded) }
}

const isPlace = ({ budget }: Claim): boolean => budget === places

/** Budgets that were claimed, as their accounts stand; what only ties down is none. */
function budgetsOf(claims: readonly BoundClaim[], accounts: readonly Account[]): Budget[] {
  const pots = claims.filter(({ holdOnly }) => !holdOnly).map(claim => ({ claim, account: accountOf(claim, accounts) }))
  return tightest(pots).map(({ claim, account }) => budgetOf(claim, account))
}

const accountOf = (claim: BoundClaim, accounts: readonly Account[]): Account =>
  accounts.find(({ key }) => key === claim.account) ?? emptyAccount(claim)
