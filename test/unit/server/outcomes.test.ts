import { describe, expect, test } from 'vitest'
import { memoryLedger } from '../../../src/server/index.ts'
import { keepOutcomes } from '../../../src/server/adequacy-keeper.ts'
import type { OutcomeNote } from '../../../src/server/adequacy-keeper.ts'
import { adequacyKey, outcomesKey } from '../../../src/server/ledger/keys.ts'
import type { Ledger } from '../../../src/server/index.ts'
import type { AdequacyState } from '../../../src/routing/index.ts'
import { bench, partsOf, problemOf } from './support.ts'
import type { Bench } from './support.ts'

async function ended(on: Bench, change: Record<string, unknown> = {}): Promise<string> {
  const body = await on.ask(change)
  await partsOf(await on.post('/v1/run', body))
  return String(body['id'])
}

const tell = (on: Bench, id: string, body: unknown, headers?: Record<string, string>) => on.post(`/v1/runs/${id}/outcome`, body, headers)
const stateIn = async (ledger: Ledger, feature: string) => (await ledger.document(adequacyKey(feature)))?.value as AdequacyState | undefined
/** What was said for and against each model of a feature. */
async function votesIn(ledger: Ledger, feature: string): Promise<Record<string, readonly [good: number, bad: number]> | undefined> {
  const state = await stateIn(ledger, feature)
  return state && Object.fromEntries(Object.entries(state).map(([key, { good, bad }]) => [key, [good, bad]]))
}
const votes = (on: Bench, feature = 'summary') => votesIn(on.ledger, feature)

describe('what a person did with an answer', () => {
  test.each([
    [{ outcome: 'kept' }, [0.5, 0]], [{ outcome: 'dismissed' }, [0, 0.5]], [{ outcome: 'escalated' }, [0, 1]],
    [{ outcome: 'rated', enough: true }, [1, 0]], [{ outcome: 'rated', enough: false }, [0, 1]],
  ])('%j is noted of the model that served', async (body, vote) => {
    const on = await bench()
    const response = await tell(on, await ended(on), body)
    expect(response.status).toBe(204)
    expect(await response.text()).toBe('')
    expect(await votes(on)).toEqual({ 'fixture/small': vote })
  })

  test('at an effort it is another model\'s', async () => {
    const on = await bench()
    await tell(on, await ended(on, { feature: 'think', tier: 'max', effort: 'high' }), { outcome: 'kept' })
    expect(await votes(on, 'think')).toEqual({ 'fixture/large@high': [0.5, 0] })
  })

  test('of each kind counts once for a run, however often and from however many devices it is told', async () => {
    const on = await bench()
    const id = await ended(on)
    const answers = await Promise.all([...Array.from({ length: 5 }, () => tell(on, id, { outcome: 'kept' })), tell(on, id, { outcome: 'escalated' })])
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204, 204])
    await tell(on, id, { outcome: 'kept' })
    expect(await votes(on)).toEqual({ 'fixture/small': [0.5, 1] })
  })

  test('of another\'s run, and of none, is the same to whoever tells it', async () => {
    const on = await bench()
    const id = await ended(on)
    for (const response of [await tell(on, id, { outcome: 'kept' }, { 'x-user': 'eve' }), await tell(on, 'no-such-run', { outcome: 'kept' })]) {
      expect(await problemOf(response)).toMatchObject({ status: 404, type: 'urn:sparing:not-found' })
    }
    expect(await votes(on)).toBeUndefined()
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
    expect(await votes(on)).toBeUndefined()
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
    expect(JSON.stringify(await stateIn(on.ledger, 'summary'))).not.toContain('ada')
  })

  test('is bounded: of very old runs nobody remembers what was told, so nothing more is', async () => {
    const on = await bench({ budgets: [] })
    const first = await ended(on)
    await tell(on, first, { outcome: 'kept' })
    for (let run = 0; run < 200; run++) {
      on.clock.now += 1_000
      await tell(on, await ended(on), { outcome: 'kept' })
    }
    const told = await on.ledger.document(outcomesKey('user:ada'))
    expect((told!.value as { marks: unknown[] }).marks).toHaveLength(200)
    await tell(on, first, { outcome: 'escalated' })
    expect(await on.ledger.document(outcomesKey('user:ada'))).toEqual(told)
    expect((await votes(on))!['fixture/small']![1]).toBe(0)
  })

  test('is forgotten with the account, and what was learned stays', async () => {
    const on = await bench()
    await tell(on, await ended(on), { outcome: 'kept' })
    await on.modelSelector.erase('ada')
    expect(await on.ledger.document(outcomesKey('user:ada'))).toBeNull()
    expect(await votes(on)).toEqual({ 'fixture/small': [0.5, 0] })
  })

  test('counts for as much as one person may say, whoever has many cookies', async () => {
    const known = await bench({ identify: request => ({ user: request.headers.get('x-user')! }), budgets: [] })
    const strangers = await bench({ identify: () => null, budgets: [{ id: 'network', scope: 'network', per: 'day', limit: { runs: 500 } }, { id: 'anonymous', scope: 'anonymous', per: 'day', limit: { runs: 500 } }] })
    for (let person = 0; person < 40; person++) {
      await tellAs(known, { 'x-user': `person-${person}` })
      const cookie = (await strangers.get('/v1/budget')).headers.get('set-cookie')!.split(';')[0]!
      await tellAs(strangers, { cookie })
    }
    expect((await votes(known))!['fixture/small']![0]).toBeGreaterThan(15)
    expect((await votes(strangers))!['fixture/small']![0]).toBeLessThanOrEqual(4)
  })
})

