import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bindClaim, dispatch, planReserve, planSettle, units } from '../../src/core/index.ts'
import type { Account, BoundClaim, Claim, Step } from '../../src/core/index.ts'
import type { Engine, Row } from '../../src/server/ledger/engine.ts'
import { redisConnection } from '../../src/server/ledger/redis-connection.ts'
import { redisEngine } from '../../src/server/ledger/redis-engine.ts'
import { keysOf } from '../../src/server/ledger/redis-keys.ts'
import { keyNamed, nameOf, rowOf, rowText } from '../../src/server/ledger/redis-values.ts'
import { takeSteps } from '../../src/server/ledger/take-steps.ts'
import { startRedis } from '../setup/redis.ts'
import type { RedisServer } from '../setup/redis.ts'
import { receiptOf } from '../../src/testing/ledger/scene.ts'

let server: RedisServer
beforeAll(async () => { server = await startRedis() })
afterAll(() => server.stop())

const start = Date.UTC(2026, 10, 24, 12)
const day = 86_400_000
let places = 0

function open(): Engine {
  const engine = redisEngine(redisConnection(server.url, 5_000), keysOf(`engine ${++places}`), { now: () => start, patience: 5_000 })
  onTestFinished(() => engine.close())
  return engine
}

const claim = (change: Partial<Claim> = {}): Claim =>
  ({ budget: 'mine', scope: 'user', subject: 'ada', unit: 'tokens', window: 'day', timeZone: 'UTC', limit: 1_000, amount: 10, ...change })

/** A run that is held, through the engine. */
async function reserved(engine: Engine, run: string, { identity = 'ada', at = start, claims = [claim()] }: { identity?: string; at?: number; claims?: readonly Claim[] } = {}): Promise<Row> {
  const { reservation, steps } = planReserve(run, claims.map(each => bindClaim(each, run, at)), at + 60_000)
  const row: Row = { identity, run, body: 'body', reservation, receipt: null, at, version: 1 }
  expect(await engine.change({ row, expected: 0, steps })).toMatchObject({ outcome: 'done' })
  return row
}

async function settled(engine: Engine, row: Row, tokens: number): Promise<Row> {
  const { reservation, steps } = planSettle(row.reservation, { tokens })!
  const next = { ...row, reservation, version: row.version + 1 }
  expect(await engine.change({ row: next, expected: row.version, steps })).toMatchObject({ outcome: 'done' })
  return next
}

const accountOf = (row: Row) => row.reservation.claims[0]!.account

describe('a change', () => {
  const grains = fc.oneof(fc.nat({ max: 20 }), fc.maxSafeNat())
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ account: fc.constantFrom('["a"]', '["b"]', '["c d"]'), held: grains, settled: fc.constant(0), guard: grains, ends: fc.constantFrom(null, start) }),
    fc.record({ account: fc.constantFrom('["a"]', '["b"]'), held: fc.integer({ min: -5, max: 0 }), settled: fc.integer({ min: -3, max: 5 }), ends: fc.constant(null) }),
  )

  test('moves accounts as the core does, to the last grain', async () => {
    const engine = open()
    await fc.assert(fc.asyncProperty(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 12 }), async changes => {
      const prefix = `${++places} `
      const known = new Map<string, Account>()
      const row = await reserved(engine, `run ${prefix}`, { claims: [] })
      for (const [at, steps] of changes.entries()) {
        const own = steps.map(each => ({ ...each, account: prefix + each.account }))
        const expected = takeSteps(own, key => known.get(key))
        const answer = await engine.change({ row: { ...row, run: `${prefix} ${at}` }, expected: 0, steps: own })
        expect(answer).toEqual(expected)
        if (expected.outcome === 'done') for (const account of expected.accounts) known.set(account.key, account)
      }
      expect(await engine.accounts([...known.keys()])).toEqual([...known.values()])
    }), { numRuns: 150 })
  })

  test('finds a conflict before a stale document, and that before a refused guard, and then changes nothing', async () => {
    const engine = open()
    const row = await reserved(engine, 'a')
    const under = { key: '["policy",null]', revision: 3 }
    const steps: Step[] = [{ account: accountOf(row), held: 2_000, settled: 0, guard: 1_000, ends: null }]
    expect(await engine.change({ row, expected: 0, steps, under })).toEqual({ outcome: 'conflict', row })
    expect(await engine.change({ row: { ...row, run: 'b' }, expected: 1, steps, under })).toEqual({ outcome: 'conflict', row: null })
    expect(await engine.change({ row: { ...row, version: 2 }, expected: 1, steps, under })).toEqual({ outcome: 'stale', document: null })
    await engine.putDocument(under.key, { limits: [1e15 + 1] }, 0)
    const document = { key: under.key, value: { limits: [1e15 + 1] }, revision: 1 }
    expect(await engine.change({ row: { ...row, version: 2 }, expected: 1, steps, under })).toEqual({ outcome: 'stale', document })
    expect(await engine.change({ row: { ...row, version: 2 }, expected: 1, steps, under: { ...under, revision: 1 } })).toMatchObject({ outcome: 'exceeded', refused: [accountOf(row)] })
    expect(await engine.row(row)).toEqual(row)
    expect(await engine.accounts([accountOf(row)])).toMatchObject([{ held: 10, revision: 1 }])
    expect(await engine.change({ row: { ...row, run: 'c' }, expected: 0, steps: [], under: { ...under, revision: 1 } })).toEqual({ outcome: 'done', accounts: [] })
  })
})

