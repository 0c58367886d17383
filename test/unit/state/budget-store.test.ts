import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Budget } from '../../../src/core/budget.ts'
import type { BudgetPolicy } from '../../../src/core/budget-policy.ts'
import { isSparingError } from '../../../src/core/errors.ts'
import { databaseShelf } from '../../../src/state/database-shelf.ts'
import { createBudgetStore } from '../../../src/state/index.ts'
import type { Environment } from '../../../src/state/index.ts'
import { Machine, settled } from './machine.ts'

const daily = (limit: BudgetPolicy['limit'], per: BudgetPolicy['per'] = 'day'): BudgetPolicy[] => [{ id: 'mine', per, limit, timeZone: 'UTC' }]
const one = { runs: 1 }
const opened: { close(): void }[] = []

function open(environment: Partial<Environment> | undefined, limit: BudgetPolicy['limit'] = { runs: 3 }, { subject = 'ann', per = 'day' }: { subject?: string; per?: BudgetPolicy['per'] } = {}) {
  const store = createBudgetStore({ subject, policies: daily(limit, per), ...(environment && { environment }) })
  opened.push(store)
  return store
}
type Store = ReturnType<typeof open>
const figures = (store: Store) => store.getState().local.map(({ settled, held, available }) => [settled, held, available])
const refusedBy = (attempt: Promise<void>) => attempt.then(() => 'nothing', error => (isSparingError(error, 'budget-exceeded') ? error : Promise.reject(error)))
const runsOf = (machine: Machine) => [...(machine.documents.get('sparing:budgets:ann') as { reservations: Map<string, { status: string }> }).reservations].map(([run, { status }]) => [run, status])

afterEach(() => {
  for (const store of opened.splice(0)) store.close()
  vi.useRealTimers()
})

describe('thresholds', () => {
  const warned = (machine: Machine) => {
    const told: string[] = []
    const openTab = (name: string) => {
      const policies = [{ id: 'mine', per: 'day', limit: { runs: 4 }, timeZone: 'UTC', warnAt: [0.5, 1] }] as const
      const store = createBudgetStore({ subject: 'ann', policies, environment: machine.tab().environment, onPassed: ({ budget, share }) => told.push(`${name} ${share} ${budget.settled}`) })
      opened.push(store)
      return store
    }
    const run = async (store: ReturnType<typeof openTab>, id: string) => {
      await store.reserve(id, one)
      await store.dispatch(id)
      await store.settle(id, one)
    }
    return { told, openTab, run }
  }

  test('are told of once, by the tab that passed them, and not again after a reload', async () => {
    const machine = new Machine()
    const { told, openTab, run } = warned(machine)
    const [left, right] = [openTab('left'), openTab('right')]
    await run(left, 'r1')
    expect(told).toEqual([])
    await run(right, 'r2')
    await settled()
    expect(told).toEqual(['right 0.5 2'])
    const reloaded = openTab('reloaded')
    await reloaded.ready
    await run(reloaded, 'r3')
    await run(left, 'r4')
    await settled()
    expect(told).toEqual(['right 0.5 2', 'left 1 4'])
  })

  test('are told of anew in the next period', async () => {
    const machine = new Machine()
    const { told, openTab, run } = warned(machine)
    const store = openTab('tab')
    for (const id of ['r1', 'r2']) await run(store, id)
    machine.time += 86_400_000
    for (const id of ['r3', 'r4']) await run(store, id)
    expect(told).toEqual(['tab 0.5 2', 'tab 0.5 2'])
  })
})

