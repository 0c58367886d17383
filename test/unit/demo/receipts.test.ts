import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { AIEvent } from '../../../src/client/index.ts'
import type { KeptReceipt } from '../../../examples/docs-search/src/receipts.ts'
import { receipt } from '../react/support/facts.ts'

/** Two pages after one another have it in common, and nothing else. */
let storage: Map<string, string>

beforeEach(() => {
  storage = new Map()
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => storage.get(name) ?? null,
    setItem: (name: string, value: string) => void storage.set(name, value),
    removeItem: (name: string) => void storage.delete(name),
  })
})

/** A page as it is loaded: its modules know nothing of the one before. */
async function load() {
  vi.resetModules()
  const { forgetReceipts, keepOutcome, keepReceipts, nameRun } = await import('../../../examples/docs-search/src/receipts.ts')
  let tell!: (event: AIEvent) => void
  keepReceipts({ on: listener => {
    tell = listener
    return () => {}
  } })
  const end = (run: string) => tell({ name: 'run-end', feature: 'answer', run, receipt: receipt({ id: run, status: 'completed' }) })
  return { end, forgetReceipts, keepOutcome, nameRun, tell }
}

const list = () => JSON.parse(storage.get('docs-search:receipts') ?? '[]') as KeptReceipt[]
const named = () => list().map(({ receipt, about }) => [receipt.id, about])

describe('a receipt is known by its question', () => {
  test('also where its run settles after the page that asked was left', async () => {
    const before = await load()
    before.nameRun('r1', 'how do I cancel a run')
    const after = await load()
    after.end('r1')
    expect(named()).toEqual([['r1', 'how do I cancel a run']])
  })

  test('of which nothing is kept beside it once it is there', async () => {
    const page = await load()
    page.nameRun('r1', 'one')
    page.nameRun('r2', 'two')
    page.end('r1')
    expect([...storage].filter(([name]) => name !== 'docs-search:receipts').join(' ')).not.toContain('one')
    page.end('r2')
    expect([...storage.keys()]).toEqual(['docs-search:receipts'])
  })

  test.each<AIEvent>([{ name: 'run-refused', feature: 'answer', run: 'r1', code: 'budget-exceeded' }, { name: 'run-settled', feature: null, run: 'r1', counted: 'nothing' }])('nor where no receipt comes: $name', async event => {
    const page = await load()
    page.nameRun('r1', 'one')
    page.tell(event)
    expect([...storage.keys()]).toEqual([])
  })

  test('and keeps its name and its rating when it is told again', async () => {
    const page = await load()
    page.nameRun('r1', 'one')
    page.end('r1')
    page.keepOutcome({ report: () => {} }, { run: 'r1', outcome: 'rated', enough: true })
    page.end('r1')
    expect(list()).toMatchObject([{ about: 'one', enough: true }])
  })

  test('until it is deleted, with what runs under way are of', async () => {
    const page = await load()
    page.nameRun('r1', 'one')
    page.nameRun('r2', 'two')
    page.end('r1')
    page.forgetReceipts()
    page.end('r2')
    expect(named()).toEqual([['r2', undefined]])
  })

  test('and no more questions are kept than can be under way', async () => {
    const page = await load()
    for (let n = 0; n < 30; n++) page.nameRun(`r${n}`, `question ${n}`)
    page.end('r0')
    page.end('r29')
    expect(named()).toEqual([['r29', 'question 29'], ['r0', undefined]])
  })

  test('for as long as the page lasts where storage is refused', async () => {
    const refuse = () => {
      throw new DOMException('No.', 'SecurityError')
    }
    vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, removeItem: refuse })
    const page = await load()
    page.nameRun('r1', 'one')
    expect(() => page.end('r1')).not.toThrow()
  })
})
