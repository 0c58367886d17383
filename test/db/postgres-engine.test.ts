import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Account, BoundClaim, Reservation, ReservationStatus, Step } from '../../src/core/index.ts'
import type { Change, ChangeAnswer, Engine } from '../../src/server/ledger/engine.ts'
import { databaseOf } from '../../src/server/ledger/postgres-database.ts'
import { postgresEngine } from '../../src/server/ledger/postgres-engine.ts'
import type { PostgresPool } from '../../src/server/ledger/postgres-database.ts'
import { takeSteps } from '../../src/server/ledger/take-steps.ts'
import { startPostgres } from '../setup/postgres.ts'
import type { PostgresServer } from '../setup/postgres.ts'
import { deadlock, overheard } from './postgres-overheard.ts'

let server: PostgresServer
let pool: Pool
let schemas = 0

beforeAll(async () => {
  server = await startPostgres()
  pool = new Pool({ connectionString: server.url })
})

afterAll(async () => {
  await pool?.end()
  await server?.stop()
})

function open(schema = `engine_${++schemas}`, through: PostgresPool = pool): Engine {
  const engine = postgresEngine(databaseOf(through, 5_000), { schema, patience: 5_000, now: undefined, release: async () => {} })
  onTestFinished(() => engine.close())
  return engine
}

const accountKey = (subject: string, start = 0) => JSON.stringify(['mine', subject, 'runs', 'day', 'UTC', start])
const claimOf = (subject: string): BoundClaim =>
  ({ budget: 'mine', scope: 'user', subject, unit: 'runs', window: 'day', timeZone: 'UTC', limit: 10, amount: 1, account: accountKey(subject), period: { start: 0, end: 1_000 } })
const step = (subject: string, change: Partial<Step> = {}): Step => ({ account: accountKey(subject), held: 1, settled: 0, guard: 10, ends: 1_000, ...change })

function changeOf(run: string, steps: readonly Step[], { version = 1, status = 'held' as ReservationStatus, identity = 'ada', at = 0, claims = [] as readonly BoundClaim[], ...rest }: Partial<Change> & { version?: number; status?: ReservationStatus; identity?: string; at?: number; claims?: readonly BoundClaim[] } = {}): Change {
  const reservation: Reservation = { run, status, claims, expiresAt: at + 500 }
  return { row: { identity, run, body: 'body', reservation, receipt: null, at, version }, expected: version - 1, steps, ...rest }
}

describe('changes that go together', () => {
  const small = fc.integer({ min: 0, max: 9 })
  const arbitraryStep = fc.record({
    subject: fc.constantFrom('a', 'b', 'c'), held: fc.integer({ min: -5, max: 9 }), settled: fc.integer({ min: -3, max: 6 }),
    guard: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), ends: fc.option(small, { nil: null }),
  })
  const arbitraryChanges = fc.array(fc.array(arbitraryStep, { maxLength: 4 }), { minLength: 1, maxLength: 12 })

  test('come to what they would one after the other, by the rule of the core', async () => {
    const engine = open()
    let rounds = 0
    await fc.assert(fc.asyncProperty(arbitraryChanges, async lists => {
      const round = ++rounds
      const accounts = new Map<string, Account>()
      const changes = lists.map((steps, at) => changeOf(`${round}-${at}`, steps.map(({ subject, guard, ...rest }): Step =>
        ({ account: accountKey(subject, round), ...rest, ...guard === undefined ? {} : { guard } }))))
      const expected = changes.map(({ steps }): ChangeAnswer => {
        const answer = takeSteps(steps, key => accounts.get(key))
        if (answer.outcome === 'done') for (const account of answer.accounts) accounts.set(account.key, account)
        return answer
      })
      expect(await Promise.all(changes.map(change => engine.change(change)))).toEqual(expected)
      const stored = await engine.accounts(['a', 'b', 'c'].map(subject => accountKey(subject, round)))
      expect(new Map(stored.map(account => [account.key, account]))).toEqual(accounts)
      for (const [at, { outcome }] of expected.entries()) expect(await engine.row({ identity: 'ada', run: `${round}-${at}` })).toEqual(outcome === 'done' ? changes[at]!.row : null)
    }), { numRuns: 150 })
  })

  test('of one run follow one another', async () => {
    const engine = open()
    const answers = await Promise.all([1, 1, 2, 2, 4].map(version => engine.change(changeOf('a', [step('ada')], { version }))))
    expect(answers.map(({ outcome }) => outcome)).toEqual(['done', 'conflict', 'done', 'conflict', 'conflict'])
    expect(await engine.accounts([accountKey('ada')])).toMatchObject([{ held: 2, revision: 2 }])
  })

  test.each([NaN, Infinity, 0.5, 2 ** 53])('with %s in them are refused alone, and guard what they guarded', async number => {
    const engine = open()
    const bad = [step('ada', { guard: number }), step('ada', { held: number }), step('ada', { settled: number })]
    const answers = await Promise.allSettled([...bad.map((each, at) => engine.change(changeOf(`bad${at}`, [each]))), engine.change(changeOf('good', [step('ada')]))])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled'])
    expect(await engine.accounts([accountKey('ada')])).toMatchObject([{ held: 1, limit: 10 }])
  })
})

