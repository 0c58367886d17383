import { afterEach, describe, expect, test, vi } from 'vitest'
import { createAI, defineFeatures } from '../../../src/index.ts'
import type { BudgetPolicy, Catalog } from '../../../src/index.ts'
import type { TokenPrices } from '../../../src/core/index.ts'
import { baseline, createModelSelector } from '../../../src/server/index.ts'
import type { ModelsByTier } from '../../../src/server/index.ts'
import { createHarness, scriptedProvider } from '../../../src/testing/index.ts'
import { ceilingWarnings } from '../../../src/client/ceiling-warnings.ts'
import { errorOf, features, hello, input, ready, roomy, setUp } from './support.ts'

const selector = () => createModelSelector({ features, providers: [scriptedProvider({ script: ['x'] })], identify: () => ({ user: 'tester' }) })
const catalogOf = async () => await (await selector().fetch(new Request('http://x/v1/catalog'))).json() as Catalog

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('an estimate', () => {
  test('is loading, then ready', async () => {
    const ai = createAI({ modelSelector: selector(), features, budgets: roomy })
    expect(ai.estimate('summary', { input })).toEqual({ status: 'loading' })
    expect(ai.status('summary')).toEqual({ state: 'loading', optIn: null, tiers: [] })
    expect(() => ai.optIn('summary', { scope: 'always' })).toThrow(expect.objectContaining({ code: 'no-model' }))
    await ai.refresh()
    expect(ai.estimate('summary', { input })).toMatchObject({ status: 'ready', tier: 'eco', effort: 'none', model: 'scripted-eco' })
    expect(ai.status('summary')).toEqual({ state: 'off', optIn: null, tiers: ['eco', 'standard', 'max'] })
  })

  test('is unavailable while nobody answers, and ready once somebody does', async () => {
    let down = true
    const to = selector()
    const ai = createAI({ modelSelector: { fetch: request => down ? new Response('no', { status: 404 }) : to.fetch(request) }, features, budgets: roomy })
    await ai.refresh()
    expect(ai.estimate('summary', { input })).toEqual({ status: 'unavailable', reason: 'unreachable' })
    expect(ai.status('summary').state).toBe('unavailable')
    expect(await errorOf(ai.run('summary', { input, optIn: 'once' }))).toMatchObject({ code: 'model-selector-unreachable' })
    down = false
    expect(await ai.run('summary', { input, optIn: 'once' })).toMatchObject({ text: 'x' })
    expect(ai.estimate('summary', { input }).status).toBe('ready')
    down = true
    await ai.refresh()
    expect(ai.estimate('summary', { input }).status).toBe('ready')
  })

  test.each([['a list', []], ['nothing', null], ['other bones', { version: 1 }]])('is unavailable for %s instead of a catalog', async (_, body) => {
    const ai = createAI({ modelSelector: { fetch: () => Response.json(body) }, features })
    await ai.refresh()
    expect(ai.estimate('summary', { input })).toEqual({ status: 'unavailable', reason: 'unreachable' })
  })

  test('is there at once with an inlined catalog, and a run needs no further one', async () => {
    const catalog = await catalogOf()
    const ai = createAI({ modelSelector: selector(), features, catalog, budgets: roomy })
    expect(ai.estimate('summary', { input }).status).toBe('ready')
    expect(await ai.run('summary', { input, optIn: 'once' })).toMatchObject({ text: 'x' })
  })

  test('says why there is none', async () => {
    const { ai } = await setUp()
    const reason = (feature: string, options = {}) => (ai.estimate(feature as 'light', { input, ...options }) as { reason?: string }).reason
    expect(reason('nothing')).toBe('unknown-feature')
    expect(reason('constructor')).toBe('unknown-feature')
    expect(reason('gone')).toBe('disabled')
    expect(reason('light', { input: '字'.repeat(1_000) })).toBe('input-too-long')
    expect(reason('light', { tier: 'max' })).toBe('no-model')
    expect(reason('summary', { tier: 'max', effort: 'low' })).toBe('no-model')
    expect(reason('think', { tier: 'max', effort: 'high' })).toBeUndefined()
  })

  describe('of a text that some models cannot hold', () => {
    const sized = (id: string, billions: number, context: number) => ({ id, context, price: { input: billions / 100, output: billions / 25 }, params: { active: billions, total: billions } })
    const long = 'The harbour was closed for three days. '.repeat(200)
    const selecting = async (models: ModelsByTier) => {
      const provider = scriptedProvider({ models, script: hello })
      return { ...await setUp({ server: { providers: [provider, baseline()] } }), provider }
    }

    test('is by default of the lowest level that holds it, and what stands covers every text there may be', async () => {
      const { ai, provider } = await selecting({ eco: [sized('small', 4, 1_000), sized('mid', 8, 6_000)], standard: [sized('large', 30, 32_000)] })
      expect([input, long].map(text => ready(ai.estimate('summary', { input: text })).model)).toEqual(['small', 'mid'])
      ai.optIn('summary', { scope: 'always' })
      expect(ai.ceiling('summary')).toEqual(ai.optIns.getState().records[0]!.ceiling)
      for (const text of [input, long]) expect(ai.status('summary', { input: text }).state).toBe('on')
      await ai.run('summary', { input: long, trigger: 'user' })
      expect(provider.calls.map(({ model }) => model)).toEqual(['mid'])
    })

    test('moves to the level that holds it, which is asked for anew; and is refused before anything is sent where none does', async () => {
      const { ai, runs } = await selecting({ eco: [sized('small', 4, 1_000)], standard: [sized('large', 30, 1_800)] })
      ai.optIn('summary', { scope: 'always' })
      expect(ready(ai.estimate('summary', { input: 'A sentence or two. '.repeat(220) }))).toMatchObject({ tier: 'standard', model: 'large' })
      expect(ai.status('summary', { input: 'A sentence or two. '.repeat(220) })).toMatchObject({ state: 'off', tiers: ['eco', 'standard'] })
      expect(ai.estimate('summary', { input: long })).toEqual({ status: 'unavailable', reason: 'input-too-long' })
      expect(await errorOf(ai.run('summary', { input: long, optIn: 'once' }))).toMatchObject({ code: 'input-too-long' })
      expect(runs()).toEqual([])
    })
  })

  test('has quotes where nothing generative is set up, and says so in the choice', async () => {
    const { ai, close } = await createHarness({ features })
    const estimate = ready(ai.estimate('summary', { input }))
    expect(estimate).toMatchObject({ tier: 'eco', model: 'extractive', ceiling: { usd: 0, outputTokens: 0 } })
    const { choice, receipt } = await ai.run('summary', { input, optIn: 'once' })
    expect(choice).toMatchObject({ tier: 'baseline', reasons: [{ code: 'unconfigured' }] })
    expect(receipt.cost.usd).toBe(0)
    await close()
  })

  test('of the lowest level that can be paid for, where money is limited', async () => {
    const provider = scriptedProvider({ script: ['x'] })
    const models = provider.models.map(model => model.tier === 'eco' ? { ...model, price: null } : model)
    const { ai } = await setUp({ server: { providers: [{ ...provider, models }] } })
    expect(ai.status('summary').tiers).toEqual(['standard', 'max'])
    expect(ready(ai.estimate('summary', { input })).model).toBe('scripted-standard')
  })
})

