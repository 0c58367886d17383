import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BudgetPolicy } from '../../../src/core/budget-policy.ts'
import { databaseShelf } from '../../../src/state/database-shelf.ts'
import { createBudgetStore } from '../../../src/state/index.ts'
import type { Environment } from '../../../src/state/index.ts'

const sixty: BudgetPolicy[] = [{ id: 'mine', per: 'month', limit: { runs: 60 } }]
const one = { runs: 1 }
const opened: { close(): void }[] = []
let subject: string

function open(environment?: Partial<Environment>, policies = sixty) {
  const store = createBudgetStore({ subject, policies, ...(environment && { environment }) })
  opened.push(store)
  return store
}
type Store = ReturnType<typeof open>
const runs = (store: Store) => store.getState().local.map(({ settled, held, available }) => ({ settled, held, available }))[0]

async function wholeRun(store: Store, run: string) {
  await store.reserve(run, one)
  await store.dispatch(run)
  await store.settle(run, one)
}
const fulfilled = async (all: Promise<unknown>[]) => (await Promise.allSettled(all)).filter(({ status }) => status === 'fulfilled').length
const heldLocks = async () => ((await navigator.locks.query()).held ?? []).filter(lock => lock.name?.startsWith('sparing:')).length
const deleteDatabase = () => new Promise<string>(resolve => {
  const request = indexedDB.deleteDatabase('sparing')
  request.addEventListener('success', () => resolve('deleted'))
  request.addEventListener('blocked', () => resolve('blocked'))
})

beforeEach(() => {
  subject = crypto.randomUUID()
})
afterEach(() => {
  vi.restoreAllMocks()
  for (const store of opened.splice(0)) store.close()
})

describe.each([['with Web Locks', undefined], ['without Web Locks', { locks: null }]])('%s', (_, environment) => {
  test('of 100 runs at once exactly 60 get through', async () => {
    const store = open(environment)
    expect(await fulfilled(Array.from({ length: 100 }, (_, index) => wholeRun(store, `r${index}`)))).toBe(60)
    expect(runs(store)).toEqual({ settled: 60, held: 0, available: 0 })
    expect(store.getState().agreement).toBe('exact')
  })

  test('two stores agree, each through its own connection', async () => {
    const stores = [open(environment), open(environment)]
    // Each at its own moment: begun in one breath they would share one transaction.
    const runs50 = (store: Store, name: string) => Array.from({ length: 50 }, async (_, index) => {
      await new Promise(resolve => setTimeout(resolve, index * 2))
      await wholeRun(store, `${name}${index}`)
    })
    expect(await fulfilled([...runs50(stores[0]!, 'a'), ...runs50(stores[1]!, 'b')])).toBe(60)
    for (const store of stores) await expect.poll(() => runs(store)).toEqual({ settled: 60, held: 0, available: 0 })
  })
})

test('a store that is created anew finds what was settled', async () => {
  const before = open()
  await wholeRun(before, 'r1')
  before.close()
  const after = open()
  await after.ready
  expect(runs(after)).toEqual({ settled: 1, held: 0, available: 59 })
})

test('a lock is held while a run is open, and only then', async () => {
  const store = open()
  await store.ready
  const before = await heldLocks()
  await store.reserve('r1', one)
  expect(await heldLocks()).toBe(before + 1)
  await store.release('r1')
  await expect.poll(heldLocks).toBe(before)
})

test('news reach another store by BroadcastChannel', async () => {
  const [a, b] = [open(), open({ page: null })]
  await Promise.all([a.ready, b.ready])
  await a.reserve('r1', one)
  await expect.poll(() => runs(b)?.held).toBe(1)
})

describe('storage that fails', () => {
  test('an indexedDB that may not even be mentioned: advisory', async () => {
    vi.spyOn(window, 'indexedDB', 'get').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError')
    })
    const store = open()
    expect(await fulfilled(Array.from({ length: 100 }, (_, index) => wholeRun(store, `r${index}`)))).toBe(60)
    expect(store.getState().agreement).toBe('advisory')
  })

  test('one that is not there: advisory', async () => {
    vi.spyOn(window, 'indexedDB', 'get').mockReturnValue(undefined as unknown as IDBFactory)
    const store = open()
    await store.ready
    expect(store.getState().agreement).toBe('advisory')
  })

  test('a site’s data deleted while a run is open: nobody is kept waiting, and the run ends', async () => {
    const store = open()
    await store.reserve('r1', one)
    expect(await deleteDatabase()).toBe('deleted')
    await store.dispatch('r1')
    expect(runs(store)).toEqual({ settled: 0, held: 1, available: 59 })
    await store.settle('r1', one)
    expect(runs(store)).toEqual({ settled: 1, held: 0, available: 59 })
    expect(store.getState().agreement).toBe('exact')
  })

  test('a connection closed behind its back is opened anew', async () => {
    const store = open()
    await store.ready
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
      throw new DOMException('The database connection is closing.', 'InvalidStateError')
    })
    await wholeRun(store, 'r1')
    expect(transaction).toHaveBeenCalled()
    expect(store.getState().agreement).toBe('exact')
    expect(runs(store)).toEqual({ settled: 1, held: 0, available: 59 })
  })

  test('a transaction that is aborted after it was written is done once, not twice', async () => {
    const store = open()
    await store.reserve('r1', { runs: 5 })
    await store.dispatch('r1')
    const put = IDBObjectStore.prototype.put
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function abort(this: IDBObjectStore, ...given) {
      const request = put.apply(this, given)
      this.transaction.abort()
      return request
    })
    await store.settle('r1', { runs: 2 })
    expect(runs(store)).toEqual({ settled: 2, held: 0, available: 58 })
    expect(store.getState().agreement).toBe('exact')
  })

  test('a disk that stays full: what was read lives on in memory', async () => {
    const first = open()
    await first.reserve('r1', { runs: 59 })
    const second = open()
    await second.ready
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    await second.reserve('r2', one)
    await expect(second.reserve('r3', one)).rejects.toThrow('does not fit')
    expect(second.getState().agreement).toBe('advisory')
  })

  test('a document of a newer version is left as it is', async () => {
    const shelf = databaseShelf(indexedDB, `sparing:budgets:${subject}`)
    await shelf.update(() => ({ version: 2, theirs: true }))
    const store = open()
    await wholeRun(store, 'r1')
    expect(store.getState().agreement).toBe('advisory')
    let found: unknown
    await shelf.update(stored => {
      found = stored
    })
    expect(found).toEqual({ version: 2, theirs: true })
  })
})
