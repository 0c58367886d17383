import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Claim } from '../../src/core/index.ts'
import { policyKey } from '../../src/server/ledger/keys.ts'
import { postgresLedger } from '../../src/server/ledger/postgres.ts'
import type { PostgresLedgerOptions } from '../../src/server/ledger/postgres.ts'
import { startPostgres } from '../setup/postgres.ts'
import type { PostgresServer } from '../setup/postgres.ts'
import { ledgerContract } from '../../src/testing/index.ts'
import type { LedgerPlace } from '../../src/testing/index.ts'
import { receiptOf } from '../../src/testing/ledger/scene.ts'
import { testCrowd } from '../unit/server/ledger-crowd.ts'
import { assertHistories } from '../unit/server/ledger-histories.ts'
import { assertClockIsBelieved, assertClockJumps } from '../unit/server/clock-jumps.ts'
import { assertLateSettlements } from '../unit/server/late-settlements.ts'
import { deadlock, overheard } from './postgres-overheard.ts'

const worker = fileURLToPath(new URL('postgres-worker.ts', import.meta.url))
let server: PostgresServer
let pool: Pool
let schemas = 0

beforeAll(async () => {
  server = await startPostgres()
  pool = new Pool({ connectionString: server.url })
  pool.on('error', () => {})
})

afterAll(async () => {
  await pool?.end()
  await server?.stop()
})

const freshSchema = () => `ledger_${++schemas}`
const unavailable = { code: 'ledger-unavailable', details: {} }

test('a settlement that comes when its pot is cleared away already is in the totals', () => assertLateSettlements((now, retention) => open({ now, retention, uptime: now })))

test('a clock that is wrong for a while has nothing spent twice, and is believed when it stays', async () => {
  const [jumping, staying] = [freshSchema(), freshSchema()]
  await assertClockJumps(options => open({ schema: jumping, ...options }))
  await assertClockIsBelieved(options => open({ schema: staying, ...options }))
})

function open(options: PostgresLedgerOptions = {}) {
  const ledger = postgresLedger(server.url, { schema: freshSchema(), ...options })
  onTestFinished(() => ledger.close())
  return ledger
}

const claim = (change: Partial<Claim> = {}): Claim =>
  ({ budget: 'all', scope: 'all', subject: 'all', unit: 'runs', window: 'session', timeZone: 'UTC', limit: 250, amount: 1, ...change })
const request = (run: string, claims: readonly Claim[] = [claim()]) => ({ identity: 'ada', run, body: 'body', claims, lease: 60_000, concurrency: Infinity })

describe('the PostgreSQL ledger', () => {
  const runner = { test, equal: (actual: unknown, expected: unknown) => expect(actual).toEqual(expected) }
  const place = (): LedgerPlace => {
    const schema = freshSchema()
    return { durable: true, open: (now, kept) => postgresLedger(pool, { schema, now, ...kept }), clear: async () => void await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`) }
  }
  ledgerContract(runner, place)

  test('adds up through any history', () => assertHistories(place, 15))
})

/** A process on the schema, ready to begin. */
async function start(schema: string, name: string, job: string) {
  const child = spawn(process.execPath, [worker, server.url, schema, name, job], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  return { child, lines }
}

/** What it says until it ends, or until it was said often enough; then it is killed. */
async function said({ lines, child }: Awaited<ReturnType<typeof start>>, until = Infinity): Promise<string[]> {
  const all: string[] = []
  const over = once(child, 'close')
  lines.on('line', line => { if (all.push(line) === until) child.kill('SIGKILL') })
  child.stdin.write('go')
  await over
  return all
}

/** What a process that was killed had asked for may still be carried out. */
async function calm(): Promise<void> {
  while ((await pool.query(`SELECT FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)).rowCount) await setTimeout(10)
}

