import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Budget } from '../../../src/core/budget.ts'
import type { BudgetNotice } from '../../../src/core/receipt.ts'
import { createBudgetStore } from '../../../src/state/index.ts'
import type { BudgetStore } from '../../../src/state/index.ts'
import { applyBudgets, refuses } from '../../../src/state/server-budgets.ts'
import { Machine, settled as quiet } from './machine.ts'

const opened: BudgetStore[] = []
afterEach(() => {
  for (const store of opened.splice(0)) store.close()
})

function open(machine: Machine, limit = 10, per: 'day' | 'month' = 'day') {
  const tab = machine.tab()
  const store = createBudgetStore({ subject: 'ann', policies: [{ id: 'mine', per, limit: { runs: limit }, timeZone: 'UTC' }], environment: tab.environment })
  opened.push(store)
  return { store, tab }
}
const line = (store: BudgetStore) => {
  const { settled, held, available, resetsAt } = store.getState().local[0]!
  return { settled, held, available, resetsAt }
}

describe('the meter of this device', () => {
  test('shows what was assumed as set aside; what it came to is settled from there, and nothing comes back that was shown as spent', async () => {
    const { store } = open(new Machine())
    await store.reserve('r1', { runs: 4 })
    await store.dispatch('r1')
    await store.assume('r1')
    expect(line(store)).toMatchObject({ settled: 0, held: 4, available: 6 })
    await store.settle('r1', { runs: 1 })
    expect(line(store)).toMatchObject({ settled: 1, held: 0, available: 9 })
  })

  test('shows what nobody knew better within a day as spent', async () => {
    const machine = new Machine()
    const { store, tab } = open(machine, 10, 'month')
    await store.reserve('r1', { runs: 4 })
    await store.dispatch('r1')
    await store.assume('r1')
    machine.time += 86_400_000
    tab.focus()
    await quiet()
    expect(line(store)).toMatchObject({ settled: 0, held: 4, available: 6 })
    machine.time += 600_000
    tab.focus()
    await quiet()
    expect(line(store)).toMatchObject({ settled: 4, held: 0, available: 6 })
  })

  test('a threshold is passed by what is known to be spent', async () => {
    const told: number[] = []
    const store = createBudgetStore({
      subject: 'ann', policies: [{ id: 'mine', per: 'day', limit: { runs: 4 }, timeZone: 'UTC', warnAt: [0.5] }],
      environment: new Machine().tab().environment, onPassed: ({ share }) => told.push(share),
    })
    opened.push(store)
    for (const run of ['r1', 'r2']) {
      await store.reserve(run, { runs: 2 })
      await store.dispatch(run)
      await store.assume(run)
    }
    expect(told).toEqual([])
    await store.settle('r1', { runs: 1 })
    expect(told).toEqual([])
    await store.settle('r2', { runs: 1 })
    await quiet()
    expect(told).toEqual([0.5])
  })

  test('never falls below zero, and what is settled only grows within its period: random acts in two tabs, one of which dies', async () => {
    const act = fc.record({
      tab: fc.nat(1), run: fc.nat(1), amount: fc.nat(6),
      verb: fc.constantFrom('reserve', 'reserve', 'dispatch', 'dispatch', 'settle', 'release', 'assume', 'orphans', 'later', 'die'),
    })
    await fc.assert(fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 60 }), async acts => {
      const machine = new Machine()
      const tabs = [open(machine), open(machine)]
      let before = { settled: 0, resetsAt: null as number | null }
      const look = () => {
        const now = line(tabs[1]!.store)
        expect(Math.min(now.settled, now.held, now.available)).toBeGreaterThanOrEqual(0)
        expect(now.settled + now.held + now.available).toBe(10)
        expect(now.settled).toBeGreaterThanOrEqual(now.resetsAt === before.resetsAt ? before.settled : 0)
        before = now
      }
      await Promise.all(tabs.map(({ store }) => store.ready))
      let alive = 2
      for (const { tab, run, amount, verb } of acts) {
        const { store } = tabs[alive === 2 ? tab : 1]!
        const id = `r${run}`
        if (verb === 'later') machine.time += amount * 3_600_000
        else if (verb === 'die') {
          if (alive === 2) tabs[0]!.tab.die()
          alive = 1
        } else if (verb === 'orphans') for (const orphan of await store.orphans()) await store.settle(orphan, { runs: amount })
        else if (verb === 'reserve' || verb === 'settle') await store[verb](id, { runs: amount }).catch(() => {})
        else await store[verb](id).catch(() => {})
        await quiet()
        tabs[1]!.tab.focus()
        await quiet()
        look()
      }
      for (const { store } of tabs) store.close()
    }), { numRuns: 300 })
  })
})