describe('rows', () => {
  const text = fc.string({ unit: 'binary' })
  const time = fc.maxSafeNat()
  const boundClaim: fc.Arbitrary<BoundClaim> = fc.record({
    budget: text, scope: text, subject: text, unit: fc.constantFrom(...units), window: fc.constantFrom('run', 'day', 'session'), timeZone: text,
    limit: time, amount: time, period: fc.record({ start: time, end: fc.option(time) }), account: text, holdOnly: fc.boolean(), settled: time,
  }, { requiredKeys: ['budget', 'scope', 'subject', 'unit', 'window', 'timeZone', 'limit', 'amount', 'period', 'account'] })
    .chain(claim => fc.constantFrom(claim, { ...bindClaim({ ...claim, timeZone: 'UTC' }, 'run', start), timeZone: 'UTC' }))
  const anyRow: fc.Arbitrary<Row> = fc.record({
    identity: text, run: fc.oneof(text, fc.constant('run')), body: text, at: time, version: fc.integer({ min: 1 }),
    receipt: fc.option(fc.constant(receiptOf('x'))),
    reservation: fc.record({ run: text, status: fc.constantFrom('held', 'assumed', 'released'), expiresAt: time, claims: fc.array(boundClaim, { maxLength: 3 }) }),
  }).map(row => ({ ...row, reservation: { ...row.reservation, run: row.run } }))

  test('are read as they were written', () => {
    fc.assert(fc.property(anyRow, row => {
      expect(rowOf(keyNamed(nameOf(row)), rowText(row))).toEqual(row)
    }))
  })

  test('come in a stable order, a page at a time, each once', async () => {
    const engine = open()
    const names = ['b', 'a', 'a,b', '"', 'é', '', 'z', '🍴']
    for (const identity of names) for (const run of names) await reserved(engine, run, { identity, claims: [] })
    const all = await engine.rows(null, 1_000)
    expect(all).toHaveLength(64)
    const paged: Row[] = []
    for (let page = await engine.rows(null, 7); page.length > 0; page = await engine.rows(page.at(-1)!, 7)) paged.push(...page)
    expect(paged).toEqual(all)
    expect(await engine.rows({ identity: 'gone', run: 'x' }, 1_000)).toEqual(all.filter(({ identity }) => ['z', 'é', '🍴'].includes(identity)))
  })

  test('that are overdue come by when they expired, as long as they are open', async () => {
    const engine = open()
    for (const [at, run] of ['c', 'a', 'b'].entries()) await reserved(engine, run, { at: start + at })
    await settled(engine, await reserved(engine, 'd'), 1)
    expect(await engine.overdue(start + 59_999, 9)).toEqual([])
    expect((await engine.overdue(start + 60_002, 9)).map(({ run }) => run)).toEqual(['c', 'a', 'b'])
    expect((await engine.overdue(start + 60_001, 9)).map(({ run }) => run)).toEqual(['c', 'a'])
    expect((await engine.overdue(start + 60_002, 1)).map(({ run }) => run)).toEqual(['c'])
    const row = (await engine.row({ identity: 'ada', run: 'c' }))!
    await engine.change({ row: { ...row, reservation: { ...dispatch(row.reservation), expiresAt: start + 90_000 }, version: 2 }, expected: 1, steps: [] })
    expect((await engine.overdue(start + 60_002, 9)).map(({ run }) => run)).toEqual(['a', 'b'])
  })
})

