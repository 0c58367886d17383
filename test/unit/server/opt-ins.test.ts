import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OptIn } from '../../../src/core/index.ts'
import { schemas } from '../../../src/protocol/index.ts'
import type { OptInsAnswer } from '../../../src/protocol/index.ts'
import { memoryLedger } from '../../../src/server/index.ts'
import { optInsKey } from '../../../src/server/ledger/keys.ts'
import type { Ledger } from '../../../src/server/index.ts'
import { bench, noon, optInFor, partsOf, problemOf } from './support.ts'
import type { Bench } from './support.ts'

const day = 86_400_000
const key = optInsKey('user:ada')

/** A record that stands for some time, as a page would make it. */
async function standing(on: Bench, change: Partial<OptIn> = {}): Promise<OptIn> {
  const body = await on.ask({ feature: change.feature ?? 'summary' })
  return { ...optInFor(body, { ceiling: body['ceiling'] as OptIn['ceiling'], catalogVersion: 'v' }, on.clock.now), id: 'standing-1', scope: 'always', ...change }
}

async function answer(response: Response): Promise<OptInsAnswer> {
  expect(response.status).toBe(200)
  return schemas.optInsAnswer.parse(await response.json())
}

const keep = async (on: Bench, optIn: OptIn) => answer(await on.send('PUT', '/v1/opt-ins', optIn))
const revoke = async (on: Bench, feature = '') => answer(await on.send('DELETE', `/v1/opt-ins${feature && `/${feature}`}`))
const kept = async (on: Bench, headers = {}) => answer(await on.get('/v1/opt-ins', headers))

describe('the opt-ins of somebody who is signed in', () => {
  test('are kept, one for each feature, and told to all their devices and to nobody else', async () => {
    const on = await bench()
    const [first, second, other] = [await standing(on), await standing(on, { id: 'standing-2', scope: { days: 7 } }), await standing(on, { id: 'standing-3', feature: 'ask' })]
    await keep(on, first)
    await keep(on, other)
    expect(await keep(on, second)).toEqual({ records: [other, second], revoked: [] })
    expect(await kept(on)).toEqual({ records: [other, second], revoked: [] })
    expect(await kept(on, { 'x-user': 'bob' })).toEqual({ records: [], revoked: [] })
  })

  test('lapse by the server\'s clock', async () => {
    const on = await bench()
    await keep(on, await standing(on, { scope: { days: 7 } }))
    await keep(on, await standing(on, { scope: 'session', feature: 'ask' }))
    on.clock.now += day / 2
    expect((await kept(on)).records.map(({ feature }) => feature)).toEqual(['summary'])
    on.clock.now += 7 * day
    expect(await kept(on)).toEqual({ records: [], revoked: [] })
  })

  test('that were taken back are refused at the next run of every device, with the time since when', async () => {
    const on = await bench()
    const optIn = await standing(on)
    await keep(on, optIn)
    expect((await on.run({ optIn })).status).toBe(200)
    on.clock.now += 1_000
    expect(await revoke(on, 'summary')).toEqual({ records: [], revoked: [{ feature: 'summary', at: on.clock.now }] })
    const refused = await problemOf(await on.run({ optIn }))
    expect(refused).toMatchObject({ type: 'urn:sparing:opt-in-required', status: 403, gap: 'revoked', since: on.clock.now })
    expect((await on.run({ optIn }, { 'x-user': 'bob' })).status).toBe(200)
  })

  test('that were taken back while the host looked at the run cover it no longer', async () => {
    const { promise: word, resolve } = Promise.withResolvers<null>()
    const on: Bench = await bench({ onRun: { before: () => word } })
    const optIn = await standing(on)
    const answer = on.run({ optIn })
    on.clock.now += 1_000
    await revoke(on, 'summary')
    resolve(null)
    expect(await problemOf(await answer)).toMatchObject({ type: 'urn:sparing:opt-in-required', gap: 'revoked' })
    expect(on.upstream.log).toEqual([])
  })

  test('that were never sent are refused too, once the feature was taken back', async () => {
    const on = await bench()
    const optIn = await standing(on, { scope: 'session' })
    on.clock.now += 1
    await revoke(on)
    for (const scope of ['session', 'always', { days: 3 }] as const) expect((await on.run({ optIn: { ...optIn, scope } })).status).toBe(403)
  })

  test('count again when they are given anew, whatever the clock of their device says', async () => {
    const on = await bench()
    const before = await standing(on, { at: on.clock.now })
    const { revoked: [{ at: after } = { at: 0 }] } = await revoke(on, 'summary')
    expect(await problemOf(await on.send('PUT', '/v1/opt-ins', before))).toMatchObject({ type: 'urn:sparing:opt-in-required', gap: 'revoked', since: after })
    for (const ahead of [0, 1, 240_000, -240_000]) {
      const anew = await standing(on, { at: on.clock.now + ahead, after })
      expect((await keep(on, anew)).records).toEqual([anew])
      expect((await partsOf(await on.run({ optIn: anew }))).at(-1)).toMatchObject({ type: 'finish' })
    }
    expect((await on.run({ optIn: before })).status).toBe(403)
  })

  test.each([0, 240_000])('stay taken back on a device whose clock is %i ms ahead, and revive nothing there, then or later', async ahead => {
    const on = await bench()
    const other = await standing(on, { id: 'standing-2', at: on.clock.now - 5_000 + ahead })
    await keep(on, await standing(on))
    await revoke(on, 'summary')
    for (const wait of [0, 1, 600_000]) {
      on.clock.now += wait
      expect(await problemOf(await on.run({ optIn: other }))).toMatchObject({ gap: 'revoked', since: noon })
      expect((await on.send('PUT', '/v1/opt-ins', other)).status).toBe(403)
    }
    expect((await kept(on)).records).toEqual([])
    expect(on.upstream.log).toEqual([])
  })

  test('that were given anew are over when they are taken back again, in the same millisecond too', async () => {
    const on = await bench()
    const { revoked: [first] } = await revoke(on, 'summary')
    const anew = await standing(on, { after: first!.at })
    await keep(on, anew)
    const { revoked: [second] } = await revoke(on, 'summary')
    expect(second!.at).toBe(first!.at + 1)
    expect((await on.run({ optIn: anew })).status).toBe(403)
    expect((await on.run({ optIn: { ...anew, after: second!.at } })).status).toBe(200)
  })

  test('for one run need no record, and are no matter of what was taken back', async () => {
    const on = await bench()
    await revoke(on)
    expect((await on.run()).status).toBe(200)
    expect(await problemOf(await on.send('PUT', '/v1/opt-ins', await standing(on, { scope: 'once' })))).toMatchObject({ type: 'urn:sparing:invalid-request', field: 'scope' })
  })

  test('are refused while the ledger cannot say whether they were taken back', async () => {
    const on = await bench({ ledger: { ...memoryLedger({ now: () => noon }), document: key => key.includes('opt-ins') ? Promise.reject(new Error('down')) : Promise.resolve(null) } })
    const optIn = await standing(on)
    expect(await problemOf(await on.run({ optIn }))).toMatchObject({ type: 'urn:sparing:ledger-unavailable' })
    expect(on.upstream.log).toEqual([])
    expect((await on.get('/v1/opt-ins')).status).toBe(503)
  })
})

