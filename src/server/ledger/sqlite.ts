import { DatabaseSync } from 'node:sqlite'
import type { SQLOutputValue, StatementSync } from 'node:sqlite'
import { createLedger } from './create-ledger.ts'
import type { Engine, Row } from './engine.ts'
import { totalKey } from './keys.ts'
import type { Ledger, RunKey } from './port.ts'
import { checkedRetention } from './retention.ts'
import type { Retention } from './retention.ts'
import { renaming } from './sqlite-rename.ts'
import { isBusy, transactions } from './sqlite-transactions.ts'
import { accountOf, claimsText, documentOf, nameOf, rowOf } from './sqlite-values.ts'
import { takeSteps } from './take-steps.ts'
import { textOf } from './texts.ts'

export type { Retention } from './retention.ts'

export interface SqliteLedgerOptions extends Retention {
  /** The clock, milliseconds since 1970. */
  readonly now?: () => number
  /** Milliseconds to go on trying while other processes write. @default 5000 */
  readonly patience?: number
}

const schema = `
  CREATE TABLE IF NOT EXISTS accounts (
    key TEXT PRIMARY KEY, max INTEGER NOT NULL, settled INTEGER NOT NULL, held INTEGER NOT NULL, revision INTEGER NOT NULL, ends INTEGER
  ) STRICT, WITHOUT ROWID;
  -- Rows lie in the order in which they came, and receipts apart from what changes: a commit touches few pages.
  CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, identity TEXT NOT NULL, run TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL,
    at INTEGER NOT NULL, expires INTEGER NOT NULL, claims TEXT NOT NULL, UNIQUE (identity, run)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS receipts (id INTEGER PRIMARY KEY, receipt TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS named_runs ON runs (run);
  CREATE INDEX IF NOT EXISTS open_runs ON runs (expires) WHERE status IN ('held', 'dispatched');
  CREATE INDEX IF NOT EXISTS ended_runs ON runs (at) WHERE status NOT IN ('held', 'dispatched');
  CREATE INDEX IF NOT EXISTS idle_accounts ON accounts (ends, settled) WHERE held = 0;
  CREATE TABLE IF NOT EXISTS documents (key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS totals (key TEXT PRIMARY KEY, settled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

/**
 * A ledger in one SQLite file, for any number of processes on one machine. Every answer is on disk
 * (WAL, `synchronous=FULL`); verbs that arrive together share one transaction.
 * @param path of the file; it is created if missing
 * @throws {Error} when the file cannot be opened or is no database
 * @throws {RangeError} for a retention that is no time
 */
export function sqliteLedger(path: string, { now = Date.now, patience = 5_000, ...kept }: SqliteLedgerOptions = {}): Ledger {
  const keep = checkedRetention(kept)
  return createLedger(sqliteEngine(openDatabase(path), now, patience), keep)
}

function openDatabase(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path)
    // Setting up waits for others; at run time nothing does, see `transactions`.
    database.exec(`PRAGMA busy_timeout = ${settingUp}`)
    patiently(() => database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;'))
    if (layoutOf(database) !== layout) layOut(database)
    database.exec('PRAGMA busy_timeout = 0')
    return database
  } catch (cause) {
    throw new Error(`The ledger's file "${path}" cannot be used (${(cause as Error).message}). Give a path in a folder that exists and may be written to, of no file or of a ledger's.`, { cause })
  }
}

/** Milliseconds that setting up waits for others who set the same file up. */
const settingUp = 5_000

/** SQLite does not wait where several turn a new file to WAL at once: one of them is told at once that it is locked. */
function patiently(work: () => void): void {
  const until = performance.now() + settingUp
  while (true) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 20)
    }
  }
}

/** The layout of the tables, counted up when it changes. */
const layout = 2

const layoutOf = (database: DatabaseSync): number => Number(database.prepare('PRAGMA user_version').get()!['user_version'])

/** Makes the tables, in one of those who open the file at once. One of another layout is left alone: what was spent stands in it. */
function layOut(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  const found = layoutOf(database)
  const { tables } = database.prepare(`SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'runs'`).get()!
  if (found !== layout && Number(tables) > 0) throw new Error(`it is a ledger of layout ${found}, and this version writes layout ${layout}: move it away, and a new one is begun`)
  database.exec(`${schema}; PRAGMA user_version = ${layout}; COMMIT`)
}

function sqliteEngine(database: DatabaseSync, now: () => number, patience: number): Engine {
  const inTurn = transactions(database, patience)
  const sql = statements(database)
  const row = (key: RunKey) => rowOf(sql.row.get(...nameOf(key)))
  const account = (key: string) => accountOf(sql.account.get(key))
  const document = (key: string) => documentOf(sql.document.get(key))
  return {
    // Whole milliseconds are all that its columns take.
    now: () => Math.floor(now()),
    row: key => inTurn(() => row(key)),
    rowsNamed: run => inTurn(() => sql.rowsNamed.all(textOf(run)).map(columns => rowOf(columns)!)),
    change: ({ row: next, expected, steps, under }) => inTurn(() => {
      const stored = sql.place.get(...nameOf(next))
      if (Number(stored?.['version'] ?? 0) !== expected) return { outcome: 'conflict', row: row(next) }
      const current = under ? document(under.key) : null
      if (under && (current?.revision ?? 0) !== under.revision) return { outcome: 'stale', document: current }
      const answer = takeSteps(steps, account)
      if (answer.outcome === 'exceeded') return answer
      const ends = new Map(steps.map(step => [step.account, step.ends]))
      for (const { key, limit, settled, held, revision } of answer.accounts) sql.putAccount.run(key, limit, settled, held, revision, ends.get(key) ?? null)
      putRow(sql, next, stored?.['id'])
      return answer
    }),
    accounts: keys => inTurn(() => keys.flatMap(key => account(key) ?? [])),
    overdue: (at, most) => inTurn(() => sql.overdue.all(at, most).map(columns => rowOf(columns)!)),
    rows: (after, most) => inTurn(() => sql.rows.all(...nameOf(after ?? { identity: '', run: '' }), most).map(columns => rowOf(columns)!)),
    document: key => inTurn(() => document(key)),
    putDocument: (key, value, expected) => inTurn(() => {
      if ((document(key)?.revision ?? 0) !== expected) return false
      if (value === null) sql.dropDocument.run(key)
      else sql.putDocument.run(key, JSON.stringify(value), expected + 1)
      return true
    }),
    retire: (before, most) => inTurn(() => {
      sql.dropReceipts.run(before, most)
      const dropped = Number(sql.dropRuns.run(before, most).changes)
      const ended = sql.ended.all(before, most).map(columns => accountOf(columns)!)
      for (const { key, settled } of ended) {
        // Below nothing where a late settlement lowered what was cleared away before.
        if (settled !== 0) sql.addTotal.run(totalKey(key), settled)
        sql.dropAccount.run(key)
      }
      return dropped + ended.length
    }),
    totals: () => inTurn(() => sql.totals.all().map(({ key, settled }) => ({ key: String(key), settled: Number(settled) }))),
    rename: renaming(database, inTurn),
    async close() {
      await inTurn.idle()
      if (database.isOpen) database.close()
    },
  }
}

const rows = 'SELECT runs.*, receipt FROM runs LEFT JOIN receipts USING (id)'
/** Runs that are over, the same ones each time. */
const over = `SELECT id FROM runs WHERE status NOT IN ('held', 'dispatched') AND at < ? ORDER BY at, id LIMIT ?`

const statements = (database: DatabaseSync) => ({
  row: database.prepare(`${rows} WHERE identity = ? AND run = ?`),
  place: database.prepare('SELECT id, version FROM runs WHERE identity = ? AND run = ?'),
  insertRow: database.prepare('INSERT INTO runs (identity, run, version, body, status, at, expires, claims) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
  // Not its name and its time, which do not change: what is set is indexed anew.
  updateRow: database.prepare('UPDATE runs SET version = ?, status = ?, expires = ?, claims = ? WHERE id = ?'),
  putReceipt: database.prepare('INSERT OR REPLACE INTO receipts (id, receipt) VALUES (?, ?)'),
  overdue: database.prepare(`${rows} WHERE status IN ('held', 'dispatched') AND expires <= ? ORDER BY expires LIMIT ?`),
  rows: database.prepare(`${rows} WHERE (identity, run) > (?, ?) ORDER BY identity, run LIMIT ?`),
  // Found by looking through the index of names: support asks seldom, and another index would cost every run.
  rowsNamed: database.prepare(`${rows} WHERE run = ? ORDER BY identity`),
  dropReceipts: database.prepare(`DELETE FROM receipts WHERE id IN (${over})`),
  dropRuns: database.prepare(`DELETE FROM runs WHERE id IN (${over})`),
  account: database.prepare('SELECT * FROM accounts WHERE key = ?'),
  putAccount: database.prepare('INSERT OR REPLACE INTO accounts (key, max, settled, held, revision, ends) VALUES (?, ?, ?, ?, ?, ?)'),
  dropAccount: database.prepare('DELETE FROM accounts WHERE key = ?'),
  ended: database.prepare('SELECT * FROM accounts WHERE held = 0 AND (ends < ? OR (ends IS NULL AND settled = 0)) LIMIT ?'),
  document: database.prepare('SELECT * FROM documents WHERE key = ?'),
  putDocument: database.prepare('INSERT OR REPLACE INTO documents (key, value, revision) VALUES (?, ?, ?)'),
  dropDocument: database.prepare('DELETE FROM documents WHERE key = ?'),
  totals: database.prepare('SELECT * FROM totals ORDER BY key'),
  addTotal: database.prepare('INSERT INTO totals (key, settled) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET settled = settled + excluded.settled'),
}) satisfies Record<string, StatementSync>

type Statements = ReturnType<typeof statements>

/** @param id of the row it replaces */
function putRow(sql: Statements, { version, body, at, reservation, receipt, ...key }: Row, id: SQLOutputValue | undefined): void {
  const { status, expiresAt } = reservation
  const claims = claimsText({ reservation })
  const place = id === undefined
    ? sql.insertRow.run(...nameOf(key), version, textOf(body), status, at, expiresAt, claims).lastInsertRowid
    : (sql.updateRow.run(version, status, expiresAt, claims, id), id)
  if (receipt) sql.putReceipt.run(place, JSON.stringify(receipt))
}