describe('documents', () => {
  test('are written only over what was expected', async () => {
    const engine = open()
    expect(await engine.document('k')).toBeNull()
    expect(await engine.putDocument('k', { a: 'x y' }, 1)).toBe(false)
    expect(await engine.putDocument('k', { a: 'x y' }, 0)).toBe(true)
    expect(await engine.putDocument('k', 1, 0)).toBe(false)
    expect(await engine.document('k')).toEqual({ key: 'k', value: { a: 'x y' }, revision: 1 })
    expect(await engine.putDocument('k', '', 1)).toBe(true)
    expect(await engine.document('k')).toEqual({ key: 'k', value: '', revision: 2 })
    expect(await engine.putDocument('k', null, 1)).toBe(false)
    expect(await engine.putDocument('k', null, 2)).toBe(true)
    expect(await engine.document('k')).toBeNull()
  })

  test('that many write at once are each written by one', async () => {
    const engine = open()
    const won = await Promise.all(Array.from({ length: 20 }, (_, at) => engine.putDocument('k', at, 0)))
    expect(won.filter(Boolean)).toHaveLength(1)
  })
})

describe('retiring', () => {
  test('clears away what is over, keeps the totals exactly, and leaves what is open', async () => {
    const engine = open()
    const most = Number.MAX_SAFE_INTEGER
    const big = [claim({ amount: most - 7, limit: most })]
    const old = await settled(engine, await reserved(engine, 'old', { claims: big }), most - 7)
    await settled(engine, await reserved(engine, 'bob', { claims: [claim({ subject: 'bob' })] }), 7)
    const open1 = await reserved(engine, 'open', { claims: [claim({ budget: 'other' })] })
    const fresh = await settled(engine, await reserved(engine, 'new', { at: start + day }), 4)
    expect(await engine.retire(start + day, 100)).toBe(4)
    expect((await engine.rows(null, 9)).map(({ run }) => run)).toEqual(['new', 'open'])
    expect(await engine.accounts([old, open1, fresh].map(accountOf))).toMatchObject([{ key: accountOf(open1), held: 10 }, { key: accountOf(fresh), settled: 4 }])
    const period = JSON.parse(accountOf(old))[5] as number
    expect(await engine.totals()).toEqual([{ key: JSON.stringify(['mine', null, 'tokens', 'day', 'UTC', period]), settled: most }])
    expect(await engine.retire(start + day, 100)).toBe(0)
    await settled(engine, open1, 2)
    expect(await engine.retire(start + day, 100)).toBe(2)
    expect(await engine.totals()).toHaveLength(2)
  })

  test('takes so many of each at a time, and finds those behind what is still held', async () => {
    const engine = open()
    for (let at = 0; at < 5; at++) {
      await reserved(engine, `held ${at}`, { claims: [claim({ budget: `a${at}` })] })
      await settled(engine, await reserved(engine, `over ${at}`, { claims: [claim({ budget: `z${at}` })] }), 1)
    }
    expect([await engine.retire(-1, 2), await engine.retire(0, 2)]).toEqual([0, 0])
    expect([await engine.retire(start + 2 * day, 2), await engine.retire(start + 2 * day, 2), await engine.retire(start + 2 * day, 2), await engine.retire(start + 2 * day, 2)]).toEqual([4, 4, 2, 0])
  })

  test('clears accounts that no clock ends once nothing is in them', async () => {
    const engine = open()
    const session = (budget: string, holdOnly = false) => [claim({ budget, window: 'session', holdOnly })]
    const spent = await settled(engine, await reserved(engine, 'spent', { claims: session('spent') }), 3)
    const empty = await settled(engine, await reserved(engine, 'empty', { claims: session('places', true) }), 3)
    const held = await reserved(engine, 'held', { claims: session('held') })
    expect(await engine.retire(start, 9)).toBe(1)
    expect((await engine.accounts([spent, empty, held].map(accountOf))).map(({ key }) => key)).toEqual([spent, held].map(accountOf))
    expect(await engine.totals()).toEqual([])
  })
})