describe('one tab', () => {
  test('reserve, dispatch, settle', async () => {
    const store = open(new Machine().tab().environment, { usd: 1, runs: 5 })
    await store.reserve('r1', { usd: 4e8, runs: 1 })
    expect(figures(store)).toEqual([[0, 0.4, 0.6], [0, 1, 4]])
    await store.dispatch('r1')
    await store.settle('r1', { usd: 1e8, runs: 1 })
    expect(figures(store)).toEqual([[0.1, 0, 0.9], [1, 0, 4]])
    expect(store.getState().agreement).toBe('exact')
  })

  test('before storage has answered it is loading and shows nothing; so does the server snapshot', async () => {
    const store = open(new Machine().tab().environment)
    expect(store.getState()).toBe(store.getInitialState())
    expect(store.getState()).toEqual({ local: [], server: [], agreement: 'loading' })
    await store.ready
    expect(figures(store)).toEqual([[0, 0, 3]])
    expect(store.getInitialState().local).toEqual([])
  })

  test('a refused reserve says which budget, and takes nothing', async () => {
    const store = open(new Machine().tab().environment)
    await store.reserve('r1', { runs: 2 })
    const refusal = await refusedBy(store.reserve('r2', { runs: 2 }))
    expect(refusal).toMatchObject({ budgets: [{ id: 'mine', available: 1 }] })
    expect(figures(store)).toEqual([[0, 2, 1]])
    expect(store.exceededBy({ runs: 2 })).toMatchObject([{ id: 'mine', unit: 'runs' }])
    expect(store.exceededBy(one)).toEqual([])
  })

  test('an unknown amount fits no budget that limits it', async () => {
    const store = open(new Machine().tab().environment, { usd: 1 })
    await expect(store.reserve('r1', one)).rejects.toThrow(RangeError)
    expect(store.exceededBy(one)).toHaveLength(1)
  })

  test('what is no amount settles nothing', async () => {
    const store = open(new Machine().tab().environment)
    await store.reserve('r1', one)
    await store.dispatch('r1')
    await expect(store.settle('r1', { runs: Number.NaN })).rejects.toThrow(RangeError)
    expect(figures(store)).toEqual([[0, 1, 2]])
  })

  test('what was never reserved cannot be dispatched', async () => {
    const store = open(new Machine().tab().environment)
    await expect(store.dispatch('r1')).rejects.toThrow('holds nothing here')
    await store.settle('r1', one)
    expect(figures(store)).toEqual([[0, 0, 3]])
  })

  test('calls in one breath share one write', async () => {
    const machine = new Machine()
    const store = open(machine.tab().environment, { runs: 60 })
    await store.ready
    const before = machine.writes
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, (_, index) => store.reserve(`r${index}`, one)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(60)
    expect(machine.writes - before).toBeLessThan(3)
  })

  test('the snapshot stays the same object while nothing changes', async () => {
    const tab = new Machine().tab()
    const store = open(tab.environment)
    await store.ready
    const before = store.getState()
    tab.focus()
    await settled()
    store.applyServer([])
    expect(store.getState()).toBe(before)
  })

  test('a listener that throws stops nobody', async () => {
    const surfaced = new Promise(resolve => process.once('unhandledRejection', resolve))
    const store = open(new Machine().tab().environment)
    await store.ready
    const stop = store.subscribe(() => {
      throw new Error('listener')
    })
    await store.reserve('r1', one)
    stop()
    await store.reserve('r2', one)
    expect(figures(store)).toEqual([[0, 2, 1]])
    expect(await surfaced).toMatchObject({ message: 'listener' })
  })

  test('no lock is held but while runs are open, so that the page may enter the back/forward cache', async () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    await store.reserve('r1', one)
    await store.reserve('r2', one)
    await store.release('r1')
    expect(machine.locks.size).toBe(1)
    await store.dispatch('r2')
    await store.settle('r2', one)
    await settled()
    expect(machine.locks.size).toBe(0)
    await refusedBy(store.reserve('r3', { runs: 9 }))
    await settled()
    expect(machine.locks.size).toBe(0)
  })
})

