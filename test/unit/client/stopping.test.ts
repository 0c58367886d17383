import { afterEach, describe, expect, test, vi } from 'vitest'
import type { BudgetStore, createBudgetStore } from '../../../src/state/index.ts'
import { errorOf, hello, input, paused, pot, problem, setUp, tearing, until } from './support.ts'
import type { Setup } from './support.ts'

afterEach(() => vi.useRealTimers())

/** Lets a run end that asks after itself for as long as it is patient. */
async function patiently<T>(ending: Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let over = false
  const watched = ending.finally(() => { over = true })
  watched.catch(() => {})
  for (let i = 0; i < 400 && !over; i++) await vi.advanceTimersByTimeAsync(100)
  return watched
}

const streaming = (body: ReadableStream<Uint8Array>) => new Response(body, { headers: { 'content-type': 'text/event-stream' } })

/** Passes on what is streamed up to and with the nth event, and breaks then. */
function cut(response: Response, events: number): Response {
  const passed = first(response.body!, events)
  return streaming(new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await passed.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  }, { highWaterMark: 0 }))
}

/** So many events one by one, however they came together, and then a network that is gone. */
async function* first(body: ReadableStream<Uint8Array>, events: number): AsyncGenerator<Uint8Array> {
  let seen = 0
  for await (const chunk of body) {
    for (const event of new TextDecoder().decode(chunk).split(/(?<=\n\n)/)) {
      if (seen++ >= events) throw new TypeError('network error')
      yield new TextEncoder().encode(event)
    }
  }
}

const onRun = (then: (request: Request, server: { fetch(request: Request): Promise<Response> }) => Promise<Response>): NonNullable<Setup['between']> =>
  (request, server) => request.method === 'POST' ? then(request, server) : server.fetch(request)

