import { afterEach, describe, expect, test, vi } from 'vitest'
import type { AI } from '../../../src/index.ts'
import { baseline, createModelSelector, memoryLedger } from '../../../src/server/index.ts'
import type { ModelSelector } from '../../../src/server/index.ts'
import { errorOf, features, input, pageStub, paused, ready, setUp, until } from './support.ts'
import type { F } from './support.ts'

const adminToken = 'an-admin-token-for-tests'
const opened: AI<F>[] = []

afterEach(() => {
  for (const ai of opened.splice(0)) ai.close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const nothing = { limits: {}, features: {}, off: { everything: false, features: [], tiers: [] } }

/** An administrator's word. */
async function put(to: ModelSelector, change: object, revision = 0): Promise<void> {
  const response = await to.fetch(new Request('http://x/v1/policy', {
    method: 'PUT', headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...nothing, revision, author: 'ops', ...change }),
  }))
  expect(response.status).toBe(200)
}
const kill = (to: ModelSelector, feature: string, revision = 0) => put(to, { off: { ...nothing.off, features: [feature] } }, revision)

async function open(extra: Parameters<typeof setUp>[0] = {}) {
  const set = await setUp({ ...extra, server: { adminToken, ...extra.server } })
  opened.push(set.ai)
  const pass = async (milliseconds: number) => {
    await vi.advanceTimersByTimeAsync(milliseconds)
    await set.idle()
  }
  return { ...set, pass }
}

/** Timers stand still until they are told, all else goes on. */
const holdTimers = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

describe('an open page learns that a feature was turned off', () => {
  test('from the next answer, whatever it is for; the run that brought it ends as it began', async () => {
    const { script, go } = paused()
    const { ai, selector } = await open({ script })
    const run = ai.run('summary', { input, optIn: 'once' })
    await until(each => each.text !== '', run)
    await kill(selector, 'light')
    expect(ai.status('light').state).toBe('off')
    const other = ai.run('summary', { input, optIn: 'once' })
    await vi.waitFor(() => expect(ai.status('light').state).toBe('disabled'))
    expect(ai.estimate('light', { input })).toEqual({ status: 'unavailable', reason: 'disabled' })
    go()
    expect((await run).text).toBe('one two')
    expect((await other).text).toBe('one two')
  })

  test('from the refusal of its own run', async () => {
    const { ai, selector, provider } = await open()
    ai.optIn('summary', { scope: 'session' })
    await kill(selector, 'summary')
    expect(await errorOf(ai.run('summary', { input, trigger: 'user' }))).toMatchObject({ code: 'feature-disabled', details: { by: 'policy' } })
    await vi.waitFor(() => expect(ai.status('summary').state).toBe('disabled'))
    expect(provider.calls).toEqual([])
  })

  test('a run under way at that moment ends as it began', async () => {
    const { script, go } = paused()
    const { ai, selector } = await open({ script })
    const run = ai.run('summary', { input, optIn: 'once' })
    await until(each => each.text !== '', run)
    await kill(selector, 'summary')
    await ai.refresh()
    expect(ai.status('summary').state).toBe('disabled')
    go()
    expect(await run).toMatchObject({ text: 'one two', receipt: { status: 'completed' } })
  })

  test('within half a minute while it is visible', async () => {
    holdTimers()
    pageStub()
    const { ai, selector, idle, pass } = await open()
    await idle()
    await kill(selector, 'summary')
    expect(ai.status('summary').state).toBe('off')
    await pass(30_000)
    expect(ai.status('summary').state).toBe('disabled')
    await put(selector, {}, 1)
    await pass(30_000)
    expect(ai.status('summary').state).toBe('off')
  })

  test.each(['focus', 'online', 'visibilitychange'])('when somebody comes back to it: %s', async event => {
    holdTimers()
    const page = pageStub()
    const { ai, selector, idle } = await open()
    await idle()
    await kill(selector, 'summary')
    page.fire(event)
    await vi.waitFor(() => expect(ai.status('summary').state).toBe('disabled'))
  })

  test('also by way of a server that did not change it itself', async () => {
    let now = Date.now()
    const ledger = memoryLedger()
    const { ai, selector } = await open({ server: { ledger, now: () => now } })
    const other = createModelSelector({ features, providers: [baseline()], ledger, adminToken, identify: () => ({ user: 'tester' }), now: () => now })
    await kill(other, 'summary')
    await ai.refresh()
    // That one believes what it knew for two seconds; a reserve would not.
    now += 2_000
    await ai.refresh()
    expect(ai.status('summary').state).toBe('disabled')
    await selector.close()
  })
})

