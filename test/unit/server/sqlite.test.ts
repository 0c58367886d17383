import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Claim } from '../../../src/core/index.ts'
import type { Ledger } from '../../../src/server/index.ts'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'
import { receiptOf } from '../../../src/testing/ledger/scene.ts'
import { testCrowd } from './ledger-crowd.ts'

const worker = fileURLToPath(new URL('sqlite-worker.ts', import.meta.url))

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparing-sqlite-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'ledger.db')
}

const claim = (change: Partial<Claim> = {}): Claim =>
  ({ budget: 'all', scope: 'all', subject: 'all', unit: 'runs', window: 'month', timeZone: 'UTC', limit: 250, amount: 1, ...change })
const request = (run: string, claims: readonly Claim[] = [claim()]) => ({ identity: 'ada', run, body: 'body', claims, lease: 60_000, concurrency: Infinity })

/** A process on the file, ready to begin. */
async function start(file: string, name: string, job: string, under: readonly string[] = []) {
  const [command = '', ...args] = [...under, process.execPath, worker, file, name, job]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  return { child, lines, go: () => child.stdin.write('go') }
}

type Started = Awaited<ReturnType<typeof start>>

/** What it says until it ends, or until it was said often enough. */
async function said({ lines, child, go }: Started, until = Infinity): Promise<string[]> {
  const all: string[] = []
  const enough = new Promise<void>(resolve => {
    lines.on('line', line => { if (all.push(line) >= until) resolve() })
    lines.on('close', resolve)
  })
  go()
  await enough
  if (until !== Infinity) await kill(child)
  return all
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'close')
}

