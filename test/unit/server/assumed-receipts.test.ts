import { expect, onTestFinished, test } from 'vitest'
import type { Claim, Receipt } from '../../../src/core/index.ts'
import { memoryLedger } from '../../../src/server/index.ts'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'
import type { Ledger } from '../../../src/server/index.ts'
import { golden } from '../protocol/fixtures.ts'

const settled = golden('receipt') as Receipt
const assumed: Receipt = { ...settled, status: 'expired' }
const claim: Claim = { budget: 'user', scope: 'user', subject: 'ada', unit: 'runs', window: 'day', timeZone: 'UTC', limit: 5, amount: 1 }
const key = { identity: 'ada', run: 'run-00000001' }

const engines: [string, (now: () => number) => Ledger][] = [['memory', now => memoryLedger({ now })], ['SQLite', now => sqliteLedger(':memory:', { now })]]

async function reserved(open: (now: () => number) => Ledger) {
  const clock = { now: Date.UTC(2026, 10, 24, 12) }
  const ledger = open(() => clock.now)
  onTestFinished(() => ledger.close())
  await ledger.reserve({ ...key, body: 'x', claims: [claim], lease: 60_000, concurrency: 2 })
  return { clock, ledger, receipt: async () => (await ledger.entry(key))!.receipt }
}

test.each(engines)('%s: what a run came to at worst is its receipt once its holder is gone, until it is settled after all', async (_, open) => {
  const { clock, ledger, receipt } = await reserved(open)
  expect(await ledger.dispatch(key, assumed)).toBe(true)
  expect(await receipt()).toBeNull()
  await ledger.renew(key, 60_000)
  clock.now += 60_000
  expect(await ledger.entry(key)).toMatchObject({ status: 'assumed', receipt: assumed })
  expect((await ledger.entries(null, 9)).map(entry => entry.receipt)).toEqual([assumed])
  await ledger.settle(key, { runs: 1 }, settled)
  expect(await ledger.entry(key)).toMatchObject({ status: 'settled', receipt: settled })
})

test.each(engines)('%s: one that was settled in time has the receipt of that', async (_, open) => {
  const { ledger, receipt } = await reserved(open)
  await ledger.dispatch(key, assumed)
  await ledger.settle(key, { runs: 1 }, settled)
  expect(await receipt()).toEqual(settled)
})

test.each(engines)('%s: one that was never dispatched has none', async (_, open) => {
  const { clock, ledger } = await reserved(open)
  clock.now += 60_000
  expect(await ledger.entry(key)).toMatchObject({ status: 'released', receipt: null })
  expect(await ledger.dispatch(key, assumed)).toBe(false)
  expect(await ledger.entry(key)).toMatchObject({ status: 'released', receipt: null })
})