describe('several tabs', () => {
  test('share one budget, and see each other', async () => {
    const machine = new Machine()
    const [a, b] = [open(machine.tab().environment), open(machine.tab().environment)]
    await Promise.all([a.ready, b.ready])
    await a.reserve('r1', { runs: 2 })
    await settled()
    expect(figures(b)).toEqual([[0, 2, 1]])
    await refusedBy(b.reserve('r2', { runs: 2 })).then(refusal => expect(refusal).not.toBe('nothing'))
  })

  test('without channels storage events carry the news', async () => {
    const machine = new Machine()
    const [first, second] = [machine.tab({ channel: null }), machine.tab({ channel: null })]
    const [a, b] = [open(first.environment), open(second.environment)]
    await Promise.all([a.ready, b.ready])
    await a.reserve('r1', one)
    const key = [...machine.local.items.keys()].find(each => each.startsWith('sparing:budgets:ann'))!
    second.page.dispatchEvent(Object.assign(new Event('storage'), { key }))
    await settled()
    expect(figures(b)).toEqual([[0, 1, 2]])
  })

  test('who missed the news reads again on coming back', async () => {
    const machine = new Machine()
    const second = machine.tab({ channel: null, local: null })
    const [a, b] = [open(machine.tab().environment), open(second.environment)]
    await Promise.all([a.ready, b.ready])
    await a.reserve('r1', one)
    await settled()
    expect(figures(b)).toEqual([[0, 0, 3]])
    second.focus()
    await settled()
    expect(figures(b)).toEqual([[0, 1, 2]])
  })

  test('what a dead tab held refuses nobody', async () => {
    const machine = new Machine()
    const dying = machine.tab()
    const [a, b] = [open(dying.environment), open(machine.tab().environment)]
    await a.reserve('r1', { runs: 3 })
    dying.die()
    await b.reserve('r2', { runs: 3 })
    expect(figures(b)).toEqual([[0, 3, 0]])
  })

  test('what a tab dispatched before it died is an orphan: settled by its receipt, or assumed', async () => {
    const machine = new Machine()
    const dying = machine.tab()
    const a = open(dying.environment)
    await Promise.all(['r1', 'r2'].map(async run => {
      await a.reserve(run, one)
      await a.dispatch(run)
    }))
    expect(await a.orphans()).toEqual([])
    dying.die()
    const b = open(machine.tab().environment)
    expect(await b.orphans()).toEqual(['r1', 'r2'])
    await b.settle('r1', { runs: 0 })
    expect(figures(b)).toEqual([[0, 1, 2]])
    machine.time += 600_000
    expect(await b.orphans()).toEqual(['r2'])
    // Nobody knows yet what it cost: it counts, and shows as set aside.
    expect(figures(b)).toEqual([[0, 1, 2]])
    await b.settle('r2', { runs: 0 })
    expect(await b.orphans()).toEqual([])
    expect(figures(b)).toEqual([[0, 0, 3]])
  })

  test('a tab frozen for hours keeps what it holds', async () => {
    const machine = new Machine()
    const [a, b] = [open(machine.tab().environment), open(machine.tab().environment)]
    await a.reserve('r1', { runs: 3 })
    machine.time += 8 * 3_600_000
    expect(await refusedBy(b.reserve('r2', one))).not.toBe('nothing')
  })

  test('without locks a silent tab loses what it held; before it is dispatched it must fit again', async () => {
    const machine = new Machine()
    const [a, b] = [open(machine.tab({ locks: false }).environment), open(machine.tab({ locks: false }).environment)]
    await a.reserve('r1', { runs: 2 })
    await a.reserve('r2', one)
    machine.time += 130_000
    await b.reserve('r3', { runs: 2 })
    expect(await refusedBy(a.dispatch('r1'))).not.toBe('nothing')
    await a.dispatch('r2')
    expect(figures(a)).toEqual([[0, 3, 0]])
  })

  test('without locks a heartbeat keeps runs alive', async () => {
    vi.useFakeTimers()
    const machine = new Machine()
    const [a, b] = [open(machine.tab({ locks: false }).environment), open(machine.tab({ locks: false }).environment)]
    await a.reserve('r1', { runs: 3 })
    for (let i = 0; i < 20; i++) {
      machine.time += 20_000
      await vi.advanceTimersByTimeAsync(20_000)
    }
    expect(await refusedBy(b.reserve('r2', one))).not.toBe('nothing')
  })

  test('without locks a closed store keeps its open runs alive too', async () => {
    vi.useFakeTimers()
    const machine = new Machine()
    const [a, b] = [open(machine.tab({ locks: false }).environment), open(machine.tab({ locks: false }).environment)]
    await a.reserve('r1', { runs: 3 })
    a.close()
    for (let i = 0; i < 20; i++) {
      machine.time += 20_000
      await vi.advanceTimersByTimeAsync(20_000)
    }
    expect(await refusedBy(b.reserve('r2', one))).not.toBe('nothing')
  })

  test('a run released while it is still being reserved holds nothing, nor a lock', async () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    const reserved = store.reserve('r1', one).catch((error: unknown) => String(error))
    await Promise.all([store.release('r1'), reserved])
    await settled()
    expect(figures(store)).toEqual([[0, 0, 3]])
    expect(machine.locks.size).toBe(0)
  })

  test('subjects never see each other', async () => {
    const machine = new Machine()
    const [ann, bob] = [open(machine.tab().environment), open(machine.tab().environment, { runs: 3 }, { subject: 'bob' })]
    await ann.reserve('r1', { runs: 3 })
    await bob.reserve('r1', { runs: 3 })
    expect(figures(bob)).toEqual([[0, 3, 0]])
    expect([...machine.documents.keys()]).toEqual(['sparing:budgets:ann', 'sparing:budgets:bob'])
  })

  test('a session is one tab with its reloads', async () => {
    const machine = new Machine()
    const [first, second] = [machine.tab(), machine.tab()]
    await open(first.environment, { runs: 3 }, { per: 'session' }).reserve('r1', { runs: 3 })
    await open(second.environment, { runs: 3 }, { per: 'session' }).reserve('r2', { runs: 3 })
    expect(await refusedBy(open(first.environment, { runs: 3 }, { per: 'session' }).reserve('r3', one))).not.toBe('nothing')
  })

  test('nothing but ids, times and amounts is stored', async () => {
    const machine = new Machine()
    await open(machine.tab().environment).reserve('r1', one)
    const [document] = [...machine.documents.values()] as [{ reservations: Map<string, object> }]
    expect(Object.keys(document.reservations.get('r1')!).toSorted()).toEqual(['claims', 'expiresAt', 'run', 'status', 'tab'])
    expect(runsOf(machine)).toEqual([['r1', 'held']])
  })
})

