import type { Amounts, Budget, Claim, Receipt, ReservationStatus } from '../../core/index.ts'

/** A run's name in the ledger: ids belong to an identity, so that nobody can touch another's. */
export interface RunKey {
  readonly identity: string
  readonly run: string
}

export interface ReserveRequest extends RunKey {
  /** Keyed hash of the request: the same id with another body is a conflict. */
  readonly body: string
  readonly claims: readonly Claim[]
  /** Milliseconds until the reservation expires unless it is renewed. */
  readonly lease: number
  /** The most runs an identity may have open at once. */
  readonly concurrency: number
  /** The revision of the stored policy that the claims were worked out under; 0 where none was stored. */
  readonly policy?: number
  /** Dispatches in the same transaction: the upstream is called as soon as it is reserved, and this receipt stands if nobody settles the run. */
  readonly assumed?: Receipt
}

export type ReserveAnswer =
  | { readonly outcome: 'reserved'; readonly budgets: readonly Budget[] }
  /** `resetsAt`: when it may fit, if nothing else is drawn meanwhile; `null` where no clock ends a budget that refuses. */
  | { readonly outcome: 'exceeded'; readonly budgets: readonly Budget[]; readonly resetsAt: number | null }
  | { readonly outcome: 'running' }
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'ended'; readonly entry: Entry }
  /** The policy has changed since: nothing was taken. Work the claims out anew. */
  | { readonly outcome: 'stale-policy' }
  /** `shares`: the budgets of whose whole the identity holds as much as it may, where it is that and not their number. */
  | { readonly outcome: 'too-many'; readonly running: number; readonly shares?: readonly string[] }

/** A small document beside the accounts, in the same engine: the policy, a person's opt-ins. */
export interface Stored {
  readonly key: string
  readonly value: unknown
  /** One more with every change, from 1. */
  readonly revision: number
}

/**
 * What was settled in periods that are over and cleared away, by budget, unit and period: whoever's it was, each
 * run once, to the grain, also where it was settled after that.
 */
export interface Total {
  /**
   * The account's key with its subject left out: `[budget, null, unit, window, timeZone, start]` as JSON. Pots of single runs
   * have one total, and so has a window that rolls; `start` is `null` then.
   */
  readonly key: string
  readonly settled: number
}

/** What a ledger keeps of a run: no prompt, no output. */
export interface Entry extends RunKey {
  readonly status: ReservationStatus
  /** `null` while it is open, and of one that was never dispatched. */
  readonly receipt: Receipt | null
  /** The budgets it drew on, as they stand now. */
  readonly budgets: readonly Budget[]
}

/**
 * The server's record of reservations and settlements. Every verb is idempotent by run; the
 * ledger's clock decides periods and expiry; an answer means that it is durable.
 *
 * A refusal is a value. A throw means that the ledger failed and nothing is known: callers refuse.
 */
export interface Ledger {
  /** Takes every claim, all or nothing; a refused reserve changes nothing. */
  reserve(request: ReserveRequest): Promise<ReserveAnswer>
  /**
   * Marks that the upstream is about to be called, where `reserve` did not.
   * @param assumed the receipt that stands if nobody settles the run: its worst case
   * @returns false when the reservation is no longer open, so that it must not be called
   */
  dispatch(key: RunKey, assumed?: Receipt): Promise<boolean>
  /** Holds an open reservation for another lease. */
  renew(key: RunKey, lease: number): Promise<void>
  /** Replaces the worst case by the actual, once, and keeps the receipt. */
  settle(key: RunKey, actual: Amounts, receipt: Receipt): Promise<readonly Budget[]>
  /**
   * Gives everything back, for a run that was never dispatched.
   * @param assumed of a reserve whose answer was lost, so that nothing was called for it: what that very reserve dispatched is given back too
   */
  release(key: RunKey, assumed?: Receipt): Promise<void>
  /** Ends what outlived its lease: never dispatched is released, dispatched is settled in full. */
  expire(): Promise<number>
  /** The budgets of these claims as they stand now; amounts of claims do not matter. */
  balance(claims: readonly Claim[]): Promise<readonly Budget[]>
  entry(key: RunKey): Promise<Entry | null>
  /** Of every identity that has a run of this id, in the order of their names: for support. It may look through all runs. */
  entriesNamed(run: string): Promise<readonly Entry[]>
  /** Of all runs in a stable order, at most so many after a key: for reports and checks. */
  entries(after: RunKey | null, most: number): Promise<readonly Entry[]>
  /** A small document in the same engine, such as the policy; see `keys.ts` for their names. */
  document(key: string): Promise<Stored | null>
  /**
   * Writes a document whose revision is `expected`; 0 where it must not exist; a `null` value deletes it.
   * @returns whether it was so
   */
  putDocument(key: string, value: unknown, expected: number): Promise<boolean>
  /**
   * Clears away runs that ended, and pots whose period was over, before a time; what these had
   * settled is added to their totals.
   * @returns how many were cleared away
   */
  retire(before: number): Promise<number>
  /** What was settled in pots that were cleared away. */
  totals(): Promise<readonly Total[]>
  /**
   * Takes an identity out of the record: its opt-ins go, and the outcomes it told, and what it spent stands under a name that
   * leads nowhere. A run of its that is still open can no longer be settled, so it expires in full.
   */
  erase(identity: string): Promise<void>
  close(): Promise<void>
}