describe('what is no opt-in to keep', () => {
  test.each<[string, Partial<Record<keyof OptIn, unknown>>, number]>([
    ['an unknown feature', { feature: 'poem' }, 404], ['a feature of every object', { feature: 'constructor' }, 404],
    ['one that lapsed', { scope: { days: 1 }, at: noon - 2 * day }, 400], ['one from the future', { at: noon + 301_000 }, 400],
    ['longer than ten years', { scope: { days: 4_000 } }, 400], ['no id', { id: '' }, 400], ['an id of any length', { id: 'x'.repeat(201) }, 400], ['no ceiling', { ceiling: null }, 400],
  ])('%s', async (_, change, status) => {
    const on = await bench()
    expect((await on.send('PUT', '/v1/opt-ins', { ...await standing(on), ...change })).status).toBe(status)
    expect(await on.ledger.document(key)).toBeNull()
  })

  test('any JSON but the right one', { timeout: 30_000 }, async () => {
    const on = await bench()
    await fc.assert(fc.asyncProperty(fc.jsonValue(), async value => {
      expect((await on.send('PUT', '/v1/opt-ins', value)).status).toBe(400)
    }))
  })

  test('and no name that is no feature can be taken back', async () => {
    const on = await bench()
    expect((await on.send('DELETE', '/v1/opt-ins/poem')).status).toBe(404)
    expect(await on.ledger.document(key)).toBeNull()
  })

  test('fields of other kinds are not kept with it', async () => {
    const on = await bench()
    const optIn = await standing(on)
    await on.send('PUT', '/v1/opt-ins', { ...optIn, prompt: 'INPUT-SECRET'.repeat(1_000) })
    expect((await kept(on)).records).toEqual([optIn])
  })
})