describe('budgets of the server that are for some runs only', () => {
  const budget = (given: Partial<Budget> = {}): Budget => ({
    id: 'each', scope: 'user', unit: 'usd', window: 'day', timeZone: 'UTC', limit: 1, settled: 0.9, held: 0, available: 0.1, resetsAt: null, revision: 5, ...given,
  })
  const notice = (given: Partial<BudgetNotice> = {}): BudgetNotice => ({ id: 'each', exceeded: true, resetsAt: null, ...given })
  const run = { feature: 'summary', tier: 'eco', trigger: 'user' } as const

  test('stand beside each other under one id', () => {
    const told = [
      budget(), budget({ only: { tier: 'max' } }), budget({ only: { tier: 'eco' } }), budget({ only: { tier: 'eco', feature: 'summary' } }), budget({ unit: 'wh' }),
      notice({ only: { feature: 'summary' } }), notice({ only: { feature: 'think' }, exceeded: false }), notice({ only: { trigger: 'background' } }),
    ]
    expect(applyBudgets([], told)).toEqual(told)
    const newer = budget({ only: { tier: 'max' }, revision: 6, available: 0 })
    expect(applyBudgets(told, [newer, budget({ only: { tier: 'eco' }, revision: 4 })])).toEqual(told.map((each, at) => at === 1 ? newer : each))
  })

  test('refuse those, and no others; and nobody where it is not known what is to be run', () => {
    const asked = { usd: 2e8 }
    const refused = (each: Budget | BudgetNotice, facts: typeof run | undefined = run) => refuses(each, asked, 0, facts)
    for (const only of [{ tier: 'eco' }, { feature: 'summary' }, { trigger: 'user' }, { tier: 'eco', feature: 'summary' }, {}] as const) {
      expect([refused(budget({ only })), refused(notice({ only }))]).toEqual([true, true])
      expect(refuses(budget({ only }), asked, 0)).toBe(false)
    }
    for (const only of [{ tier: 'max' }, { feature: 'think' }, { trigger: 'background' }, { tier: 'eco', feature: 'think' }] as const) {
      expect([refused(budget({ only })), refused(notice({ only }))]).toEqual([false, false])
    }
    expect(refuses(budget(), asked, 0)).toBe(true)
    expect(refuses(budget({ only: { tier: 'eco' } }), { usd: 1e8 }, 0, run)).toBe(false)
  })

  test('are asked about by what would be run', async () => {
    const { store } = open(new Machine())
    await store.ready
    store.applyServer([notice({ only: { tier: 'max' } })])
    expect(store.exceededBy({ runs: 1 }, run)).toEqual([])
    expect(store.exceededBy({ runs: 1 }, { ...run, tier: 'max' })).toMatchObject([{ id: 'each' }])
  })
})

test('answers that overtake one another leave the newest, whatever their order, rolling windows too', () => {
  const reading = fc.record({ resetsAt: fc.constantFrom(1_000, 2_000, 3_000), revision: fc.nat(5) })
  fc.assert(fc.property(fc.uniqueArray(reading, { selector: ({ resetsAt, revision }) => resetsAt * 10 + revision, minLength: 1, maxLength: 12 }), readings => {
    const told = readings.map((each): Budget => ({ id: 'roll', scope: 'user', unit: 'runs', window: '3600s', timeZone: 'UTC', limit: 9, settled: each.revision, held: 0, available: 9 - each.revision, ...each }))
    const last = told.reduce<readonly (Budget | BudgetNotice)[]>((known, each) => applyBudgets(known, [each]), [])
    const newest = told.toSorted((a, b) => a.resetsAt! - b.resetsAt! || a.revision - b.revision).at(-1)
    expect(last).toEqual([newest])
  }))
})
