import type { Ledger } from '../../server/index.ts'

/** What a ledger that clears away by itself is to keep to, where it does. */
export interface PlaceRetention {
  /** Milliseconds that what is over is kept. */
  readonly retention: number
  /** Milliseconds by a clock that only ever runs on, whatever `now` shows. */
  readonly uptime: () => number
}

/** A place where ledgers of one kind keep their record. */
export interface LedgerPlace {
  /**
   * Opens a ledger on the record. Called again, it is another holder of the same record, where there can be one.
   * @param kept given in histories, for a ledger that clears away by itself: it must not while its clock is wrong
   */
  open(now: () => number, kept?: PlaceRetention): Ledger | Promise<Ledger>
  /** Whether the record outlives its ledger, so that several can hold it. */
  readonly durable: boolean
  clear(): void | Promise<void>
}
