import { describe, expect, test } from 'vitest'
import { memoryLedger } from '../../../src/server/index.ts'
import { optInsKey } from '../../../src/server/ledger/keys.ts'
import { bench, noon, optInFor, partsOf } from './support.ts'
import type { Bench } from './support.ts'

const day = 86_400_000

async function spend(on: Bench, headers = {}): Promise<void> {
  await partsOf(await on.run({}, headers))
}

describe('an account that is deleted', () => {
  test('is in no entry, pot or opt-in any more, and what it spent stays in what others share', async () => {
    const budgets = [{ id: 'mine', per: 'day', limit: { runs: 50 } }, { id: 'house', scope: 'all', per: 'month', limit: { runs: 100 } }] as const
    const on = await bench({ budgets })
    await spend(on)
    await spend(on, { 'x-user': 'bob' })
    const body = await on.ask()
    const optIn = { ...optInFor(body, { ceiling: body['ceiling'] as never, catalogVersion: 'v' }, noon), scope: 'always' }
    await on.send('PUT', '/v1/opt-ins', optIn)
    await on.modelSelector.erase('ada')
    const entries = await on.ledger.entries(null, 10)
    expect(JSON.stringify(entries)).not.toContain('user:ada')
    expect(entries.map(({ identity }) => identity.replace(/:[0-9a-f]+$/, '')).toSorted()).toEqual(['erased', 'user:bob'])
    expect(entries.flatMap(({ budgets }) => budgets.filter(({ id }) => id === 'house').map(({ settled }) => settled))).toEqual([2, 2])
    expect(await on.ledger.document(optInsKey('user:ada'))).toBeNull()
    expect((await on.budgets())['runs']).toMatchObject({ settled: 0 })
    expect((await on.budgets({ 'x-user': 'bob' }))['runs']).toMatchObject({ settled: 1 })
  })

  test('takes the pots of its single runs with it, whatever scope they are of', async () => {
    const on = await bench({ budgets: [{ id: 'each', scope: 'all', per: 'run', limit: { runs: 1 } }] })
    await spend(on)
    await on.modelSelector.erase('ada')
    expect(await on.ledger.entries(null, 10)).toMatchObject([{ status: 'settled', budgets: [{ id: 'each', settled: 1, held: 0 }] }])
  })

  test('has its runs stopped and settled first, and nobody else\'s', async () => {
    const on = await bench({}, { paused: true })
    const [theirs, others] = [await on.run(), await on.run({}, { 'x-user': 'bob' })]
    await on.upstream.until(log => log.length === 2)
    const read = theirs.text()
    await on.modelSelector.erase('ada')
    expect(await read).toContain('"status":"aborted"')
    const entries = await on.ledger.entries(null, 10)
    expect(entries.map(({ identity, status }) => [identity.split(':')[0], status]).toSorted()).toEqual([['erased', 'settled'], ['user', 'dispatched']])
    on.upstream.release(9)
    await others.text()
  })
})

describe('a record with a retention', () => {
  test('loses what ended before that, and keeps its totals and every pot in use', async () => {
    const budgets = [{ id: 'mine', per: 'day', limit: { runs: 50 } }, { id: 'house', scope: 'all', per: 'month', limit: { runs: 100 } }, { id: 'burst', per: '3600s', limit: { runs: 10 } }] as const
    const on: Bench = await bench({ budgets, ledger: memoryLedger({ now: () => on.clock.now, retention: 2 * day, uptime: () => on.clock.now }) })
    const kept = async () => (await on.ledger.entries(null, 10)).map(({ receipt }) => receipt!.at)
    await spend(on)
    on.clock.now += 3 * day
    await spend(on)
    expect(await kept()).toEqual([noon + 3 * day])
    expect(await on.ledger.totals()).toContainEqual({ key: JSON.stringify(['mine', null, 'runs', 'day', 'UTC', Date.UTC(2026, 10, 24)]), settled: 1 })
    expect((await on.ledger.entries(null, 10))[0]!.budgets.find(({ id }) => id === 'house')).toMatchObject({ settled: 2 })
    on.clock.now += day
    await spend(on)
    expect(await kept()).toHaveLength(2)
  })

  test('without one keeps everything', async () => {
    const on = await bench()
    for (let run = 0; run < 3; run++) {
      on.clock.now += 300 * day
      await spend(on)
    }
    expect(await on.ledger.entries(null, 10)).toHaveLength(3)
  })
})
