import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Receipt } from '../../../src/core/index.ts'
import { networkOf } from '../../../src/server/budgets.ts'
import { baseline, memoryLedger, openaiCompatible } from '../../../src/server/index.ts'
import type { ModelsByTier, ServerBudget } from '../../../src/server/index.ts'
import { bench, models, noon, optInFor, partsOf, problemOf, receiptIn, sized, text } from './support.ts'

const midnight = Date.UTC(2026, 10, 25)
const tight = (limit: ServerBudget['limit'], more: Partial<ServerBudget> = {}): ServerBudget => ({ id: 'mine', per: 'day', limit, ...more })

describe('a budget that is used up', () => {
  test('refuses with everything a program and a person need, and changes nothing', async () => {
    const on = await bench({ budgets: [tight({ runs: 1, usd: 0.25 })] })
    await partsOf(await on.run())
    const before = await on.budgets()
    const response = await on.run()
    expect(response.status).toBe(429)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'retry-after': '43200', 'ratelimit': '"mine-runs";r=0;t=43200', 'ratelimit-policy': '"mine-runs";q=1;qu="runs"', 'content-type': 'application/problem+json',
    })
    const problem = await problemOf(response)
    expect(problem).toMatchObject({ type: 'urn:sparing:budget-exceeded', resetsAt: midnight, cheaper: ['baseline'], budgets: [{ id: 'mine', unit: 'runs', limit: 1, settled: 1, available: 0, resetsAt: midnight }] })
    expect(problem['budgets']).toHaveLength(1)
    expect(await on.budgets()).toEqual(before)
    expect(on.upstream.log).toHaveLength(1)
  })

  test('tells fractions as whole numbers of a smaller unit', async () => {
    const on = await bench({ budgets: [tight({ usd: 0.000_002, wh: 0.000_5 })] })
    const { headers } = await on.run()
    expect(headers.get('ratelimit')).toBe('"mine-usd";r=2;t=43200, "mine-wh";r=0;t=43200')
    expect(headers.get('ratelimit-policy')).toBe('"mine-usd";q=2;qu="micro-usd", "mine-wh";q=1;qu="milli-wh"')
  })

  test('names the levels that still fit', async () => {
    const on = await bench()
    const { ceiling } = await on.ask()
    const eco = (ceiling as { usd: number }).usd
    const limited = await bench({ budgets: [tight({ usd: eco })] })
    expect(await problemOf(await limited.run({ tier: 'standard' }))).toMatchObject({ cheaper: ['baseline', 'eco'] })
  })

  const hungry = { ...sized('hungry', 60), price: { input: 0.01, output: 0.04 } }
  const dearer = { ...sized('dearer', 4), price: { input: 0.1, output: 0.4 } }
  /** A run whose person agreed to much, with so much energy left of what the cheapest in money would take. */
  async function leftOf(share: number, byTier: ModelsByTier, tier: string) {
    const mix = { usd: 1, wh: 0 }
    const free = await bench({ mix }, {}, byTier)
    const { wh } = (await free.ask({ tier }))['ceiling'] as { wh: number }
    const on = await bench({ mix, budgets: [tight({ usd: 1, wh: wh * share })] }, {}, byTier)
    const body = await on.ask({ tier })
    const ceiling = { usd: 0.01, wh: 50, outputTokens: 40 }
    const response = await on.post('/v1/run', { ...body, ceiling, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, on.clock.now) })
    return { on, response }
  }

  test('is passed by with a model of the same level that fits what is left, and the choice says so', async () => {
    const { on, response } = await leftOf(0.9, { eco: [hungry, dearer] }, 'eco')
    const { choice } = receiptIn(await partsOf(response))
    expect(choice).toMatchObject({ model: 'dearer', tier: 'eco' })
    expect(choice.reasons.at(-1)).toMatchObject({ code: 'left' })
    // The refusal told what is left: nothing was read for it.
    expect(on.ledger.verbs).toEqual(['reserve', 'reserve', 'settle'])
    const plenty = receiptIn(await partsOf((await leftOf(1.01, { eco: [hungry, dearer] }, 'eco')).response))
    expect(plenty.choice.model).toBe('hungry')
    expect(plenty.choice.reasons.map(({ code }) => code)).not.toContain('left')
  })

  test('is passed by with no model of another level: that is for the person to say', async () => {
    const { on, response } = await leftOf(0.9, { eco: [dearer], standard: [hungry] }, 'standard')
    expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:budget-exceeded', cheaper: ['baseline', 'eco'] })
    expect(on.upstream.log).toHaveLength(0)
  })

  test('refuses where no model of the level fits', async () => {
    const { on, response } = await leftOf(0.001, { eco: [hungry, dearer] }, 'eco')
    expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:budget-exceeded', cheaper: ['baseline'] })
    expect(on.ledger.verbs).toEqual(['reserve'])
    expect((await on.budgets())['wh']).toMatchObject({ held: 0, settled: 0 })
  })

  test('refuses also where nothing cheaper is set up at all', async () => {
    const on = await bench()
    const lone = await bench({ budgets: [tight({ runs: 0 })], providers: [openaiCompatible({ id: 'fixture', baseURL: on.upstream.url, models: { standard: models.standard } })] })
    expect(await problemOf(await lone.run({ tier: 'standard' }))).toMatchObject({ status: 429, cheaper: ['baseline'] })
  })

  test('that never resets gives no time to come back', async () => {
    const on = await bench({ budgets: [tight({ usd: 0 }, { per: 'run' })] })
    const response = await on.run()
    expect(response.headers.has('retry-after')).toBe(false)
    expect(await problemOf(response)).toMatchObject({ status: 429, resetsAt: null })
  })

  test('of a single run is of each identity\'s run, though another has one of the same id', async () => {
    const on = await bench({ budgets: [tight({ runs: 1 }, { scope: 'all', per: 'run' })] })
    const body = await on.ask()
    for (const user of ['ada', 'bob', 'ada', 'eve']) {
      const response = await on.send('POST', '/v1/run', body, { 'x-user': user })
      expect([user, response.status]).toEqual([user, 200])
      await response.text()
    }
    expect(on.upstream.log).toHaveLength(3)
  })

  test('starts anew with its window', async () => {
    const on = await bench({ budgets: [tight({ runs: 1 })] })
    await partsOf(await on.run())
    expect((await on.run()).status).toBe(429)
    on.clock.now = midnight
    expect((await on.run()).status).toBe(200)
  })

  test('lets exactly as many through as it has room for', async () => {
    const on = await bench({ budgets: [tight({ runs: 7 })], concurrency: 100 })
    const responses = await Promise.all(Array.from({ length: 30 }, () => on.run()))
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(7)
    await Promise.all(responses.map(response => response.text()))
    expect(on.upstream.log).toHaveLength(7)
    expect((await on.budgets())['runs']).toMatchObject({ settled: 7, held: 0, available: 0 })
  })
})

