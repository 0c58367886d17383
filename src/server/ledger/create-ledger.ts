import { bindClaim, budgetOf, dispatch, emptyAccount, isOpen, planExpire, planRelease, planReserve, planSettle, renew } from '../../core/index.ts'
import type { Account, BoundClaim, Budget, Claim, Plan, Receipt } from '../../core/index.ts'
import type { Engine, Row } from './engine.ts'
import type { Entry, Ledger, ReserveAnswer, ReserveRequest, RunKey } from './port.ts'

/** How often a change is worked out anew because the row moved meanwhile. */
const attempts = 8
/** Overdue reservations closed in one go. */
const sweepSize = 200
/** Places among the runs that one identity may have open; budgets cannot be called so. */
const places = ' places'

/** Where the policy stands in the engine. */
export const policyKey = JSON.stringify(['policy', null])

/** What a verb makes of a row; `null` leaves it as it is. */
type Transition = (row: Row, now: number) => (Plan & { readonly receipt?: Receipt }) | null

/** The verbs of a ledger over an engine. The arithmetic is the core's; the engine makes it atomic and durable. */
export function createLedger(engine: Engine): Ledger {
  /** Rows of runs that are open here, to start from without asking; compare-and-set finds out when one is old. */
  const open = new Map<string, Row>()
  const remember = (row: Row) => isOpen(row.reservation) ? open.set(nameOf(row), row) : open.delete(nameOf(row))

  async function reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    const now = await engine.now()
    const claims = [...placeClaims(request), ...request.claims].map(claim => bindClaim(claim, request.run, now))
    const { reservation, steps } = planReserve(request.run, claims, now + request.lease)
    const { identity, run, body } = request
    const under = request.policy === undefined ? {} : { under: { key: policyKey, revision: request.policy } }
    const change = { row: { identity, run, body, reservation, receipt: null, at: now, version: 1 }, expected: 0, steps, ...under }
    let answer = await engine.change(change)
    // Perhaps it is full of what nobody holds any more.
    if (answer.outcome === 'exceeded' && await expire() > 0) answer = await engine.change(change)
    if (answer.outcome === 'conflict') return answerAgain(request, answer.row)
    if (answer.outcome === 'stale') return { outcome: 'stale-policy' }
    if (answer.outcome === 'exceeded') return refusal(claims, answer.accounts, answer.refused)
    remember(change.row)
    return { outcome: 'reserved', budgets: budgetsOf(claims, answer.accounts) }
  }

  async function answerAgain(request: ReserveRequest, row: Row | null): Promise<ReserveAnswer> {
    if (row?.body !== request.body) return { outcome: 'conflict' }
    const current = await closeIfOver(row)
    return isOpen(current.reservation) ? { outcome: 'running' } : { outcome: 'ended', entry: await entryOf(current) }
  }

  /** Works a change out from the row, and again whenever the row turns out to have moved. */
  async function transit(key: RunKey, transition: Transition, known = open.get(nameOf(key))): Promise<{ row: Row | null; accounts: readonly Account[] | null }> {
    let row = known ?? await engine.row(key)
    for (let attempt = 0; row && attempt < attempts; attempt++) {
      const plan = transition(row, await engine.now())
      if (!plan) return { row, accounts: null }
      const next: Row = { ...row, reservation: plan.reservation, receipt: plan.receipt ?? row.receipt, version: row.version + 1 }
      const answer = await engine.change({ row: next, expected: row.version, steps: plan.steps })
      if (answer.outcome === 'done') {
        remember(next)
        return { row: next, accounts: answer.accounts }
      }
      if (answer.outcome === 'conflict') ({ row } = answer)
      open.delete(nameOf(key))
    }
    if (row) throw new Error(`The run "${key.run}" changed under every one of ${attempts} attempts to write it.`)
    return { row, accounts: null }
  }

  const closeIfOver = async (row: Row) => (await transit(row, expiry, row)).row ?? row

  async function expire(): Promise<number> {
    let closed = 0
    for (let rows = await engine.overdue(await engine.now(), sweepSize); rows.length > 0; rows = rows.length < sweepSize ? [] : await engine.overdue(await engine.now(), sweepSize)) {
      await Promise.all(rows.map(closeIfOver))
      closed += rows.length
    }
    return closed
  }

  async function entryOf({ identity, run, reservation, receipt }: Row): Promise<Entry> {
    const accounts = await engine.accounts(reservation.claims.map(({ account }) => account))
    return { identity, run, status: reservation.status, receipt, budgets: budgetsOf(reservation.claims, accounts) }
  }

  return orderly({
    reserve, expire,
    async dispatch(key) {
      const { accounts } = await transit(key, ({ reservation }, now) => {
        const startable = reservation.status === 'held' && now < reservation.expiresAt
        return startable ? { reservation: dispatch(reservation), steps: [] } : null
      })
      return accounts !== null
    },
    async renew(key, lease) {
      await transit(key, ({ reservation }, now) => isOpen(reservation) ? { reservation: renew(reservation, now + lease), steps: [] } : null)
    },
    async settle(key, actual, receipt) {
      const { row, accounts } = await transit(key, ({ reservation }) => {
        const plan = planSettle(reservation, actual)
        return plan && { ...plan, receipt }
      })
      if (!row) throw new Error(`The run "${key.run}" has no reservation to settle: it was never reserved, or the ledger lost it.`)
      return accounts ? budgetsOf(row.reservation.claims, accounts) : (await entryOf(row)).budgets
    },
    async release(key) {
      await transit(key, ({ reservation }) => planRelease(reservation))
    },
    async balance(claims) {
      await expire()
      const now = await engine.now()
      const bound = claims.map(claim => bindClaim(claim, '', now))
      const accounts = await engine.accounts(bound.map(({ account }) => account))
      // What is asked about is the policy of now; an account may not have been drawn on since it changed.
      return bound.map(claim => budgetOf(claim, { ...accountOf(claim, accounts), limit: claim.limit }))
    },
    async entry(key) {
      await expire()
      const row = await engine.row(key)
      return row && entryOf(row)
    },
    close: () => engine.close(),
  })
}