describe('two processes that change the same things in opposite order', () => {
  const names = Array.from({ length: 9 }, (_, at) => `s${at}`)

  /** Both get stuck half way at what a third one holds; were they to go opposite ways, each would then hold what the other needs. */
  async function meet(table: string, column: string, value: string, schema: string, all: () => Promise<ChangeAnswer>[]): Promise<ChangeAnswer[]> {
    const third = await pool.connect()
    await third.query('BEGIN')
    expect((await third.query(`SELECT FROM ${schema}.${table} WHERE ${column} = $1 FOR UPDATE`, [value])).rowCount).toBe(1)
    const answers = all()
    await setTimeout(300)
    await third.query('COMMIT')
    third.release()
    return Promise.all(answers)
  }

  function two() {
    const schema = `engine_${++schemas}`
    const through = overheard(pool)
    const both = [open(schema, through), open(schema, through)] as const
    const change = (make: (name: string, process: number) => Change) =>
      both.flatMap((engine, process) => (process === 0 ? names : names.toReversed()).map(name => engine.change(make(name, process))))
    return { schema, through, engine: both[0], change }
  }

  test('do not wait for each other in a circle for runs; one of them is first', async () => {
    const { schema, through, engine, change } = two()
    for (const name of names) await engine.change(changeOf(name, []))
    const answers = await meet('runs', 'run', 's4', schema, () => change(name => changeOf(name, [], { version: 2 })))
    expect(answers.filter(({ outcome }) => outcome === 'done')).toHaveLength(names.length)
    expect(through.codes).not.toContain(deadlock)
  })

  test('nor for accounts; both are counted', async () => {
    const { schema, through, engine, change } = two()
    for (const name of names) await engine.change(changeOf(name, [step(name)]))
    await meet('accounts', 'key', accountKey('s4'), schema, () => change((name, process) => changeOf(`${name} ${process}`, [step(name)])))
    expect((await engine.accounts(names.map(name => accountKey(name)))).map(({ held }) => held)).toEqual(names.map(() => 3))
    expect(through.codes).not.toContain(deadlock)
  })
})

describe('documents', () => {
  const key = JSON.stringify(['policy', null])

  test('are written by whoever knows the revision', async () => {
    const engine = open()
    expect(await engine.document(key)).toBeNull()
    expect(await Promise.all([1, 2, 3, 4].map(value => engine.putDocument(key, { value }, 0)))).toEqual(expect.arrayContaining([true, false, false, false]))
    expect(await engine.putDocument(key, { zero: 'a\0b\ud800' }, 1)).toBe(true)
    expect(await engine.document(key)).toEqual({ key, value: { zero: 'a\0b\ud800' }, revision: 2 })
    expect([await engine.putDocument(key, null, 1), await engine.putDocument(key, null, 2), await engine.putDocument(key, null, 0)]).toEqual([false, true, true])
    expect(await engine.document(key)).toBeNull()
  })

  test('that a change was worked out under make it stale; a conflict comes first, a refused guard last', async () => {
    const engine = open()
    const under = (revision: number) => ({ under: { key, revision } })
    expect(await engine.change(changeOf('a', [step('ada')], under(0)))).toMatchObject({ outcome: 'done' })
    await engine.putDocument(key, 'new', 0)
    const full = [step('ada', { guard: 0 })]
    expect(await engine.change(changeOf('b', full, under(0)))).toEqual({ outcome: 'stale', document: { key, value: 'new', revision: 1 } })
    expect(await engine.change(changeOf('a', full, under(0)))).toMatchObject({ outcome: 'conflict', row: { run: 'a', version: 1 } })
    expect(await engine.change(changeOf('b', full, under(1)))).toMatchObject({ outcome: 'exceeded', refused: [accountKey('ada')], accounts: [{ held: 1, limit: 0 }] })
    expect(await engine.row({ identity: 'ada', run: 'b' })).toBeNull()
    expect(await engine.change(changeOf('b', [step('ada')], under(1)))).toMatchObject({ outcome: 'done' })
  })

  test('with keys that PostgreSQL cannot hold are refused', async () => {
    for (const bad of ['a\0', '\ud800', 'x'.repeat(2_700)]) await expect(open().document(bad)).rejects.toThrow(RangeError)
  })
})

