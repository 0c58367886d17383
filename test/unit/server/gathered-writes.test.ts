import { describe, expect, test } from 'vitest'
import { memoryLedger } from '../../../src/server/index.ts'
import { gatherWrites } from '../../../src/server/gathered-writes.ts'
import type { Documents } from '../../../src/server/ledger/change-document.ts'

const counted = (value: unknown) => (typeof value === 'number' ? value : 0) + 1

/** A ledger's documents that can be out of order, and count what is written. */
function documents() {
  const ledger = memoryLedger()
  const state = { down: false, writes: 0, errors: [] as unknown[] }
  const guarded: Documents = {
    document: key => state.down ? Promise.reject(new Error('down')) : ledger.document(key),
    putDocument(...all) {
      state.writes++
      return ledger.putDocument(...all)
    },
  }
  const valueOf = async (key: string) => (await ledger.document(key))?.value
  return { state, valueOf, ledger: guarded, onError: (error: unknown) => void state.errors.push(error) }
}

describe('changes that nobody waits for', () => {
  test('come together in one write of each document', async () => {
    const on = documents()
    const writes = gatherWrites({ ...on, most: Infinity })
    for (let i = 0; i < 500; i++) writes.add(i % 5 ? 'a' : 'b', counted)
    await writes.flush()
    expect([await on.valueOf('a'), await on.valueOf('b'), on.state.writes]).toEqual([400, 100, 2])
  })

  test('are written by themselves, after a moment or once there are many', async () => {
    const on = documents()
    const slow = gatherWrites({ ...on, pause: 3_600_000, most: 10 })
    for (let i = 0; i < 10; i++) slow.add('many', counted)
    const quick = gatherWrites({ ...on, pause: 1 })
    quick.add('few', counted)
    await expect.poll(() => Promise.all([on.valueOf('many'), on.valueOf('few')])).toEqual([10, 1])
    await slow.flush()
  })

  test('lose nothing to other servers that are first', async () => {
    const on = documents()
    const servers = Array.from({ length: 4 }, () => gatherWrites({ ...on, most: 3 }))
    for (let i = 0; i < 400; i++) servers[i % 4]!.add('a', counted)
    await Promise.all(servers.map(server => server.flush()))
    expect(await on.valueOf('a')).toBe(400)
    expect(on.state.errors).toEqual([])
  })

  test('that leave a document as it is write nothing', async () => {
    const on = documents()
    const writes = gatherWrites(on)
    writes.add('a', value => value)
    await writes.flush()
    expect(on.state.writes).toBe(0)
  })

  test('wait for a ledger that is down, which is told once, and come in their order', async () => {
    const on = documents()
    const writes = gatherWrites(on)
    const append = (word: string) => (value: unknown) => [...value as string[] | null ?? [], word]
    on.state.down = true
    for (const word of ['one', 'two', 'three']) {
      writes.add('a', append(word))
      await writes.flush()
    }
    expect(on.state.errors).toHaveLength(1)
    on.state.down = false
    writes.add('a', append('four'))
    await writes.flush()
    expect(await on.valueOf('a')).toEqual(['one', 'two', 'three', 'four'])
    on.state.down = true
    writes.add('a', append('five'))
    await writes.flush()
    expect(on.state.errors).toHaveLength(2)
  })

  test('are bounded while they wait', async () => {
    const on = documents()
    const writes = gatherWrites(on)
    on.state.down = true
    for (let i = 0; i < 1_500; i++) writes.add('a', counted)
    await writes.flush()
    on.state.down = false
    await writes.flush()
    expect(await on.valueOf('a')).toBe(1_000)
  })

  test('wait too where another writes without end', async () => {
    const on = documents()
    const writes = gatherWrites({ ...on, ledger: { document: async key => ({ key, value: 7, revision: 1 }), putDocument: async () => false } })
    writes.add('a', counted)
    await writes.flush()
    expect(on.state.errors).toEqual([expect.objectContaining({ message: expect.stringContaining('document a') })])
  })
})