describe('windows', () => {
  test('roll over by themselves', async () => {
    vi.useFakeTimers()
    const machine = new Machine()
    const store = open(machine.tab().environment)
    await store.reserve('r1', one)
    await store.dispatch('r1')
    await store.settle('r1', one)
    for (let hour = 0; hour < 13; hour++) {
      machine.time += 3_600_000
      await vi.advanceTimersByTimeAsync(3_600_000)
    }
    expect(figures(store)).toEqual([[0, 0, 3]])
    expect(store.getState().local[0]!.resetsAt).toBe(Date.UTC(2026, 10, 26))
  })

  test('a run belongs to the window in which it was reserved', async () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    machine.time = Date.UTC(2026, 10, 24, 23, 59)
    await store.reserve('r1', one)
    await store.dispatch('r1')
    machine.time = Date.UTC(2026, 10, 25, 0, 1)
    await store.settle('r1', one)
    expect(figures(store)).toEqual([[0, 0, 3]])
    machine.time = Date.UTC(2026, 10, 24, 23, 59)
    expect(await refusedBy(store.reserve('r2', { runs: 3 }))).not.toBe('nothing')
  })
})

describe('storage that fails', () => {
  test('from the start: it counts in memory, and the limit holds', async () => {
    const machine = new Machine()
    const store = open(machine.tab({ shelf: null }).environment)
    await store.reserve('r1', one)
    expect(store.getState().agreement).toBe('advisory')
    expect(figures(store)).toEqual([[0, 1, 2]])
    expect(await refusedBy(store.reserve('r2', { runs: 3 }))).not.toBe('nothing')
    expect(machine.documents.size).toBe(0)
  })

  test('for good: what was read lives on in memory, and the limit holds', async () => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    await store.reserve('r1', { runs: 2 })
    machine.failures = Infinity
    expect(await refusedBy(store.reserve('r2', { runs: 2 }))).not.toBe('nothing')
    expect(store.getState().agreement).toBe('advisory')
    await store.dispatch('r1')
    await store.settle('r1', one)
    expect(figures(store)).toEqual([[1, 0, 2]])
  })

  test('when it can be read but not written, what was read counts', async () => {
    const machine = new Machine()
    const [a, b] = [open(machine.tab().environment), open(machine.tab({ channel: null, local: null }).environment)]
    await b.ready
    await a.reserve('r1', { runs: 2 })
    machine.full = true
    await b.reserve('r2', one)
    expect(b.getState().agreement).toBe('advisory')
    expect(figures(b)).toEqual([[0, 3, 0]])
  })

  test('a newer version is left alone', async () => {
    const machine = new Machine()
    machine.documents.set('sparing:budgets:ann', { version: 2, secret: 1 })
    const store = open(machine.tab().environment)
    await store.reserve('r1', one)
    expect(store.getState().agreement).toBe('advisory')
    expect(machine.documents.get('sparing:budgets:ann')).toEqual({ version: 2, secret: 1 })
  })

  test('a database that never answers is given up after two seconds', async () => {
    vi.useFakeTimers()
    const mute = { open: () => ({}) } as unknown as IDBFactory
    const store = open(new Machine().tab({ shelf: name => databaseShelf(mute, name) }).environment)
    const reserved = store.reserve('r1', one)
    await vi.advanceTimersByTimeAsync(1_900)
    expect(store.getState().agreement).toBe('loading')
    await vi.advanceTimersByTimeAsync(200)
    await reserved
    expect(store.getState().agreement).toBe('advisory')
  })

  test('a database that throws is given up at once', async () => {
    const refusing = { open: () => { throw new DOMException('no', 'SecurityError') } } as unknown as IDBFactory
    const store = open(new Machine().tab({ shelf: name => databaseShelf(refusing, name) }).environment)
    await store.ready
    expect(store.getState().agreement).toBe('advisory')
  })

  test('locks that are never granted do not stop a run', async () => {
    vi.useFakeTimers()
    const machine = new Machine()
    const mute = { request: () => new Promise(() => {}), query: async () => ({ held: [] }) } as unknown as LockManager
    const store = open({ ...machine.tab().environment, locks: mute })
    const reserved = store.reserve('r1', one)
    await vi.advanceTimersByTimeAsync(2_100)
    await reserved
    expect(figures(store)).toEqual([[0, 1, 2]])
  })

  test('on a server everything is in memory and nothing keeps the process alive', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const store = open(undefined)
    await store.reserve('r1', one)
    expect(figures(store)).toEqual([[0, 1, 2]])
    expect(timers).not.toHaveBeenCalled()
    timers.mockRestore()
  })
})

