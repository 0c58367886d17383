import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Claim } from '../../src/core/index.ts'
import { memoryLedger } from '../../src/server/index.ts'
import type { Ledger } from '../../src/server/index.ts'
import { postgresLedger } from '../../src/server/ledger/postgres.ts'
import { redisLedger } from '../../src/server/ledger/redis.ts'
import { sqliteLedger } from '../../src/server/ledger/sqlite.ts'
import { receiptOf } from '../../src/testing/ledger/scene.ts'
import { startPostgres } from '../setup/postgres.ts'
import { startRedis } from '../setup/redis.ts'

// What the record of a run costs: reserve and settle, each durable before it answers, on every engine, beside
// one plain durable insert into the same engine and, on Redis, beside a rate limiter that counts and records
// nothing. A run draws on two budgets and on the places of its person; its receipt goes to disk with it.

type Print = (figure: Record<string, unknown>) => void

/** Somebody who does one thing after the other. Each `at` comes once. */
interface Contender {
  readonly what: string
  work(caller: number, at: number): Promise<unknown>
}

interface Course {
  readonly engine: string
  readonly contenders: readonly Contender[]
  close(): Promise<void>
}

const crowds = [1, 10, 100]
const rounds = 7
const roundLength = 400

export async function bench(print: Print): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sparing-bench-'))
  for (const start of [memory, () => sqlite(folder), postgres, redis]) {
    const course = await start()
    for (const callers of crowds) printRates(print, course, callers, await race(course, callers))
    await course.close()
  }
  await benchLoop(print, folder)
  rmSync(folder, { recursive: true })
}

/** Runs, or inserts, per second of each contender in each round; who begins changes with every round. */
async function race({ contenders }: Course, callers: number): Promise<ReadonlyMap<string, number[]>> {
  const rates = new Map(contenders.map(({ what }): [string, number[]] => [what, []]))
  for (let round = -1; round < rounds; round++) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const rate = await rateOf(contender, callers)
      // The first round is to warm up.
      if (round >= 0) rates.get(contender.what)!.push(rate)
    }
  }
  return rates
}

let next = 0

async function rateOf({ work }: Contender, callers: number): Promise<number> {
  const began = performance.now()
  let done = 0
  await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    while (performance.now() - began < roundLength) {
      await work(caller, next++)
      done++
    }
  }))
  return done / (performance.now() - began) * 1_000
}

function printRates(print: Print, { engine, contenders }: Course, callers: number, rates: ReadonlyMap<string, readonly number[]>): void {
  for (const { what } of contenders) {
    const [low, middle, high] = quartiles(rates.get(what)!).map(Math.round) as [number, number, number]
    const isOurs = what === pair || what === reserving
    const shares = isOurs ? {} : { pairsToThis: shareOf(rates.get(pair)!, rates.get(what)!), reservesToThis: shareOf(rates.get(reserving)!, rates.get(what)!) }
    print({ bench: 'ledgers', engine, callers, what, unit: 'per second', median: middle, quartiles: [low, high], ...shares, ...targetOf(engine, callers, what) })
  }
}

/** Round by round, so that what the machine did besides meets both alike. */
function shareOf(ours: readonly number[], theirs: readonly number[]): { median: number; quartiles: [number, number] } {
  const [low, middle, high] = quartiles(ours.map((rate, round) => rate / theirs[round]!)).map(value => Number(value.toPrecision(3))) as [number, number, number]
  return { median: middle, quartiles: [low, high] }
}

function targetOf(engine: string, callers: number, what: string): object {
  if (engine === 'sqlite' && callers === 100 && what === pair) return { target: 5_000 }
  return engine === 'redis' && what.startsWith('rate-limiter') ? { target: { pairsToThis: 0.25, reservesToThis: 0.5 } } : {}
}

function quartiles(values: readonly number[]): [number, number, number] {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!
  return [at(0.25), at(0.5), at(0.75)]
}

const [pair, reserving] = ['reserve + settle', 'reserve'] as const
const claim = (change: Partial<Claim>): Claim =>
  ({ budget: 'all', scope: 'all', subject: 'all', unit: 'usd', window: 'day', timeZone: 'UTC', limit: Number.MAX_SAFE_INTEGER, amount: 1_000, ...change })

function ledgerContenders(ledger: Ledger): Contender[] {
  async function reserve(identity: string, at: number, concurrency: number): Promise<void> {
    const { outcome } = await ledger.reserve({ identity, run: `run-${at}`, body: 'a keyed hash of the request', claims: [claim({}), claim({ budget: 'own', scope: 'user', subject: identity })], lease: 600_000, concurrency })
    if (outcome !== 'reserved') throw new Error(`The ledger answered "${outcome}", so there is nothing to measure.`)
  }
  return [
    {
      what: pair,
      async work(caller, at) {
        const identity = `person ${caller}`
        await reserve(identity, at, 2)
        await ledger.settle({ identity, run: `run-${at}` }, { usd: 400 }, receiptOf(`run-${at}`))
      },
    },
    // Those are left open.
    { what: reserving, work: (caller, at) => reserve(`holder ${caller}`, at, 1e6) },
  ]
}

