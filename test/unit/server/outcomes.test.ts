import { describe, expect, test } from 'vitest'
import { memoryLedger } from '../../../src/server/index.ts'
import { counting, keepOutcomes } from '../../../src/server/adequacy-keeper.ts'
import type { OutcomeCounts, OutcomeNote } from '../../../src/server/adequacy-keeper.ts'
import { adequacyKey, outcomesKey } from '../../../src/server/ledger/keys.ts'
import { bench, partsOf, problemOf } from './support.ts'
import type { Bench } from './support.ts'

async function ended(on: Bench, change: Record<string, unknown> = {}): Promise<string> {
  const body = await on.ask(change)
  await partsOf(await on.post('/v1/run', body))
  return String(body['id'])
}

const tell = (on: Bench, id: string, body: unknown, headers?: Record<string, string>) => on.post(`/v1/runs/${id}/outcome`, body, headers)
const counts = async (on: Bench, feature = 'summary') => (await on.ledger.document(adequacyKey(feature)))?.value as OutcomeCounts | undefined

describe('what a person did with an answer', () => {
  test.each([
    [{ outcome: 'kept' }, { kept: 1 }], [{ outcome: 'dismissed' }, { dismissed: 1 }], [{ outcome: 'escalated' }, { escalated: 1 }],
    [{ outcome: 'rated', enough: true }, { 'rated:enough': 1 }], [{ outcome: 'rated', enough: false }, { 'rated:not enough': 1 }],
  ])('%j is noted of the model that served', async (body, count) => {
    const on = await bench()
    const response = await tell(on, await ended(on), body)
    expect(response.status).toBe(204)
    expect(await response.text()).toBe('')
    expect(await counts(on)).toEqual({ 'fixture/small': count })
  })

  test('at an effort it is another model\'s', async () => {
    const on = await bench()
    await tell(on, await ended(on, { feature: 'think', tier: 'max', effort: 'high' }), { outcome: 'kept' })
    expect(await counts(on, 'think')).toEqual({ 'fixture/large@high': { kept: 1 } })
  })

  test('of each kind counts once for a run, however often and from however many devices it is told', async () => {
    const on = await bench()
    const id = await ended(on)
    const answers = await Promise.all([...Array.from({ length: 5 }, () => tell(on, id, { outcome: 'kept' })), tell(on, id, { outcome: 'escalated' })])
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204, 204])
    await tell(on, id, { outcome: 'kept' })
    expect(await counts(on)).toEqual({ 'fixture/small': { kept: 1, escalated: 1 } })
  })

  test('of another\'s run, and of none, is the same to whoever tells it', async () => {
    const on = await bench()
    const id = await ended(on)
    for (const response of [await tell(on, id, { outcome: 'kept' }, { 'x-user': 'eve' }), await tell(on, 'no-such-run', { outcome: 'kept' })]) {
      expect(await problemOf(response)).toMatchObject({ status: 404, type: 'urn:sparing:not-found' })
    }
    expect(await counts(on)).toBeUndefined()
  })

  test('while it goes on is too early', async () => {
    const on = await bench({}, { paused: true })
    const body = await on.ask()
    const response = on.post('/v1/run', body)
    await on.upstream.until(log => log.length === 1)
    expect(await problemOf(await tell(on, String(body['id']), { outcome: 'kept' }))).toMatchObject({ status: 409, type: 'urn:sparing:run-in-progress' })
    on.upstream.release(3)
    await partsOf(await response)
  })

  test('of a run that failed says nothing of the answer', async () => {
    const on = await bench({}, { end: 'cut' })
    expect((await tell(on, await ended(on), { outcome: 'dismissed' })).status).toBe(204)
    expect(await counts(on)).toBeUndefined()
  })

  test.each([{}, { outcome: 'loved' }, { outcome: 'rated' }, { outcome: 'kept', enough: true }, { outcome: 'rated', enough: 1 }])('%j is none', async body => {
    const on = await bench()
    expect(await problemOf(await tell(on, await ended(on), body))).toMatchObject({ status: 400, type: 'urn:sparing:invalid-request' })
  })

  test('pages of other sites cannot tell it with somebody\'s cookie', async () => {
    const on = await bench({ identify: () => null })
    expect(await problemOf(await tell(on, 'whatever-run', { outcome: 'kept' }, { origin: 'https://elsewhere.test', 'sec-fetch-site': 'cross-site' }))).toMatchObject({ status: 403, type: 'urn:sparing:origin-not-allowed' })
  })

  test('another method is told which to use', async () => {
    const on = await bench()
    const response = await on.get('/v1/runs/some-run/outcome')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('names nobody where it is kept', async () => {
    const on = await bench()
    await tell(on, await ended(on), { outcome: 'kept' })
    expect(JSON.stringify(await counts(on))).not.toContain('ada')
  })

  test('is bounded: of very old runs nobody remembers what was told, so nothing more is', async () => {
    const on = await bench({ budgets: [] })
    const first = await ended(on)
    await tell(on, first, { outcome: 'kept' })
    for (let run = 0; run < 200; run++) {
      on.clock.now += 1_000
      await tell(on, await ended(on), { outcome: 'kept' })
    }
    const { marks } = (await on.ledger.document(outcomesKey('user:ada')))!.value as { marks: unknown[] }
    expect(marks).toHaveLength(200)
    await tell(on, first, { outcome: 'kept' })
    expect(await counts(on)).toEqual({ 'fixture/small': { kept: 201 } })
  })

  test('is forgotten with the account, and what was learned stays', async () => {
    const on = await bench()
    await tell(on, await ended(on), { outcome: 'kept' })
    await on.modelSelector.erase('ada')
    expect(await on.ledger.document(outcomesKey('user:ada'))).toBeNull()
    expect(await counts(on)).toEqual({ 'fixture/small': { kept: 1 } })
  })
})