test('a closed store hears nothing, and still settles what is open', async () => {
  const machine = new Machine()
  const [a, b] = [open(machine.tab().environment), open(machine.tab().environment)]
  await a.reserve('r1', one)
  await a.dispatch('r1')
  a.close()
  await b.reserve('r2', one)
  await settled()
  expect(figures(a)).toEqual([[0, 1, 2]])
  await a.settle('r1', { runs: 0 })
  await settled()
  expect(figures(b)).toEqual([[0, 1, 2]])
})

describe('what the server says', () => {
  const resetsAt = Date.UTC(2026, 10, 25)
  const budget = (given: Partial<Budget> = {}): Budget => ({
    id: 'org', scope: 'user', unit: 'usd', window: 'day', timeZone: 'UTC', limit: 1, settled: 0.5, held: 0, available: 0.5, resetsAt, revision: 5, ...given,
  })
  const told = (...all: Budget[]) => {
    const machine = new Machine()
    const store = open(machine.tab().environment)
    for (const each of all) store.applyServer([each])
    return { store, machine, revisions: store.getState().server.map(each => ('unit' in each ? [each.unit, each.revision, each.resetsAt] : [])) }
  }

  test('an older revision of the same period never replaces a newer', () => {
    expect(told(budget(), budget({ revision: 4 })).revisions).toEqual([['usd', 5, resetsAt]])
    expect(told(budget(), budget({ revision: 6 })).revisions).toEqual([['usd', 6, resetsAt]])
  })

  test('a new period begins its own count; the old one does not come back', () => {
    const next = budget({ revision: 1, resetsAt: resetsAt + 86_400_000 })
    expect(told(budget(), next).revisions).toEqual([['usd', 1, next.resetsAt]])
    expect(told(next, budget({ revision: 9 })).revisions).toEqual([['usd', 1, next.resetsAt]])
  })

  test('another window is another count', () => {
    expect(told(budget({ window: 'month', resetsAt: resetsAt + 9e9 }), budget({ revision: 1 })).revisions).toEqual([['usd', 1, resetsAt]])
  })

  test('replaces only the entry with its id and unit', () => {
    expect(told(budget(), budget({ unit: 'wh', revision: 2 }), budget({ revision: 7 })).revisions).toEqual([['usd', 7, resetsAt], ['wh', 2, resetsAt]])
  })

  test('refuses at once what it has no room for, until its period is over', () => {
    const { store, machine } = told(budget())
    expect(store.exceededBy({ usd: 5e8, runs: 1 })).toEqual([])
    expect(store.exceededBy({ usd: 5e8 + 1, runs: 1 })).toMatchObject([{ id: 'org' }])
    expect(store.exceededBy(one)).toEqual([])
    machine.time = resetsAt
    expect(store.exceededBy({ usd: 9e9, runs: 1 })).toEqual([])
  })

  test('a notice refuses while it says exceeded', () => {
    const { store } = told()
    store.applyServer([{ id: 'all', exceeded: true, resetsAt }])
    expect(store.exceededBy(one)).toEqual([{ id: 'all', exceeded: true, resetsAt }])
    store.applyServer([{ id: 'all', exceeded: false, resetsAt }])
    expect(store.exceededBy(one)).toEqual([])
  })
})