describe('several processes on one database', () => {
  test.each([2, 4])('%i of 200 runs each let exactly 250 through', async count => {
    const schema = freshSchema()
    const names = Array.from({ length: count }, (_, at) => `process${at}`)
    // None has its tables yet: they make them side by side.
    const all = await Promise.all(names.map(name => start(schema, name, 'race')))
    const outcomes = (await Promise.all(all.map(each => said(each)))).flat()
    expect(outcomes.filter(outcome => outcome === 'reserved')).toHaveLength(250)
    expect(outcomes.filter(outcome => outcome === 'exceeded')).toHaveLength(count * 200 - 250)
    const ledger = open({ schema })
    expect(await ledger.balance([claim()])).toMatchObject([{ held: 250, settled: 0, available: 0 }])
    const tokens = await ledger.balance(names.map(subject => claim({ budget: 'mine', subject, unit: 'tokens', limit: 1e6 })))
    expect(tokens.reduce((sum, { held }) => sum + held, 0)).toBe(25_000)
  })

  test.each([1, 3, 20, 61, 118])('one that is killed after %i answers leaves everything it answered, and what it left is freed or counted in full', async count => {
    const schema = freshSchema()
    const lines = await said(await start(schema, 'gone', 'hold'), count)
    await calm()
    let now = Date.now()
    const ledger = open({ schema, now: () => now })
    const order = ['held', 'dispatched', 'settled']
    for (const [verb, run = ''] of lines.map(line => line.split(' '))) {
      const { status } = (await ledger.entry({ identity: 'gone', run }))!
      expect(order.indexOf(status)).toBeGreaterThanOrEqual(order.indexOf(verb === 'reserved' ? 'held' : verb!))
    }
    const answered = (verb: string) => lines.filter(line => line.startsWith(verb)).length
    const [before] = await ledger.balance([claim()])
    expect(before!.held + before!.settled).toBeGreaterThanOrEqual(answered('reserved'))
    now += 3_600_000
    expect(await ledger.expire()).toBe(before!.held)
    const [after] = await ledger.balance([claim()])
    expect(after).toMatchObject({ held: 0 })
    expect(after!.settled).toBeGreaterThanOrEqual(answered('dispatched'))
    expect(after!.settled).toBeLessThanOrEqual(before!.held + before!.settled)
  })

  test('that close what is overdue all at once close each run once, without waiting for one another in a circle', async () => {
    const schema = freshSchema()
    let now = Date.now()
    const through = overheard(pool)
    const ledgers = Array.from({ length: 4 }, () => postgresLedger(through, { schema, now: () => now }))
    const subjects = Array.from({ length: 60 }, (_, at) => `s${at}`)
    await Promise.all(subjects.map((subject, at) => ledgers[at % 4]!.reserve(request(`r${at}`, [claim({ subject }), claim({ subject: subjects[(at * 7) % 60]!, budget: 'other' })]))))
    now += 61_000
    await Promise.all(ledgers.map(ledger => ledger.expire()))
    const budgets = await ledgers[0]!.balance(subjects.map(subject => claim({ subject })))
    expect(budgets.map(({ held, settled, revision }) => [held, settled, revision])).toEqual(subjects.map(() => [0, 0, 2]))
    expect(through.codes).not.toContain(deadlock)
  })
})

describe('the tables', () => {
  test('are made twice and by many at once, in schemas of any name', async () => {
    const schema = `odd "name'; -- é`
    const all = Array.from({ length: 6 }, () => open({ schema }))
    const answers = await Promise.all(all.map((ledger, at) => ledger.reserve(request(`r${at}`))))
    expect(answers.map(({ outcome }) => outcome)).toEqual(all.map(() => 'reserved'))
    const later = open({ schema })
    expect(await later.balance([claim()])).toMatchObject([{ held: 6 }])
  })

  test('are found made by somebody who may not make any', async () => {
    const schema = freshSchema()
    await open({ schema }).reserve(request('a'))
    await pool.query(`CREATE ROLE worker LOGIN; GRANT USAGE ON SCHEMA ${schema} TO worker; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO worker`)
    const ledger = postgresLedger(server.url.replace('sparing@', 'worker@'), { schema })
    onTestFinished(() => ledger.close())
    expect((await ledger.reserve(request('b'))).outcome).toBe('reserved')
    const another = postgresLedger(server.url.replace('sparing@', 'worker@'), { schema: 'another' })
    onTestFinished(() => another.close())
    await expect(another.reserve(request('a'))).rejects.toMatchObject({ ...unavailable, cause: { message: expect.stringContaining('permission denied') } })
  })

  test.each(['', 'a\0b', 'x'.repeat(64), 'é'.repeat(32)])('cannot be in a schema called %j', schema => {
    expect(() => postgresLedger(server.url, { schema })).toThrow(RangeError)
  })

  test('keep apart what is in different schemas', async () => {
    const [one, two] = [open(), open()]
    await one.reserve(request('a'))
    expect(await two.entry({ identity: 'ada', run: 'a' })).toBeNull()
  })
})

