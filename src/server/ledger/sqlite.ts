import { DatabaseSync } from 'node:sqlite'
import type { SQLOutputValue, StatementSync } from 'node:sqlite'
import type { Account, Receipt, Reservation, ReservationStatus } from '../../core/index.ts'
import { createLedger } from './create-ledger.ts'
import type { Engine, Row } from './engine.ts'
import type { Ledger } from './port.ts'
import { transactions } from './sqlite-transactions.ts'
import { takeSteps } from './take-steps.ts'

export interface SqliteLedgerOptions {
  /** The clock, milliseconds since 1970. */
  readonly now?: () => number
  /** Milliseconds to go on trying while other processes write. @default 5000 */
  readonly patience?: number
}

const schema = `
  CREATE TABLE IF NOT EXISTS accounts (
    key TEXT PRIMARY KEY, max INTEGER NOT NULL, settled INTEGER NOT NULL, held INTEGER NOT NULL, revision INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS runs (
    identity TEXT NOT NULL, run TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL,
    at INTEGER NOT NULL, expires INTEGER NOT NULL, claims TEXT NOT NULL, receipt TEXT, PRIMARY KEY (identity, run)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS open_runs ON runs (expires) WHERE status IN ('held', 'dispatched');
`

/**
 * A ledger in one SQLite file, for any number of processes on one machine. Every answer is on disk
 * (WAL, `synchronous=FULL`); verbs that arrive together share one transaction.
 * @param path of the file; it is created if missing
 * @throws {Error} when the file cannot be opened or is no database
 */
export function sqliteLedger(path: string, { now = Date.now, patience = 5_000 }: SqliteLedgerOptions = {}): Ledger {
  return createLedger(sqliteEngine(openDatabase(path), now, patience))
}

function openDatabase(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path)
    // Setting up waits for others; at run time nothing does, see `transactions`.
    database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;')
    database.exec(schema)
    database.exec('PRAGMA busy_timeout = 0')
    return database
  } catch (cause) {
    throw new Error(`The ledger's file "${path}" cannot be used (${(cause as Error).message}). Give a path in a folder that exists and may be written to, of no file or of a ledger's.`, { cause })
  }
}

function sqliteEngine(database: DatabaseSync, now: () => number, patience: number): Engine {
  const inTurn = transactions(database, patience)
  const sql = statements(database)
  const row = ({ identity, run }: { identity: string; run: string }) => rowOf(sql.row.get(identity, run))
  const account = (key: string) => accountOf(sql.account.get(key))
  return {
    now,
    row: key => inTurn(() => row(key)),
    change: ({ row: next, expected, steps }) => inTurn(() => {
      const version = Number(sql.version.get(next.identity, next.run)?.['version'] ?? 0)
      if (version !== expected) return { outcome: 'conflict', row: row(next) }
      const answer = takeSteps(steps, account)
      if (answer.outcome === 'exceeded') return answer
      for (const { key, limit, settled, held, revision } of answer.accounts) sql.putAccount.run(key, limit, settled, held, revision)
      const { identity, run, body, at, reservation, receipt } = next
      sql.putRow.run(identity, run, next.version, body, reservation.status, at, reservation.expiresAt, JSON.stringify(reservation.claims), receipt && JSON.stringify(receipt))
      return answer
    }),
    accounts: keys => inTurn(() => keys.flatMap(key => account(key) ?? [])),
    overdue: (at, most) => inTurn(() => sql.overdue.all(at, most).map(columns => rowOf(columns)!)),
    async close() {
      await inTurn.idle()
      if (database.isOpen) database.close()
    },
  }
}

const statements = (database: DatabaseSync) => ({
  row: database.prepare('SELECT * FROM runs WHERE identity = ? AND run = ?'),
  version: database.prepare('SELECT version FROM runs WHERE identity = ? AND run = ?'),
  putRow: database.prepare('INSERT OR REPLACE INTO runs (identity, run, version, body, status, at, expires, claims, receipt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
  account: database.prepare('SELECT * FROM accounts WHERE key = ?'),
  putAccount: database.prepare('INSERT OR REPLACE INTO accounts (key, max, settled, held, revision) VALUES (?, ?, ?, ?, ?)'),
  overdue: database.prepare(`SELECT * FROM runs WHERE status IN ('held', 'dispatched') AND expires <= ? ORDER BY expires LIMIT ?`),
}) satisfies Record<string, StatementSync>

type Columns = Record<string, SQLOutputValue> | undefined

function rowOf(columns: Columns): Row | null {
  if (!columns) return null
  const { identity, run, version, body, status, at, expires, claims, receipt } = columns as Record<string, string>
  const reservation: Reservation = { run: run!, status: status as ReservationStatus, expiresAt: Number(expires), claims: JSON.parse(claims!) }
  return { identity: identity!, run: run!, version: Number(version), body: body!, at: Number(at), reservation, receipt: receipt ? JSON.parse(receipt) as Receipt : null }
}

function accountOf(columns: Columns): Account | undefined {
  if (!columns) return undefined
  const { key, max, settled, held, revision } = columns
  return { key: String(key), limit: Number(max), settled: Number(settled), held: Number(held), revision: Number(revision) }
}
