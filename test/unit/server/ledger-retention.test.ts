import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { planReserve } from '../../../src/core/index.ts'
import { memoryLedger } from '../../../src/server/index.ts'
import type { Ledger } from '../../../src/server/index.ts'
import type { Engine, Row } from '../../../src/server/ledger/engine.ts'
import { postgresLedger } from '../../../src/server/ledger/postgres.ts'
import { redisLedger } from '../../../src/server/ledger/redis.ts'
import { keeper } from '../../../src/server/ledger/retention.ts'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'
import { transitions } from '../../../src/server/ledger/transitions.ts'
import { assertLateSettlements } from './late-settlements.ts'
import { claim, hour, noon, receiptOf, request, run } from '../../../src/testing/ledger/scene.ts'

const day = 24 * hour

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparing-retention-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'ledger.db')
}

/** Runs, half an hour apart, that each cost something else; every tenth is left to its lease. @returns what they came to */
async function live(ledger: Ledger, clock: { now: number }, runs: number): Promise<number> {
  let spent = 0
  for (let at = 0; at < runs; at++) {
    clock.now += hour / 2
    const key = run(`r${at}`, `person ${at % 7}`)
    const [limit, amount] = [1e9, 10 + at % 5]
    const claims = [claim(amount, { limit, subject: key.identity }), claim(amount, { limit, budget: 'each', window: 'run', subject: key.identity }), claim(amount, { limit, budget: 'all', subject: 'all', window: 'month' })]
    expect((await ledger.reserve(request(key, claims, { concurrency: 9 }))).outcome).toBe('reserved')
    await ledger.dispatch(key)
    if (at % 10 > 0) await ledger.settle(key, { runs: at % 10 }, receiptOf(key.run))
    spent += at % 10 > 0 ? at % 10 : amount
  }
  clock.now += day
  await ledger.expire()
  return spent
}

const sumOf = (totals: Awaited<ReturnType<Ledger['totals']>>, budget: string) =>
  totals.filter(({ key }) => (JSON.parse(key) as unknown[])[0] === budget).reduce((sum, { settled }) => sum + settled, 0)

describe('a ledger with a retention', () => {
  test.each<[string, (now: () => number) => Ledger]>([
    ['memory', now => memoryLedger({ now, retention: day })],
    ['SQLite', now => sqliteLedger(file(), { now, retention: day })],
  ])('in %s holds no more than the runs of that time, and adds up to the grain', { timeout: 30_000 }, async (_, open) => {
    const clock = { now: noon }
    const ledger = open(() => clock.now)
    // Ten days.
    const spent = await live(ledger, clock, 480)
    const kept = await ledger.entries(null, 10_000)
    // Those of the last day that anything was asked for, and the portion that was not looked at yet.
    expect(kept.length).toBeGreaterThanOrEqual(48)
    expect(kept.length).toBeLessThan(55)
    await ledger.retire(clock.now + 40 * day)
    expect(await ledger.entries(null, 10_000)).toEqual([])
    const totals = await ledger.totals()
    for (const budget of ['mine', 'each', 'all']) expect(sumOf(totals, budget)).toBe(spent)
    await ledger.close()
  })

  test('keeps no pot of a run, a place or a person that is over, and one total for all pots of single runs', async () => {
    const path = file()
    const clock = { now: noon }
    const ledger = sqliteLedger(path, { now: () => clock.now })
    await live(ledger, clock, 20)
    await ledger.retire(clock.now + 40 * day)
    const totals = await ledger.totals()
    // One for the day, one for the month, one for the runs.
    expect(totals).toHaveLength(3)
    expect(totals.map(({ key }) => key)).toContain(JSON.stringify(['each', null, 'runs', 'run', 'UTC', null]))
    await ledger.close()
    const database = new DatabaseSync(path)
    for (const table of ['accounts', 'runs']) expect(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()).toEqual({ rows: 0 })
    database.close()
  })

  test('keeps open runs and pots of now, however long ago they began', async () => {
    const clock = { now: noon }
    const ledger = memoryLedger({ now: () => clock.now, retention: 60_000 })
    await ledger.reserve(request(run('long'), [claim(4, { window: 'month', limit: 10 })], { lease: 9 * day }))
    await live(ledger, clock, 60)
    expect((await ledger.entry(run('long')))?.status).toBe('held')
    expect(await ledger.balance([claim(0, { window: 'month' })])).toMatchObject([{ held: 4 }])
  })

  test.each([0, -1, NaN])('of %s ms is refused', retention => {
    for (const open of [() => memoryLedger({ retention }), () => sqliteLedger(file(), { retention }), () => postgresLedger('postgres://nobody', { retention }), () => redisLedger({ url: 'redis://nobody', retention })]) expect(open).toThrow(RangeError)
  })
})