describe('budgets that are not the person\'s own', () => {
  const shared: ServerBudget[] = [
    tight({ runs: 50 }, { id: 'user' }), tight({ runs: 1, usd: 7.77 }, { id: 'house', scope: 'all', per: 'month' }),
  ]

  test('are told of without amounts', async () => {
    const on = await bench({ budgets: shared })
    const receipt = receiptIn(await partsOf(await on.run()))
    expect(receipt.budgets.map(({ id }) => id)).toEqual(['user'])
    const response = await on.run()
    const raw = await response.text()
    expect(JSON.parse(raw)).toMatchObject({ budgets: [{ id: 'house', exceeded: true, resetsAt: Date.UTC(2026, 11, 1) }] })
    expect(raw).not.toMatch(/7\.77|"limit"|"settled"|"available"/)
    expect(response.headers.has('ratelimit')).toBe(false)
    expect(response.headers.get('retry-after')).toBe(String((Date.UTC(2026, 11, 1) - noon) / 1_000))
    expect(await (await on.get('/v1/budget')).json()).toEqual({ budgets: [expect.objectContaining({ id: 'user' }), { id: 'house', exceeded: true, resetsAt: Date.UTC(2026, 11, 1) }] })
  })

  test.each<[string, Partial<ServerBudget>, Record<string, unknown>, boolean]>([
    ['of the feature', { scope: 'feature' }, { feature: 'nightly' }, true],
    ['of the tier', { scope: 'tier' }, { tier: 'standard' }, true],
    ['of the trigger', { scope: 'trigger' }, { feature: 'nightly', trigger: 'background' }, true],
    ['of everybody', { scope: 'all' }, { feature: 'nightly' }, false],
  ])('%s are drawn on by those it is for', async (_, scope, change, free) => {
    const on = await bench({ budgets: [tight({ runs: 1 }, scope)] })
    await partsOf(await on.run())
    expect((await on.run({}, { 'x-user': 'bob' })).status).toBe(429)
    expect((await on.run(change, { 'x-user': 'bob' })).status).toBe(free ? 200 : 429)
  })

  test('of an organisation, and only with the plan they are for', async () => {
    const on = await bench({
      identify: request => ({ user: request.headers.get('x-user') ?? 'ada', org: request.headers.get('x-org') ?? 'acme', plan: request.headers.get('x-plan') ?? 'free' }),
      budgets: [tight({ runs: 1 }, { scope: 'org', when: { plan: 'free' } })],
    })
    await partsOf(await on.run())
    expect((await on.run({}, { 'x-user': 'bob' })).status).toBe(429)
    expect((await on.run({}, { 'x-org': 'other' })).status).toBe(200)
    expect((await on.run({}, { 'x-user': 'cy', 'x-plan': 'paid' })).status).toBe(200)
  })

  test('whose label callers lack is one pot of all of them, and the operator is told once', async () => {
    const on = await bench({
      identify: request => ({ user: request.headers.get('x-user') ?? 'ada', ...request.headers.has('x-org') && { org: request.headers.get('x-org')! } }),
      budgets: [tight({ runs: 1 }, { id: 'house', scope: 'org' })],
    })
    await partsOf(await on.run())
    expect((await on.run({}, { 'x-user': 'bob' })).status).toBe(429)
    await partsOf(await on.run({}, { 'x-org': 'acme' }))
    expect((await on.run({}, { 'x-user': 'bob', 'x-org': 'acme' })).status).toBe(429)
    expect(on.errors.map(String)).toEqual([expect.stringMatching(/budget "house" has the scope "org", and a caller has only user\. .* one pot .* Correct the scope, or/)])
  })

  test('is not for callers who have none of its label on purpose', async () => {
    const on = await bench({ identify: () => ({ user: 'ada', org: null }), budgets: [tight({ runs: 0 }, { scope: 'org' }), tight({ runs: 0 }, { id: 'acme', scope: 'all', when: { org: 'acme' } })] })
    expect((await on.run()).status).toBe(200)
    expect(on.errors).toEqual([])
  })

  test('whose "when" goes by a label that nobody had is told to the operator once', async () => {
    const on = await bench({ identify: request => ({ user: 'ada', role: request.headers.get('x-role') ?? 'reader' }), budgets: [tight({ runs: 0 }, { id: 'free', when: { plan: 'free' } }), tight({ runs: 9 }, { id: 'staff', when: { role: 'staff' } })] })
    for (let i = 0; i < 19; i++) await on.get('/v1/catalog')
    expect(on.errors).toEqual([])
    for (let i = 0; i < 25; i++) await on.get('/v1/catalog')
    expect(on.errors.map(String)).toEqual([expect.stringMatching(/budget "free" is for callers by their label "plan", and none of the first 20 .* had user, role\. .* limited nobody/)])
  })

  test('a shared pot cannot be drained by those who are refused', async () => {
    const on = await bench({ budgets: [tight({ runs: 0 }, { id: 'user', when: { user: 'eve' } }), tight({ runs: 2 }, { id: 'house', scope: 'all' })] })
    for (let i = 0; i < 5; i++) expect((await on.run({}, { 'x-user': 'eve' })).status).toBe(429)
    expect((await on.run()).status).toBe(200)
  })
})