describe('a script that fails', () => {
  test.each(['runs', 'names', 'times', 'accounts', 'endings'] as const)('because "%s" is spoilt has changed nothing', async which => {
    const [engine, keys] = [open(), keysOf(`engine ${places}`)]
    const over = await settled(engine, await reserved(engine, 'over'), 4)
    const held = await reserved(engine, 'held', { claims: [claim({ budget: 'other' }), claim({ window: 'session' })] })
    const client = new Redis(server.url)
    onTestFinished(() => client.disconnect())
    const others = [...new Set(keys.changing)].filter(key => key !== keys[which])
    const dump = () => Promise.all(others.map(key => client.dumpBuffer(key).then(bytes => bytes?.toString('hex'))))
    await client.set(keys[which], 'spoilt')
    const before = await dump()
    const { reservation, steps } = planSettle(held.reservation, { tokens: 1 })!
    await expect(engine.change({ row: { ...held, reservation, version: 2 }, expected: 1, steps })).rejects.toMatchObject({ code: 'ledger-unavailable' })
    await engine.retire(start + 2 * day, 9).catch(() => {})
    await engine.rename(over.identity, 'x').catch(() => {})
    expect(await dump()).toEqual(before)
  })

  test('because of an amount that is none has changed nothing', async () => {
    const engine = open()
    const row = await reserved(engine, 'a')
    const steps: Step[] = [{ account: '["new"]', held: 1, settled: 0, guard: 9, ends: start }, { account: '["newer"]', held: 0, settled: 0, ends: NaN }]
    await expect(engine.change({ row: { ...row, version: 2 }, expected: 1, steps })).rejects.toMatchObject({ code: 'ledger-unavailable' })
    expect(await engine.accounts(['["new"]', '["newer"]'])).toEqual([])
    const client = new Redis(server.url)
    onTestFinished(() => client.disconnect())
    expect(await client.zcard(keysOf(`engine ${places}`).endings)).toBe(1)
  })
})

test('retiring clears places of accounts that are gone, as a script that failed half-way left them', async () => {
  const [engine, keys] = [open(), keysOf(`engine ${places}`)]
  const open1 = await reserved(engine, 'open')
  const client = new Redis(server.url)
  onTestFinished(() => client.disconnect())
  await client.zadd(keys.endings, `${start - day}`, '["gone"]', '-inf', '["gone too"]', `${start + 9 * day}`, '["later"]')
  expect(await engine.retire(start + day, 9)).toBe(2)
  expect(await engine.retire(start + day, 9)).toBe(0)
  expect(await client.zrange(keys.endings, '0', '-1')).toEqual([accountOf(open1), '["later"]'])
  expect(await engine.totals()).toEqual([])
})

