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

const list = () => JSON.parse(storage.get('docs-search:receipts:1') ?? '[]') as KeptReceipt[]
const named = () => list().map(({ receipt, about }) => [receipt.id, about])

describe('a receipt is known by its question', () => {
  test('also where its run settles after the page that asked was left', async () => {
    const before = await load()
    before.nameRun('run-0001', 'how do I cancel a run')
    const after = await load()
    after.end('run-0001')
    expect(named()).toEqual([['run-0001', 'how do I cancel a run']])
  })

  test('of which nothing is kept beside it once it is there', async () => {
    const page = await load()
    page.nameRun('run-0001', 'one')
    page.nameRun('run-0002', 'two')
    page.end('run-0001')
    expect([...storage].filter(([name]) => name !== 'docs-search:receipts:1').join(' ')).not.toContain('one')
    page.end('run-0002')
    expect([...storage.keys()]).toEqual(['docs-search:receipts:1'])
  })

  test.each<AIEvent>([{ name: 'run-refused', feature: 'answer', run: 'run-0001', code: 'budget-exceeded' }, { name: 'run-settled', feature: null, run: 'run-0001', counted: 'nothing' }])('nor where no receipt comes: $name', async event => {
    const page = await load()
    page.nameRun('run-0001', 'one')
    page.tell(event)
    expect([...storage.keys()]).toEqual([])
  })

  test('and keeps its name and its rating when it is told again', async () => {
    const page = await load()
    page.nameRun('run-0001', 'one')
    page.end('run-0001')
    page.keepOutcome({ report: () => {} }, { run: 'run-0001', outcome: 'rated', enough: true })
    page.end('run-0001')
    expect(list()).toMatchObject([{ about: 'one', enough: true }])
  })

  test('until it is deleted, with what runs under way are of', async () => {
    const page = await load()
    page.nameRun('run-0001', 'one')
    page.nameRun('run-0002', 'two')
    page.end('run-0001')
    page.forgetReceipts()
    page.end('run-0002')
    expect(named()).toEqual([['run-0002', undefined]])
  })

  test('and no more questions are kept than can be under way', async () => {
    const page = await load()
    for (let n = 0; n < 30; n++) page.nameRun(`run-000${n}`, `question ${n}`)
    page.end('run-0000')
    page.end('run-00029')
    expect(named()).toEqual([['run-00029', 'question 29'], ['run-0000', undefined]])
  })

  test('for as long as the page lasts where storage is refused', async () => {
    const refuse = () => {
      throw new DOMException('No.', 'SecurityError')
    }
    vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, removeItem: refuse })
    const page = await load()
    page.nameRun('run-0001', 'one')
    expect(() => page.end('run-0001')).not.toThrow()
  })
})

describe('of what stands in storage', () => {
  const kept = { receipt: receipt({ id: 'run-0001' }), seconds: 1.2 }

  test('a receipt is read with all that belongs to it', async () => {
    expect(await readFrom([{ ...kept, about: 'one', enough: true }])).toEqual([{ ...kept, about: 'one', enough: true }])
  })

  test.each([
    ['nothing', null],
    ['text', 'receipt'],
    ['bones only', { ...kept, receipt: { id: 'run-0001', at: 1, choice: {}, estimate: {}, cost: {}, budgets: [] } }],
    ['a budget without its unit', { ...kept, receipt: { ...kept.receipt, budgets: [{ id: 'mine' }] } }],
    ['an estimate without its ranges', { ...kept, receipt: { ...kept.receipt, estimate: { ...kept.receipt.estimate, cost: {} } } }],
    ['a time that is no date', { ...kept, receipt: { ...kept.receipt, at: 1e300 } }],
    ['a status that there is none of', { ...kept, receipt: { ...kept.receipt, status: 'lost' } }],
    ['seconds as text', { ...kept, seconds: '1' }],
  ])('%s is left out, and takes no other with it', async (_, value) => {
    expect(await readFrom([value, kept])).toEqual([kept])
  })

  test('nothing is read that another version wrote', async () => {
    storage.set('docs-search:receipts', JSON.stringify([kept]))
    expect(await readFrom(null)).toEqual([])
  })

  async function readFrom(value: unknown): Promise<readonly KeptReceipt[]> {
    if (value) storage.set('docs-search:receipts:1', JSON.stringify(value))
    vi.resetModules()
    const { storedReceipts } = await import('../../../examples/docs-search/src/receipts.ts')
    return storedReceipts()
  }
})