/** What a plain insert writes: the same receipt. */
const valueOf = (at: number) => JSON.stringify(receiptOf(`run-${at}`))

async function memory(): Promise<Course> {
  const map = new Map<string, string>()
  const ledger = memoryLedger()
  return { engine: 'memory', contenders: [...ledgerContenders(ledger), { what: 'a plain insert', work: async (_, at) => map.set(`run-${at}`, valueOf(at)) }], close: () => ledger.close() }
}

async function sqlite(folder: string): Promise<Course> {
  const ledger = sqliteLedger(join(folder, 'ledger.db'))
  const plain = plainDatabase(join(folder, 'plain.db'))
  return {
    engine: 'sqlite', contenders: [...ledgerContenders(ledger), { what: 'a plain insert', work: async (_, at) => plain.insert(at) }],
    async close() {
      await ledger.close()
      plain.close()
    },
  }
}

function plainDatabase(path: string) {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE runs (id TEXT PRIMARY KEY, receipt TEXT NOT NULL)')
  const insert = database.prepare('INSERT INTO runs VALUES (?, ?)')
  return { insert: (at: number) => void insert.run(`run-${at}`, valueOf(at)), close: () => database.close() }
}

async function postgres(): Promise<Course> {
  const server = await startPostgres()
  const ledger = postgresLedger(server.url)
  const pool = new Pool({ connectionString: server.url, max: 10 })
  await pool.query('CREATE TABLE plain (id text PRIMARY KEY, receipt text NOT NULL)')
  return {
    engine: 'postgres', contenders: [...ledgerContenders(ledger), { what: 'a plain insert', work: (_, at) => pool.query({ name: 'insert', text: 'INSERT INTO plain VALUES ($1, $2)', values: [`run-${at}`, valueOf(at)] }) }],
    async close() {
      await ledger.close()
      await pool.end()
      await server.stop()
    },
  }
}

/** With `appendonly yes` and `appendfsync always` for all of them. */
async function redis(): Promise<Course> {
  const server = await startRedis()
  const ledger = redisLedger({ url: server.url })
  const client = new Redis(server.url)
  const limiter = new RateLimiterRedis({ storeClient: client, points: Number.MAX_SAFE_INTEGER, duration: 86_400 })
  return {
    engine: 'redis',
    contenders: [
      ...ledgerContenders(ledger),
      { what: 'a plain insert', work: (_, at) => client.set(`run-${at}`, valueOf(at)) },
      { what: 'rate-limiter-flexible consume', work: caller => limiter.consume(`person ${caller}`) },
    ],
    async close() {
      await ledger.close()
      client.disconnect()
      await server.stop()
    },
  }
}

/** How long the event loop stands still: with nothing to do, for one write to disk, under full load, and while another process holds the file. */
async function benchLoop(print: Print, folder: string): Promise<void> {
  const figure = (what: string, callers: number, delays: object) => print({ bench: 'ledgers', engine: 'sqlite', callers, what: `event loop held up ${what}`, unit: 'ms', ...delays })
  const path = join(folder, 'loop.db')
  const ledger = sqliteLedger(path, { patience: 30_000 })
  const [contender] = ledgerContenders(ledger) as [Contender]
  figure('by the machine alone', 0, await delayOf(() => setTimeout(1_500)))
  figure('by one plain insert and its fsync', 1, insertTimes(folder))
  await rateOf(contender, 100)
  figure('by commits under full load', 100, await delayOf(() => rateOf(contender, 100)))
  figure('while another process holds the file', 100, { ...await delayUnderLock(path, contender), target: 5 })
  await ledger.close()
}

function insertTimes(folder: string): object {
  const plain = plainDatabase(join(folder, 'fsync.db'))
  const times = Array.from({ length: 500 }, (_, at) => {
    const began = performance.now()
    plain.insert(at)
    return performance.now() - began
  }).sort((one, other) => one - other)
  plain.close()
  const at = (share: number) => Number(times[Math.floor(share * (times.length - 1))]!.toPrecision(3))
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

async function delayUnderLock(path: string, { work }: Contender): Promise<object> {
  const holder = spawn(process.execPath, ['--eval', holding, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  let asked: Promise<unknown>[] = []
  const delay = await delayOf(async () => {
    asked = Array.from({ length: 100 }, (_, caller) => work(caller, next++))
    await setTimeout(1_500)
  })
  holder.stdin.end()
  await Promise.all(asked)
  return delay
}

/** Takes the write lock, says so, and holds it until its input ends. */
const holding = `
  const database = new (require('node:sqlite').DatabaseSync)(process.argv[1])
  database.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE')
  process.stdout.write('held')
  process.stdin.resume().on('end', () => database.exec('ROLLBACK'))
`

async function delayOf(work: () => Promise<unknown>): Promise<{ p50: number; p99: number; max: number }> {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  await setTimeout(20)
  delays.enable()
  await work()
  delays.disable()
  const milliseconds = (nanoseconds: number) => Number((nanoseconds / 1e6).toPrecision(3))
  return { p50: milliseconds(delays.percentile(50)), p99: milliseconds(delays.percentile(99)), max: milliseconds(delays.max) }
}