describe('the keeper', () => {
  const note = (change: Partial<OutcomeNote> = {}): OutcomeNote =>
    ({ feature: 'a', provider: 'p', model: 'm', effort: 'none', tier: 'eco', person: 'x', outcome: 'kept', enough: null, at: 0, ...change })

  test('loses none of those that come at once, also with other servers writing', async () => {
    const ledger = memoryLedger()
    const servers = Array.from({ length: 3 }, () => keepOutcomes({ ledger, learner: counting }))
    await Promise.all(Array.from({ length: 300 }, (_, at) => servers[at % 3]!.note(note({ feature: at % 2 ? 'a' : 'b' }))))
    expect((await ledger.document(adequacyKey('a')))?.value).toEqual({ 'p/m': { kept: 150 } })
    expect((await ledger.document(adequacyKey('b')))?.value).toEqual({ 'p/m': { kept: 150 } })
  })

  test('those that come at once share a write', async () => {
    const ledger = memoryLedger()
    let writes = 0
    const outcomes = keepOutcomes({ learner: counting, ledger: { document: key => ledger.document(key), putDocument: (...all) => { writes++; return ledger.putDocument(...all) } } })
    await Promise.all(Array.from({ length: 100 }, () => outcomes.note(note())))
    expect(writes).toBeLessThanOrEqual(2)
  })

  test('tells whoever tells it when it could not be kept, and goes on', async () => {
    const ledger = memoryLedger()
    let down = true
    const outcomes = keepOutcomes({ learner: counting, ledger: { document: key => down ? Promise.reject(new Error('down')) : ledger.document(key), putDocument: (...all) => ledger.putDocument(...all) } })
    await expect(outcomes.note(note())).rejects.toThrow('down')
    down = false
    await outcomes.note(note())
    expect((await ledger.document(adequacyKey('a')))?.value).toEqual({ 'p/m': { kept: 1 } })
  })

  test('begins anew where what stands there is no state', () => {
    expect(['x', null, undefined, [1], 7].map(value => counting.read(value))).toEqual([{}, {}, {}, {}, {}])
  })
})
