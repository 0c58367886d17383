import { Pool } from 'pg'
import { isSparingError } from '../../core/index.ts'
import type { Account, Receipt, ReservationStatus } from '../../core/index.ts'
import { createLedger } from './create-ledger.ts'
import type { ChangeAnswer, Engine, Row, Stored } from './engine.ts'
import { ledgerUnavailable } from './guarded.ts'
import { renamedKey, renamedRow, totalKey } from './keys.ts'
import type { Ledger, RunKey } from './port.ts'
import { batches } from './postgres-batches.ts'
import { carryOut, checkedKey, jobOf, nameColumns, stringOf, textOf, whole } from './postgres-change.ts'
import type { Job, Outcome } from './postgres-change.ts'
import { databaseClock } from './postgres-clock.ts'
import type { DatabaseClock } from './postgres-clock.ts'
import { databaseOf, within } from './postgres-database.ts'
import type { Ask, Columns, Database, PostgresPool } from './postgres-database.ts'
import { changeName, ledgerSchema } from './postgres-schema.ts'

export type { PostgresPool } from './postgres-database.ts'

export interface PostgresLedgerOptions {
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
 * @throws {RangeError} for a schema that cannot be one
 */
export function postgresLedger(database: string | PostgresPool, { schema = 'sparing', patience = 5_000, connections = 10, now }: PostgresLedgerOptions = {}): Ledger {
  const pool = typeof database === 'string' ? ownPool(database, connections, patience) : database
  const release = async () => {
    // One that hangs is left behind: nothing waits for it any more.
    if (pool !== database) await within(patience, pool.end()).catch(() => {})
  }
  return createLedger(postgresEngine(databaseOf(pool, patience), { schema: checkedSchema(schema), patience, now, release }))
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

interface EngineOptions {
  readonly schema: string
  readonly patience: number
  readonly now: (() => number) | undefined
  readonly release: () => Promise<void>
}

function postgresEngine(database: Database, { schema, patience, now, release }: EngineOptions): Engine {
  const { ask, transaction } = database
  const name = `"${schema.replaceAll('"', '""')}"`
  const ready = untilDone(() => migrate(database, schema, name))
  let closed = false
  /** Every verb waits for the tables, and whatever the database does to it means the same to those who call it. */
  const verb = <A extends unknown[], T>(work: (...args: A) => Promise<T>) => async (...args: A): Promise<T> => {
    try {
      if (closed) throw new Error('The ledger is closed.')
      await ready()
      return await work(...args)
    } catch (error) {
      if (isSparingError(error) || error instanceof RangeError) throw error
      clock.forget()
      throw ledgerUnavailable(error)
    }
  }
  const clock: DatabaseClock = databaseClock(verb(async () => Number((await ask('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS time'))[0]!['time'])))
  const sql = statements(ask, name)
  const together = batches<Job, Outcome>(jobs => persistently(patience, () => carryOut(ask, name, patience, jobs)), {
    most: 128, lanes: 2, nameOf: job => JSON.stringify(job.name),
  })
  return {
    now: now ?? clock.now,
    row: verb(sql.row), accounts: verb(sql.accounts), overdue: verb(sql.overdue), rows: verb(sql.rows),
    document: verb(sql.document), putDocument: verb(sql.putDocument), totals: verb(sql.totals),
    change: verb(async (change): Promise<ChangeAnswer> => {
      const answer = await together(jobOf(change))
      if (answer.outcome === 'conflict') return { ...answer, row: await sql.row(change.row) }
      if (answer.outcome === 'stale') return { ...answer, document: await sql.document(change.under!.key) }
      return answer
    }),
    retire: verb((before, most) => persistently(patience, () => transaction(ask => retire(ask, name, before, most)))),
    rename: verb((identity, alias) => persistently(patience, () => transaction(ask => rename(ask, name, identity, alias)))),
    async close() {
      await together.idle()
      if (!closed) await release()
      closed = true
    },
  }
}

/** Does work once for everybody, and again after it failed. */
function untilDone(work: () => Promise<void>): () => Promise<void> {
  let doing: Promise<void> | undefined
  return () => doing ??= work().catch((error: unknown) => {
    doing = undefined
    throw error
  })
}

/** Tries again what the database gave up because of somebody else's work: nothing of it was done. */
async function persistently<T>(patience: number, work: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + patience; ;) {
    try {
      return await work()
    } catch (error) {
      if (!isGivenUp(error) || performance.now() > until) throw error
      await new Promise(resolve => { setTimeout(resolve, Math.random() * 5) })
    }
  }
}

// serialization_failure and deadlock_detected
const isGivenUp = (error: unknown) => ['40001', '40P01'].includes(String((error as { code?: unknown })?.code))

/** Makes what is missing. Whoever may not make tables finds them made by somebody who may. */
async function migrate({ ask, transaction }: Database, schema: string, name: string): Promise<void> {
  const isThere = async (ask: Ask) =>
    (await ask('SELECT FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = $1 AND proname = $2', [schema, changeName])).length > 0
  if (await isThere(ask)) return
  await transaction(async ask => {
    await ask('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`sparing ledger ${schema}`])
    if (await isThere(ask)) return
    const [{ encoding } = {}] = await ask(`SELECT current_setting('server_encoding') AS encoding`)
    if (encoding !== 'UTF8') throw new Error(`The database's encoding is ${encoding}, which cannot hold every name. Use a database in UTF8.`)
    // Not IF NOT EXISTS: that asks for the right to create one first.
    if ((await ask('SELECT FROM pg_namespace WHERE nspname = $1', [schema])).length === 0) await ask(`CREATE SCHEMA ${name}`)
    await ask(ledgerSchema(name))
  })
}

const isOpenRow = `status IN ('held', 'dispatched')`

/** The verbs that are one statement each. */
function statements(ask: Ask, schema: string) {
  const document = async (key: string) => documentOf((await ask(`SELECT * FROM ${schema}.documents WHERE key = $1`, [checkedKey(key)]))[0])
  return {
    document,
    async row(key: RunKey): Promise<Row | null> {
      const { identity, run } = nameColumns(key)
      const [columns] = await ask(`SELECT * FROM ${schema}.runs WHERE identity = $1 AND run = $2`, [identity, run])
      return columns ? rowOf(columns) : null
    },
    async accounts(keys: readonly string[]): Promise<readonly Account[]> {
      if (keys.length === 0) return []
      return (await ask(`SELECT * FROM ${schema}.accounts WHERE key = ANY ($1)`, [keys.map(checkedKey)])).map(accountOf)
    },
    overdue: async (at: number, most: number) =>
      (await ask(`SELECT * FROM ${schema}.runs WHERE ${isOpenRow} AND expires <= $1 ORDER BY expires LIMIT $2`, [at, most])).map(rowOf),
    async rows(after: RunKey | null, most: number): Promise<readonly Row[]> {
      const { identity, run } = after ? nameColumns(after) : {}
      return (await ask(`SELECT * FROM ${schema}.runs ${after ? 'WHERE (identity, run) > ($2, $3)' : ''} ORDER BY identity, run LIMIT $1`, after ? [most, identity, run] : [most])).map(rowOf)
    },
    async putDocument(key: string, value: unknown, expected: number): Promise<boolean> {
      if (value === null) return expected === 0 ? await document(key) === null : (await ask(`DELETE FROM ${schema}.documents WHERE key = $1 AND revision = $2 RETURNING 1`, [checkedKey(key), expected])).length > 0
      const text = JSON.stringify(value)
      const written = expected === 0
        ? await ask(`INSERT INTO ${schema}.documents (key, value, revision) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING RETURNING 1`, [checkedKey(key), text])
        : await ask(`UPDATE ${schema}.documents SET value = $2, revision = revision + 1 WHERE key = $1 AND revision = $3 RETURNING 1`, [checkedKey(key), text, expected])
      return written.length > 0
    },
    totals: async () => (await ask(`SELECT * FROM ${schema}.totals ORDER BY key`)).map(({ key, settled }) => ({ key: key!, settled: whole(settled) })),
  }
}

/** Skips what others hold just now: it is not idle. */
async function retire(ask: Ask, schema: string, before: number, most: number): Promise<number> {
  const runs = await ask(`
    DELETE FROM ${schema}.runs r USING (
      SELECT identity, run FROM ${schema}.runs WHERE NOT (${isOpenRow}) AND at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
    ) AS over WHERE r.identity = over.identity AND r.run = over.run RETURNING 1`, [before, most])
  const accounts = (await ask(`
    DELETE FROM ${schema}.accounts a USING (
      SELECT key FROM ${schema}.accounts WHERE held = 0 AND (ends < $1 OR (ends IS NULL AND settled = 0)) LIMIT $2 FOR UPDATE SKIP LOCKED
    ) AS over WHERE a.key = over.key RETURNING a.*`, [before, most])).map(accountOf)
  const totals = accounts.filter(({ settled }) => settled > 0).map(({ key, settled }) => ({ key: totalKey(key), settled }))
  await ask(`
    INSERT INTO ${schema}.totals AS t (key, settled)
    SELECT key, sum(settled) FROM json_to_recordset($1) AS n(key text COLLATE "C", settled bigint) GROUP BY key ORDER BY key
    ON CONFLICT (key) DO UPDATE SET settled = t.settled + excluded.settled`, [JSON.stringify(totals)])
  return runs.length + accounts.length
}

async function rename(ask: Ask, schema: string, identity: string, alias: string): Promise<void> {
  const rows = await ask(`SELECT * FROM ${schema}.runs WHERE identity = $1 ORDER BY run FOR UPDATE`, [textOf(identity)])
  const renamed = rows.map(rowOf).map(row => renamedRow(row, identity, alias))
  await ask(`
    UPDATE ${schema}.runs r SET identity = n.alias, claims = n.claims, version = n.version
    FROM json_to_recordset($2) AS n(alias text, run text COLLATE "C", claims text, version bigint) WHERE r.identity = $1 AND r.run = n.run`,
  [textOf(identity), JSON.stringify(renamed.map(row => ({ ...nameColumns(row), alias: textOf(row.identity), claims: JSON.stringify(row.reservation.claims), version: row.version })))])
  for (const table of ['accounts', 'documents']) {
    const keys = (await ask(`SELECT key FROM ${schema}.${table} WHERE position($1 IN key) > 0 ORDER BY key FOR UPDATE`, [JSON.stringify(identity)])).map(({ key }) => key!)
    await ask(`UPDATE ${schema}.${table} t SET key = n.alias FROM json_to_recordset($1) AS n(key text COLLATE "C", alias text) WHERE t.key = n.key AND n.alias <> n.key`,
      [JSON.stringify(keys.map(key => ({ key, alias: renamedKey(key, identity, alias) })))])
  }
}

function rowOf({ identity, run, version, body, status, at, expires, claims, receipt }: Columns): Row {
  const name = stringOf(run!)
  return {
    identity: stringOf(identity!), run: name, version: whole(version), body: stringOf(body!), at: whole(at),
    reservation: { run: name, status: status as ReservationStatus, expiresAt: whole(expires), claims: JSON.parse(claims!) },
    receipt: receipt == null ? null : JSON.parse(receipt) as Receipt,
  }
}

const accountOf = ({ key, max, settled, held, revision }: Columns): Account =>
  ({ key: key!, limit: whole(max), settled: whole(settled), held: whole(held), revision: whole(revision) })

const documentOf = (columns: Columns | undefined): Stored | null =>
  columns ? { key: columns['key']!, value: JSON.parse(columns['value']!), revision: whole(columns['revision']) } : null