describe('a server that is away', () => {
  test('fails what is under way, keeps what was answered, and is found again', async () => {
    const ledger = open()
    const settled: string[] = []
    const failures: unknown[] = []
    let going = true
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      for (let at = 0; going; at++) {
        const run = `c${caller}-${at}`
        try {
          const { outcome } = await ledger.reserve(request(run, [claim({ limit: 1e9 })]))
          expect(outcome).toBe('reserved')
          await ledger.settle({ identity: 'ada', run }, { runs: 1 }, receiptOf(run))
          settled.push(run)
        } catch (error) {
          failures.push(error)
          await setTimeout(20)
        }
      }
    })
    const answered = async (count: number) => { while (settled.length < count) await setTimeout(10) }
    await answered(50)
    await server.restart()
    await answered(settled.length + 50)
    going = false
    await Promise.all(callers)
    expect(failures.length).toBeGreaterThan(0)
    for (const failure of failures) expect(failure).toMatchObject(unavailable)
    for (const run of settled) expect((await ledger.entry({ identity: 'ada', run }))?.status).toBe('settled')
    const { rows: [{ open: left, ended }] } = await pool.query(`SELECT count(*) FILTER (WHERE status = 'held')::int AS open, count(*) FILTER (WHERE status = 'settled')::int AS ended FROM ledger_${schemas}.runs`)
    expect(await ledger.balance([claim({ limit: 1e9 })])).toMatchObject([{ held: left, settled: ended }])
  })

  test('or never there, is one ledger that failed, for as long as that is so', async () => {
    const port = await silentServer()
    const ledger = postgresLedger(`postgres://x@127.0.0.1:${port}/x`, { patience: 200 })
    const began = performance.now()
    await expect(ledger.reserve(request('a'))).rejects.toMatchObject(unavailable)
    expect(performance.now() - began).toBeLessThan(2_000)
    await ledger.close()
    const nobody = postgresLedger('postgres://x@127.0.0.1:1/x')
    await expect(nobody.reserve(request('a'))).rejects.toMatchObject(unavailable)
    await nobody.close()
  })

  /** Takes connections and never says a word. */
  async function silentServer(): Promise<number> {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    return (silent.address() as AddressInfo).port
  }
})

describe('locks of others', () => {
  test('are waited for so long, and no longer', async () => {
    const schema = freshSchema()
    const ledger = open({ schema, patience: 1_000 })
    await ledger.reserve(request('a'))
    const other = await pool.connect()
    await other.query(`BEGIN; LOCK TABLE ${schema}.accounts IN ACCESS EXCLUSIVE MODE`)
    const began = performance.now()
    await expect(ledger.reserve(request('b'))).rejects.toMatchObject(unavailable)
    await expect(ledger.balance([claim()])).rejects.toMatchObject(unavailable)
    expect(performance.now() - began).toBeLessThan(10_000)
    const waiting = ledger.reserve(request('c'))
    await other.query('COMMIT')
    other.release()
    expect((await waiting).outcome).toBe('reserved')
  })

  // Whoever switched a feature off was told so while a run of it was still to be written.
  test.each(['read committed', 'repeatable read', 'serializable'])('are waited for by whoever writes a policy, while runs go by the one before, under %s', async isolation => {
    const own = new Pool({ connectionString: server.url, options: `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}` })
    onTestFinished(() => own.end())
    const schema = freshSchema()
    const ledger = postgresLedger(own, { schema })
    await ledger.putDocument(policyKey, { by: 'ada' }, 0)
    const other = await pool.connect()
    await other.query(`BEGIN; INSERT INTO ${schema}.runs (identity, run, version, body, status, at, expires, claims) VALUES ('ada', 'a', 1, 'body', 'held', 0, 0, '[]')`)
    const over: string[] = []
    const reserving = ledger.reserve({ ...request('a'), policy: 1 }).finally(() => over.push('reserved'))
    const waiting = async (count: number) => { while ((await pool.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)).rowCount! < count) await setTimeout(5) }
    await waiting(1)
    const writing = ledger.putDocument(policyKey, { by: 'bob' }, 1).finally(() => over.push('written'))
    await waiting(2)
    const late = ledger.reserve({ ...request('b'), policy: 1 })
    await setTimeout(50)
    expect(over).toEqual([])
    await other.query('ROLLBACK')
    other.release()
    expect([(await reserving).outcome, await writing, over, (await late).outcome]).toEqual(['reserved', true, ['reserved', 'written'], 'stale-policy'])
  })

  test('under another isolation are won by trying again', async () => {
    const strict = new Pool({ connectionString: server.url, max: 8, options: '-c default_transaction_isolation=serializable -c synchronous_commit=off' })
    const schema = freshSchema()
    const both = [postgresLedger(strict, { schema }), postgresLedger(strict, { schema })]
    const outcomes = await Promise.all(Array.from({ length: 300 }, async (_, at) => (await both[at % 2]!.reserve(request(`r${at}`))).outcome))
    expect(outcomes.filter(outcome => outcome === 'reserved')).toHaveLength(250)
    expect(outcomes.filter(outcome => outcome === 'exceeded')).toHaveLength(50)
    await strict.end()
  })
})

