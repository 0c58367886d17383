import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Claim } from '../../src/core/index.ts'
import { redisLedger } from '../../src/server/ledger/redis.ts'
import type { RedisLedgerOptions } from '../../src/server/ledger/redis.ts'
import { startRedis } from '../setup/redis.ts'
import type { RedisServer } from '../setup/redis.ts'
import { assertClockIsBelieved, assertClockJumps } from '../unit/server/clock-jumps.ts'
import { testCrowd } from '../unit/server/ledger-crowd.ts'
import { assertHistories } from '../unit/server/ledger-histories.ts'
import { assertLateSettlements } from '../unit/server/late-settlements.ts'
import { ledgerContract } from '../../src/testing/index.ts'
import { receiptOf } from '../../src/testing/ledger/scene.ts'
import type { LedgerPlace } from '../../src/testing/index.ts'

const worker = fileURLToPath(new URL('redis-worker.ts', import.meta.url))

let server: RedisServer
beforeAll(async () => { server = await startRedis() })
afterAll(() => server.stop())

let places = 0
const place = () => `place ${++places}`

function open(partition: string, change: Partial<RedisLedgerOptions> = {}) {
  const ledger = redisLedger({ url: server.url, partition, ...change } as RedisLedgerOptions)
  onTestFinished(() => ledger.close())
  return ledger
}

function clientOf(url: string, options: object = {}): Redis {
  const client = new Redis(url, options)
  onTestFinished(() => client.disconnect())
  return client
}

const claim = (change: Partial<Claim> = {}): Claim =>
  ({ budget: 'all', scope: 'all', subject: 'all', unit: 'runs', window: 'month', timeZone: 'UTC', limit: 250, amount: 1, ...change })
const request = (run: string, claims: readonly Claim[] = [claim()]) => ({ identity: 'ada', run, body: 'body', claims, lease: 60_000, concurrency: Infinity })
const key = (run: string) => ({ identity: 'ada', run })

test('a settlement that comes when its pot is cleared away already is in the totals', () => assertLateSettlements((now, retention) => open(place(), { now, retention, uptime: now })))

test('a clock that is wrong for a while has nothing spent twice, and is believed when it stays', async () => {
  const [jumping, staying] = [place(), place()]
  await assertClockJumps(options => open(jumping, options))
  await assertClockIsBelieved(options => open(staying, options))
})

describe('the Redis ledger', () => {
  const runner = { test, equal: (actual: unknown, expected: unknown) => expect(actual).toEqual(expected) }
  const fresh = (): LedgerPlace => {
    const partition = place()
    return { durable: true, open: (now, kept) => redisLedger({ url: server.url, partition, now, ...kept }), clear: () => {} }
  }
  ledgerContract(runner, fresh)

  test('adds up through any history', () => assertHistories(fresh, 30))
})

describe('people who come at once, each with many accounts', () => {
  testCrowd(now => open(place(), now && { now }))

  test('of whom one has more accounts than go into any batch are let in as well', async () => {
    const ledger = open(place())
    const claims = Array.from({ length: 4_200 }, (_, at) => claim({ budget: `b${at}` }))
    expect((await ledger.reserve({ ...request('big', claims) })).outcome).toBe('reserved')
    await ledger.settle(key('big'), { runs: 1 }, receiptOf('big'))
    expect((await ledger.balance(claims)).filter(({ held, settled }) => held === 0 && settled === 1)).toHaveLength(4_200)
  })
})

