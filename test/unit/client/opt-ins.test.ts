import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createAI } from '../../../src/index.ts'
import type { AI, OptIn } from '../../../src/index.ts'
import { baseline, createModelSelector, memoryLedger } from '../../../src/server/index.ts'
import type { ModelSelector, ModelSelectorOptions } from '../../../src/server/index.ts'
import { scriptedProvider } from '../../../src/testing/index.ts'
import { FakeStorage } from '../state/machine.ts'
import { errorOf, features, hello, input, pageStub, roomy } from './support.ts'
import type { F } from './support.ts'

const opened: { close(): unknown }[] = []
let clock = 0

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  clock = Date.now()
})
afterEach(() => {
  for (const each of opened.splice(0)) each.close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Time passes, for everybody or for the server alone. */
function pass(milliseconds: number): void {
  clock += milliseconds
  vi.setSystemTime(Date.now() + milliseconds)
}

/** A server that knows people by a header, as a host's own session would say. */
function serverFor(options: Partial<ModelSelectorOptions> = {}) {
  const provider = scriptedProvider({ script: hello })
  const selector = createModelSelector({
    features, providers: [provider, baseline()], ledger: memoryLedger({ now: () => clock }), now: () => clock, onError: () => {},
    secret: 'sixteen characters or more', identify: request => request.headers.has('x-user') ? { user: request.headers.get('x-user')! } : null, ...options,
  })
  opened.push(selector)
  return { selector, provider }
}

/** A device of its own, on whose network anything may happen. */
function device(selector: ModelSelector, { user = 'ada', subject = user }: { user?: string | null; subject?: string | null } = {}) {
  const asked: string[] = []
  const network: { answer: (request: Request) => Response | Promise<Response>; user: string | null } = {
    answer: request => selector.fetch(request), user,
  }
  const fetch = async (request: Request) => {
    const { pathname } = new URL(request.url)
    asked.push(`${request.method} ${pathname}`)
    const headers = new Headers(request.headers)
    if (network.user !== null) headers.set('x-user', network.user)
    return network.answer(new Request(request, { headers }))
  }
  const ai: AI<F> = createAI<F>({ modelSelector: { fetch }, features, budgets: roomy, ...subject !== null && { subject } })
  opened.push(ai)
  const optIns = () => asked.filter(each => each.includes('opt-ins'))
  return { ai, asked, network, optIns }
}
const offline = () => { throw new TypeError('Failed to fetch') }
const standing = ({ ai }: { ai: AI<F> }) => ai.optIns.getState().records.map(({ feature, scope }) => [feature, scope])
const known = async (selector: ModelSelector, user = 'ada') =>
  await (await selector.fetch(new Request('http://x/v1/opt-ins', { headers: { 'x-user': user } }))).json() as { records: OptIn[]; revoked: { feature: string; at: number }[] }
const sent = (of: ReturnType<typeof device>, count: number) => vi.waitFor(() => expect(of.optIns()).toHaveLength(count), { timeout: 5_000 })

describe('two devices of one person', () => {
  test('what was agreed to on one stands on the other', async () => {
    const { selector } = serverFor()
    const [phone, laptop] = [device(selector), device(selector)]
    await Promise.all([phone.ai.refresh(), laptop.ai.refresh()])
    const optIn = phone.ai.optIn('summary', { scope: 'always' })
    await vi.waitFor(async () => expect((await known(selector)).records).toEqual([optIn]))
    expect(standing(laptop)).toEqual([])
    await laptop.ai.refresh()
    expect(laptop.ai.status('summary')).toMatchObject({ state: 'on', optIn })
    expect(await laptop.ai.run('summary', { input, trigger: 'user' })).toMatchObject({ text: 'Hello', receipt: { optIn: optIn.id } })
  })

  test('what was taken back on one is refused on the other by its next run, which then asks again', async () => {
    const { selector, provider } = serverFor()
    const [phone, laptop] = [device(selector), device(selector)]
    await Promise.all([phone.ai.refresh(), laptop.ai.refresh()])
    phone.ai.optIn('summary', { scope: 'always' })
    await phone.ai.refresh()
    await laptop.ai.refresh()
    pass(1_000)
    phone.ai.optOut('summary')
    await vi.waitFor(async () => expect((await known(selector)).revoked).toHaveLength(1))
    expect(laptop.ai.status('summary').state).toBe('on')
    const run = laptop.ai.run('summary', { input, trigger: 'user' })
    expect(await errorOf(run)).toMatchObject({ code: 'opt-in-required', gap: 'revoked' })
    expect(run.getState().status).toBe('refused')
    expect(laptop.ai.status('summary').state).toBe('off')
    expect(laptop.ai.budget.getState().local.map(({ settled, held }) => settled + held)).toEqual([0, 0, 0])
    expect(provider.calls).toEqual([])
    // Given anew at once, it is dated after what was taken back.
    laptop.ai.optIn('summary', { scope: 'always' })
    expect(await laptop.ai.run('summary', { input, trigger: 'user' })).toMatchObject({ text: 'Hello' })
  })

  test('what was taken back is gone on the other with the next look, a session\'s too', async () => {
    const { selector } = serverFor()
    const [phone, laptop] = [device(selector), device(selector)]
    await Promise.all([phone.ai.refresh(), laptop.ai.refresh()])
    laptop.ai.optIn('summary', { scope: 'session' })
    await laptop.ai.refresh()
    pass(1_000)
    phone.ai.optOut('summary')
    await phone.ai.refresh()
    await laptop.ai.refresh()
    expect(laptop.ai.status('summary').state).toBe('off')
  })

  test('a session on one is none on the other, and ends nothing there', async () => {
    const { selector } = serverFor()
    const [phone, laptop] = [device(selector), device(selector)]
    await Promise.all([phone.ai.refresh(), laptop.ai.refresh()])
    phone.ai.optIn('summary', { scope: 'session' })
    laptop.ai.optIn('summary', { scope: 'session' })
    await phone.ai.refresh()
    await laptop.ai.refresh()
    await Promise.all([phone.ai.refresh(), laptop.ai.refresh()])
    expect([standing(phone), standing(laptop)]).toEqual([[['summary', 'session']], [['summary', 'session']]])
    const third = device(selector)
    await third.ai.refresh()
    expect(standing(third)).toEqual([])
  })

  test('a clock that is behind does not keep a new "yes" below an old "no"', async () => {
    const { selector } = serverFor()
    const phone = device(selector)
    await phone.ai.refresh()
    clock += 120_000
    phone.ai.optIn('summary', { scope: 'always' })
    await phone.ai.refresh()
    phone.ai.optOut('summary')
    await phone.ai.refresh()
    await phone.ai.refresh()
    const { revoked: [no] } = await known(selector)
    const yes = phone.ai.optIn('summary', { scope: 'always' })
    expect(yes.at).toBe(no!.at + 1)
    await vi.waitFor(async () => expect((await known(selector)).records).toEqual([yes]))
    expect(await phone.ai.run('summary', { input, trigger: 'user' })).toMatchObject({ text: 'Hello' })
  })
})

describe('whatever the clocks of devices say', () => {
  test('what was taken back stays so on another whose clock is ahead, until it is given anew there', async () => {
    const { selector, provider } = serverFor()
    const [phone, laptop] = [device(selector), device(selector)]
    await Promise.all([phone.ai.refresh(), laptop.ai.refresh()])
    vi.setSystemTime(clock + 240_000)
    laptop.ai.optIn('summary', { scope: 'session' })
    await laptop.ai.refresh()
    vi.setSystemTime(clock)
    pass(1_000)
    phone.ai.optOut('summary')
    await phone.ai.refresh()
    vi.setSystemTime(clock + 240_000)
    expect(await errorOf(laptop.ai.run('summary', { input, trigger: 'user' }))).toMatchObject({ code: 'opt-in-required', gap: 'revoked' })
    expect(provider.calls).toEqual([])
    laptop.ai.optIn('summary', { scope: 'session' })
    expect(await laptop.ai.run('summary', { input, trigger: 'user' })).toMatchObject({ text: 'Hello' })
    await laptop.ai.refresh()
    expect((await known(selector)).records).toHaveLength(1)
  })

  test.each(['before', 'after'])('given anew at once, %s the server has answered that it was taken back, it stands and runs', async when => {
    const { selector } = serverFor()
    const phone = device(selector)
    await phone.ai.refresh()
    phone.ai.optIn('summary', { scope: 'always' })
    await phone.ai.refresh()
    let answer = () => {}
    phone.network.answer = async request => {
      const response = await selector.fetch(request)
      if (request.method === 'DELETE' && when === 'before') await new Promise<void>(resolve => { answer = resolve })
      return response
    }
    phone.ai.optOut('summary')
    await vi.waitFor(async () => expect((await known(selector)).revoked).toHaveLength(1))
    if (when === 'after') await phone.ai.refresh()
    const { id } = phone.ai.optIn('summary', { scope: 'always' })
    phone.asked.length = 0
    const run = phone.ai.run('summary', { input, trigger: 'user' })
    await vi.waitFor(() => expect(phone.asked).toContain('POST /v1/run'))
    answer()
    expect(await run).toMatchObject({ text: 'Hello', receipt: { optIn: id } })
    await phone.ai.refresh()
    expect((await known(selector)).records.map(each => each.id)).toEqual([id])
    expect(standing(phone)).toEqual([['summary', 'always']])
  })
})

test('what is given anew is no more than that: taken back elsewhere since, it does not run', async () => {
  const { selector, provider } = serverFor()
  const phone = device(selector)
  await phone.ai.refresh()
  phone.ai.optIn('summary', { scope: 'always' })
  await phone.ai.refresh()
  const takenBack = Promise.withResolvers<void>()
  let runs = 0
  phone.network.answer = async request => {
    if (request.method === 'POST' && request.url.endsWith('/v1/run') && ++runs === 1) {
      takenBack.resolve()
      await vi.waitUntil(() => phone.ai.optIns.getState().records[0]?.after)
      pass(1_000)
      await selector.fetch(new Request('http://product.test/v1/opt-ins/summary', { method: 'DELETE', headers: { 'x-user': 'ada' } }))
    }
    const response = await selector.fetch(request)
    if (request.method === 'DELETE') await takenBack.promise
    return response
  }
  phone.ai.optOut('summary')
  await vi.waitFor(async () => expect((await known(selector)).revoked).toHaveLength(1))
  phone.ai.optIn('summary', { scope: 'always' })
  expect(await errorOf(phone.ai.run('summary', { input, trigger: 'user' }))).toMatchObject({ code: 'opt-in-required', gap: 'revoked' })
  expect(provider.calls).toEqual([])
})

describe('the server\'s copy is the authority', () => {
  test('over a record of this device that it does not know', async () => {
    const { selector } = serverFor()
    const phone = device(selector)
    await phone.ai.refresh()
    phone.ai.optIn('summary', { scope: 'always' })
    phone.ai.optIn('light', { scope: { days: 7 } })
    await phone.ai.refresh()
    // Another device puts its own in its place.
    const laptop = device(selector)
    await laptop.ai.refresh()
    laptop.ai.optIn('summary', { scope: { days: 3 } })
    await laptop.ai.refresh()
    await phone.ai.refresh()
    expect(standing(phone).toSorted()).toEqual([['light', { days: 7 }], ['summary', { days: 3 }]])
  })

  test('but not over what was declined here: that is this device\'s own', async () => {
    const { selector } = serverFor()
    const [phone, laptop] = [device(selector), device(selector)]
    await Promise.all([phone.ai.refresh(), laptop.ai.refresh()])
    phone.ai.decline('summary')
    pass(1_000)
    laptop.ai.optIn('summary', { scope: 'always' })
    await laptop.ai.refresh()
    await phone.ai.refresh()
    expect(phone.ai.status('summary').state).toBe('declined')
    expect(standing(phone)).toEqual([])
    expect((await known(selector)).records).toHaveLength(1)
    phone.ai.undecline('summary')
    await phone.ai.refresh()
    expect(phone.ai.status('summary').state).toBe('on')
  })

  test('declining what stood here takes it back everywhere', async () => {
    const { selector } = serverFor()
    const phone = device(selector)
    await phone.ai.refresh()
    phone.ai.optIn('summary', { scope: 'always' })
    await phone.ai.refresh()
    pass(1_000)
    phone.ai.decline('summary')
    await vi.waitFor(async () => expect(await known(selector)).toMatchObject({ records: [], revoked: [{ feature: 'summary' }] }))
  })

  test('anything but opt-ins changes nothing', async () => {
    const { selector } = serverFor()
    const phone = device(selector)
    await phone.ai.refresh()
    phone.ai.optIn('summary', { scope: 'always' })
    await phone.ai.refresh()
    for (const body of [null, [], { records: 1 }, { records: [], revoked: 'x' }]) {
      phone.network.answer = request => request.url.includes('opt-ins') ? Response.json(body) : selector.fetch(request)
      await phone.ai.refresh()
      expect(standing(phone)).toEqual([['summary', 'always']])
    }
    phone.network.answer = request => request.url.includes('opt-ins') ? Response.json({ records: [null, { feature: 'light' }], revoked: [] }) : selector.fetch(request)
    await phone.ai.refresh()
    expect(standing(phone)).toEqual([])
  })
})

describe('offline', () => {
  test('it counts here, and is sent in its order once the server answers', async () => {
    const { selector } = serverFor()
    const phone = device(selector)
    await phone.ai.refresh()
    phone.network.answer = offline
    phone.ai.optIn('summary', { scope: 'always' })
    phone.ai.optIn('light', { scope: 'always' })
    pass(1_000)
    phone.ai.optOut('summary')
    expect(standing(phone)).toEqual([['light', 'always']])
    expect((await known(selector)).records).toEqual([])
    phone.asked.length = 0
    phone.network.answer = request => selector.fetch(request)
    await phone.ai.refresh()
    expect(phone.optIns().filter(each => !each.startsWith('GET'))).toEqual(['PUT /v1/opt-ins', 'DELETE /v1/opt-ins/summary'])
    expect(await known(selector)).toMatchObject({ records: [{ feature: 'light' }], revoked: [{ feature: 'summary' }] })
    expect(standing(phone)).toEqual([['light', 'always']])
  }, 20_000)

  test('what the server does not take is not sent for ever', async () => {
    const { selector } = serverFor()
    const phone = device(selector)
    await phone.ai.refresh()
    phone.network.answer = request => request.method === 'PUT' ? Response.json({ type: 'urn:sparing:invalid-request', status: 400, detail: 'No.' }, { status: 400 }) : selector.fetch(request)
    phone.ai.optIn('summary', { scope: 'always' })
    await vi.waitFor(() => expect(phone.optIns()).toContain('PUT /v1/opt-ins'))
    await phone.ai.refresh()
    phone.asked.length = 0
    await phone.ai.refresh()
    expect(phone.optIns()).toEqual(['GET /v1/opt-ins'])
    // The server has none of it, so it is asked for anew.
    expect(standing(phone)).toEqual([])
  })

  test('an act while the server answers is not undone by that answer', async () => {
    const { selector } = serverFor()
    const phone = device(selector)
    await phone.ai.refresh()
    let go = () => {}
    phone.network.answer = async request => {
      const response = await selector.fetch(request)
      if (request.method === 'GET' && request.url.includes('opt-ins')) await new Promise<void>(resolve => { go = resolve })
      return response
    }
    const refreshed = phone.ai.refresh()
    await vi.waitFor(() => expect(phone.optIns()).toHaveLength(2))
    phone.ai.optIn('summary', { scope: 'always' })
    go()
    await refreshed
    expect(standing(phone)).toEqual([['summary', 'always']])
    await vi.waitFor(async () => expect((await known(selector)).records).toHaveLength(1))
  })
})

describe('somebody whom the server does not know', () => {
  test('with nothing to say, and no name: is not asked about', async () => {
    const { selector } = serverFor()
    const visitor = device(selector, { user: null, subject: null })
    await visitor.ai.refresh()
    expect(visitor.optIns()).toEqual([])
  })

  test('keeps theirs on the device, and nothing is sent after the server said so', async () => {
    const { selector } = serverFor()
    const visitor = device(selector, { user: null, subject: null })
    await visitor.ai.refresh()
    visitor.ai.optIn('summary', { scope: 'always' })
    await sent(visitor, 1)
    await visitor.ai.refresh()
    visitor.ai.optIn('light', { scope: 'always' })
    visitor.ai.optOut('light')
    await visitor.ai.refresh()
    expect(visitor.optIns()).toEqual(['PUT /v1/opt-ins'])
    expect(standing(visitor)).toEqual([['summary', 'always']])
  })

  test('who signs in takes nothing along: neither by a new name nor without one', async () => {
    const { selector } = serverFor()
    const visitor = device(selector, { user: null, subject: null })
    await visitor.ai.refresh()
    visitor.ai.optIn('summary', { scope: 'always' })
    await sent(visitor, 1)
    visitor.network.user = 'ada'
    await visitor.ai.refresh()
    visitor.ai.setSubject('ada')
    await visitor.ai.refresh()
    expect(visitor.optIns().filter(each => !each.startsWith('GET'))).toEqual(['PUT /v1/opt-ins'])
    expect(await known(selector)).toEqual({ records: [], revoked: [] })
    expect(visitor.ai.status('summary').state).toBe('off')
  })

  test('who was only signed out: their "no" is sent when they are back, their "yes" is not', async () => {
    pageStub()
    vi.stubGlobal('localStorage', new FakeStorage())
    const { selector } = serverFor()
    const before = device(selector, { user: null, subject: 'ada' })
    await before.ai.refresh()
    before.ai.optIn('light', { scope: 'always' })
    before.ai.optOut('summary')
    await before.ai.refresh()
    expect(standing(before)).toEqual([['light', 'always']])
    expect(await known(selector)).toEqual({ records: [], revoked: [] })
    before.ai.close()
    const reloaded = device(selector)
    await reloaded.ai.refresh()
    expect(await known(selector)).toMatchObject({ records: [], revoked: [{ feature: 'summary' }] })
    // Nobody whom the server knew agreed to it: it is asked for anew.
    expect(standing(reloaded)).toEqual([])
  })
})

test.each([['has not answered yet', () => new Promise<Response>(() => {}), 'loading'], ['cannot be reached', () => Promise.reject(new TypeError('Failed to fetch')), 'unavailable']] as const)('who declined is offered nothing while the server %s', async (_, fetch, otherwise) => {
  const ai = createAI({ modelSelector: { fetch }, features, subject: crypto.randomUUID() })
  opened.push(ai)
  ai.decline('summary')
  if (otherwise === 'unavailable') await ai.refresh()
  expect([ai.status('summary').state, ai.status('light').state]).toEqual(['declined', otherwise])
})