test('rows come in one order, page by page, from the first one on', async () => {
  const engine = open()
  const names = [['', ''], ['', 'a'], ['a', ''], ['a', 'a"'], ['a\0', 'z'], ['é', 'z']] as const
  for (const [identity, run] of names) await engine.change(changeOf(run, [], { identity }))
  const seen: unknown[] = []
  for (let page = await engine.rows(null, 2); page.length > 0; page = await engine.rows(page.at(-1)!, 2)) seen.push(...page.map(({ identity, run }) => [identity, run]))
  expect(seen).toHaveLength(names.length)
  expect(seen).toEqual(expect.arrayContaining(names.map(name => [...name])))
})

test('what is over is cleared away, its sums are kept, and what is held stays', async () => {
  const engine = open()
  const settled = (run: string, subject: string, amount: number) => engine.change(changeOf(run, [step(subject, { held: 0, settled: amount })], { status: 'settled' }))
  await settled('a', 'ada', 3)
  await settled('b', 'bob', 4)
  await engine.change(changeOf('c', [step('eve')]))
  await engine.change(changeOf('d', [step('ada', { account: accountKey('ada', 1), ends: null, held: 0, settled: 2 })], { status: 'settled', at: 5_000 }))
  expect(await engine.retire(1_000, 10)).toBe(2)
  expect(await engine.retire(1_001, 1)).toBe(1)
  expect(await engine.retire(1_001, 10)).toBe(1)
  expect(await engine.retire(1_001, 10)).toBe(0)
  expect(await engine.totals()).toEqual([{ key: JSON.stringify(['mine', null, 'runs', 'day', 'UTC', 0]), settled: 7 }])
  expect((await engine.rows(null, 10)).map(({ run }) => run)).toEqual(['c', 'd'])
  expect((await engine.accounts(['ada', 'bob', 'eve'].map(subject => accountKey(subject)))).map(({ key }) => key)).toEqual([accountKey('eve')])
})

test('is cleared away while others work, and nothing is lost', async () => {
  const engine = open()
  let done = 0
  await Promise.all(Array.from({ length: 300 }, async (_, at) => {
    if (at % 10 === 0) await engine.retire(2_000, 5)
    const answer = await engine.change(changeOf(`r${at}`, [step(`s${at % 7}`, { held: 0, settled: 1, guard: 1_000 })], { status: 'settled' }))
    if (answer.outcome === 'done') done++
  }))
  while (await engine.retire(2_000, 50) > 0);
  expect(done).toBe(300)
  expect(await engine.totals()).toMatchObject([{ settled: 300 }])
})

test('an identity has another name wherever it stood', async () => {
  const engine = open()
  const identity = `o'na"\0é`
  for (const who of [identity, 'bob']) await engine.change(changeOf('a', [step(who), step('all', { account: accountKey('all') })], { identity: who, claims: [claimOf(who), claimOf('all')] }))
  await engine.putDocument(JSON.stringify(['opt-ins', identity]), ['x'], 0)
  await engine.rename(identity, 'gone')
  expect(await engine.row({ identity, run: 'a' })).toBeNull()
  expect(await engine.row({ identity: 'gone', run: 'a' })).toMatchObject({ version: 2, reservation: { claims: [{ subject: 'gone', account: accountKey('gone') }, { subject: 'all' }] } })
  expect(await engine.row({ identity: 'bob', run: 'a' })).toMatchObject({ version: 1 })
  expect(await engine.accounts([accountKey(identity)])).toEqual([])
  expect(await engine.accounts([accountKey('gone')])).toMatchObject([{ held: 1 }])
  expect(await engine.document(JSON.stringify(['opt-ins', 'gone']))).toMatchObject({ value: ['x'], revision: 1 })
})