describe('on a server', () => {
  test('nothing is touched, asked or kept alive', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>()
    const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')]
    vi.stubGlobal('fetch', fetch)
    const ai = createAI({ modelSelector: '/api/ai', features })
    expect(ai.estimate('summary', { input })).toEqual({ status: 'loading' })
    expect(ai.status('summary').state).toBe('loading')
    await new Promise(resolve => setImmediate(resolve))
    expect(fetch).not.toHaveBeenCalled()
    for (const timer of timers) expect(timer).not.toHaveBeenCalled()
    ai.close()
  })
})

describe('in a page', () => {
  function page() {
    const target = new EventTarget()
    vi.stubGlobal('window', target)
    return target
  }

  test('the catalog is asked for at once, and again when the network is back', async () => {
    const target = page()
    let asked = 0
    const to = selector()
    const ai = createAI({ modelSelector: { fetch: request => {
      if (new URL(request.url).pathname !== '/v1/catalog') return to.fetch(request)
      return ++asked === 1 ? new Response(null, { status: 404 }) : to.fetch(request)
    } }, features })
    await vi.waitFor(() => expect(ai.catalog.getState().status).toBe('unreachable'))
    target.dispatchEvent(new Event('online'))
    await vi.waitFor(() => expect(ai.catalog.getState().status).toBe('ready'))
    ai.close()
    target.dispatchEvent(new Event('online'))
    await new Promise(resolve => setImmediate(resolve))
    expect(asked).toBe(2)
  })

  test('without a person\'s activation a run is in the background', async () => {
    vi.stubGlobal('navigator', { userActivation: { isActive: false } })
    const { ai } = await setUp()
    expect(await errorOf(ai.run('summary', { input, optIn: 'once' }))).toMatchObject({ code: 'background-blocked' })
    vi.stubGlobal('navigator', { userActivation: { isActive: true } })
    expect(await ai.run('summary', { input, optIn: 'once' })).toMatchObject({ text: 'Hello' })
  })
})