describe('a stop', () => {
  test('before the start spends and sends nothing', async () => {
    const { ai, runs, events } = await setUp()
    const run = ai.run('summary', { input, optIn: 'once', signal: AbortSignal.abort() })
    expect(await errorOf(run)).toMatchObject({ code: 'aborted', name: 'AbortedError', receipt: null })
    expect(run.getState()).toMatchObject({ status: 'aborted', receipt: null })
    expect(runs()).toEqual([])
    expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 0 })
    expect(events).toMatchObject([{ name: 'run-refused', code: 'aborted' }])
  })

  test('in the same breath as the start, and at each step until it is sent', async () => {
    for (let steps = 0; steps < 30; steps++) {
      const { ai } = await setUp()
      const run = ai.run('summary', { input, optIn: 'once' })
      const ending = errorOf(run)
      for (let i = 0; i < steps; i++) await Promise.resolve()
      run.abort()
      expect(await ending).toMatchObject({ code: 'aborted' })
      expect(run.getState().status).toBe('aborted')
      expect(pot(ai, 'runs').held).toBe(0)
    }
  })

  test('while the catalog is awaited is answered at once', async () => {
    const { createAI } = await import('../../../src/index.ts')
    const { features } = await import('./support.ts')
    const ai = createAI({ modelSelector: { fetch: () => new Promise<Response>(() => {}) }, features })
    const run = ai.run('summary', { input, optIn: 'once' })
    setTimeout(() => run.abort(), 20)
    expect(await errorOf(run)).toMatchObject({ code: 'aborted' })
  })

  test('while the server reserves settles at what the server counted', async () => {
    const { ai, provider } = await setUp({ between: onRun(async (request, server) => {
      await new Promise(resolve => setTimeout(resolve, 60))
      return server.fetch(request)
    }) })
    const run = ai.run('summary', { input, optIn: 'once' })
    setTimeout(() => run.abort(), 20)
    expect(await errorOf(run)).toMatchObject({ code: 'aborted' })
    expect(provider.calls.every(({ signal }) => signal.aborted)).toBe(true)
    expect(pot(ai, 'runs').held).toBe(0)
  })

  test('mid-stream settles at what the server counted, by its record', async () => {
    const { script } = paused()
    const { ai, requests, provider, events } = await setUp({ script })
    const run = ai.run('summary', { input, tier: 'eco', optIn: 'once' })
    await until(each => each.text !== '', run)
    run.abort()
    const error = await errorOf(run)
    expect(error).toMatchObject({ code: 'aborted', receipt: { id: run.id, status: 'aborted', usage: { source: 'counted' } } })
    const { receipt } = run.getState()
    expect(run.getState()).toMatchObject({ status: 'aborted', text: 'one ' })
    expect(receipt!.cost.usd).toBeGreaterThan(0)
    expect(requests).toContain(`GET /v1/runs/${run.id}`)
    expect(pot(ai, 'usd')).toEqual({ settled: receipt!.cost.usd, held: 0 })
    expect(provider.calls[0]!.signal.aborted).toBe(true)
    expect(events.map(({ name }) => name)).toEqual(['run-start', 'run-end'])
    await expect((async () => { for await (const _ of run) void _ })()).rejects.toBe(error)
  })

  test('after the end changes nothing', async () => {
    const { ai } = await setUp()
    const run = ai.run('summary', { input, optIn: 'once' })
    await run
    const state = run.getState()
    run.abort()
    expect(run.getState()).toBe(state)
    expect((await run).text).toBe('Hello')
  })

  test('by a signal that outlives its runs leaves no listener behind', async () => {
    const { ai } = await setUp()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    for (let i = 0; i < 3; i++) await ai.run('summary', { input, optIn: 'once', signal })
    await Promise.resolve()
    expect(removed.mock.calls).toHaveLength(added.mock.calls.length)
  })

  test('comes with the master switch, and spares what needed no opt-in', async () => {
    const { script } = paused()
    const { ai, provider } = await setUp({ script })
    const run = ai.run('summary', { input, optIn: 'once' })
    await until(each => each.text !== '', run)
    ai.setEnabled(false)
    expect(await errorOf(run)).toMatchObject({ code: 'aborted' })
    expect(provider.calls[0]!.signal.aborted).toBe(true)
  })

  test('comes with another subject, and the run settles in the store it began in', async () => {
    const opened: BudgetStore[] = []
    vi.resetModules()
    vi.doMock('../../../src/state/index.ts', async original => {
      const state = await original<{ createBudgetStore: typeof createBudgetStore }>()
      return { ...state, createBudgetStore: (options: Parameters<typeof createBudgetStore>[0]) => {
        opened.push(state.createBudgetStore(options))
        return opened.at(-1)
      } }
    })
    const { setUp: setUpAnew } = await import('./support.ts')
    const { ai, events } = await setUpAnew({ script: paused().script, client: { subject: 'ada' } })
    vi.doUnmock('../../../src/state/index.ts')
    vi.resetModules()
    ai.optIn('summary', { scope: 'session', tier: 'eco' })
    const run = ai.run('summary', { input, trigger: 'user' })
    await until(each => each.text !== '', run)
    ai.setSubject('bob')
    expect(ai.subject.getState()).toBe('bob')
    expect(ai.optIns.getState().records).toEqual([])
    expect(await errorOf(run)).toMatchObject({ code: 'aborted', receipt: { status: 'aborted' } })
    await ai.refresh()
    const [ada, bob] = opened.map(store => store.getState().local.find(({ unit }) => unit === 'usd'))
    expect(ada).toMatchObject({ settled: run.getState().receipt!.cost.usd, held: 0 })
    expect(ada!.settled).toBeGreaterThan(0)
    expect(bob).toMatchObject({ settled: 0, held: 0 })
    expect(pot(ai, 'usd')).toEqual({ settled: 0, held: 0 })
    expect(events.map(({ name }) => name)).toEqual(['opt-in', 'run-start', 'subject', 'run-end'])
    expect(ai.status('summary')).toMatchObject({ state: 'off' })
  })
})

