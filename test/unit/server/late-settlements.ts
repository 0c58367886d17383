import { expect, vi } from 'vitest'
import type { Ledger } from '../../../src/server/index.ts'
import { claim, hour, lease, noon, receiptOf, request, run } from '../../../src/testing/ledger/scene.ts'

/** More runs than a ledger clears away in one go, so that their pot is gone before they are. */
const runs = 250

/**
 * Settles runs late, when the pot they drew on has been cleared away and some of them have not: the
 * totals come to what they came to all the same.
 * @param open a ledger that keeps what is over for an hour
 */
export async function assertLateSettlements(open: (now: () => number, retention: number) => Ledger): Promise<void> {
  const clock = { now: noon }
  const ledger = open(() => clock.now, hour)
  const names = Array.from({ length: runs }, (_, at) => `r${at}`)
  const claims = [claim(100, { window: 'hour', limit: 1e9 }), claim(100, { window: '10s', limit: 1e9 })]
  await Promise.all(names.map(name => ledger.reserve(request(run(name), claims, { assumed: { ...receiptOf(name), status: 'expired' } }))))
  // The first look at what is over comes to its end: one that is under way is not begun again.
  await new Promise(resolve => { setTimeout(resolve, 100) })
  clock.now += lease
  await ledger.expire()
  clock.now += 3 * hour
  await ledger.reserve(request(run('next'), [claim(1, { window: 'run' })]))
  await vi.waitFor(async () => expect(await ledger.totals()).not.toEqual([]), 5_000)
  const late = await Promise.all(names.map(name => ledger.settle(run(name), { runs: 1 }, receiptOf(name)).then(() => 1, () => 0)))
  const settled = late.filter(Boolean).length
  expect(settled).toBeGreaterThan(0)
  await ledger.retire(clock.now + 9 * hour)
  expect((await ledger.totals()).filter(({ key }) => /"(hour|10s)"/.test(key)).map(({ settled }) => settled)).toEqual([(runs - settled) * 100 + settled, (runs - settled) * 100 + settled])
}
