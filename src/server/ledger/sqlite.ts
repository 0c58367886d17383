import { DatabaseSync } from 'node:sqlite'
import type { SQLOutputValue, StatementSync } from 'node:sqlite'
import type { Account, Receipt, Reservation, ReservationStatus } from '../../core/index.ts'
import { balanceIn, dispatchIn, entryIn, expireIn, releaseIn, renewIn, reserveIn, settleIn } from './books.ts'
import type { Books, Row } from './books.ts'
import { ledgerUnavailable } from './guarded.ts'
import type { Ledger } from './port.ts'

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
    identity TEXT NOT NULL, run TEXT NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL, expires INTEGER NOT NULL,
    claims TEXT NOT NULL, receipt TEXT, PRIMARY KEY (identity, run)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS open_runs ON runs (expires, identity) WHERE status IN ('held', 'dispatched');
`

/**
 * A ledger in one SQLite file, for any number of processes on one machine. Every answer is on disk
 * (WAL, `synchronous=FULL`); verbs that arrive together share one transaction.
 * @param path of the file; it is created if missing
 * @throws {Error} when the file cannot be opened or is no database
 */
export function sqliteLedger(path: string, { now = Date.now, patience = 5_000 }: SqliteLedgerOptions = {}): Ledger {
  const database = openDatabase(path)
  const books = sqliteBooks(database, now)
  const inTurn = transactions(database, patience)
  return {
    reserve: request => inTurn(() => reserveIn(books, request)),
    dispatch: key => inTurn(() => dispatchIn(books, key)),
    renew: (key, lease) => inTurn(() => renewIn(books, key, lease)),
    settle: (key, actual, receipt) => inTurn(() => settleIn(books, key, actual, receipt)),
    release: key => inTurn(() => releaseIn(books, key)),
    expire: () => inTurn(() => expireIn(books)),
    balance: claims => inTurn(() => balanceIn(books, claims)),
    entry: key => inTurn(() => entryIn(books, key)),
    close: async () => {
      await inTurn.idle()
      if (database.isOpen) database.close()
    },
  }
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

interface InTurn {
  <T>(work: () => T): Promise<T>
  /** Resolves when nothing waits. */
  idle(): Promise<void>
}

interface Job {
  readonly work: () => unknown
  readonly done: (value: never) => void
  readonly failed: (error: unknown) => void
  readonly since: number
}

/**
 * Runs jobs in transactions: all that wait share one, so a hundred callers cost one write to disk.
 * SQLite's own waiting would stop the event loop; this one tries again later instead.
 */
function transactions(database: DatabaseSync, patience: number): InTurn {
  let waiting: Job[] = []
  let timer: ReturnType<typeof setTimeout> | NodeJS.Immediate | undefined
  const idlers: (() => void)[] = []

  const flush = () => {
    timer = undefined
    const jobs = waiting
    waiting = []
    try {
      commit(database, jobs)
    } catch (error) {
      retryOrFail(jobs, error)
    }
    if (waiting.length === 0) idlers.splice(0).forEach(done => done())
  }
  const retryOrFail = (jobs: Job[], error: unknown) => {
    const busy = isBusy(error)
    const late = (job: Job) => !busy || performance.now() - job.since > patience
    for (const job of jobs.filter(late)) job.failed(ledgerUnavailable(error))
    waiting = [...jobs.filter(job => !late(job)), ...waiting]
    if (waiting.length > 0) timer = setTimeout(flush, 1 + Math.random() * 4)
  }
  const inTurn = <T>(work: () => T) => new Promise<T>((done, failed) => {
    waiting.push({ work, done: done as (value: never) => void, failed, since: performance.now() })
    timer ??= setImmediate(flush)
  })
  const idle = () => waiting.length === 0 ? Promise.resolve() : new Promise<void>(done => idlers.push(done))
  return Object.assign(inTurn, { idle })
}

/** One transaction for all jobs. A job that fails is undone alone; the answers go out after the commit. */
function commit(database: DatabaseSync, jobs: readonly Job[]): void {
  database.exec('BEGIN IMMEDIATE')
  const answers: (() => void)[] = []
  try {
    for (const job of jobs) answers.push(attempt(database, job))
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
  for (const answer of answers) answer()
}

function attempt(database: DatabaseSync, { work, done, failed }: Job): () => void {
  database.exec('SAVEPOINT job')
  try {
    const value = work()
    database.exec('RELEASE job')
    return () => done(value as never)
  } catch (error) {
    // A disk that is full or a file that is gone has ended the whole transaction: nobody's work stands.
    if (!database.isTransaction) throw error
    database.exec('ROLLBACK TO job; RELEASE job')
    return () => failed(isSqlite(error) ? ledgerUnavailable(error) : error)
  }
}

const isSqlite = (error: unknown) => (error as { code?: unknown })?.code === 'ERR_SQLITE_ERROR'
// SQLITE_BUSY and SQLITE_LOCKED, with their extended codes in the upper bits.
const isBusy = (error: unknown) => isSqlite(error) && [5, 6].includes(((error as { errcode?: number }).errcode ?? 0) & 0xff)

function sqliteBooks(database: DatabaseSync, now: () => number): Books {
  const sql = {
    row: database.prepare('SELECT * FROM runs WHERE identity = ? AND run = ?'),
    putRow: database.prepare('INSERT OR REPLACE INTO runs (identity, run, body, status, expires, claims, receipt) VALUES (?, ?, ?, ?, ?, ?, ?)'),
    account: database.prepare('SELECT * FROM accounts WHERE key = ?'),
    putAccount: database.prepare('INSERT OR REPLACE INTO accounts (key, max, settled, held, revision) VALUES (?, ?, ?, ?, ?)'),
    overdue: database.prepare(`SELECT * FROM runs WHERE status IN ('held', 'dispatched') AND expires <= ?`),
    open: database.prepare(`SELECT count(*) AS running FROM runs WHERE status IN ('held', 'dispatched') AND identity = ?`),
  } satisfies Record<string, StatementSync>
  return {
    now,
    row: ({ identity, run }) => rowOf(sql.row.get(identity, run)),
    putRow: ({ identity, run, body, reservation, receipt }) => void sql.putRow.run(identity, run, body, reservation.status,
      reservation.expiresAt, JSON.stringify(reservation.claims), receipt && JSON.stringify(receipt)),
    account: key => accountOf(sql.account.get(key)),
    putAccount: ({ key, limit, settled, held, revision }) => void sql.putAccount.run(key, limit, settled, held, revision),
    overdue: at => sql.overdue.all(at).map(record => rowOf(record)!),
    open: identity => Number(sql.open.get(identity)?.['running']),
  }
}

type Columns = Record<string, SQLOutputValue> | undefined

function rowOf(columns: Columns): Row | undefined {
  if (!columns) return undefined
  const { identity, run, body, status, expires, claims, receipt } = columns as Record<string, string>
  const reservation: Reservation = { run: run!, status: status as ReservationStatus, expiresAt: Number(expires), claims: JSON.parse(claims!) }
  return { identity: identity!, run: run!, body: body!, reservation, receipt: receipt ? JSON.parse(receipt) as Receipt : null }
}

function accountOf(columns: Columns): Account | undefined {
  if (!columns) return undefined
  const { key, max, settled, held, revision } = columns
  return { key: String(key), limit: Number(max), settled: Number(settled), held: Number(held), revision: Number(revision) }
}
