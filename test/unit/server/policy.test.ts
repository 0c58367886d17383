import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { schemas } from '../../../src/protocol/index.ts'
import type { Policy, PolicyAnswer } from '../../../src/protocol/index.ts'
import { memoryLedger } from '../../../src/server/index.ts'
import type { Ledger, ModelSelectorOptions } from '../../../src/server/index.ts'
import { applyPolicy, noPolicy } from '../../../src/server/policy.ts'
import { policyKey } from '../../../src/server/ledger/keys.ts'
import { asJson, bench, features, noon, partsOf, problemOf, receiptIn, text } from './support.ts'
import type { Bench } from './support.ts'

const adminToken = 'sixteen-characters-of-admin'
const admin = { authorization: `Bearer ${adminToken}` }
const secret = 'sixteen characters or more'
const budgets = [{ id: 'mine', per: 'day', limit: { runs: 50 } }, { id: 'house', scope: 'all', per: 'month', limit: { usd: 500 } }] as const

const server = (options: Partial<ModelSelectorOptions> = {}) => bench({ adminToken, secret, budgets, ...options })
/** Servers that share a ledger, as those of one product do. */
async function servers(options: Partial<ModelSelectorOptions> = {}): Promise<[Bench, Bench]> {
  const ledger = memoryLedger({ now: () => noon })
  return [await server({ ...options, ledger }), await server({ ...options, ledger })]
}

const policy = (change: Partial<Policy> = {}, revision = 0) => ({ revision, author: 'grace', ...noPolicy, ...change })
const off = (what: Partial<Policy['off']>): Partial<Policy> => ({ off: { ...noPolicy.off, ...what } })
async function put(on: Bench, change: Partial<Policy>, revision = 0): Promise<PolicyAnswer> {
  const response = await on.send('PUT', '/v1/policy', policy(change, revision), admin)
  expect(response.status).toBe(200)
  return schemas.policyAnswer.parse(await response.json())
}

describe('the policy', () => {
  test('has no address where no token is set', async () => {
    const on = await bench()
    for (const method of ['GET', 'PUT', 'POST', 'DELETE']) expect((await on.send(method, '/v1/policy', method === 'GET' ? undefined : policy(), admin)).status).toBe(404)
  })

  test.each<[string, Record<string, string>]>([
    ['none', {}], ['another', { authorization: 'Bearer another token, as long.' }], ['a beginning', { authorization: `Bearer ${adminToken.slice(0, -1)}` }],
    ['more', { authorization: `Bearer ${adminToken}x` }], ['another scheme', { authorization: `Basic ${adminToken}` }], ['nothing', { authorization: 'Bearer ' }], ['"undefined"', { authorization: 'Bearer undefined' }],
  ])('is closed to whoever has the token %s', async (_, headers) => {
    const on = await server()
    for (const response of [await on.get('/v1/policy', headers), await on.send('PUT', '/v1/policy', policy(off({ everything: true })), headers)]) {
      expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:admin-token-required', status: 401 })
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
    }
    expect(await on.ledger.document(policyKey)).toBeNull()
  })

  test('is that of the configuration until there is one', async () => {
    const on = await server()
    expect(await (await on.get('/v1/policy', admin)).json()).toEqual({
      revision: 0, author: null, at: null, ...noPolicy,
      inForce: {
        budgets: [
          { id: 'mine', scope: 'user', per: 'day', limit: { runs: 50 } }, { id: 'house', scope: 'all', per: 'month', limit: { usd: 500 } },
          { id: 'network', scope: 'network', per: 'day', limit: { usd: 0.3, wh: 60, runs: 150 } }, { id: 'anonymous', scope: 'anonymous', per: 'day', limit: { usd: 1, wh: 200, runs: 500 } },
        ],
        features: {
          summary: { mode: 'offer', percent: 100 }, think: { mode: 'offer', percent: 100 }, ask: { mode: 'offer', percent: 100 },
          nightly: { mode: 'offer', percent: 100 }, watched: { mode: 'observe', percent: 100 }, gone: { mode: 'off', percent: 100 }, facts: { mode: 'offer', percent: 100 },
        },
        tiersOff: [],
      },
    })
  })

  test('is stored with its author and the time, and read back by every server', async () => {
    const [one, two] = await servers()
    const change = { limits: { mine: { runs: 5, wh: 2 } }, features: { summary: { percent: 50 } }, ...off({ tiers: ['max'] as const }) }
    const answer = await put(one, change)
    expect(answer).toMatchObject({ revision: 1, author: 'grace', at: noon, ...change })
    expect(answer.inForce.budgets[0]!.limit).toEqual({ runs: 5, wh: 2 })
    expect(await (await two.get('/v1/policy', admin)).json()).toEqual(answer)
    // What is read can be sent back.
    const again = await two.send('PUT', '/v1/policy', { ...answer, author: 'ada' }, admin)
    expect(await again.json()).toMatchObject({ revision: 2, author: 'ada', ...change })
  })
})