test('a budget of the server\'s for some runs only refuses no others here', async () => {
  const store = open(new Machine().tab().environment)
  await store.ready
  const full: Budget = { id: 'long', scope: 'user', unit: 'runs', window: 'day', timeZone: 'UTC', limit: 1, settled: 1, held: 0, available: 0, resetsAt: null, revision: 1 }
  store.applyServer([{ ...full, only: { feature: 'think' } }, { id: 'house', exceeded: true, resetsAt: null, only: { tier: 'max' } }])
  expect(store.exceededBy(one)).toEqual([])
  store.applyServer([{ ...full, id: 'all' }])
  expect(store.exceededBy(one)).toMatchObject([{ id: 'all' }])
})

describe('what a run takes of the server\'s budgets', () => {
  const line = (given: Partial<Budget> = {}): Budget => ({
    id: 'user', scope: 'user', unit: 'usd', window: 'day', timeZone: 'UTC', limit: 1, settled: 0.3, held: 0.1, available: 0.6, resetsAt: Date.UTC(2026, 10, 25), revision: 5, ...given,
  })
  const think = { feature: 'think', tier: 'max', trigger: 'user' } as const
  const most = { usd: 2e8, runs: 1 }
  const told = (...lines: Budget[]) => {
    const store = open(new Machine().tab().environment)
    store.applyServer(lines)
    const aside = () => store.getState().server.map(each => ('unit' in each ? [each.settled, each.held, each.available] : []))
    return { store, aside }
  }

  test('is set aside in the lines it draws on, until the server counts it', () => {
    const { store, aside } = told(line(), line({ id: 'long', only: { feature: 'think' } }), line({ id: 'else', only: { tier: 'eco' } }), line({ unit: 'wh' }), line({ id: 'each', window: 'run' }))
    store.foresee('r1', most, think)
    expect(aside()).toEqual([[0.3, 0.3, 0.4], [0.3, 0.3, 0.4], [0.3, 0.1, 0.6], [0.3, 0.1, 0.6], [0.3, 0.1, 0.6]])
    expect(store.exceededBy({ usd: 5e8, runs: 1 })).toMatchObject([{ id: 'user' }])
    // Asked for before the run came to the server.
    store.applyServer([line()])
    expect(aside()[0]).toEqual([0.3, 0.3, 0.4])
    store.applyServer([line({ held: 0.25, available: 0.45, revision: 6 })])
    expect(aside().slice(0, 2)).toEqual([[0.3, 0.25, 0.45], [0.3, 0.3, 0.4]])
    store.applyServer([line({ settled: 0.32, available: 0.58, revision: 7 })], 'r1')
    expect(aside().slice(0, 2)).toEqual([[0.32, 0.1, 0.58], [0.3, 0.1, 0.6]])
  })

  test('is over in every tab once it is in one, and an older reading changes nothing', () => {
    const machine = new Machine()
    const [mine, other] = [open(machine.tab().environment), open(machine.tab().environment)]
    const read = () => other.getState().server.map(each => ('unit' in each ? [each.settled, each.held] : []))
    // Asked for while the run went on.
    other.applyServer([line({ held: 0.9, available: 0, revision: 6 })])
    mine.applyServer([line({ settled: 0.32, held: 0, available: 0.68, revision: 7 })], 'r1')
    expect(read()).toEqual([[0.32, 0]])
    mine.applyServer([line({ held: 0.9, available: 0, revision: 6 })], 'r2')
    expect(read()).toEqual([[0.32, 0]])
  })

  test('adds up over runs, and leaves nothing rather than less', () => {
    const { store, aside } = told(line())
    store.foresee('r1', most, think)
    store.foresee('r2', { usd: 5e8, runs: 1 }, think)
    expect(aside()).toEqual([[0.3, 0.8, 0]])
    store.applyServer([], 'r2')
    expect(aside()).toEqual([[0.3, 0.3, 0.4]])
    store.applyServer([], 'r1')
    expect(aside()).toEqual([[0.3, 0.1, 0.6]])
  })

  test('is in no other period than its own, and in a first line only when somebody has drawn on it', () => {
    const { store, aside } = told(line())
    store.foresee('r1', most, think)
    store.applyServer([line({ settled: 0, held: 0, available: 1, revision: 0, resetsAt: Date.UTC(2026, 10, 26) })])
    expect(aside()).toEqual([[0, 0, 1]])
    const first = told()
    first.store.foresee('r1', most, think)
    first.store.applyServer([line({ settled: 0, held: 0, available: 1, revision: 0 })])
    expect(first.aside()).toEqual([[0, 0.2, 0.8]])
    first.store.applyServer([line({ settled: 0, held: 0.2, available: 0.8, revision: 1 })])
    expect(first.aside()).toEqual([[0, 0.2, 0.8]])
  })
})