test('an identity may have so many runs open, and no more', async () => {
  const on = await bench({}, { paused: true })
  const open = await Promise.all([on.run(), on.run()])
  expect(await problemOf(await on.run())).toMatchObject({ type: 'urn:sparing:too-many-runs', status: 429, running: 2 })
  expect((await on.run({}, { 'x-user': 'bob' })).status).toBe(200)
  on.upstream.release(9)
  await Promise.all(open.map(response => response.text()))
  expect((await on.run()).status).toBe(200)
})

test('a long run renews its reservation, so that it is not counted as lost', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const on = await bench({ lease: 3_000 }, { paused: true })
  const response = await on.run()
  await on.upstream.until(log => log.length === 1)
  for (let i = 0; i < 9; i++) {
    on.clock.now += 1_000
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect(on.ledger.verbs.filter(verb => verb === 'renew')).toHaveLength(9)
  expect((await on.budgets())['runs']).toMatchObject({ held: 1, settled: 0 })
  on.upstream.release(3)
  expect(receiptIn(await partsOf(response)).status).toBe('completed')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(on.ledger.verbs.filter(verb => verb === 'renew')).toHaveLength(9)
})

describe('a budget that rolls', () => {
  const hour = 3_600_000
  const rolling = tight({ runs: 2 }, { per: '3600s' })

  test('bounds any hour, and tells when the run fits again', async () => {
    const on = await bench({ budgets: [rolling] })
    await partsOf(await on.run())
    on.clock.now += hour / 2
    await partsOf(await on.run())
    const response = await on.run()
    // What was drawn at noon comes back at the end of the last quarter that an hour from noon touches.
    const back = noon + hour * 1.25
    expect(response.headers.get('retry-after')).toBe(String((back - on.clock.now) / 1_000))
    expect(await problemOf(response)).toMatchObject({ resetsAt: back, budgets: [{ id: 'mine', window: '3600s', limit: 2, settled: 2, available: 0, resetsAt: back }] })
    for (const [at, status] of [[noon + hour, 429], [back - 1, 429], [back, 200], [back, 429]]) {
      on.clock.now = at!
      const again = await on.run()
      expect(again.status).toBe(status)
      await again.text()
    }
  })

  test('is told of once, as it stands', async () => {
    const on = await bench({ budgets: [rolling] })
    const receipt = receiptIn(await partsOf(await on.run()))
    expect(receipt.budgets).toMatchObject([{ id: 'mine', window: '3600s', settled: 1, held: 0, available: 1, resetsAt: noon + hour * 1.25 }])
    expect((await (await on.get('/v1/budget')).json() as { budgets: unknown[] }).budgets).toEqual(receipt.budgets)
  })

  test('has one moment at which a large run fits, though some comes back before', async () => {
    const { ceiling } = await (await bench()).ask() as { ceiling: { outputTokens: number; usd: number } }
    const on = await bench({ budgets: [tight({ usd: ceiling.usd * 1.2 }, { per: '3600s' })] }, { deltas: Array.from({ length: 40 }, () => 'word ') })
    await partsOf(await on.run())
    on.clock.now += hour / 2
    await partsOf(await on.run())
    const { resetsAt } = await problemOf(await on.run()) as unknown as { resetsAt: number }
    on.clock.now = resetsAt - 1
    expect((await on.run()).status).toBe(429)
    on.clock.now = resetsAt
    expect((await on.run()).status).toBe(200)
  })
})