/** A process on the partition, ready to begin. */
async function start(partition: string, name: string, job: string) {
  const child = spawn(process.execPath, [worker, server.url, partition, name, job], { stdio: ['pipe', 'pipe', 'inherit'] })
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

describe('several processes on one server', () => {
  test.each([2, 4])('%i of 200 runs each let exactly 250 through', async count => {
    const partition = place()
    const names = Array.from({ length: count }, (_, at) => `process ${at}`)
    const all = await Promise.all(names.map(name => start(partition, name, 'race')))
    const outcomes = (await Promise.all(all.map(each => said(each)))).flat()
    expect(outcomes.filter(outcome => outcome === 'reserved')).toHaveLength(250)
    expect(outcomes.filter(outcome => outcome === 'exceeded')).toHaveLength(count * 200 - 250)
    const ledger = open(partition)
    expect(await ledger.balance([claim()])).toMatchObject([{ held: 250, settled: 0, available: 0 }])
    const tokens = await ledger.balance(names.map(subject => claim({ budget: 'mine', subject, unit: 'tokens', limit: 1e6 })))
    expect(tokens.reduce((sum, { held }) => sum + held, 0)).toBe(25_000)
  })

  test.each([1, 3, 20, 61, 62, 63])('one that is killed after %i answers leaves everything it answered, and what it left is freed or counted in full', async count => {
    const partition = place()
    const lines = await said(await start(partition, 'gone', 'live'), count)
    let ahead = 0
    const ledger = open(partition, { now: () => Date.now() + ahead })
    const last = new Map(lines.map(line => line.split(' ')).map(([verb, run]) => [run!, verb!]))
    for (const [run, verb] of last) expect((await ledger.entry({ identity: 'gone', run }))!.status).toBeOneOf(mayBe[verb]!)
    const [before] = await ledger.balance([claim()])
    ahead = 61_000
    expect(await ledger.expire()).toBe(before!.held)
    const [after] = await ledger.balance([claim()])
    const dispatched = lines.filter(line => line.startsWith('dispatched')).length
    expect(after).toMatchObject({ held: 0 })
    expect(after!.settled - dispatched).toBeOneOf([0, 1])
  })
})

/** What a run may be whose process was killed after it said so: one verb further at most. */
const mayBe: Record<string, string[]> = { reserved: ['held', 'dispatched'], dispatched: ['dispatched', 'settled'], settled: ['settled'] }

describe('a server that falls', () => {
  test('keeps what it answered, and the ledger goes on by itself', async () => {
    const ledger = open(place())
    await ledger.reserve(request('a', [claim({ amount: 3 })]))
    await ledger.reserve(request('b', [claim({ amount: 4 })]))
    await ledger.dispatch(key('b'))
    await server.restart()
    expect(await ledger.balance([claim()])).toMatchObject([{ held: 7, settled: 0 }])
    expect((await ledger.reserve(request('a', [claim({ amount: 3 })]))).outcome).toBe('running')
    await ledger.settle(key('b'), { runs: 2 }, receiptOf('b'))
    expect(await ledger.balance([claim()])).toMatchObject([{ held: 3, settled: 2 }])
  })

  test('in the middle of everything fails some calls, and whichever they were, none counts twice', async () => {
    const ledger = open(place())
    const runs = Array.from({ length: 2_000 }, (_, at) => `r${at}`)
    const limited = [claim({ limit: 10_000 })]
    const all = Promise.allSettled(runs.map(async (run, at) => {
      await new Promise(resolve => { setTimeout(resolve, at / 10) })
      return ledger.reserve(request(run, limited))
    }))
    await new Promise(resolve => { setTimeout(resolve, 100) })
    await server.restart()
    const failed = (await all).flatMap(each => each.status === 'rejected' ? [each.reason as unknown] : [])
    for (const reason of failed) expect(reason).toMatchObject({ code: 'ledger-unavailable', details: {} })
    const again = await Promise.all(runs.map(async run => (await ledger.reserve(request(run, limited))).outcome))
    expect(again.filter(outcome => outcome === 'running').length).toBeGreaterThanOrEqual(runs.length - failed.length)
    for (const outcome of again) expect(outcome).toBeOneOf(['running', 'reserved'])
    expect(await ledger.balance(limited)).toMatchObject([{ held: runs.length, settled: 0 }])
  })

  test('or answers no more refuses in time, and what it did of that it did once', async () => {
    const own = await startRedis()
    onTestFinished(() => own.stop())
    const ledger = open('main', { url: own.url, patience: 500 })
    await ledger.reserve(request('a'))
    own.freeze(true)
    const began = performance.now()
    await expect(ledger.reserve(request('b'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
    expect(performance.now() - began).toBeLessThan(2_000)
    own.freeze(false)
    await vi.waitFor(() => ledger.entry(key('a')), { timeout: 5_000 })
    expect((await ledger.reserve(request('b'))).outcome).toBeOneOf(['running', 'reserved'])
    expect(await ledger.balance([claim()])).toMatchObject([{ held: 2 }])
  })

  test('that is not there at all refuses in time, and says to the operator why', async () => {
    const own = await startRedis()
    const ledger = open('main', { url: own.url, patience: 300 })
    await ledger.reserve(request('a'))
    await own.stop()
    // The first may still have been sent.
    await expect(ledger.reserve(request('b'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
    await expect(ledger.reserve(request('b'))).rejects.toMatchObject({ code: 'ledger-unavailable', cause: { message: expect.stringContaining('ECONNREFUSED') } })
  })

  test('an answer that is lost on its way leaves a run that says it is running', async () => {
    const partition = place()
    const between = await swallowing(server.url)
    const ledger = open(partition, { url: between.url, patience: 2_000 })
    await ledger.reserve(request('a'))
    between.swallow()
    await expect(ledger.reserve(request('b'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
    expect((await ledger.reserve(request('b'))).outcome).toBe('running')
    expect((await ledger.reserve(request('a'))).outcome).toBe('running')
    expect(await ledger.balance([claim()])).toMatchObject([{ held: 2 }])
    expect(await ledger.dispatch(key('b'))).toBe(true)
  })

  test('loses an answer, and is asked again by a client that does so by itself: what it wrote counts once, and is the caller\'s', async () => {
    const partition = place()
    const between = await swallowing(server.url)
    const ledger = open(partition, { client: clientOf(between.url), url: undefined })
    await ledger.reserve(request('a'))
    for (const [run, change] of [['b', {}], ['c', { assumed: receiptOf('c') }]] as const) {
      between.swallow()
      expect((await ledger.reserve({ ...request(run), ...change })).outcome).toBe('reserved')
      expect((await ledger.reserve({ ...request(run), ...change })).outcome).toBe('running')
      expect((await open(partition).reserve({ ...request(run), ...change })).outcome).toBe('running')
    }
    between.swallow()
    expect(await ledger.dispatch(key('b'))).toBe(true)
    expect(await ledger.dispatch(key('b'))).toBe(false)
    between.swallow()
    await ledger.settle(key('b'), { runs: 0 }, receiptOf('b'))
    expect(await ledger.balance([claim()])).toMatchObject([{ held: 2, settled: 0 }])
  })

  test('forgets its scripts, and is given them again', async () => {
    const ledger = open(place())
    await ledger.reserve(request('a'))
    await clientOf(server.url).script('FLUSH')
    expect((await ledger.reserve(request('b'))).outcome).toBe('reserved')
  })
})

/** A wire to the server that, once told so, loses the next answer and breaks. */
async function swallowing(to: string) {
  const { hostname, port } = new URL(to)
  const { connect } = await import('node:net')
  let lose = false
  const listener = createServer(near => {
    const far = connect(Number(port), hostname)
    const end = () => {
      near.destroy()
      far.destroy()
    }
    near.pipe(far)
    far.on('data', (bytes: Buffer) => {
      if (!lose) return void near.write(bytes)
      lose = false
      end()
    })
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  onTestFinished(() => void listener.close())
  return { url: `redis://127.0.0.1:${(listener.address() as AddressInfo).port}`, swallow: () => { lose = true } }
}

describe('amounts up to the largest safe integer', () => {
  const most = Number.MAX_SAFE_INTEGER
  const tokens = (amount: number, limit = most) => [claim({ unit: 'tokens', amount, limit })]

  test('are exact to the last grain', async () => {
    const ledger = open(place())
    const stand = async () => {
      const { held, settled, available, limit } = (await ledger.balance(tokens(0)))[0]!
      return { held, settled, available, limit }
    }
    await ledger.reserve(request('a', tokens(most - 1)))
    expect(await stand()).toEqual({ held: most - 1, settled: 0, available: 1, limit: most })
    expect((await ledger.reserve(request('b', tokens(2)))).outcome).toBe('exceeded')
    expect((await ledger.reserve(request('b', tokens(1)))).outcome).toBe('reserved')
    await ledger.settle(key('a'), { tokens: most - 3 }, receiptOf('a'))
    expect(await stand()).toEqual({ held: 1, settled: most - 3, available: 2, limit: most })
    await ledger.settle(key('b'), { tokens: 1 }, receiptOf('b'))
    expect(await stand()).toEqual({ held: 0, settled: most - 2, available: 2, limit: most })
    expect((await ledger.reserve(request('c', tokens(3)))).outcome).toBe('exceeded')
    expect((await ledger.reserve(request('c', tokens(2)))).outcome).toBe('reserved')
    expect(await stand()).toEqual({ held: 2, settled: most - 2, available: 0, limit: most })
  })
})

test('names are data: quotes, spaces, zero bytes, braces and any letters are kept apart and unharmed', async () => {
  const ledger = open(place())
  const names = [`'; FLUSHALL; --`, `"]]) redis.call('FLUSHALL')`, 'a\0b', 'a', 'a b', ' a', '"', '\\', '\\"', '\u202e', '{"a":1}', '{other}', '}{', 'é', 'e\u0301', '🍴', '\ud800', '\r\n', '%d %s', '*', '?[a]', '']
  for (const subject of names) expect((await ledger.reserve({ ...request('same', [claim({ subject, limit: 1 })]), identity: subject })).outcome).toBe('reserved')
  for (const identity of names) expect((await ledger.entry({ identity, run: 'same' }))?.identity).toBe(identity)
  for (const run of names) expect((await ledger.reserve(request(run, [claim({ budget: run, limit: 1 })]))).outcome).toBe('reserved')
  for (const run of names) expect(await ledger.entry(key(run))).toMatchObject({ run, budgets: [{ id: run, held: 1 }] })
})

describe('a partition', () => {
  test('keeps all its keys in one slot of a cluster', async () => {
    const own = await startRedis()
    onTestFinished(() => own.stop())
    const ledger = open('with spaces, "quotes" and é', { url: own.url })
    await ledger.reserve(request('a', [claim(), claim({ window: 'run' }), claim({ subject: '{x}' })]))
    await ledger.settle(key('a'), { runs: 1 }, receiptOf('a'))
    await ledger.reserve(request('{b}'))
    const keys = await clientOf(own.url).keys('*')
    expect(keys.length).toBeGreaterThan(4)
    for (const each of keys) expect(/\{([^}]+)\}/.exec(each)?.[1]).toBe('sparing:with spaces, "quotes" and é')
  })

  test('serves in a cluster, which refuses scripts that reach beyond one slot', async () => {
    const own = await startRedis({ 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' })
    onTestFinished(() => own.stop())
    await clientOf(own.url).call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await vi.waitFor(async () => expect(await clientOf(own.url).cluster('INFO')).toContain('cluster_state:ok'), { timeout: 10_000 })
    const client = new Cluster([own.url])
    onTestFinished(() => client.disconnect())
    for (const partition of ['one', 'two', 'three']) {
      const ledger = open(partition, { client, url: undefined })
      await Promise.all(Array.from({ length: 100 }, (_, at) => ledger.reserve(request(`${at}`))))
      await ledger.settle(key('1'), { runs: 1 }, receiptOf('1'))
      expect(await ledger.balance([claim()])).toMatchObject([{ held: 99, settled: 1 }])
    }
  })

  test('knows nothing of another', async () => {
    const [one, other] = [open('one'), open('on')]
    await one.reserve(request('a', [claim({ limit: 1 })]))
    expect(await other.entry(key('a'))).toBeNull()
    expect((await other.reserve(request('a', [claim({ limit: 1 })]))).outcome).toBe('reserved')
  })

  test.each(['', '{', 'a}b', '{a}'])('is not called "%s"', partition => {
    expect(() => redisLedger({ url: server.url, partition })).toThrow(TypeError)
  })
})

describe('a server that forgets', () => {
  async function warnings(settings: Record<string, string>, change: object = {}) {
    const own = await startRedis(settings)
    onTestFinished(() => own.stop())
    const onWarning = vi.fn<(message: string) => void>()
    const ledger = open('main', { url: own.url, onWarning, ...change })
    await ledger.reserve(request('a'))
    await own.restart()
    await ledger.reserve(request('b'))
    return onWarning.mock.calls.map(([message]) => message)
  }

  test('when it restarts is warned of once', async () => {
    expect(await warnings({ appendonly: 'no' })).toEqual([expect.stringContaining('appendonly yes')])
  })

  test('when its memory is full is warned of once', async () => {
    expect(await warnings({ 'maxmemory-policy': 'allkeys-lru' })).toEqual([expect.stringContaining('noeviction')])
  })

  test('nothing is not', async () => {
    expect(await warnings({})).toEqual([])
  })

  test('and does not say so is used without a word', async () => {
    const own = await startRedis({ appendonly: 'no' })
    onTestFinished(() => own.stop())
    await clientOf(own.url).call('ACL', 'SETUSER', 'guest', 'on', '>word', '~*', '+@all', '-info', '-config')
    const client = clientOf(own.url, { username: 'guest', password: 'word', enableReadyCheck: false })
    const onWarning = vi.fn<(message: string) => void>()
    const ledger = open('main', { client, url: undefined, onWarning })
    expect((await ledger.reserve(request('a'))).outcome).toBe('reserved')
    expect(onWarning).not.toHaveBeenCalled()
  })
})

describe('a client of one\'s own', () => {
  test.each([{}, { lazyConnect: true }, { enableOfflineQueue: false }, { replyMapping: 'resp3', stringNumbers: true }, { protocol: 2 }, { keyPrefix: 'x:' }])('serves with %o, and is not closed', async options => {
    const client = clientOf(server.url, options)
    const partition = place()
    const ledger = open(partition, { client, url: undefined })
    expect((await ledger.reserve(request('a'))).outcome).toBe('reserved')
    expect((await ledger.reserve(request('b', [claim({ amount: 250 })]))).outcome).toBe('exceeded')
    await ledger.settle(key('a'), { runs: 1 }, receiptOf('a'))
    expect((await ledger.entry(key('a')))?.status).toBe('settled')
    await ledger.close()
    await expect(ledger.entry(key('a'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
    expect(await client.ping()).toBe('PONG')
    expect(client.listenerCount('error')).toBe(0)
  })
})

test('the clock is the server\'s', async () => {
  const ledger = open(place())
  const real = Date.now
  onTestFinished(() => { Date.now = real })
  Date.now = () => 0
  const answer = await ledger.reserve(request('a', [claim({ window: 'day' })]))
  expect(answer).toMatchObject({ outcome: 'reserved', budgets: [{ resetsAt: expect.toSatisfy((at: number) => at > real() && at <= real() + 86_400_000) }] })
})

test('a ledger that was closed refuses, and closing waits for what was asked before', async () => {
  const ledger = open(place())
  const answers = Promise.all(['a', 'b', 'c'].map(run => ledger.reserve(request(run))))
  await Promise.all([ledger.close(), ledger.close()])
  expect((await answers).map(({ outcome }) => outcome)).toEqual(['reserved', 'reserved', 'reserved'])
  await expect(ledger.reserve(request('d'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
})