describe('a policy that would not do what it says is refused', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['an unknown feature', { features: { sumary: { percent: 1 } } }, /no feature "sumary"/],
    ['an unknown feature to switch off', off({ features: ['sumary'] }), /no feature "sumary"/],
    ['a feature of every object', off({ features: ['constructor'] }), /no feature "constructor"/],
    ['an unknown budget', { limits: { house2: { usd: 1 } } }, /no budget "house2"/],
    ['a limit beyond all', { limits: { house: { usd: 1e7 } } }, /"house" cannot be used/],
    ['a limit below nothing', { limits: { house: { usd: -1 } } }, /"limits.house.usd"/],
    ['a unit nobody counts', { limits: { house: { eur: 1 } } }, /"limits.house/],
    ['a mode there is not', { features: { summary: { mode: 'on' } } }, /"features.summary.mode"/],
    ['more than everybody', { features: { summary: { percent: 101 } } }, /"features.summary.percent"/],
    ['the baseline switched off', off({ tiers: ['baseline' as never] }), /"off.tiers.0"/],
    ['no switches', { off: undefined }, /"off"/],
    ['no author', { author: '' }, /"author"/],
    ['a revision that is none', { revision: '0' }, /"revision"/],
  ])('%s', async (_, change, sentence) => {
    const on = await server()
    const problem = await problemOf(await on.send('PUT', '/v1/policy', { ...policy(), ...change }, admin))
    expect(problem).toMatchObject({ type: 'urn:sparing:invalid-request', detail: expect.stringMatching(sentence) })
    expect(await on.ledger.document(policyKey)).toBeNull()
  })

  test('one that was made on another than the one in force, and tells which that is', async () => {
    const [one, two] = await servers()
    const body = await two.ask()
    await put(one, off({ features: ['summary'] }))
    for (const revision of [0, 2]) {
      const response = await two.send('PUT', '/v1/policy', policy({}, revision), admin)
      expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:stale-policy', status: 409, revision: 1 })
    }
    expect((await two.post('/v1/run', body)).status).toBe(403)
    await put(two, {}, 1)
    expect((await two.run()).status).toBe(200)
    // What was switched on again is on elsewhere as soon as it is asked about.
    one.clock.now += 2_000
    expect((await one.run()).status).toBe(200)
  })

  test('of two made on the same, one is', async () => {
    const [one, two] = await servers()
    const responses = await Promise.all([one, two].map((each, index) => each.send('PUT', '/v1/policy', { ...policy(), author: `admin ${index}` }, admin)))
    expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 409])
  })

  test('a body that is no JSON by its type', async () => {
    const response = await (await server()).send('PUT', '/v1/policy', policy(), { ...admin, 'content-type': 'text/plain' })
    expect(response.status).toBe(415)
  })

  test('any JSON but the right one', { timeout: 30_000 }, async () => {
    const on = await server()
    await fc.assert(fc.asyncProperty(fc.jsonValue(), async value => {
      expect((await on.send('PUT', '/v1/policy', value, admin)).status).toBe(400)
    }))
  })
})