describe('a budget for some runs only', () => {
  test.each<[string, Partial<ServerBudget>, Record<string, unknown>]>([
    ['of a feature', { when: { feature: 'summary' } }, { feature: 'nightly' }],
    ['of a tier', { when: { tier: 'eco' } }, { tier: 'standard' }],
    ['of a trigger', { when: { trigger: 'user' } }, { feature: 'nightly', trigger: 'background' }],
    ['of a feature at a tier', { when: { feature: 'summary', tier: 'eco' } }, { tier: 'standard' }],
  ])('%s leaves others alone, and says which it is for', async (_, when, other) => {
    const on = await bench({ budgets: [tight({ runs: 1 }, when)] })
    const { budgets } = receiptIn(await partsOf(await on.run()))
    expect(budgets).toMatchObject([{ id: 'mine', only: when.when }])
    expect(await problemOf(await on.run())).toMatchObject({ budgets: [{ id: 'mine', available: 0, only: when.when }] })
    await partsOf(await on.run(other))
    expect(await (await on.get('/v1/budget')).json()).toEqual({ budgets: [] })
  })

  test('that is shared says so too', async () => {
    const on = await bench({ budgets: [tight({ runs: 0 }, { id: 'each', scope: 'feature', when: { tier: 'eco' } })] })
    expect(await problemOf(await on.run())).toMatchObject({ budgets: [{ id: 'each', exceeded: true, only: { feature: 'summary', tier: 'eco' } }] })
  })

  test('goes by the run, whatever labels a caller has', async () => {
    const on = await bench({ identify: () => ({ user: 'ada', tier: 'max', feature: 'all' }), budgets: [tight({ runs: 0 }, { when: { tier: 'max' } })] })
    expect((await on.run()).status).toBe(200)
  })

  test('lets a lower level through whose own pot has room', async () => {
    const on = await bench({ budgets: [tight({ runs: 1 }, { id: 'levels', scope: 'tier' }), tight({ runs: 0 }, { id: 'dear', when: { tier: 'standard' } })] })
    expect(await problemOf(await on.run({ tier: 'standard' }))).toMatchObject({ cheaper: ['baseline', 'eco'] })
    await partsOf(await on.run())
    expect(await problemOf(await on.run({ tier: 'standard' }))).toMatchObject({ cheaper: ['baseline'] })
  })
})