describe('clearing away', () => {
  const portions = (each: (number | Error)[]) => vi.fn<(before: number, most: number) => Promise<number>>(async () => {
    const portion = each.shift() ?? 0
    if (portion instanceof Error) throw portion
    return portion
  })

  test('goes on at the next occasion while there is more, one portion at a time, and then has a pause', async () => {
    const clear = portions([100, 230, 20])
    const { nudge, idle } = keeper(clear, day)
    for (let round = 0; round < 6; round++) {
      nudge(noon)
      nudge(noon)
      await idle()
    }
    expect(clear.mock.calls.map(([before]) => before)).toEqual([noon - day, noon - day, noon - day])
    nudge(noon + 59_999)
    await idle()
    expect(clear).toHaveBeenCalledTimes(3)
    nudge(noon + 60_000)
    await idle()
    expect(clear).toHaveBeenLastCalledWith(noon + 60_000 - day, 100)
  })

  test('takes a portion twice as large where one did not suffice, up to 400, and is small again when it has caught up', async () => {
    const clear = portions([100, 200, 400, 399, 0])
    const { nudge, idle } = keeper(clear, day)
    for (const now of [noon, noon, noon, noon, noon, noon + hour]) {
      nudge(now)
      await idle()
    }
    expect(clear.mock.calls.map(([, most]) => most)).toEqual([100, 200, 400, 400, 100])
  })

  test('is tried again later where it failed', async () => {
    const clear = portions([new Error('The disk is full.')])
    const { nudge, idle } = keeper(clear, day)
    nudge(noon)
    await idle()
    nudge(noon + hour)
    await idle()
    expect(clear).toHaveBeenCalledTimes(2)
  })

  test('does not wait for a clock that went back', async () => {
    const clear = portions([])
    const { nudge, idle } = keeper(clear, day)
    for (const now of [noon, noon - day, noon - day + 1]) {
      nudge(now)
      await idle()
    }
    expect(clear).toHaveBeenCalledTimes(2)
  })

  test('does nothing where all is kept', async () => {
    const clear = portions([])
    keeper(clear, Infinity).nudge(noon)
    expect(clear).not.toHaveBeenCalled()
  })
})

test('open runs that another holder ended do not pile up, and those that were pushed out can still be settled', async () => {
  const row = vi.fn<Engine['row']>(async () => null)
  const rows = transitions({ row, now: () => noon } as Partial<Engine> as Engine)
  for (let at = 0; at <= 10_000; at++) rows.remember(heldRow(`r${at}`))
  await rows.run(run('r1'), () => null)
  expect(row).not.toHaveBeenCalled()
  await rows.run(run('r0'), () => null)
  expect(row).toHaveBeenCalledWith(run('r0'))
})

const heldRow = (name: string): Row => ({ ...run(name), body: 'body', reservation: planReserve(name, [], noon).reservation, receipt: null, at: noon, version: 1 })

describe('a settlement that comes when its pot is cleared away already', () => {
  test.each<[string, (now: () => number, retention: number) => Ledger]>([
    ['memory', (now, retention) => memoryLedger({ now, retention })],
    ['SQLite', (now, retention) => sqliteLedger(file(), { now, retention })],
  ])('is in the totals (%s)', async (_, open) => assertLateSettlements((now, retention) => {
    const ledger = open(now, retention)
    onTestFinished(() => ledger.close())
    return ledger
  }))
})