describe('somebody nobody knows', () => {
  const strangers = { identify: (request: Request) => request.headers.has('x-user') ? { user: request.headers.get('x-user')! } : null, secret: 'sixteen characters or more' }
  const cookieOf = async (on: Bench) => (await on.get('/v1/budget')).headers.get('set-cookie')!.split(';')[0]!

  test.each(['with a cookie', 'without one'])('keeps theirs on the device, %s', async which => {
    const on = await bench(strangers)
    const headers = which === 'with a cookie' ? { cookie: await cookieOf(on) } : {}
    for (const response of [await on.get('/v1/opt-ins', headers), await on.send('PUT', '/v1/opt-ins', await standing(on), headers), await on.send('DELETE', '/v1/opt-ins', undefined, headers), await on.send('DELETE', '/v1/opt-ins/summary', undefined, headers)]) {
      expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:identity-required', status: 401, detail: expect.stringContaining('signed in') })
      expect(response.headers.has('set-cookie')).toBe(false)
    }
  })

  test('who signs in brings nothing along that they did not send themselves', async () => {
    const on = await bench(strangers)
    const cookie = await cookieOf(on)
    const optIn = await standing(on)
    expect((await on.run({ optIn }, { cookie })).status).toBe(200)
    expect(await kept(on, { cookie, 'x-user': 'ada' })).toEqual({ records: [], revoked: [] })
  })
})

describe('a page of another site', () => {
  test.each(['PUT', 'DELETE'])('cannot %s an opt-in by the cookie that the host knows people by', async method => {
    const on = await bench({ origins: ['https://app.product.test'] })
    const body = method === 'PUT' ? await standing(on) : undefined
    const from = (origin: string, headers = {}) => on.send(method, '/v1/opt-ins', body, { origin, ...headers })
    expect(await problemOf(await from('https://evil.test', { cookie: 'session=ada' }))).toMatchObject({ type: 'urn:sparing:origin-not-allowed' })
    expect(await on.ledger.document(key)).toBeNull()
    expect((await from('https://app.product.test', { cookie: 'session=ada' })).status).toBe(200)
    // A token is sent by nobody but who has it.
    expect((await from('https://other.test', { authorization: 'Bearer ada' })).status).toBe(200)
  })

  test('cannot send one as a form', async () => {
    const on = await bench()
    expect((await on.send('PUT', '/v1/opt-ins', await standing(on), { 'content-type': 'text/plain' })).status).toBe(415)
  })
})

describe('devices at the same moment', () => {
  test('lose nothing of one another', async () => {
    const on = await bench()
    const records = await Promise.all(['summary', 'ask', 'think', 'nightly'].map((feature, index) => standing(on, { feature, id: `standing-${index}`, tier: 'eco' })))
    await Promise.all([...records.map(each => keep(on, each)), revoke(on, 'gone')])
    const { records: found, revoked } = await kept(on)
    expect(found.map(({ id }) => id).toSorted()).toEqual(records.map(({ id }) => id))
    expect(revoked.map(({ feature }) => feature)).toEqual(['gone'])
  })

  test('without an end are told to try again, and it was tried a bounded number of times', async () => {
    let writes = 0
    const ledger: Ledger = { ...memoryLedger({ now: () => noon }), putDocument: async () => { writes++; return false } }
    const on = await bench({ ledger })
    expect(await problemOf(await on.send('PUT', '/v1/opt-ins', await standing(on)))).toMatchObject({ type: 'urn:sparing:ledger-unavailable' })
    expect(writes).toBe(8)
  })

  test('in any order leave one record and one revocation a feature at most, and never revive what was taken back', async () => {
    const step = fc.record({ feature: fc.constantFrom('summary', 'ask', ''), take: fc.boolean(), by: fc.nat({ max: 3 }), late: fc.nat({ max: 3 }) })
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 20 }), async steps => {
      const on = await bench()
      const sample = await standing(on)
      const since = new Map<string, number>()
      for (const [index, { feature, take, by, late }] of steps.entries()) {
        on.clock.now += by
        if (take) {
          const { revoked } = await revoke(on, feature)
          for (const each of feature ? [feature] : ['summary', 'ask']) {
            const { at } = revoked.find(other => other.feature === each)!
            since.set(each, at > (since.get(each) ?? -1) ? at : NaN)
          }
        } else if (feature) {
          const after = [...since].find(([name]) => name === feature)?.[1]
          await on.send('PUT', '/v1/opt-ins', { ...sample, feature, id: `standing-${index}`, at: on.clock.now + 1_000 * late, ...after !== undefined && { after: after - late % 2 } })
        }
        const { records, revoked } = await kept(on)
        for (const list of [records, revoked]) expect(new Set(list.map(each => each.feature)).size).toBe(list.length)
        for (const record of records) expect(record.after).toBe(since.get(record.feature))
        expect(revoked.filter(each => since.get(each.feature) === each.at)).toHaveLength(since.size)
      }
    }), { numRuns: 40 })
  })
})