describe('a stream that is cut', () => {
  test('before its receipt: what the server counted, and no claim to be whole', async () => {
    const { ai } = await setUp({ script: ['one ', 'two ', 'three ', { type: 'finish', reason: 'stop' }], between: onRun(async (request, server) => cut(await server.fetch(request), 4)) })
    const run = ai.run('summary', { input, optIn: 'once' })
    const error = await errorOf(run)
    expect(error).toMatchObject({ code: 'upstream-failed', receipt: { id: run.id } })
    expect(run.getState()).toMatchObject({ status: 'failed', text: 'one ' })
    expect(run.getState().receipt!.cost.usd).toBeGreaterThan(0)
    expect(pot(ai, 'usd')).toEqual({ settled: run.getState().receipt!.cost.usd, held: 0 })
  })

  test.each([
    ['ends early', 'data: {"type":"start","messageId":"x"}\n\n'],
    ['is empty', ''],
    ['is no JSON', 'data: {"type":\n\n'],
    ['is of kinds that nobody knows', 'data: {"type":"data-weather"}\n\ndata: null\n\ndata: 7\n\ndata: [DONE]\n\n'],
    ['has a receipt that is none', 'data: {"type":"data-receipt","data":{"id":"x"}}\n\ndata: [DONE]\n\n'],
  ])('that %s: the server never saw it, so it cost nothing', async (_, text) => {
    const { ai, events } = await setUp({ between: onRun(async () => streaming(new Response(text || ' ').body!)) })
    const run = ai.run('summary', { input, optIn: 'once' })
    expect(await errorOf(run)).toMatchObject({ code: 'upstream-failed' })
    expect(run.getState().status).toBe('refused')
    expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 0 })
    expect(events.map(({ name }) => name)).toEqual(['run-start', 'run-refused'])
  })

  test('the upstream fails: its receipt says what it cost', async () => {
    const { UpstreamError } = await import('../../../src/index.ts')
    const { ai, events } = await setUp({ script: async function* () {
      yield 'so far '
      throw new UpstreamError('The model\'s server broke off.')
    } })
    const run = ai.run('summary', { input, tier: 'eco', optIn: 'once' })
    expect(await errorOf(run)).toMatchObject({ code: 'upstream-failed', message: 'The model\'s server broke off.', receipt: { status: 'failed' } })
    expect(run.getState()).toMatchObject({ status: 'failed', receipt: { status: 'failed' } })
    expect(pot(ai, 'usd')).toEqual({ settled: run.getState().receipt!.cost.usd, held: 0 })
    expect(pot(ai, 'usd').settled).toBeGreaterThan(0)
    expect(events.map(({ name }) => name)).toEqual(['run-start', 'run-end'])
  })

  test('amounts that are none are not believed: the run is set aside in full until its record is had', async () => {
    const { ai } = await setUp({ between: onRun(async (request, server) => {
      const text = await (await server.fetch(request)).text()
      return streaming(new Response(text.replace(/"cost":\{"usd":[^,]+/, '"cost":{"usd":-5')).body!)
    }) })
    const run = ai.run('summary', { input, optIn: 'once' })
    await run
    expect(pot(ai, 'usd')).toEqual({ settled: 0, held: run.getState().estimate!.ceiling.usd })
    await vi.waitFor(() => expect(pot(ai, 'usd').held).toBe(0))
    expect(run.getState().receipt!.cost.usd).toBeGreaterThan(0)
    expect(pot(ai, 'usd').settled).toBe(run.getState().receipt!.cost.usd)
  })
})

describe('the network goes', () => {
  test('on the way there: nothing was spent', async () => {
    const { ai, events } = await setUp({ between: onRun(async () => { throw new TypeError('Failed to fetch') }) })
    const run = ai.run('summary', { input, optIn: 'once' })
    expect(await errorOf(run)).toMatchObject({ code: 'model-selector-unreachable' })
    expect(run.getState().status).toBe('refused')
    expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 0 })
    expect(events.at(-1)).toMatchObject({ name: 'run-refused', code: 'model-selector-unreachable' })
  })

  test('on the way back: the server has its receipt', async () => {
    const { ai } = await setUp({ between: onRun(async (request, server) => {
      await (await server.fetch(request)).text()
      throw new TypeError('Failed to fetch')
    }) })
    const run = ai.run('summary', { input, tier: 'eco', optIn: 'once' })
    expect(await errorOf(run)).toMatchObject({ code: 'upstream-failed', receipt: { id: run.id, status: 'completed' } })
    expect(run.getState().status).toBe('failed')
    expect(pot(ai, 'usd')).toEqual({ settled: run.getState().receipt!.cost.usd, held: 0 })
  })

  test('for good: the run fails at once and counts in full, which shows as set aside', async () => {
    const { ai, events } = await setUp(tearing())
    const run = ai.run('summary', { input, optIn: 'once' })
    expect(await errorOf(run)).toMatchObject({ code: 'model-selector-unreachable', message: expect.stringContaining('counts as the most') })
    expect(run.getState()).toMatchObject({ status: 'failed', receipt: null })
    expect(pot(ai, 'usd')).toEqual({ settled: 0, held: run.getState().estimate!.ceiling.usd })
    await ai.refresh()
    expect(pot(ai, 'usd')).toEqual({ settled: 0, held: run.getState().estimate!.ceiling.usd })
    expect(events.at(-1)).toMatchObject({ name: 'run-failed' })
  })

  test('a record that is there late is waited for; one that ended without a receipt is settled in full', async () => {
    let asked = 0
    const { ai, events } = await setUp({ between: async (request, server) => {
      const { pathname } = new URL(request.url)
      if (request.method === 'POST') throw new TypeError('Failed to fetch')
      if (!pathname.startsWith('/v1/runs/')) return server.fetch(request)
      return Response.json({ id: 'x', status: ++asked < 3 ? 'running' : 'ended', receipt: null })
    } })
    const run = ai.run('summary', { input, optIn: 'once' })
    await patiently(errorOf(run))
    expect(run.getState()).toMatchObject({ status: 'failed', receipt: null })
    await vi.waitFor(() => expect(pot(ai, 'usd')).toEqual({ settled: run.getState().estimate!.ceiling.usd, held: 0 }))
    expect(asked).toBe(4)
    expect(events.map(({ name }) => name)).toEqual(['run-start', 'run-failed', 'run-settled'])
    expect(events.at(-1)).toMatchObject({ feature: 'summary', run: run.id, counted: 'in-full' })
  })
})