describe('developers are told of budgets that no long run fits', () => {
  const small: BudgetPolicy[] = [{ id: 'mine', per: 'day', limit: { usd: 0.001 } }]

  test('once for each feature, when the catalog is there', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { ai } = await setUp({ client: { budgets: small } })
    await vi.waitFor(() => expect(warn).toHaveBeenCalled())
    await ai.refresh()
    await ai.refresh()
    await new Promise(resolve => setTimeout(resolve, 20))
    const told = warn.mock.calls.map(([sentence]) => String(sentence))
    expect(told.filter(each => each.includes('"summary"'))).toHaveLength(1)
    expect(told.find(each => each.includes('"summary"'))).toMatch(/tier "max" may take 0\.0\d+ usd, and the whole budget "mine" is 0\.001 usd a day/)
    expect(told.some(each => each.includes('"gone"'))).toBe(false)
  })

  test('not in production, and not where it fits', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    await setUp()
    vi.stubEnv('NODE_ENV', 'production')
    await setUp({ server: { production: false }, client: { budgets: small } })
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(warn).not.toHaveBeenCalled()
  })

  test('by every unit that is known', async () => {
    const catalog = await catalogOf()
    const warned = (limit: BudgetPolicy['limit']) => ceilingWarnings(catalog, [{ id: 'b', per: 'day', limit }]).map(([feature]) => feature)
    expect(warned({ runs: 1, tokens: 1e6, wh: 1e3, usd: 1, gco2e: 1e3 })).toEqual([])
    expect(warned({ runs: 0 })).toEqual(['summary', 'think', 'light', 'quiet'])
    expect(warned({ tokens: 5_000 })).toEqual(['summary'])
    expect(warned({ wh: 0.01 })).toContain('think')
    const unknown = { ...catalog, models: catalog.models.map(model => ({ ...model, price: null })) }
    expect(ceilingWarnings(unknown, [{ id: 'b', per: 'day', limit: { usd: 0 } }])).toEqual([])
  })
})

test('names are checked by the types', () => {
  const ai = createAI({ modelSelector: '/api/ai', features: defineFeatures({ summary: { task: 'summarize', baseline: 'extract', tier: 'eco' } }) })
  // @ts-expect-error no such feature
  expect(ai.estimate('sumary', { input })).toEqual({ status: 'loading' })
  expect(() => createAI({ modelSelector: '/api/ai', features, budgets: [{ id: 'x', per: 'day', limit: {} }] })).toThrow(TypeError)
})

describe('a standing opt-in that no longer covers what comes first', () => {
  const level = { input: 'word '.repeat(1_500), tier: 'standard' } as const
  const dearer = (price: TokenPrices): TokenPrices => ({ ...price, input: 40 * price.input, cached: 40 * price.cached, output: 40 * price.output })

  /** After it was given, the models of its level cost forty times as much; only these are left. */
  async function outgrown(left: readonly string[]) {
    let later = false
    const { ai } = await setUp({
      async between(request, server) {
        if (!later || !request.url.endsWith('/v1/catalog')) return server.fetch(request)
        // Whole, whatever the client has of it.
        const catalog = await (await server.fetch(new Request(request.url))).json() as Catalog
        return Response.json({ ...catalog, models: catalog.models.filter(({ id }) => left.includes(id)).map(model => model.tier === 'standard' ? { ...model, price: dearer(model.price!) } : model) })
      },
    })
    ai.optIn('summary', { scope: 'always', tier: 'standard' })
    expect(ready(ai.estimate('summary', level)).model).toBe('scripted-standard')
    later = true
    await ai.refresh()
    return ai
  }

  test('covers another that fits it, which is what is shown and run', async () => {
    const ai = await outgrown(['scripted-eco', 'scripted-standard'])
    expect(ready(ai.estimate('summary', level)).model).toBe('scripted-eco')
    expect(ai.status('summary', level).state).toBe('on')
    expect(await ai.run('summary', { ...level, trigger: 'user' })).toMatchObject({ choice: { model: 'scripted-eco' } })
  })

  test('is asked for anew where none does', async () => {
    const ai = await outgrown(['scripted-standard'])
    expect(ready(ai.estimate('summary', level)).model).toBe('scripted-standard')
    expect(ai.status('summary', level).state).toBe('off')
    expect(await errorOf(ai.run('summary', { ...level, trigger: 'user' }))).toMatchObject({ code: 'opt-in-required', gap: 'ceiling' })
  })
})
