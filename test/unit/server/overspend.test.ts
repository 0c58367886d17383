import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noUsage } from '../../../src/core/index.ts'
import { textKinds, texts } from '../../fixtures/texts.ts'
import { promptTokens } from '../../fixtures/tokens.ts'
import { bench, models, partsOf } from './support.ts'
import type { Bench } from './support.ts'
import type { Call, Reply } from '../../fixtures/upstream.ts'

const limit = 8_000
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

/** @returns the run's id */
async function behave(on: Bench, how: string, text: string): Promise<string> {
  const gone = new AbortController()
  const body = await on.ask({ input: { text } })
  const sent = on.modelSelector.fetch(new Request('http://product.test/v1/run', { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' }, signal: gone.signal }))
  if (how === 'aborts') gone.abort()
  const response = await sent
  if (response.status !== 200 || how === 'reads') await (response.status === 200 ? partsOf(response) : response.text())
  if (response.status === 200 && how === 'leaves') {
    const reader = response.body!.getReader()
    await reader.read()
    await reader.read()
    await reader.cancel()
  }
  return body['id'] as string
}

const textOf = (run: number) => `Run ${run}: ${texts[textKinds[run % textKinds.length]!]}`
const callsOf = (run: number, log: readonly Call[]) => log.filter(({ body }) => body.messages!.at(-1)!.content!.startsWith(`Run ${run}:`))
const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0)

test('whatever upstreams and clients do, no more is read and written than the budget holds, nor for a run than it is settled at, and nothing stays held', { timeout: 60_000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(reply, { minLength: runs, maxLength: runs }), fc.array(manner, { minLength: runs, maxLength: runs }), async (replies, manners) => {
    let next = 0
    const ends = new Map<Call, Reply['end']>()
    const answer = (call: Call) => {
      const reply = replies[next++ % runs]!
      ends.set(call, reply.end)
      return reply
    }
    const on = await bench({ budgets: [{ id: 'all', scope: 'all', per: 'day', limit: { tokens: limit } }], concurrency: 100 }, answer, models, { count: promptTokens })
    const ids = await Promise.all(manners.map((how, run) => behave(on, how, textOf(run))))
    await on.modelSelector.close()
    const [balance] = await on.ledger.balance([{ budget: 'all', scope: 'all', subject: 'all', unit: 'tokens', window: 'day', timeZone: 'UTC', limit, amount: 0 }])
    expect(balance!.held).toBe(0)
    expect(balance!.settled).toBeLessThanOrEqual(limit)
    expect(sum(on.upstream.log.map(({ prompt, served }) => prompt + served))).toBeLessThanOrEqual(limit)
    const entries = await on.ledger.entries(null, runs)
    // What was on its way to somebody who left, or when the connection broke, was heard by nobody.
    const isBroken = (run: number, calls: readonly Call[]) => manners[run] !== 'reads' || calls.some(call => ends.get(call) === 'cut')
    const short = entries.flatMap(({ run, receipt }) => {
      const calls = callsOf(ids.indexOf(run), on.upstream.log)
      const { input, output, source } = receipt?.usage ?? noUsage
      const [read, written] = [sum(calls.map(({ prompt }) => prompt)), sum(calls.map(({ served }) => served))]
      const heard = isBroken(ids.indexOf(run), calls) ? Math.min(written, output) : written
      return read + heard > input + output ? [{ read, heard, settled: { input, output, source } }] : []
    })
    expect(short).toEqual([])
  }), { numRuns: 8 })
})