describe('a shared budget', () => {
  /** As much as so many runs may take at most, in money. */
  const house = async (runs: number, more: Partial<ServerBudget> = {}) => {
    const { ceiling } = await (await bench()).ask() as { ceiling: { usd: number } }
    return tight({ usd: ceiling.usd * runs }, { id: 'house', scope: 'all', ...more })
  }

  test('may be held by one person to a tenth, and by others at the same time', async () => {
    const on = await bench({ budgets: [await house(29.9)], concurrency: 10 }, { paused: true })
    const open = [await on.run(), await on.run()]
    const refused = await on.run()
    expect(await problemOf(refused)).toMatchObject({ type: 'urn:sparing:too-many-runs', status: 429, running: 2, shares: ['house'], detail: expect.stringContaining('shared allowance') })
    open.push(await on.run({}, { 'x-user': 'bob' }))
    expect(open.map(({ status }) => status)).toEqual([200, 200, 200])
    on.upstream.release(9)
    await Promise.all(open.map(response => response.text()))
    expect((await on.run()).status).toBe(200)
  })

  test('lets a run through that is larger than a share, while nothing else of it is held', async () => {
    const on = await bench({ budgets: [await house(2.5)], concurrency: 10 }, { paused: true })
    const open = await on.run()
    expect(open.status).toBe(200)
    expect(await problemOf(await on.run())).toMatchObject({ type: 'urn:sparing:too-many-runs', shares: ['house'] })
    expect((await on.run({}, { 'x-user': 'bob' })).status).toBe(200)
    expect(await problemOf(await on.run({}, { 'x-user': 'cy' }))).toMatchObject({ type: 'urn:sparing:budget-exceeded', budgets: [{ id: 'house', exceeded: false }] })
    on.upstream.release(9)
    await open.text()
  })

  test('may be held to another share, where that is set', async () => {
    const on = await bench({ budgets: [await house(10)], share: 0.5, concurrency: 10 }, { paused: true })
    const statuses = []
    for (let run = 0; run < 6; run++) statuses.push((await on.run()).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  })

  test('that is used up says that, and not that a share is held', async () => {
    const on = await bench({ budgets: [tight({ runs: 1 }, { id: 'house', scope: 'all' })], concurrency: 10 }, { paused: true })
    await on.run()
    expect(await problemOf(await on.run())).toMatchObject({ type: 'urn:sparing:budget-exceeded', budgets: [{ id: 'house', exceeded: true }] })
  })

  test('that is too small for one run is not used up for others', async () => {
    const on = await bench({ budgets: [await house(0.5)] })
    const { budgets, resetsAt } = await problemOf(await on.run()) as unknown as { budgets: unknown[]; resetsAt: number }
    expect(budgets).toEqual([{ id: 'house', exceeded: false, resetsAt: midnight }])
    expect(resetsAt).toBe(midnight)
  })

  test('is told of by nothing more than before: no share is a budget', async () => {
    const on = await bench({ budgets: [tight({ runs: 50 }), await house(100)] })
    expect(receiptIn(await partsOf(await on.run())).budgets.map(({ id }) => id)).toEqual(['mine'])
    const [entry] = await on.ledger.entries(null, 10)
    expect(entry!.budgets.map(({ id }) => id)).toEqual(['mine', 'house'])
    expect(entry!.budgets.map(({ held }) => held)).toEqual([0, 0])
  })
})

describe('a model whose price nobody knows', () => {
  const mystery: ModelsByTier = { eco: [{ id: 'mystery', params: { active: 4, total: 4 } }], standard: models.standard }
  const said = 'data: {"choices":[{"delta":{"content":"Nine."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
  // Elsewhere: one's own machine sends no bill.
  const elsewhere = (byTier: ModelsByTier) => ({ providers: [openaiCompatible({ id: 'fixture', baseURL: 'https://models.test/v1', models: byTier, fetch: async () => new Response(said, { headers: { 'content-type': 'text/event-stream' } }) }), baseline()] })
  const named = async (on: Awaited<ReturnType<typeof bench>>) => (await on.catalog()).models.map(({ id }) => id)

  test('is no model of people whose money is limited, whatever they run, and the operator is told why', async () => {
    for (const scope of ['user', 'all', 'org', 'feature']) {
      const on = await bench({ ...elsewhere(mystery), identify: () => ({ user: 'ada', org: 'acme' }), budgets: [tight({ usd: 500 }, { scope })] })
      expect(await named(on)).toEqual(['middle', 'extractive'])
      expect(on.errors.map(String)).toEqual([expect.stringMatching(/price of "mystery" \(fixture\), and price is limited by "mine"\. .* never gets it.*price: \{ input/)])
      expect((await on.run()).status).toBe(200)
    }
  })

  test('is one of people whom no limit on money meets, and for what none is for', async () => {
    const plans = await bench({ ...elsewhere(mystery), identify: () => ({ user: 'ada', plan: 'paid' }), budgets: [tight({ usd: 1 }, { when: { plan: 'free' } })] })
    expect(await named(plans)).toContain('mystery')
    const features = await bench({ ...elsewhere(mystery), budgets: [tight({ usd: 1 }, { when: { feature: 'summary' } })] })
    expect(await named(features)).toContain('mystery')
    const energy = await bench({ ...elsewhere(mystery), budgets: [tight({ wh: 20 })] })
    expect(await named(energy)).toContain('mystery')
    expect(energy.errors).toEqual([])
  })

  test('is told as what it is where it was shown for what it may not do', async () => {
    const on = await bench({ ...elsewhere({ eco: mystery.eco! }), budgets: [tight({ usd: 1 }, { when: { feature: 'summary' } })] })
    const body = await on.ask()
    const ceiling = { ...body['ceiling'] as object, usd: null, wh: 1, outputTokens: 40 }
    const { detail } = await problemOf(await on.post('/v1/run', { ...body, ceiling, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, noon) }))
    expect(detail).toMatch(/^The person was shown a cost that nobody knows, .* show the new estimate/)
  })
})

describe('people nobody knows', () => {
  const cookie = async (on: Awaited<ReturnType<typeof bench>>) => (await on.get('/v1/budget')).headers.get('set-cookie')!.split(';')[0]!

  test('always also draw on a budget of their network and on one of them all, where the host set none', async () => {
    const on = await bench({ identify: () => null, budgets: [tight({ runs: 9 }), tight({ usd: 1 }, { id: 'network', scope: 'org' })] })
    await partsOf(await on.run({}, { cookie: await cookie(on) }))
    const [entry] = await on.ledger.entries(null, 10)
    expect(entry!.budgets.map(({ id, unit, limit }) => [id, unit, limit])).toEqual([
      ['mine', 'runs', 9], ['network-default', 'usd', 0.3], ['network-default', 'wh', 60], ['network-default', 'runs', 150],
      ['anonymous', 'usd', 1], ['anonymous', 'wh', 200], ['anonymous', 'runs', 500],
    ])
  })

  test('draw on the host\'s own instead', async () => {
    const on = await bench({ identify: () => null, budgets: [tight({ runs: 9 }, { scope: 'network' }), tight({ runs: 99 }, { id: 'all-of-them', scope: 'anonymous' })] })
    await partsOf(await on.run({}, { cookie: await cookie(on) }))
    expect((await on.ledger.entries(null, 10))[0]!.budgets.map(({ id }) => id)).toEqual(['mine', 'all-of-them'])
  })

  test('do not limit what those who are known may run', async () => {
    const mystery = openaiCompatible({ id: 'mystery', baseURL: 'http://127.0.0.1:9/v1', models: { eco: ['mystery'] } })
    const on = await bench({ budgets: [tight({ runs: 9 })], providers: [mystery] })
    expect((await on.post('/v1/estimate', { feature: 'summary', input: { text } })).status).toBe(200)
    const unknown = await bench({ identify: () => null, budgets: [tight({ runs: 9 })], providers: [mystery] })
    expect((await unknown.post('/v1/estimate', { feature: 'summary', input: { text } })).status).toBe(503)
  })
})

describe('a ledger that fails', () => {
  const broken = (verb: 'reserve' | 'renew' | 'settle' | 'balance' | 'entry' | 'expire', error: unknown = new Error('disk on fire at /var/secret')) => {
    const ledger = memoryLedger({ now: () => noon })
    return { ...ledger, [verb]: () => Promise.reject(error) }
  }

  test.each([new Error('disk on fire at /var/secret'), 'a string', null])('at reserve refuses the run (%s)', async error => {
    const on = await bench({ ledger: broken('reserve', error) })
    const response = await on.run()
    const raw = await response.text()
    expect(JSON.parse(raw)).toMatchObject({ type: 'urn:sparing:ledger-unavailable', status: 503 })
    expect(raw).not.toContain('/var/secret')
    expect(on.upstream.log).toEqual([])
    expect(on.errors).toEqual([expect.objectContaining({ cause: error })])
  })

  test('after it has reserved: the run is given back, because the person was told that nothing was spent', async () => {
    const ledger = memoryLedger({ now: () => noon })
    let lost = false
    const on = await bench({ ledger: { ...ledger, async reserve(request) {
      const answer = await ledger.reserve(request)
      if (lost) return answer
      lost = true
      throw new Error('the connection broke')
    } } })
    const body = await on.ask()
    expect((await on.post('/v1/run', body)).status).toBe(503)
    await vi.waitFor(async () => expect((await on.budgets())['usd']).toMatchObject({ settled: 0, held: 0 }))
    expect(on.upstream.log).toEqual([])
    expect(await problemOf(await on.post('/v1/run', body))).toMatchObject({ type: 'urn:sparing:idempotency-conflict', detail: expect.stringContaining('Send a new id') })
    expect((await on.run()).status).toBe(200)
  })

  test('of one of two requests with one id: what the other one runs stays reserved', async () => {
    const ledger = memoryLedger({ now: () => noon })
    let asked = 0
    const on = await bench({ ledger: { ...ledger, async reserve(request) {
      const answer = await ledger.reserve(request)
      if (++asked === 2) throw new Error('the connection broke')
      return answer
    } } }, { paused: true })
    const body = await on.ask()
    const answer = await on.post('/v1/run', body)
    expect((await on.post('/v1/run', body)).status).toBe(503)
    await on.ledger.after('release')
    expect((await on.budgets())['usd']!.held).toBeGreaterThan(0)
    on.upstream.release(9)
    await answer.text()
    expect((await on.budgets())['runs']).toMatchObject({ settled: 1, held: 0 })
  })

  test('by throwing at once, without a promise, too', async () => {
    const on = await bench({ ledger: { ...memoryLedger(), reserve: () => { throw new Error('no') } } })
    expect((await on.run()).status).toBe(503)
  })

  test('at settle: the person gets the answer, and the reservation is counted in full when its lease ends', async () => {
    const clock = { now: noon }
    const ledger = { ...memoryLedger({ now: () => clock.now }), settle: () => Promise.reject(new Error('full')) }
    const on = await bench({ ledger, now: () => clock.now })
    const body = await on.ask()
    const parts = await partsOf(await on.post('/v1/run', body))
    expect(parts.map(({ type }) => type).slice(-2)).toEqual(['data-receipt', 'finish'])
    expect(receiptIn(parts)).toMatchObject({ status: 'completed', budgets: [] })
    const { held } = (await on.budgets())['usd']!
    expect(held).toBe((body['ceiling'] as { usd: number }).usd)
    clock.now += 60_000
    expect((await on.budgets())['usd']).toMatchObject({ held: 0, settled: held })
    expect(on.errors).toHaveLength(1)
  })

  test('of a moment at settle: it is settled a little later at what the person was told', async () => {
    const clock = { now: noon }
    const ledger = memoryLedger({ now: () => clock.now })
    let failures = 0
    const on = await bench({ now: () => clock.now, ledger: { ...ledger, settle: (...settlement) => failures++ < 2 ? Promise.reject(new Error('restarted')) : ledger.settle(...settlement) } })
    const body = await on.ask()
    const told = receiptIn(await partsOf(await on.post('/v1/run', body)))
    await vi.waitFor(async () => expect((await on.budgets())['usd']).toMatchObject({ settled: told.cost.usd, held: 0 }), 5_000)
    clock.now += 61_000
    const { receipt } = await (await on.get(`/v1/runs/${String(body['id'])}`)).json() as { receipt: Receipt }
    expect(receipt).toMatchObject({ status: 'completed', usage: told.usage, cost: told.cost })
    expect(on.errors).toHaveLength(1)
  })

  test('at renew goes on, and the operator hears of it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const on = await bench({ ledger: broken('renew') }, { paused: true })
    const response = await on.run()
    await on.upstream.until(log => log.length === 1)
    await vi.advanceTimersByTimeAsync(20_000)
    on.upstream.release(3)
    expect(receiptIn(await partsOf(response)).status).toBe('completed')
    expect(on.errors).toHaveLength(1)
  })

  test('never takes the baseline away', async () => {
    const on = await bench({ ledger: broken('reserve') })
    const parts = await partsOf(await on.run({ tier: 'baseline' }))
    expect(receiptIn(parts)).toMatchObject({ status: 'completed', choice: { tier: 'baseline' } })
    expect(on.errors).toHaveLength(1)
  })

  test('at balance and entry is a 503 with a sentence', async () => {
    expect((await (await bench({ ledger: broken('balance') })).get('/v1/budget')).status).toBe(503)
    expect((await (await bench({ ledger: broken('entry') })).get('/v1/runs/abcdefgh')).status).toBe(503)
  })

  test('makes the server say that it is not ready, and why', async () => {
    const on = await bench({ ledger: broken('expire') })
    const response = await on.get('/healthz')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ ready: false, why: expect.stringContaining('disk on fire') })
  })
})