describe('names and numbers', () => {
  const names = [`'; DROP TABLE runs; --`, 'a\0b', 'a', '"', '\\', '\\u0000', '\0', '\u202e', '{"a":1}', 'é', 'e\u0301', '\ud800', '\udfff', '😀', '', ' ', '$1', 'NULL']

  test('are data: quotes, zero bytes, halves of characters and markup are kept apart and unharmed', async () => {
    const ledger = open()
    const all = await Promise.all(names.flatMap(identity => names.map(run => ledger.reserve({ ...request(run, [claim({ subject: identity, budget: run, limit: 1 })]), identity, body: run }))))
    expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['reserved']))
    for (const identity of names) {
      const entry = await ledger.entry({ identity, run: names[1]! })
      expect([entry?.identity, entry?.run]).toEqual([identity, names[1]])
      expect((await ledger.reserve({ ...request('a', []), identity, body: 'a' })).outcome).toBe('running')
      expect((await ledger.reserve({ ...request('a', []), identity, body: 'a\0' })).outcome).toBe('conflict')
    }
  })

  test('that are too long are refused, and spoil nobody else\'s', async () => {
    const ledger = open()
    const [long, subject, good] = await Promise.allSettled([ledger.reserve(request('x'.repeat(3_000))), ledger.reserve(request('b', [claim({ subject: 'é'.repeat(1_400) })])), ledger.reserve(request('c'))])
    expect([long.status, subject.status, good.status]).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(await ledger.balance([claim()])).toMatchObject([{ held: 1 }])
  })

  test('up to the last exact one are kept exactly', async () => {
    const ledger = open()
    const limit = Number.MAX_SAFE_INTEGER
    const most = claim({ unit: 'tokens', limit, amount: limit - 1 })
    expect((await ledger.reserve(request('a', [most]))).outcome).toBe('reserved')
    expect((await ledger.reserve(request('b', [{ ...most, amount: 2 }]))).outcome).toBe('exceeded')
    expect((await ledger.reserve(request('c', [{ ...most, amount: 1 }]))).outcome).toBe('reserved')
    expect(await ledger.balance([most])).toMatchObject([{ held: limit, available: 0 }])
    await ledger.settle({ identity: 'ada', run: 'a' }, { tokens: limit - 2 }, receiptOf('a'))
    expect(await ledger.balance([most])).toMatchObject([{ held: 1, settled: limit - 2, available: 1 }])
  })
})

test('the clock is the database\'s', async () => {
  const ledger = open()
  const { rows: [{ before }] } = await pool.query('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS before')
  await ledger.reserve(request('a'))
  const { rows: [{ at, after }] } = await pool.query(`SELECT at::float8, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS after FROM ledger_${schemas}.runs`)
  // As good as the way there and back lets it be.
  expect(at).toBeGreaterThan(before - 100)
  expect(at).toBeLessThan(after + 100)
})

test('a refused reserve leaves nothing behind', async () => {
  const ledger = open()
  expect((await ledger.reserve(request('a', [claim(), claim({ subject: 'poor', limit: 0 })]))).outcome).toBe('exceeded')
  for (const table of ['accounts', 'runs']) expect((await pool.query(`SELECT FROM ledger_${schemas}.${table}`)).rowCount).toBe(0)
})

describe('closing', () => {
  test('waits for what was asked before, for everybody who closes, and refuses afterwards', async () => {
    const ledger = open()
    const answers = Promise.all(['a', 'b', 'c'].map(run => ledger.reserve(request(run))))
    await Promise.all([ledger.close(), ledger.close()])
    expect((await answers).map(({ outcome }) => outcome)).toEqual(['reserved', 'reserved', 'reserved'])
    await expect(ledger.reserve(request('d'))).rejects.toMatchObject(unavailable)
  })

  test('leaves a pool to its owner', async () => {
    const ledger = postgresLedger(pool, { schema: freshSchema() })
    await ledger.reserve(request('a'))
    await ledger.close()
    expect((await pool.query('SELECT 1')).rowCount).toBe(1)
    await expect(ledger.balance([claim()])).rejects.toMatchObject(unavailable)
  })
})

describe('people who come at once, each with many accounts', () => {
  testCrowd(now => open(now && { now }))
})