describe('limits that were changed', () => {
  test('show with the next answer', async () => {
    const { ai, selector } = await open({ server: { budgets: [{ id: 'user', scope: 'user', per: 'day', limit: { runs: 10 } }] } })
    expect(ai.budget.getState().server).toMatchObject([{ id: 'user', limit: 10 }])
    await put(selector, { limits: { user: { runs: 3 } } })
    await ai.run('summary', { input, optIn: 'once' })
    await vi.waitFor(() => expect(ai.budget.getState().server).toMatchObject([{ id: 'user', limit: 3, settled: 1, available: 2 }]))
  })
})

describe('what is asked', () => {
  test('while nothing changes: one question in half a minute, answered with nothing', async () => {
    holdTimers()
    pageStub()
    const answers: number[] = []
    const { ai, requests, idle, pass } = await open({ between: async (request, server) => {
      const response = await server.fetch(request)
      answers.push(response.status)
      return response
    } })
    await idle()
    requests.length = 0
    answers.length = 0
    const { catalog } = ai.catalog.getState()
    for (let i = 0; i < 4; i++) await pass(25_000)
    expect(requests).toEqual(Array.from({ length: 4 }, () => 'GET /v1/catalog'))
    expect(answers).toEqual([304, 304, 304, 304])
    expect(ai.catalog.getState().catalog).toBe(catalog)
  })

  test('of a hidden page: nothing, until somebody comes back to it', async () => {
    holdTimers()
    const page = pageStub()
    const { requests, idle, pass } = await open()
    await idle()
    page.hide()
    requests.length = 0
    await pass(600_000)
    expect(requests).toEqual([])
    page.show()
    page.fire('focus')
    await idle()
    expect(requests).toEqual(['GET /v1/catalog', 'GET /v1/budget'])
  })

  test('after it was closed: nothing', async () => {
    holdTimers()
    const page = pageStub()
    const { ai, requests, idle, pass } = await open()
    await idle()
    ai.close()
    requests.length = 0
    page.fire('focus')
    await pass(600_000)
    expect(requests).toEqual([])
  })

  test('of a server that does not answer: sooner, and less and less often', async () => {
    holdTimers()
    pageStub()
    let down = false
    const { ai, requests, idle, pass } = await open({ between: async (request, server) => {
      if (down) throw new TypeError('Failed to fetch')
      return server.fetch(request)
    } })
    await idle()
    down = true
    await ai.refresh()
    await pass(25_000)
    requests.length = 0
    await pass(15_000)
    expect(requests).toHaveLength(4)
    down = false
    await pass(25_000)
    requests.length = 0
    await pass(24_000)
    expect(requests.length).toBeLessThan(2)
    expect(ready(ai.estimate('summary', { input })).tier).toBe('eco')
  })

  test('by an inlined catalog of today: nothing is transferred', async () => {
    const statuses: number[] = []
    const { ai: first, selector } = await open()
    const catalog = first.catalog.getState().catalog!
    const { ai } = await open({ client: { catalog }, between: async request => {
      const response = await selector.fetch(request)
      if (request.url.includes('catalog')) statuses.push(response.status)
      return response
    } })
    expect(statuses).toEqual([304])
    expect(ai.catalog.getState().catalog).toBe(catalog)
  })
})

test('an answer that was overtaken replaces nothing', async () => {
  const late: (() => void)[] = []
  let hold = false
  const { ai, selector } = await open({ between: async (request, server) => {
    const response = await server.fetch(request)
    if (hold && request.url.includes('catalog')) await new Promise<void>(resolve => late.push(resolve))
    return response
  } })
  await kill(selector, 'light')
  hold = true
  const overtaken = ai.refresh()
  await vi.waitFor(() => expect(late).toHaveLength(1))
  await kill(selector, 'summary', 1)
  const newest = ai.refresh()
  await vi.waitFor(() => expect(late).toHaveLength(2))
  late[1]!()
  await newest
  expect([ai.status('summary').state, ai.status('light').state]).toEqual(['disabled', 'off'])
  late[0]!()
  await overtaken
  expect([ai.status('summary').state, ai.status('light').state]).toEqual(['disabled', 'off'])
})
