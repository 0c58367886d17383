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
import { clockKey } from '../../../src/server/ledger/keys.ts'
import { keeper } from '../../../src/server/ledger/retention.ts'
import type { Keeper } from '../../../src/server/ledger/retention.ts'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'
import { sureClock } from '../../../src/server/ledger/sure-clock.ts'
import { transitions } from '../../../src/server/ledger/transitions.ts'
import { assertClockIsBelieved, assertClockJumps } from './clock-jumps.ts'
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
    ['memory', now => memoryLedger({ now, retention: day, uptime: now })],
    ['SQLite', now => sqliteLedger(file(), { now, retention: day, uptime: now })],
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
    const ledger = memoryLedger({ now: () => clock.now, retention: 60_000, uptime: () => clock.now })
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

  const from = { now: noon }
  const keeping = (clear: ReturnType<typeof portions>, at = async (now: number) => now) => keeper(clear, { note: () => {}, at }, { retention: day, uptime: () => from.now })
  async function nudged({ nudge, idle }: Keeper, at: number) {
    from.now = at
    nudge(at)
    nudge(at)
    await idle()
  }

  test('goes on at the next occasion while there is more, one portion at a time, and then has a pause', async () => {
    const clear = portions([100, 230, 20])
    const keeper = keeping(clear)
    for (let round = 0; round < 6; round++) await nudged(keeper, noon)
    expect(clear.mock.calls.map(([before]) => before)).toEqual([noon - day, noon - day, noon - day])
    await nudged(keeper, noon + 59_999)
    expect(clear).toHaveBeenCalledTimes(3)
    await nudged(keeper, noon + 60_000)
    expect(clear).toHaveBeenLastCalledWith(noon + 60_000 - day, 100)
  })

  test('takes a portion twice as large where one did not suffice, up to 400, and is small again when it has caught up', async () => {
    const clear = portions([100, 200, 400, 399, 0])
    const keeper = keeping(clear)
    for (const now of [noon, noon, noon, noon, noon, noon + hour]) await nudged(keeper, now)
    expect(clear.mock.calls.map(([, most]) => most)).toEqual([100, 200, 400, 400, 100])
  })

  test('goes by the time that has surely come', async () => {
    const clear = portions([])
    await nudged(keeping(clear, async now => now - 5 * day), noon)
    expect(clear).toHaveBeenLastCalledWith(noon - 6 * day, 100)
  })

  test('is tried again later where it failed, or where nobody could say what time it is', async () => {
    const clear = portions([new Error('The disk is full.')])
    const sure = vi.fn<(now: number) => Promise<number>>(async now => now).mockRejectedValueOnce(new Error('The disk is full.'))
    const keeper = keeping(clear, sure)
    for (const now of [noon, noon + hour, noon + 2 * hour]) await nudged(keeper, now)
    expect(clear).toHaveBeenCalledTimes(2)
  })

  test('does nothing where all is kept', async () => {
    const clear = portions([])
    keeper(clear, { note: () => {}, at: async now => now }, { retention: Infinity, uptime: () => from.now }).nudge(noon)
    expect(clear).not.toHaveBeenCalled()
  })
})