describe('what is switched off', () => {
  test('is off on every server with the next reserve, though they knew another policy a moment before', async () => {
    const [one, two] = await servers()
    await partsOf(await two.run())
    const body = await two.ask()
    const taken = two.ledger.verbs.length
    await put(one, off({ features: ['summary'] }))
    const response = await two.post('/v1/run', body)
    expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:feature-disabled', by: 'policy', status: 403 })
    expect(response.headers.get('sparing-policy')).toBe('1')
    // Asked for once, under the older policy, and refused by the ledger.
    expect(two.ledger.verbs.slice(taken)).toEqual(['reserve'])
    expect((await two.budgets())['runs']).toMatchObject({ settled: 1, held: 0 })
    expect(two.upstream.log).toHaveLength(1)
  })

  test('is off on every server for strangers without a cookie too, whose baseline no ledger records', async () => {
    const [one, two] = await servers({ identify: () => null })
    const run = async (on: Bench) => on.post('/v1/run', { ...await on.ask({ tier: 'baseline' }), optIn: null })
    expect((await run(two)).status).toBe(200)
    await put(one, off({ everything: true }))
    const body = { id: 'run-of-a-stranger', feature: 'summary', input: { text }, tier: 'baseline', effort: 'none', ceiling: { usd: 0, wh: null, outputTokens: 0 }, trigger: 'user', optIn: null, estimate: null }
    expect(await problemOf(await two.post('/v1/run', body))).toMatchObject({ type: 'urn:sparing:feature-disabled' })
  })

  test('is off through every route', async () => {
    const server = await bench({ adminToken, budgets })
    const body = await server.ask()
    await put(server, off({ features: ['summary'] }))
    for (const [path, sent, headers] of [['/v1/run', body, {}], ['/v1/run', body, asJson], ['/v1/run', { ...body, tier: 'baseline', optIn: null }, {}], ['/v1/estimate', { feature: 'summary', input: { text } }, {}]] as const) {
      expect(await problemOf(await server.post(path, sent, headers))).toMatchObject({ type: 'urn:sparing:feature-disabled' })
    }
    const { features: { summary, ask } } = await server.catalog()
    expect([summary!.mode, ask!.mode]).toEqual(['off', 'offer'])
    expect(server.upstream.log).toEqual([])
  })

  test('a level: its models are gone, and nothing lower stands in for them', async () => {
    const server = await bench({ adminToken, budgets })
    const body = await server.ask({ feature: 'think', tier: 'max' })
    await put(server, off({ tiers: ['max'] }))
    expect((await server.catalog()).models.map(({ id }) => id)).toEqual(['small', 'middle', 'extractive'])
    expect(await problemOf(await server.post('/v1/run', body))).toMatchObject({ type: 'urn:sparing:feature-disabled', detail: expect.stringContaining('"max"') })
    expect((await server.post('/v1/estimate', { feature: 'think', input: { text }, tier: 'max' })).status).toBe(403)
    expect(receiptIn(await partsOf(await server.run({ feature: 'think', tier: 'standard' }))).choice.model).toBe('middle')
  })

  test('everything: every feature, and nothing that is configured later by mistake', async () => {
    const server = await bench({ adminToken, budgets })
    const { version } = await server.catalog()
    await put(server, { features: { summary: { mode: 'offer' } }, ...off({ everything: true }) })
    const catalog = await server.catalog()
    expect(new Set(Object.values(catalog.features).map(({ mode }) => mode))).toEqual(new Set(['off']))
    expect(catalog.version).not.toBe(version)
    expect(catalog.policy.revision).toBe(1)
    await put(server, {}, 1)
    expect((await server.run()).status).toBe(200)
  })

  test('does not break off what goes on', async () => {
    const server = await bench({ adminToken, budgets }, { paused: true })
    const response = await server.run()
    await server.upstream.until(log => log.length === 1)
    await put(server, off({ everything: true }))
    server.upstream.release(9)
    expect(receiptIn(await partsOf(response)).status).toBe('completed')
  })

  test('while a run is being checked, is off for that run', async () => {
    const ledger = memoryLedger({ now: () => noon })
    const late: Ledger = { ...ledger, reserve: async request => {
      if (!await ledger.document(policyKey)) await ledger.putDocument(policyKey, { ...policy(off({ features: ['summary'] })), at: noon }, 0)
      return ledger.reserve(request)
    } }
    const server = await bench({ ledger: late })
    expect(await problemOf(await server.run())).toMatchObject({ type: 'urn:sparing:feature-disabled' })
    expect(server.upstream.log).toEqual([])
  })

  test('by a policy that changes under every attempt: nothing is run, and the attempts end', async () => {
    const ledger = memoryLedger({ now: () => noon })
    const server = await bench({ ledger: { ...ledger, reserve: async () => ({ outcome: 'stale-policy' }) } })
    expect(await problemOf(await server.run())).toMatchObject({ type: 'urn:sparing:ledger-unavailable', status: 503 })
    expect(server.ledger.verbs).toEqual(['reserve', 'reserve', 'reserve', 'reserve'])
  })

  test('by a policy that nobody can read: everything, and the operator hears why', async () => {
    const server = await bench({ adminToken })
    await server.ledger.putDocument(policyKey, { off: 'nothing' }, 0)
    expect(await problemOf(await server.post('/v1/estimate', { feature: 'summary', input: { text } }))).toMatchObject({ type: 'urn:sparing:feature-disabled' })
    expect(server.errors).toEqual([expect.objectContaining({ message: expect.stringContaining('everything is switched off') })])
    await put(server, {}, 1)
    expect((await server.run()).status).toBe(200)
  })
})

