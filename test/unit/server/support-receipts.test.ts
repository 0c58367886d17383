import { expect, test } from 'vitest'
import { schemas, verifyReceipt } from '../../../src/protocol/index.ts'
import type { KeysAnswer, ReceiptsAnswer } from '../../../src/protocol/index.ts'
import { asJson, bench, problemOf, text } from './support.ts'
import type { Bench } from './support.ts'

const adminToken = 'sixteen-characters-of-admin'
const admin = { authorization: `Bearer ${adminToken}` }

const server = () => bench({ adminToken }, { deltas: ['The secret answer', ' of nobody.'] })
async function found(on: Bench, id: unknown): Promise<ReceiptsAnswer> {
  const response = await on.get(`/v1/receipts/${String(id)}`, admin)
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
  return schemas.receiptsAnswer.parse(await response.json())
}

test('support finds a receipt by its id, and whose it is: signed, and with no word of the text or the answer', async () => {
  const on = await server()
  const body = await on.ask()
  await on.post('/v1/run', body, asJson)
  const answer = await found(on, body['id'])
  expect(answer).toMatchObject({ runs: [{ id: body['id'], identity: 'user:ada', status: 'ended', receipt: { id: body['id'], status: 'completed' } }] })
  const { keys } = await (await on.get('/v1/keys')).json() as KeysAnswer
  expect(await verifyReceipt(answer.runs[0]!.receipt!, keys)).toBe(true)
  for (const word of [text, 'museum', 'secret answer']) expect(JSON.stringify(answer)).not.toContain(word)
})

test('two people may have given their runs the same id: both are told, one of them under way', async () => {
  const on = await server()
  const body = await on.ask()
  await on.post('/v1/run', body, asJson)
  await on.ledger.reserve({ identity: 'user:bob', run: String(body['id']), body: 'x', claims: [], lease: 60_000, concurrency: 2 })
  const { runs } = await found(on, body['id'])
  expect(runs.map(({ identity, status, receipt }) => [identity, status, receipt === null])).toEqual([['user:ada', 'ended', false], ['user:bob', 'running', true]])
})

test('one that nobody ran is not found', async () => {
  const on = await server()
  expect(await problemOf(await on.get('/v1/receipts/run-99999999', admin))).toMatchObject({ type: 'urn:sparing:not-found', status: 404 })
})

test.each([['without a token', {}], ['with another', { authorization: 'Bearer sixteen-characters-of-other' }]])('is closed %s, also to whose run it is', async (_, headers) => {
  const on = await server()
  const body = await on.ask()
  await on.post('/v1/run', body, asJson)
  expect(await problemOf(await on.get(`/v1/receipts/${String(body['id'])}`, headers))).toMatchObject({ type: 'urn:sparing:admin-token-required', status: 401 })
})

test('takes GET alone, and is not there where no token is set', async () => {
  expect((await (await server()).post('/v1/receipts/run-00000001', {}, admin)).status).toBe(405)
  expect((await (await bench()).get('/v1/receipts/run-00000001', admin)).status).toBe(404)
})