describe('renaming', () => {
  test('goes wherever the identity stands, and nowhere else', async () => {
    const engine = open()
    const mine = await reserved(engine, 'open', { claims: [claim(), claim({ scope: 'org', subject: 'acme' })] })
    await settled(engine, await reserved(engine, 'over', { claims: [claim()] }), 4)
    const other = await reserved(engine, 'x', { identity: 'ad', claims: [claim({ subject: 'ad', budget: 'ada' })] })
    await engine.putDocument('["opt-ins","ada"]', ['ada'], 0)
    await engine.putDocument('["opt-ins","ad"]', [], 0)
    await engine.rename('ada', 'erased "1"')

    expect(await engine.row(mine)).toBeNull()
    expect(await engine.row(other)).toEqual(other)
    expect((await engine.rows(null, 9)).map(({ identity, run }) => [identity, run])).toEqual([['ad', 'x'], ['erased "1"', 'open'], ['erased "1"', 'over']])
    const row = (await engine.row({ identity: 'erased "1"', run: 'open' }))!
    expect(row.reservation.claims.map(({ subject }) => subject)).toEqual(['erased "1"', 'acme'])
    expect(await engine.accounts(row.reservation.claims.map(({ account }) => account))).toMatchObject([{ held: 10, settled: 4 }, { held: 10 }])
    expect(await engine.accounts([accountOf(mine)])).toEqual([])
    expect([await engine.document('["opt-ins","ada"]'), (await engine.document('["opt-ins","erased \\"1\\""]'))?.value, (await engine.document('["opt-ins","ad"]'))?.revision]).toEqual([null, ['ada'], 1])
    expect((await engine.overdue(start + day, 9)).map(({ identity }) => identity).sort()).toEqual(['ad', 'erased "1"'])
    await settled(engine, row, 1)
    expect(await engine.accounts([accountOf(row)])).toMatchObject([{ held: 0, settled: 5 }])
  })

  test('under a name that has spent already adds the two up', async () => {
    const engine = open()
    const ada = await settled(engine, await reserved(engine, 'a'), 4)
    const bob = await settled(engine, await reserved(engine, 'b', { identity: 'bob', claims: [claim({ subject: 'bob' })] }), 3)
    await engine.rename('ada', 'bob')
    expect(await engine.accounts([ada, bob].map(accountOf))).toMatchObject([{ key: accountOf(bob), settled: 7, held: 0 }])
    expect(await engine.retire(start + day, 9)).toBe(3)
    expect(await engine.totals()).toMatchObject([{ settled: 7 }])
  })

  test('of more runs than fit a page, while more are made, loses nothing', async () => {
    const engine = open()
    await Promise.all(Array.from({ length: 1_050 }, (_, at) => reserved(engine, `r${at}`, { claims: [claim({ limit: 1e6 })] })))
    const more = Promise.all(Array.from({ length: 50 }, (_, at) => reserved(engine, `s${at}`, { claims: [claim({ limit: 1e6 })] })))
    await engine.rename('ada', 'x')
    await more
    await engine.rename('ada', 'x')
    const rows = await engine.rows(null, 2_000)
    expect(rows.filter(({ identity }) => identity === 'x')).toHaveLength(1_100)
    expect(await engine.accounts([...new Set(rows.map(accountOf))])).toMatchObject([{ held: 11_000 }])
    await engine.rename('x', 'x')
    expect(await engine.rows(null, 1)).toEqual(rows.slice(0, 1))
  })

  test.each([1, 2, 3])('that is cut off after %i steps may go on under another name, and all adds up', async steps => {
    const [connection, keys] = [redisConnection(server.url, 5_000), keysOf(`engine ${++places}`)]
    let left = Infinity
    const failing: typeof connection = {
      ...connection,
      run: async (...job) => {
        if (left-- <= 0) throw new Error('The process ended.')
        return connection.run(...job)
      },
    }
    const engine = redisEngine(failing, keys, { now: () => start, patience: 5_000 })
    onTestFinished(() => engine.close())
    const claims = [claim({ limit: 1e6 })]
    const open1 = await reserved(engine, 'a open', { claims })
    await reserved(engine, 'z open', { claims })
    await Promise.all(Array.from({ length: 1_200 }, async (_, at) => settled(engine, await reserved(engine, `r${at}`, { claims }), 1)))
    left = steps
    await engine.rename('ada', 'x').catch(() => {})
    left = Infinity
    await engine.rename('ada', 'y')
    const rows = await engine.rows(null, 2_000)
    expect([rows.length, rows.filter(({ identity }) => identity === 'ada').length]).toEqual([1_202, 0])
    for (const row of rows.filter(({ reservation }) => reservation.status === 'held')) await settled(engine, row, 3)
    const client = new Redis(server.url)
    onTestFinished(() => client.disconnect())
    const accounts = Object.keys(await client.hgetall(keys.accounts))
    expect(await engine.accounts(accounts)).toMatchObject([{ held: 0, settled: 1_206 }])
    expect(accounts).not.toContain(accountOf(open1))
  })
})