describe('the time that has surely come', () => {
  const shelf = () => {
    const store = memoryDocuments()
    const clock = { now: noon, lived: 0 }
    const begin = () => {
      const sure = sureClock(store, 30 * day, () => clock.lived)
      return Object.assign(() => sure.at(clock.now), { note: () => sure.note(clock.now) })
    }
    const pass = (by: number) => {
      clock.now += by
      clock.lived += by
    }
    return { store, clock, begin, pass }
  }

  test('is none until a new clock has run for an hour, and then what the clock shows', async () => {
    const { clock, begin, pass } = shelf()
    const sure = begin()
    expect(await sure()).toBe(0)
    pass(hour - 1)
    expect(await sure()).toBe(hour - 1)
    pass(1)
    expect(await sure()).toBe(clock.now)
    pass(5)
    expect(await sure()).toBe(clock.now)
  })

  test('follows a clock back at once, and ahead only when it has stayed there for an hour', async () => {
    const { clock, begin, pass } = shelf()
    const sure = begin()
    await sure()
    pass(hour)
    expect(await sure()).toBe(clock.now)
    clock.now -= day
    expect(await sure()).toBe(clock.now)
    clock.now += 9 * day
    const before = await sure()
    expect(before).toBe(clock.now - 9 * day)
    for (let minutes = 0; minutes < 59; minutes++) {
      pass(60_000)
      expect(await sure()).toBe(clock.now - 9 * day)
    }
    for (let minutes = 0; minutes < 61; minutes++) {
      pass(60_000)
      await sure()
    }
    expect(await sure()).toBe(clock.now)
  })

  test('is not moved by a clock that jumps on and on', async () => {
    const { clock, begin, pass } = shelf()
    const sure = begin()
    await sure()
    pass(hour)
    await sure()
    const right = clock.now
    for (let jump = 0; jump < 30; jump++) {
      clock.now += 2 * hour
      expect(await sure()).toBe(right)
    }
  })

  test.each([60_000, 59 * 60_000, 3 * hour, 40 * day])('is what was read before, where another begins while the clock is %s ms ahead', async by => {
    const { clock, begin, pass } = shelf()
    const sure = begin()
    for (let minutes = 0; minutes < 150; minutes++) {
      await sure()
      pass(60_000)
    }
    const right = clock.now
    clock.now += by
    for (let starts = 0; starts < 3; starts++) expect(await begin()()).toBeLessThanOrEqual(right)
    clock.now = right
    expect(await begin()()).toBeLessThanOrEqual(right)
    expect(await begin()()).toBeGreaterThan(right - 2 * hour)
  })

  test('goes by every reading, though it is seldom asked', async () => {
    const { clock, begin, pass } = shelf()
    const sure = begin()
    pass(hour)
    await sure()
    clock.now += 9 * day
    await sure()
    clock.now -= 9 * day
    sure.note()
    const right = clock.now
    clock.now += 9 * day
    pass(hour)
    expect(await sure()).toBe(right + hour)
  })

  test('is put right for those who begin next, where one began while the clock was wrong', async () => {
    const { clock, begin, pass } = shelf()
    const sure = begin()
    await sure()
    pass(2 * hour)
    await sure()
    for (const by of [9 * day, 90 * day]) {
      const right = clock.now
      clock.now += by
      expect(await begin()()).toBeLessThanOrEqual(right)
      clock.now = right
      pass(60_000)
      await sure()
    }
  })

  test('begins anew where what stands in the ledger is none', async () => {
    const { store, begin } = shelf()
    await store.putDocument(clockKey, { sure: 'yesterday' }, 0)
    expect(await begin()()).toBe(0)
  })
})

/** Documents of a ledger in memory. */
function memoryDocuments(): Pick<Engine, 'document' | 'putDocument'> {
  const { document, putDocument } = memoryLedger()
  return { document, putDocument }
}

describe('a clock that is wrong for a while', () => {
  test.each<[string, () => (options: Parameters<typeof memoryLedger>[0] & object) => Ledger]>([
    ['memory', () => {
      let one: Ledger | undefined
      return options => ({ ...one ??= memoryLedger(options), close: async () => {} })
    }],
    ['SQLite', () => {
      const path = file()
      return options => {
        const ledger = sqliteLedger(path, options)
        onTestFinished(() => ledger.close())
        return ledger
      }
    }],
  ])('has nothing spent twice, and is believed when it stays (%s)', { timeout: 20_000 }, async (name, place) => {
    await assertClockJumps(place())
    if (name !== 'memory') await assertClockIsBelieved(place())
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
    ['memory', (now, retention) => memoryLedger({ now, retention, uptime: now })],
    ['SQLite', (now, retention) => sqliteLedger(file(), { now, retention, uptime: now })],
  ])('is in the totals (%s)', async (_, open) => assertLateSettlements((now, retention) => {
    const ledger = open(now, retention)
    onTestFinished(() => ledger.close())
    return ledger
  }))
})