describe('a window that rolls', () => {
  const minutes = 60_000

  test('bounds any hour, over two tabs, and shows one line with when something comes back', async () => {
    const machine = new Machine()
    const [first, second] = [open(machine.tab().environment, { runs: 3 }, { per: '3600s' }), open(machine.tab().environment, { runs: 3 }, { per: '3600s' })]
    const noon = machine.time
    await first.reserve('r1', { runs: 2 })
    await first.settle('r1', { runs: 2 })
    machine.time += 50 * minutes
    await second.reserve('r2', one)
    await settled()
    expect(second.getState().local).toMatchObject([{ window: '3600s', settled: 2, held: 1, available: 0, resetsAt: noon + 75 * minutes }])
    const refusal = await refusedBy(second.reserve('r3', { runs: 2 }))
    expect(refusal).toMatchObject({ budgets: [{ id: 'mine', available: 0 }], resetsAt: noon + 75 * minutes })
    expect(second.exceededBy(one)).toHaveLength(1)
    machine.time = noon + 75 * minutes
    expect(second.exceededBy({ runs: 2 })).toEqual([])
    await second.reserve('r4', { runs: 2 })
    expect(await refusedBy(first.reserve('r5', one))).toMatchObject({ resetsAt: noon + 120 * minutes })
    await second.settle('r2', one)
    await second.release('r4')
    expect(figures(second)).toEqual([[1, 0, 2]])
  })
})
