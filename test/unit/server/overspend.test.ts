import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bench, partsOf } from './support.ts'
import type { Bench } from './support.ts'
import type { Reply } from '../../fixtures/upstream.ts'

const limit = 4_000
const runs = 40

const said = fc.integer({ min: 0, max: 60 }).map(count => Array.from({ length: count }, (_, at) => `word${at} `))
const reply: fc.Arbitrary<Reply> = fc.record({
  deltas: said,
  usage: fc.constantFrom('chunk' as const, 'each' as const, 'missing' as const),
  end: fc.constantFrom('done' as const, 'done' as const, 'unmarked' as const, 'short' as const, 'cut' as const, 'error' as const),
  status: fc.constantFrom(200, 200, 200, 429, 500),
  bytes: fc.constantFrom(7, 1_000),
})
/** What a client does with its answer: reads it, leaves after so many bytes, never looks, or goes at once. */
const manner = fc.constantFrom('reads', 'leaves', 'ignores', 'aborts' as const)

async function behave(on: Bench, how: string): Promise<void> {
  const gone = new AbortController()
  const body = JSON.stringify(await on.ask())
  const sent = on.modelSelector.fetch(new Request('http://product.test/v1/run', { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal: gone.signal }))
  if (how === 'aborts') gone.abort()
  const response = await sent
  if (response.status !== 200 || how === 'reads') return void await (response.status === 200 ? partsOf(response) : response.text())
  if (how === 'leaves') {
    const reader = response.body!.getReader()
    await reader.read()
    await reader.read()
    await reader.cancel()
  }
}

test('whatever upstreams and clients do, no more is served than the budget holds, and nothing stays held', { timeout: 60_000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(reply, { minLength: runs, maxLength: runs }), fc.array(manner, { minLength: runs, maxLength: runs }), async (replies, manners) => {
    let next = 0
    const on = await bench({ budgets: [{ id: 'all', scope: 'all', per: 'day', limit: { tokens: limit } }], concurrency: 100 }, () => replies[next++ % runs]!)
    await Promise.all(manners.map(how => behave(on, how)))
    await on.modelSelector.close()
    const [balance] = await on.ledger.balance([{ budget: 'all', scope: 'all', subject: 'all', unit: 'tokens', window: 'day', timeZone: 'UTC', limit, amount: 0 }])
    expect(balance!.held).toBe(0)
    expect(balance!.settled).toBeLessThanOrEqual(limit)
    expect(on.upstream.served).toBeLessThanOrEqual(limit)
  }), { numRuns: 8 })
})