test('a server that works says that it is ready', async () => {
  const on = await bench()
  expect(await (await on.get('/healthz')).json()).toEqual({ ready: true, catalog: (await on.catalog()).version, models: 4, outOfOrder: {} })
})

test.each([
  ['192.0.2.77', '192.0.2.0/24'], ['::ffff:192.0.2.77', '192.0.2.0/24'], ['2001:db8:1:2345::9', '2001:db8:1:2300::/56'], ['2001:db8::1', '2001:db8:0:0::/56'],
  ['2001:db8:1:23ff:1:2:3:4', '2001:db8:1:2300::/56'], ['::1', '0:0:0:0::/56'], ['fe80::1%eth0', 'fe80:0:0:0::/56'],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('people nobody knows share pots by their network and all together', async () => {
  const address = (request: Request) => request.headers.get('x-address')
  const on = await bench({ identify: () => null, address, budgets: [tight({ runs: 1 }, { id: 'near', scope: 'network' }), tight({ runs: 2 }, { id: 'strangers', scope: 'anonymous' })], providers: [baseline()] })
  const stranger = async (from: string) => {
    const cookie = (await on.get('/v1/budget')).headers.get('set-cookie')!.split(';')[0]!
    return on.run({ input: { text } }, { cookie, 'x-address': from })
  }
  const statuses = []
  for (const from of ['192.0.2.1', '192.0.2.2', '198.51.100.1', '203.0.113.1']) statuses.push((await stranger(from)).status)
  expect(statuses).toEqual([200, 429, 200, 429])
})

describe('a run that does not fit beside those that are under way', () => {
  test('is told so, and when to come back: in a lease, not when the allowance resets', async () => {
    const on = await bench()
    const most = ((await on.ask())['ceiling'] as { usd: number }).usd
    const tight = await bench({ budgets: [{ id: 'mine', per: 'week', limit: { usd: most * 1.5 } }], concurrency: 9 }, { paused: true })
    const first = await tight.run()
    const refused = await tight.run()
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(await problemOf(refused)).toMatchObject({ type: 'urn:sparing:budget-exceeded', detail: expect.stringContaining('set aside for answers that are being written'), resetsAt: tight.clock.now + 60_000 })
    tight.upstream.release(9)
    await first.text()
    expect((await tight.run()).status).toBe(200)
  })
})