describe('the server answers strangely', () => {
  test.each([
    ['a proxy\'s page', () => new Response('<html>', { status: 502 })],
    ['a page instead of a stream', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['no body', () => new Response(null, { status: 204 })],
    ['a problem with no details', () => problem('budget-exceeded', 429)],
    ['details that are none', () => problem('ceiling-exceeded', 409, { estimate: 0 })],
    ['its own failure', () => problem('internal', 500)],
    ['too many', () => problem('too-many-runs', 429)],
  ])('%s: a typed refusal, and nothing held', async (_, answer) => {
    const { ai } = await setUp({ between: onRun(async () => answer()) })
    const run = ai.run('summary', { input, optIn: 'once' })
    expect((await errorOf(run)).code).toBeTypeOf('string')
    expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 0 })
    expect(run.getState().status).toBe('refused')
  })

  test('nobody knows who asks: budgets are asked for once, and the run is sent once more', async () => {
    let refusals = 1
    const { ai, requests } = await setUp({ between: onRun(async (request, server) => refusals-- > 0 ? problem('identity-required', 401) : server.fetch(request)) })
    requests.length = 0
    expect((await ai.run('summary', { input, optIn: 'once' })).text).toBe('Hello')
    expect(requests).toEqual(['POST /v1/run', 'GET /v1/budget', 'POST /v1/run'])
    refusals = 5
    requests.length = 0
    expect(await errorOf(ai.run('summary', { input, optIn: 'once' }))).toMatchObject({ code: 'identity-required' })
    expect(requests).toEqual(['POST /v1/run', 'GET /v1/budget', 'POST /v1/run'])
    expect(pot(ai, 'runs')).toEqual({ settled: 1, held: 0 })
  })

  test('a run that goes on elsewhere under this id: what it comes to is counted', async () => {
    const { ai } = await setUp({ script: hello, between: onRun(async (request, server) => {
      await (await server.fetch(request)).text()
      return problem('run-in-progress', 409)
    }) })
    const run = ai.run('summary', { input, optIn: 'once' })
    expect(await errorOf(run)).toMatchObject({ code: 'run-in-progress' })
    expect(pot(ai, 'usd')).toEqual({ settled: run.getState().receipt!.cost.usd, held: 0 })
  })
})

describe('what only a run needs', () => {
  test('cannot be loaded: refused, with nothing spent or held', async () => {
    vi.resetModules()
    vi.doMock('../../../src/client/perform.ts', () => { throw new TypeError('Failed to fetch dynamically imported module') })
    const { setUp: setUpAnew } = await import('./support.ts')
    const { ai, events, runs } = await setUpAnew()
    const run = ai.run('summary', { input, optIn: 'once' })
    const error = await run.then(() => null, reason => reason as { code: string })
    expect(error).toMatchObject({ code: 'model-selector-unreachable' })
    expect(run.getState().status).toBe('refused')
    expect(events).toMatchObject([{ name: 'run-refused' }])
    expect(runs()).toEqual([])
    expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 0 })
    vi.doUnmock('../../../src/client/perform.ts')
    vi.resetModules()
  })
})
