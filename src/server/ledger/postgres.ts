import { Pool } from 'pg'
import { createLedger } from './create-ledger.ts'
import type { Ledger } from './port.ts'
import { databaseOf, within } from './postgres-database.ts'
import type { PostgresPool } from './postgres-database.ts'
import { postgresEngine } from './postgres-engine.ts'
import { checkedRetention } from './retention.ts'
import type { Retention } from './retention.ts'

export type { PostgresPool } from './postgres-database.ts'
export type { Retention } from './retention.ts'

export interface PostgresLedgerOptions extends Retention {
  /** The schema that the ledger's tables are in; it is created where it is missing. @default 'sparing' */
  readonly schema?: string
  /** Milliseconds to wait for the database, for a lock in it or for a connection. @default 5000 */
  readonly patience?: number
  /** The most connections at once, where the ledger opens them itself. @default 10 */
  readonly connections?: number
  /** The clock, milliseconds since 1970. @default the database's */
  readonly now?: () => number
}

/**
 * A ledger in a PostgreSQL database, for any number of processes on any number of machines. Every
 * answer is committed and on disk; verbs that arrive together share one round trip. Its tables are
 * made on first use, by however many processes at once.
 *
 * Identities and runs stand in the tables as JSON writes strings, without the quotes: PostgreSQL
 * cannot hold every string otherwise.
 * @param database a connection string, or a pool of `pg`, which stays its owner's: to close, and to
 * listen to for the `error` of idle connections
 * @throws {RangeError} for a schema that cannot be one, and for a retention that is no time
 */
export function postgresLedger(database: string | PostgresPool, { schema = 'sparing', patience = 5_000, connections = 10, now, ...kept }: PostgresLedgerOptions = {}): Ledger {
  const keep = checkedRetention(kept)
  const pool = typeof database === 'string' ? ownPool(database, connections, patience) : database
  const release = async () => {
    // One that hangs is left behind: nothing waits for it any more.
    if (pool !== database) await within(patience, pool.end()).catch(() => {})
  }
  return createLedger(postgresEngine(databaseOf(pool, patience), { schema: checkedSchema(schema), patience, now, release }), keep)
}

function ownPool(connectionString: string, max: number, patience: number): Pool {
  const pool = new Pool({ connectionString, max, connectionTimeoutMillis: patience, keepAlive: true, allowExitOnIdle: true, fallback_application_name: 'sparing' })
  // A connection that breaks while nobody uses it is replaced when one is needed; unheard, the event would end the process.
  pool.on('error', () => {})
  return pool
}

function checkedSchema(schema: string): string {
  if (/^[^\0]+$/.test(schema) && new TextEncoder().encode(schema).length <= 63) return schema
  throw new RangeError(`"${schema}" cannot name a schema of PostgreSQL. Give a name of 1 to 63 bytes.`)
}
