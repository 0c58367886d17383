import { vi } from 'vitest'
import { createAI, defineFeatures } from '../../../src/index.ts'
import type { AI, AIEvent, AIOptions, Estimate, NoEstimate, Run } from '../../../src/index.ts'
import type { SparingError } from '../../../src/core/index.ts'
import { baseline, createModelSelector } from '../../../src/server/index.ts'
import type { ModelSelector, ModelSelectorOptions, ProviderCall, ProviderPart } from '../../../src/server/index.ts'
import { scriptedProvider } from '../../../src/testing/index.ts'

export const features = defineFeatures({
  summary: { task: 'summarize', baseline: 'extract', tier: 'max', maxInputTokens: 2_000, maxOutputTokens: 200 },
  think: { task: 'chat', baseline: 'search', tier: 'max', effort: 'high', maxInputTokens: 500, maxOutputTokens: 500 },
  light: { task: 'draft', baseline: 'form', tier: 'eco', maxInputTokens: 500, maxOutputTokens: 100 },
  quiet: { task: 'summarize', baseline: 'extract', tier: 'eco', maxInputTokens: 500, maxOutputTokens: 100, background: true },
  gone: { task: 'draft', baseline: 'form', tier: 'eco', mode: 'off' },
})
export type F = typeof features

export const input = 'The harbour was closed for three days. Ships waited outside. On the fourth day the ice broke. '.repeat(4)

type Script = readonly (ProviderPart | string)[] | ((call: ProviderCall) => AsyncIterable<ProviderPart | string>)

export const hello: Script = ['Hel', 'lo', { type: 'usage', usage: { input: 100, cached: 0, output: 2, reasoning: 0 } }, { type: 'finish', reason: 'stop' }]

export interface Setup {
  readonly script?: Script
  readonly server?: Partial<ModelSelectorOptions>
  readonly client?: Partial<AIOptions<F>>
  /** Stands between client and server, as a network does. */
  readonly between?: (request: Request, server: ModelSelector) => Promise<Response>
}

/** A network that tears at the first run, so that it never arrives. */
export function tearing(): { between: NonNullable<Setup['between']>; mend(): void } {
  let torn = false
  return {
    mend: () => { torn = false },
    async between(request, server) {
      if (request.method === 'POST') torn = true
      if (torn) throw new TypeError('Failed to fetch')
      return server.fetch(request)
    },
  }
}

/** A client, a real model selector, and a log of what was asked of it. */
export async function setUp({ script = hello, server, client, between = (request, to) => to.fetch(request) }: Setup = {}) {
  const provider = scriptedProvider({ script })
  const selector = createModelSelector({ features, providers: [provider, baseline()], identify: () => ({ user: 'tester' }), onError: () => {}, ...server })
  const requests: string[] = []
  let inFlight = 0
  const fetch = (request: Request) => {
    requests.push(`${request.method} ${new URL(request.url).pathname}`)
    inFlight++
    return between(request, selector).finally(() => inFlight--)
  }
  /** Resolves when nothing is asked any more, whatever the timers do. */
  const idle = async () => {
    for (let turns = 0; turns < 20; turns++) {
      await new Promise(resolve => setImmediate(resolve))
      if (inFlight > 0) turns = 0
    }
  }
  const ai = createAI<F>({ modelSelector: { fetch }, features, budgets: roomy, ...client })
  const events: AIEvent[] = []
  ai.on(event => events.push(event))
  await ai.refresh()
  return { ai, selector, provider, requests, events, idle, runs: () => requests.filter(each => each.includes('/v1/run') && each.startsWith('POST')) }
}

export const roomy = [{ id: 'mine', per: 'day', limit: { usd: 10, wh: 1_000, runs: 1_000 } }] as const

/** The refusal or failure of a run that must not succeed. */
export async function errorOf(run: Run): Promise<SparingError> {
  return run.then(() => { throw new Error('The run succeeded.') }, error => error as SparingError)
}

export function ready(estimate: Estimate | NoEstimate): Estimate {
  if (estimate.status !== 'ready') throw new Error(`The estimate is ${JSON.stringify(estimate)}.`)
  return estimate
}

/** What a device's own budget has settled and holds, by unit. */
export function pot(ai: AI<F>, unit: string) {
  const { settled, held } = ai.budget.getState().local.find(each => each.unit === unit)!
  return { settled, held }
}

export const until = (state: (run: Run) => boolean, run: Run) => vi.waitFor(() => {
  if (!state(run)) throw new Error(`not yet: ${JSON.stringify(run.getState())}`)
}, { timeout: 5_000, interval: 5 })

/** A script that says a word, and goes on when it is told to. */
export function paused() {
  let go = () => {}
  const gate = new Promise<void>(resolve => { go = resolve })
  async function* script({ signal }: ProviderCall): AsyncGenerator<ProviderPart | string> {
    yield 'one '
    const stop = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
    await Promise.race([gate, stop])
    yield 'two'
    yield { type: 'usage', usage: { input: 100, cached: 0, output: 2, reasoning: 0 } }
    yield { type: 'finish', reason: 'stop' }
  }
  return { script, go: () => go() }
}

export const problem = (code: string, status: number, extra: object = {}) =>
  Response.json({ type: `urn:sparing:${code}`, title: code, status, detail: `It is ${code}.`, ...extra }, { status, headers: { 'content-type': 'application/problem+json' } })

/** A page that can be hidden and come back, where there is none; `vi.unstubAllGlobals` takes it away. */
export function pageStub() {
  const document = { visibilityState: 'visible' }
  const target = Object.assign(new EventTarget(), { document })
  vi.stubGlobal('window', target)
  const fire = (name: string) => target.dispatchEvent(new Event(name))
  return {
    fire,
    hide() {
      document.visibilityState = 'hidden'
      fire('visibilitychange')
    },
    show() {
      document.visibilityState = 'visible'
      fire('visibilitychange')
    },
  }
}
