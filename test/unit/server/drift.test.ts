import { describe, expect, test } from 'vitest'
import type { Receipt } from '../../../src/core/index.ts'
import { verifyReceipt } from '../../../src/protocol/index.ts'
import type { KeysAnswer, RunRecord, RunResult } from '../../../src/protocol/index.ts'
import { failedStream, golden, goldenSecret, objectStream, stream } from '../protocol/fixtures.ts'
import { asJson, bench, partsOf, receiptIn } from './support.ts'

/** The keys of an answer at every depth, and the types that stand there. Names of features and places in lists do not matter. */
function outline(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap(each => outline(each, `${path}[]`)))].toSorted()
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value === 'object' ? 'null' : typeof value}`]
  const entries = Object.entries(value).flatMap(([key, inner]) => outline(inner, path === '.features' ? `${path}.*` : `${path}.${key}`))
  return [...new Set(entries)].toSorted()
}

const budgets = [{ id: 'user', per: 'day', limit: { usd: 0.1, wh: 20 } }, { id: 'house', scope: 'all', per: 'month', limit: { usd: 500 } }] as const
const deltas = [{ think: 'Hm.' }, { think: ' So.' }, 'Open', ' nine', ' to four.']
const product = () => bench({ budgets, owner: 'Acme' }, { deltas })
const level = { feature: 'think', tier: 'max', effort: 'high', input: { text: 'When is the museum open?' } }

describe('what a model selector really answers has the golden shape', () => {
  test('the catalog', async () => {
    expect(outline(await (await product()).catalog())).toEqual(outline(golden('catalog')))
  })

  test('an estimate', async () => {
    const answer = await (await product()).post('/v1/estimate', level)
    expect(outline(await answer.json())).toEqual(outline(golden('estimate-answer')))
  })

  test('budgets', async () => {
    expect(outline(await (await (await product()).get('/v1/budget')).json())).toEqual(outline(golden('budget-answer')))
  })

  test('a run as JSON, and its record', async () => {
    const on = await product()
    const body = await on.ask(level)
    expect(outline(await (await on.post('/v1/run', body, asJson)).json())).toEqual(outline(golden('run-result')))
    expect(outline(await (await on.get(`/v1/runs/${String(body['id'])}`)).json())).toEqual(outline(golden('run-record')))
  })

  test('runs found for support', async () => {
    const on = await bench({ budgets, owner: 'Acme', adminToken: 'sixteen-characters-of-admin' }, { deltas })
    const body = await on.ask(level)
    await on.post('/v1/run', body, asJson)
    const answer = await on.get(`/v1/receipts/${String(body['id'])}`, { authorization: 'Bearer sixteen-characters-of-admin' })
    expect(outline(await answer.json())).toEqual(outline(golden('receipts-answer')))
  })

  test('a refusal', async () => {
    const on = await bench({ budgets: [{ id: 'user', per: 'day', limit: { runs: 0 } }] })
    expect(outline(await (await on.run()).json())).toEqual(outline(golden('problem')))
  })

  const partsIn = (text: string) => partsOf(new Response(text))

  test('the stream of a run', async () => {
    const parts = await partsOf(await (await product()).run(level))
    expect(parts.map(part => outline(part))).toEqual((await partsIn(stream)).map(part => outline(part)))
    expect(parts.map(({ type }) => type)).toEqual((await partsIn(stream)).map(({ type }) => type))
  })

  test('the stream of a run whose answer is an object', async () => {
    const replies = [{ deltas: ['{"opens": ', '"at nine"'] }, { deltas: ['{"opens": ', '"nine"', ', "floors": 3}'] }]
    const on = await bench({ budgets, owner: 'Acme' }, () => replies.shift()!)
    const parts = await partsOf(await on.run({ feature: 'facts' }))
    expect(parts.map(part => outline(part))).toEqual((await partsIn(objectStream)).map(part => outline(part)))
  })

  test('the stream of a failure', async () => {
    const on = await product()
    on.upstream.reply({ deltas: ['Open', ' nine'], end: 'error' })
    const parts = await partsOf(await on.run())
    expect(parts.map(({ type }) => type)).toEqual((await partsIn(failedStream)).map(({ type }) => type))
    expect(parts.map(part => outline(part))).toEqual((await partsIn(failedStream)).map(part => outline(part)))
  })
})

test('the golden receipts are signed with the golden key', async () => {
  const on = await bench({ secret: goldenSecret })
  const { keys } = await (await on.get('/v1/keys')).json() as KeysAnswer
  expect({ keys }).toEqual(golden('keys-answer'))
  const inStream = async (text: string) => receiptIn(await partsOf(new Response(text)))
  const { receipt: recorded } = golden('run-record') as RunRecord
  const { receipt: answered } = golden('run-result') as RunResult
  const receipts = [golden('receipt') as Receipt, recorded!, answered, await inStream(stream), await inStream(failedStream), await inStream(objectStream)]
  expect(await Promise.all(receipts.map(receipt => verifyReceipt(receipt, keys)))).toEqual(receipts.map(() => true))
})

test('the three forms of a request are taken', async () => {
  for (const shape of ['run-request-text', 'run-request-query', 'run-request-messages']) {
    const on = await product()
    const { feature, input, tier, effort } = golden(shape) as Record<string, unknown>
    expect((await on.run({ feature, input, tier, effort })).status).toBe(200)
  }
})