describe('several processes on one file', { timeout: 60_000 }, () => {
  test('two of 200 runs each let exactly 250 through', async () => {
    const file = place()
    const both = await Promise.all([start(file, 'one', 'race'), start(file, 'two', 'race')])
    const outcomes = (await Promise.all(both.map(each => said(each)))).flat()
    expect(outcomes.filter(outcome => outcome === 'reserved')).toHaveLength(250)
    expect(outcomes.filter(outcome => outcome === 'exceeded')).toHaveLength(150)
    const ledger = sqliteLedger(file)
    expect(await ledger.balance([claim()])).toMatchObject([{ held: 250, settled: 0, available: 0 }])
    const tokens = await ledger.balance(['one', 'two'].map(subject => claim({ budget: 'mine', subject, unit: 'tokens', limit: 1e6 })))
    expect(tokens.reduce((sum, { held }) => sum + held, 0)).toBe(25_000)
    await ledger.close()
  })

  test.each([3, 20, 61])('one that is killed after %i answers leaves everything it answered, and what it left is freed or counted in full', async count => {
    const file = place()
    const lines = await said(await start(file, 'gone', 'hold'), count)
    let now = Date.now()
    const ledger = sqliteLedger(file, { now: () => now })
    for (const [verb, run = ''] of lines.map(line => line.split(' '))) {
      const { status } = (await ledger.entry({ identity: 'gone', run }))!
      expect(['dispatched', verb === 'reserved' ? 'held' : 'dispatched']).toContain(status)
    }
    const { held } = (await ledger.balance([claim()]))[0]!
    expect(held).toBeGreaterThanOrEqual(lines.filter(line => line.startsWith('reserved')).length)
    now += 61_000
    expect(await ledger.expire()).toBe(held)
    const [after] = await ledger.balance([claim()])
    expect(after).toMatchObject({ held: 0 })
    expect(after!.settled).toBeGreaterThanOrEqual(lines.filter(line => line.startsWith('dispatched')).length)
    expect(after!.settled).toBeLessThanOrEqual(held)
    await ledger.close()
    expect(new DatabaseSync(file).prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  })
})

test('a disk that is full refuses, keeps what it answered, and goes on when there is room', { timeout: 60_000 }, async () => {
  const file = place()
  // No file of the child's may grow beyond 512 blocks; Node ignores the signal, so that a write fails as on a full disk.
  const lines = await said(await start(file, 'full', 'fill', ['sh', '-c', 'ulimit -f 512; exec "$0" "$@"']))
  expect(lines.at(-1)).toBe('failed ledger-unavailable')
  expect(lines.length).toBeGreaterThan(10)
  const ledger = sqliteLedger(file)
  for (const [, run = ''] of lines.slice(0, -1).map(line => line.split(' '))) expect((await ledger.entry({ identity: 'full', run }))?.status).toBe('held')
  expect((await ledger.reserve(request('later'))).outcome).toBe('reserved')
  await ledger.close()
})

describe('a file that another one holds', () => {
  const locked = (file: string) => {
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    return { free: () => other.exec('COMMIT'), close: () => other.close() }
  }
  const turn = () => new Promise<void>(resolve => { setImmediate(resolve) })

  test('is waited for without stopping the event loop, and in order', async () => {
    const file = place()
    const ledger = sqliteLedger(file)
    const other = locked(file)
    const answered: string[] = []
    const both = ['a', 'b'].map(async run => {
      await ledger.reserve(request(run))
      answered.push(run)
    })
    for (let i = 0; i < 50; i++) await turn()
    expect(answered).toEqual([])
    other.free()
    await Promise.all(both)
    expect(answered).toEqual(['a', 'b'])
    other.close()
    await ledger.close()
  })

  test('for too long is a ledger that failed, and nothing was changed', async () => {
    const file = place()
    const ledger = sqliteLedger(file, { patience: 0 })
    const other = locked(file)
    await expect(ledger.reserve(request('a'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
    other.free()
    expect(await ledger.entry({ identity: 'ada', run: 'a' })).toBeNull()
    other.close()
    await ledger.close()
  })
})

describe('a file that cannot be used', () => {
  test('because it may only be read, refuses every verb', async () => {
    const file = place()
    const first = sqliteLedger(file)
    await first.reserve(request('a'))
    const ledger = sqliteLedger(`file:${file}?mode=ro`)
    await expect(ledger.reserve(request('b'))).rejects.toMatchObject({ code: 'ledger-unavailable', details: {}, cause: { message: expect.stringContaining('readonly') } })
    await expect(ledger.settle({ identity: 'ada', run: 'a' }, { runs: 1 }, receiptOf('a'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
    await ledger.close()
    expect((await first.entry({ identity: 'ada', run: 'a' }))?.status).toBe('held')
    await first.close()
  })

  test.each<[string, (file: string) => void]>([
    ['its folder is missing', file => rmSync(join(file, '..'), { recursive: true })],
    ['it is a folder', file => void mkdirSync(file)],
    ['it is no database', file => writeFileSync(file, 'a diary, page after page of it, and nothing that a database would know. '.repeat(40))],
  ])('because %s, says so at the start', (_, spoil) => {
    const file = place()
    spoil(file)
    expect(() => sqliteLedger(file)).toThrow(/^The ledger's file ".*ledger\.db" cannot be used \(.*\)\. .*\.$/)
    mkdirSync(join(file, '..'), { recursive: true })
  })

  test('because it was closed, refuses', async () => {
    const ledger = sqliteLedger(place())
    await ledger.close()
    await ledger.close()
    await expect(ledger.reserve(request('a'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
  })

  test('closing waits for what was asked before, for everybody who closes', async () => {
    const file = place()
    const ledger = sqliteLedger(file)
    const answers = Promise.all(['a', 'b', 'c'].map(run => ledger.reserve(request(run))))
    await Promise.all([ledger.close(), ledger.close()])
    expect((await answers).map(({ outcome }) => outcome)).toEqual(['reserved', 'reserved', 'reserved'])
  })
})

test('one job that fails after it has written is undone alone', async () => {
  const ledger = sqliteLedger(place())
  // Its accounts are written before its row, whose column takes whole milliseconds only.
  const [good, bad, after] = await Promise.allSettled([
    ledger.reserve(request('a')), ledger.reserve({ ...request('b'), lease: 60_000.5 }), ledger.reserve(request('c')),
  ])
  expect([good, bad, after]).toMatchObject([{ value: { outcome: 'reserved' } }, { reason: { code: 'ledger-unavailable' } }, { value: { outcome: 'reserved' } }])
  expect(await ledger.balance([claim()])).toMatchObject([{ held: 2, revision: 2 }])
  expect(await ledger.entry({ identity: 'ada', run: 'b' })).toBeNull()
  expect((await ledger.reserve(request('b'))).outcome).toBe('reserved')
  await ledger.close()
})

test('a request that names no time zone there is changes nothing', async () => {
  const ledger = sqliteLedger(place())
  await expect(ledger.reserve(request('b', [claim({ amount: 1 }), claim({ timeZone: 'Mars/Olympus' })]))).rejects.toThrow(/Mars/)
  expect(await ledger.balance([claim()])).toMatchObject([{ held: 0 }])
  await ledger.close()
})

test('names are data: quotes, zero bytes and markup are kept apart and unharmed', async () => {
  const ledger = sqliteLedger(place())
  const names = [`'; DROP TABLE runs; --`, 'a\0b', 'a', '"', '\u202e', '{"a":1}', 'é', 'e\u0301']
  for (const subject of names) expect((await ledger.reserve({ ...request('same', [claim({ subject, limit: 1 })]), identity: subject })).outcome).toBe('reserved')
  for (const identity of names) expect((await ledger.entry({ identity, run: 'same' }))?.identity).toBe(identity)
  await ledger.close()
})

test('a ledger of another layout is left alone, and named', () => {
  const file = place()
  const old = new DatabaseSync(file)
  old.exec('CREATE TABLE runs (identity TEXT, run TEXT); PRAGMA user_version = 1')
  old.close()
  expect(() => sqliteLedger(file)).toThrow(/ledger of layout 1, and this version writes layout 2: move it away/)
  const still = new DatabaseSync(file)
  expect(still.prepare('PRAGMA table_info(runs)').all().map(({ name }) => name)).toEqual(['identity', 'run'])
  still.close()
})

describe('erasing somebody with many runs', () => {
  const own = (identity: string, change: Partial<Claim> = {}) => claim({ budget: 'mine', scope: 'user', subject: identity, limit: 1e9, amount: 2, ...change })
  const claimsOf = (identity: string) => [own(identity), own(identity, { window: '3600s', unit: 'tokens' }), claim({ limit: 1e9, amount: 2 })]
  const reserveAll = (ledger: Ledger, identity: string, runs: number, lease = 60_000) => Promise.all(Array.from({ length: runs }, (_, at) =>
    ledger.reserve({ identity, run: `${lease} ${at}`, body: 'body', claims: claimsOf(identity), lease, concurrency: Infinity, assumed: receiptOf(`${at}`) })))
  /** What all pots came to, whoever's they are, and how many runs are whose. */
  function stand(file: string) {
    const database = new DatabaseSync(file)
    const pots = database.prepare(`SELECT json_extract(key, '$[0]') AS budget, json_extract(key, '$[2]') AS unit, sum(settled) AS settled, sum(held) AS held FROM accounts GROUP BY 1, 2 ORDER BY 1, 2`).all()
    const names = database.prepare(`SELECT count(*) AS runs, count(DISTINCT identity) AS names, sum(identity = 'ada') AS ada, (SELECT count(*) FROM accounts WHERE key LIKE '%"ada"%') AS pots FROM runs`).get()
    database.close()
    return { pots: pots.map(pot => ({ ...pot })), names: { ...names } }
  }
  async function spent(file: string) {
    let ahead = 0
    const ledger = sqliteLedger(file, { now: () => Date.now() + ahead, patience: 50 })
    onTestFinished(() => ledger.close())
    await reserveAll(ledger, 'ada', 1_500)
    await Promise.all(Array.from({ length: 1_500 }, (_, at) => ledger.settle({ identity: 'ada', run: `60000 ${at}` }, { runs: 1, tokens: 1 }, receiptOf(`${at}`))))
    await reserveAll(ledger, 'ada', 3, 90_000)
    await reserveAll(ledger, 'ad', 1, 90_000)
    return { ledger, pass: (time: number) => { ahead += time } }
  }

  test('gives others their turn', async () => {
    const { ledger } = await spent(place())
    let [over, turns] = [false, 0]
    const erasing = ledger.erase('ada').finally(() => { over = true })
    for (; !over; turns++) await ledger.balance(claimsOf('ad'))
    await erasing
    expect(turns).toBeGreaterThan(10)
  })

  test.each([1_502, 700, 3])('and cut off with %i runs left at most loses nothing and counts nothing twice, however it goes on', async most => {
    const file = place()
    const { ledger, pass } = await spent(file)
    const before = stand(file)
    const failed = ledger.erase('ada').then(() => null, (error: unknown) => error)
    const left = () => Number(stand(file).names['ada'])
    while (left() > most) await ledger.balance(claimsOf('ad'))
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    expect(await failed).toMatchObject({ code: 'ledger-unavailable' })
    other.exec('COMMIT')
    other.close()
    expect(stand(file)).toMatchObject({ pots: before.pots, names: { runs: 1_504 } })
    expect(left()).toBeGreaterThanOrEqual(3)
    await ledger.erase('ada')
    expect(stand(file)).toMatchObject({ pots: before.pots, names: { runs: 1_504, names: 3, ada: 0, pots: 0 } })
    await ledger.erase('ada')
    pass(120_000)
    expect(await ledger.expire()).toBe(4)
    expect(stand(file).pots).toEqual(before.pots.map(pot => ({ ...pot, held: 0, settled: Number(pot['settled']) + Number(pot['held']) })))
    expect(await ledger.balance([own('ad')])).toMatchObject([{ settled: 2, held: 0 }])
    const database = new DatabaseSync(file)
    expect(database.prepare('SELECT count(*) AS negative FROM accounts WHERE held <> 0 OR settled < 0').get()).toEqual({ negative: 0 })
    database.close()
  })

  test('and of somebody with one run does not look at everybody\'s pots', async () => {
    const file = place()
    const ledger = sqliteLedger(file)
    onTestFinished(() => ledger.close())
    await ledger.reserve(request('a', claimsOf('ada')))
    const database = new DatabaseSync(file)
    const many = database.prepare(`INSERT INTO accounts VALUES (?, 9, 1, 0, 1, NULL)`)
    database.exec('BEGIN')
    for (let at = 0; at < 300_000; at++) many.run(JSON.stringify([at % 2 ? 'mine' : 'more', `user:${at}`, 'runs', 'month', 'UTC', 0]))
    database.exec('COMMIT')
    database.close()
    // To look at all of them takes some 50 ms.
    const began = performance.now()
    for (let at = 0; at < 10; at++) await ledger.erase('nobody')
    await ledger.erase('ada')
    expect(performance.now() - began).toBeLessThan(200)
    expect(stand(file).names).toMatchObject({ ada: 0, pots: 0 })
  })
})

describe('people who come at once, each with many accounts', () => {
  testCrowd(now => {
    const ledger = sqliteLedger(place(), now && { now })
    onTestFinished(() => ledger.close())
    return ledger
  })
})