async function tellAs(on: Bench, headers: Record<string, string>): Promise<void> {
  const body = await on.ask()
  await partsOf(await on.post('/v1/run', body, headers))
  expect((await tell(on, String(body['id']), { outcome: 'kept' }, headers)).status).toBe(204)
}

describe('the keeper', () => {
  const note = (change: Partial<OutcomeNote> = {}): OutcomeNote =>
    ({ feature: 'a', provider: 'p', model: 'm', effort: 'none', tier: 'eco', person: 'x', outcome: 'kept', enough: null, at: 0, ...change })

  test('loses none of those that come at once, also with other servers writing', async () => {
    const ledger = memoryLedger()
    const servers = Array.from({ length: 3 }, () => keepOutcomes({ ledger }))
    await Promise.all(Array.from({ length: 60 }, (_, at) => servers[at % 3]!.note(note({ feature: at % 2 ? 'a' : 'b', person: `person ${at}` }))))
    expect(await votesIn(ledger, 'a')).toEqual({ 'p/m': [15, 0] })
    expect(await votesIn(ledger, 'b')).toEqual({ 'p/m': [15, 0] })
  })

  test('those that come at once share a write', async () => {
    const ledger = memoryLedger()
    let writes = 0
    const outcomes = keepOutcomes({ ledger: { document: key => ledger.document(key), putDocument: (...all) => { writes++; return ledger.putDocument(...all) } } })
    await Promise.all(Array.from({ length: 100 }, () => outcomes.note(note())))
    expect(writes).toBeLessThanOrEqual(2)
  })

  test('tells whoever tells it when it could not be kept, and goes on', async () => {
    const ledger = memoryLedger()
    let down = true
    const outcomes = keepOutcomes({ ledger: { document: key => down ? Promise.reject(new Error('down')) : ledger.document(key), putDocument: (...all) => ledger.putDocument(...all) } })
    await expect(outcomes.note(note())).rejects.toThrow('down')
    down = false
    await outcomes.note(note())
    expect(await votesIn(ledger, 'a')).toEqual({ 'p/m': [0.5, 0] })
  })

  test.each(['x', 7, [1], { 'p/m': { kept: 3 } }])('begins anew where %j stands', async value => {
    const ledger = memoryLedger()
    await ledger.putDocument(adequacyKey('a'), value, 0)
    const outcomes = keepOutcomes({ ledger })
    expect(await outcomes.ofFeature('a')).toEqual({})
    await outcomes.note(note())
    expect(await votesIn(ledger, 'a')).toEqual({ 'p/m': [0.5, 0] })
  })
})
