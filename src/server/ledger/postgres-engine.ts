import { isSparingError } from '../../core/index.ts'
import type { ChangeAnswer, Engine } from './engine.ts'
import { ledgerUnavailable } from './guarded.ts'
import { batches } from './postgres-batches.ts'
import { carryOut, jobOf } from './postgres-change.ts'
import type { Job, Outcome } from './postgres-change.ts'
import { databaseClock } from './postgres-clock.ts'
import type { DatabaseClock } from './postgres-clock.ts'
import type { Ask, Database } from './postgres-database.ts'
import { changeName, ledgerSchema } from './postgres-schema.ts'
import { rename, retire, statements } from './postgres-statements.ts'

/** What the engine is told of its surroundings. */
export interface PostgresEngineOptions {
  readonly schema: string
  readonly patience: number
  readonly now: (() => number) | undefined
  readonly release: () => Promise<void>
}

/** An engine in a schema of a PostgreSQL database. Its tables are made on first use. */
export function postgresEngine(database: Database, { schema, patience, now, release }: PostgresEngineOptions): Engine {
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
  // The database gives up first: then it is known that nothing was done, and the connection lives on.
  const lockPatience = Math.max(1, Math.floor(patience * 0.8))
  const together = batches<Job, Outcome>(jobs => persistently(patience, () => carryOut(database, name, lockPatience, jobs)), {
    // While one batch is written to disk the other is on its way: measured, the best for a hundred callers.
    most: 40, lanes: 2, nameOf: job => JSON.stringify(job.name),
  })
  return {
    now: now ?? clock.now,
    row: verb(sql.row), rowsNamed: verb(sql.rowsNamed), accounts: verb(sql.accounts), overdue: verb(sql.overdue), rows: verb(sql.rows),
    document: verb(sql.document), putDocument: verb((...of) => persistently(patience, () => sql.putDocument(...of))), totals: verb(sql.totals),
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
      if (closed) return
      closed = true
      await release()
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
