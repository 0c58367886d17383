import type { Account, Receipt, Reservation, Step } from '../../core/index.ts'
import type { RunKey, Stored, Total } from './port.ts'

/** A run as it is kept: no prompt, no output. */
export interface Row extends RunKey {
  /** Keyed hash of the request, and who wrote it: see `marks.ts`. */
  readonly body: string
  readonly reservation: Reservation
  readonly receipt: Receipt | null
  /** Milliseconds since 1970, by the ledger's clock. */
  readonly at: number
  /** One more with every change, from 1: what compare-and-set goes by. */
  readonly version: number
}

/** All that one verb changes, at once or not at all. */
export interface Change {
  readonly row: Row
  /** The version the row must have now; 0 where it must not exist. */
  readonly expected: number
  /** How accounts move, as `takeStep` of the core says. One that does not exist starts at nothing. */
  readonly steps: readonly Step[]
  /** A document that the change was worked out under, and its revision then; 0 where there was none. */
  readonly under?: { readonly key: string; readonly revision: number }
}

export type ChangeAnswer =
  /** The accounts of the steps, as they are now. */
  | { readonly outcome: 'done'; readonly accounts: readonly Account[] }
  /** Some guards do not hold, so nothing was changed: the accounts as they are under the guards' limits, and the keys of those that refused. */
  | { readonly outcome: 'exceeded'; readonly accounts: readonly Account[]; readonly refused: readonly string[] }
  /** The row is another than was expected, so nothing was changed. */
  | { readonly outcome: 'conflict'; readonly row: Row | null }
  /** The document is another than was expected, so nothing was changed: what it is now. */
  | { readonly outcome: 'stale'; readonly document: Stored | null }

/**
 * What a database must offer to be a ledger. The verbs and their arithmetic are the same for all
 * (`createLedger`); an engine makes a change atomic and durable. A conflict comes before a stale
 * document, and that before a refused guard.
 */
export interface Engine {
  /** The ledger's clock, milliseconds since 1970. */
  now(): number | Promise<number>
  row(key: RunKey): Promise<Row | null>
  /** Those of a run's id, whoever's, in the order of identities. */
  rowsNamed(run: string): Promise<readonly Row[]>
  change(change: Change): Promise<ChangeAnswer>
  /** Those that exist. */
  accounts(keys: readonly string[]): Promise<readonly Account[]>
  /** Open reservations whose lease is over, the longest first, at most so many. */
  overdue(now: number, most: number): Promise<readonly Row[]>
  /** All rows in a stable order, at most so many after a key: for reports and checks. */
  rows(after: RunKey | null, most: number): Promise<readonly Row[]>
  document(key: string): Promise<Stored | null>
  /**
   * Writes a document whose revision is `expected`; 0 where it must not exist; a `null` value deletes it.
   * @returns whether it was so
   */
  putDocument(key: string, value: unknown, expected: number): Promise<boolean>
  /**
   * Clears away rows that ended before a time, and accounts whose period ended before it and of
   * which nothing is held, adding what these had settled to their totals. At most so many of each.
   * @returns how many were cleared away
   */
  retire(before: number, most: number): Promise<number>
  totals(): Promise<readonly Total[]>
  /** Renames an identity wherever it stands: as a row's, as a subject of claims and accounts, and in documents' keys. */
  rename(identity: string, alias: string): Promise<void>
  close(): Promise<void>
}