describe('while the ledger is away', () => {
  /** One server that switched everything off, and another that was started on the same ledger. */
  async function cutOff(options: Partial<ModelSelectorOptions> = {}) {
    const ledger = memoryLedger({ now: () => noon })
    const link = { down: false }
    const shaky = Object.fromEntries(Object.entries(ledger).map(([verb, does]) =>
      [verb, async (...given: unknown[]) => { if (link.down && verb !== 'close') throw new Error('connection lost'); return (does as (...all: unknown[]) => unknown)(...given) }])) as unknown as Ledger
    return { one: await server({ ...options, ledger: shaky }), two: await server({ ...options, ledger: shaky }), link }
  }
  const free = { feature: 'summary', input: { text }, tier: 'baseline', effort: 'none', ceiling: { usd: 0, wh: 1, outputTokens: 0 }, trigger: 'user', optIn: null, estimate: null }
  const chat = { id: 'chat-1', trigger: 'submit-message', messageId: 'm', messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text }] }], sparing: { feature: 'ask', tier: 'baseline' } }

  test.each([['somebody known', {}], ['strangers', { identify: () => null }]])('a server that never read the policy runs nothing for %s, at no level and through no route', async (_, options) => {
    const { one, two, link } = await cutOff(options)
    const paid = await one.ask()
    await put(one, off({ everything: true }))
    link.down = true
    for (const [path, body] of [['/v1/run', { ...free, id: 'run-of-the-floor' }], ['/v1/run', { ...paid, id: 'run-that-costs' }], ['/v1/chat', chat], ['/v1/estimate', { feature: 'summary', input: { text } }]] as const) {
      expect(await problemOf(await two.post(path, body, asJson))).toMatchObject({ type: 'urn:sparing:ledger-unavailable', status: 503, detail: expect.stringContaining('the results without it still work') })
    }
    const catalog = await two.get('/v1/catalog')
    expect([catalog.status, catalog.headers.get('sparing-policy')]).toEqual([503, null])
    expect(await (await two.get('/healthz')).json()).toMatchObject({ ready: false, why: expect.stringContaining('connection lost') })
    expect(two.upstream.log).toEqual([])
    link.down = false
    expect(await problemOf(await two.post('/v1/run', { ...free, id: 'run-after-it' }))).toMatchObject({ type: 'urn:sparing:feature-disabled' })
  })

  test('one that read it goes on with that for five minutes, and runs nothing from then on', async () => {
    const { one, two, link } = await cutOff()
    await put(one, off({ features: ['summary'] }))
    await two.catalog()
    link.down = true
    two.clock.now += 299_999
    expect((await two.post('/v1/run', { ...free, id: 'run-switched-off' })).status).toBe(403)
    expect((await two.post('/v1/run', { ...free, feature: 'nightly', id: 'run-of-the-floor' })).status).toBe(200)
    expect((await two.catalog()).features['summary']!.mode).toBe('off')
    expect(two.errors).not.toEqual([])
    two.clock.now += 1
    expect(await problemOf(await two.post('/v1/run', { ...free, feature: 'nightly', id: 'run-much-later' }))).toMatchObject({ type: 'urn:sparing:ledger-unavailable' })
    expect((await two.get('/v1/catalog')).status).toBe(503)
  })
})

describe('what is changed', () => {
  test('a limit counts at the next reserve of every server, with what was drawn before', async () => {
    const [one, two] = await servers()
    await partsOf(await two.run())
    await put(one, { limits: { mine: { runs: 1 } } })
    expect(await problemOf(await two.run())).toMatchObject({ type: 'urn:sparing:budget-exceeded', budgets: [{ id: 'mine', limit: 1, settled: 1, available: 0 }] })
    await put(one, { limits: { mine: { runs: 2 } } }, 1)
    expect((await two.run()).status).toBe(200)
  })

  test('a limit in a unit that had none limits it too', async () => {
    const [one, two] = await servers()
    await put(one, { limits: { mine: { wh: 0 } } })
    expect(await problemOf(await two.run())).toMatchObject({ budgets: [{ id: 'mine', unit: 'wh', limit: 0 }] })
  })

  test('a mode brings a feature back that the configuration had off, or takes its offer away', async () => {
    const [one, two] = await servers()
    const body = await two.ask()
    await put(one, { features: { gone: { mode: 'offer' }, summary: { mode: 'observe' } } })
    expect((await two.post('/v1/run', body)).status).toBe(403)
    expect((await two.run({ feature: 'gone' })).status).toBe(200)
    expect((await two.run({ tier: 'baseline' })).status).toBe(200)
  })

  test('is learned from the catalog, without a run, after two seconds at most', async () => {
    const [one, two] = await servers()
    const before = await two.get('/v1/catalog')
    await put(one, off({ features: ['summary'] }))
    const etag = { 'if-none-match': before.headers.get('etag')! }
    expect((await two.get('/v1/catalog', etag)).status).toBe(304)
    two.clock.now += 2_000
    const after = await two.get('/v1/catalog', etag)
    expect([before.headers.get('sparing-policy'), after.headers.get('sparing-policy')]).toEqual(['0', '1'])
    expect(await after.json()).toMatchObject({ features: { summary: { mode: 'off' } }, policy: { revision: 1 } })
  })

  test('pages of other origins may read which policy an answer was made under', async () => {
    const server = await bench({ origins: ['https://app.product.test'] })
    const { headers } = await server.get('/v1/catalog', { origin: 'https://app.product.test' })
    expect(headers.get('access-control-expose-headers')).toContain('sparing-policy')
    expect(headers.get('sparing-policy')).toBe('0')
  })

  test('nothing by a policy of names that this server does not know', () => {
    const configured = { features, budgets }
    const strange = { limits: { toString: { usd: 1 }, other: { usd: 1 } }, features: { constructor: { percent: 1 } }, off: { everything: false, features: ['other'], tiers: [] } }
    expect(applyPolicy(configured, strange as unknown as Policy, 3)).toEqual({ ...applyPolicy(configured, noPolicy, 3) })
  })
})

