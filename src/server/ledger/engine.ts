import type { Account, Receipt, Reservation, Step } from '../../core/index.ts'
import type { RunKey } from './port.ts'

/** A run as it is kept: no prompt, no output. */
export interface Row extends RunKey {
  /** Keyed hash of the request. */
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
}

export type ChangeAnswer =
  /** The accounts of the steps, as they are now. */
  | { readonly outcome: 'done'; readonly accounts: readonly Account[] }
  /** Some guards do not hold, so nothing was changed: the accounts as they are, and the keys of those that refused. */
  | { readonly outcome: 'exceeded'; readonly accounts: readonly Account[]; readonly refused: readonly string[] }
  /** The row is another than was expected, so nothing was changed. */
  | { readonly outcome: 'conflict'; readonly row: Row | null }

/**
 * What a database must offer to be a ledger. The verbs and their arithmetic are the same for all
 * (`createLedger`); an engine makes a change atomic and durable.
 */
export interface Engine {
  /** The ledger's clock, milliseconds since 1970. */
  now(): number | Promise<number>
  row(key: RunKey): Promise<Row | null>
  change(change: Change): Promise<ChangeAnswer>
  /** Those that exist. */
  accounts(keys: readonly string[]): Promise<readonly Account[]>
  /** Open reservations whose lease is over, at most so many. */
  overdue(now: number, most: number): Promise<readonly Row[]>
  close(): Promise<void>
}
