import type { Ledger } from '../../server/index.ts'

/** A place where ledgers of one kind keep their record. */
export interface LedgerPlace {
  /** Opens a ledger on the record. Called again, it is another holder of the same record, where there can be one. */
  open(now: () => number): Ledger | Promise<Ledger>
  /** Whether the record outlives its ledger, so that several can hold it. */
  readonly durable: boolean
  clear(): void | Promise<void>
}