describe('a feature for a share of people', () => {
  const people = Array.from({ length: 300 }, (_, index) => ({ 'x-user': `person-${index}` }))
  const offered = async (server: Bench, feature = 'summary') => {
    const modes = await Promise.all(people.map(async each => (await (await server.get('/v1/catalog', each)).json() as { features: Record<string, { mode: string }> }).features[feature]!.mode))
    expect(new Set(modes)).toEqual(new Set(['offer', 'observe']))
    return people.filter((_, index) => modes[index] === 'offer').map(each => each['x-user'])
  }
  const at = (percent: number) => ({ features: { ...features, summary: { ...features.summary, percent }, ask: { ...features.ask, percent } } })

  test('is offered to about that share, the same ones on every server, and others for another feature', async () => {
    const server = await bench({ secret, ...at(30) })
    const those = await offered(server)
    // Of 300 people 90 are expected; five standard deviations are 40.
    expect(Math.abs(those.length - 90)).toBeLessThan(40)
    expect(await offered(await bench({ secret, ...at(30) }))).toEqual(those)
    expect(await offered(server, 'ask')).not.toEqual(those)
    expect(await offered(await bench({ secret: 'another secret, also long', ...at(30) }))).not.toEqual(those)
  })

  test('a greater share only adds people', async () => {
    const [few, many] = [await offered(await bench({ secret, ...at(20) })), await offered(await bench({ secret, ...at(60) }))]
    expect(many).toEqual(expect.arrayContaining(few))
    expect(many.length).toBeGreaterThan(few.length)
  })

  test('the others have its baseline, and the server holds to that whatever their page says', async () => {
    const server = await bench({ secret, ...at(50) })
    const those = new Set(await offered(server))
    const [inside, outside] = [people.find(each => those.has(each['x-user']))!, people.find(each => !those.has(each['x-user']))!]
    const body = await (await bench()).ask()
    expect(await problemOf(await server.post('/v1/run', body, outside))).toMatchObject({ type: 'urn:sparing:feature-disabled' })
    expect((await server.post('/v1/estimate', { feature: 'summary', input: { text } }, outside)).status).toBe(403)
    expect((await server.post('/v1/run', { ...body, tier: 'baseline', optIn: null }, outside)).status).toBe(200)
    expect((await server.post('/v1/run', { ...body, id: 'run-inside' }, inside)).status).toBe(200)
    const etags = await Promise.all([inside, outside, inside].map(async each => (await server.get('/v1/catalog', each)).headers.get('etag')))
    expect(etags[0]).toBe(etags[2])
    expect(etags[0]).not.toBe(etags[1])
  })

  test('somebody new is told at once what the cookie they get will see', async () => {
    const server = await bench({ identify: () => null, secret, ...at(50) })
    for (let person = 0; person < 8; person++) {
      const first = await server.get('/v1/catalog')
      const cookie = first.headers.get('set-cookie')!.split(';')[0]!
      expect((await server.get('/v1/catalog', { cookie, 'if-none-match': first.headers.get('etag')! })).status).toBe(304)
    }
  })

  test('nobody, or everybody, by the policy', async () => {
    const server = await bench({ adminToken, ...at(0) })
    expect((await server.post('/v1/estimate', { feature: 'summary', input: { text } })).status).toBe(403)
    await put(server, { features: { summary: { percent: 100 } } })
    expect((await server.run()).status).toBe(200)
  })
})