/** Closes once what was asked before is answered: a verb may take several steps. */
function orderly(ledger: Ledger): Ledger {
  const pending = new Set<Promise<unknown>>()
  const noted = <A extends unknown[], T>(verb: (...args: A) => Promise<T>) => (...args: A) => {
    const answer = verb(...args)
    pending.add(answer)
    const over = () => pending.delete(answer)
    answer.then(over, over)
    return answer
  }
  const { reserve, dispatch, renew, settle, release, expire, balance, entry } = ledger
  return {
    reserve: noted(reserve), dispatch: noted(dispatch), renew: noted(renew), settle: noted(settle), release: noted(release),
    expire: noted(expire), balance: noted(balance), entry: noted(entry),
    async close() {
      await Promise.allSettled([...pending])
      await ledger.close()
    },
  }
}

const nameOf = ({ identity, run }: RunKey) => JSON.stringify([identity, run])
const expiry: Transition = ({ reservation }, now) => planExpire(reservation, now)

/** One place among those that an identity's open runs have; none where there is no end of them. */
function placeClaims({ identity, concurrency }: ReserveRequest): Claim[] {
  if (concurrency === Infinity) return []
  return [{ budget: places, scope: places, subject: identity, unit: 'runs', window: 'session', timeZone: 'UTC', limit: concurrency, amount: 1, holdOnly: true }]
}

function refusal(claims: readonly BoundClaim[], accounts: readonly Account[], refused: readonly string[]): ReserveAnswer {
  const exceeded = claims.filter(({ account }) => refused.includes(account))
  const place = exceeded.find(({ holdOnly }) => holdOnly)
  if (place) return { outcome: 'too-many', running: accountOf(place, accounts).held }
  return { outcome: 'exceeded', budgets: budgetsOf(exceeded, accounts) }
}

/** Budgets that were claimed, as their accounts stand; places among open runs are none. */
function budgetsOf(claims: readonly BoundClaim[], accounts: readonly Account[]): Budget[] {
  return claims.filter(({ holdOnly }) => !holdOnly).map(claim => budgetOf(claim, accountOf(claim, accounts)))
}

const accountOf = (claim: BoundClaim, accounts: readonly Account[]): Account =>
  accounts.find(({ key }) => key === claim.account) ?? emptyAccount(claim)
