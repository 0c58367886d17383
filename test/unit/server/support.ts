import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { defineFeatures } from '../../../src/core/index.ts'
import type { Catalog, Estimate, OptIn, Receipt } from '../../../src/core/index.ts'
import type { Problem } from '../../../src/core/problem.ts'
import { readParts } from '../../../src/protocol/index.ts'
import type { StreamPart } from '../../../src/protocol/index.ts'
import { baseline, createModelSelector, memoryLedger, openaiCompatible } from '../../../src/server/index.ts'
import type { Ledger, ModelSelector, ModelSelectorOptions, ModelsByTier } from '../../../src/server/index.ts'
import { startUpstream } from '../../fixtures/upstream.ts'
import type { Call, Reply, Upstream, UpstreamOptions } from '../../fixtures/upstream.ts'

export const features = defineFeatures({
  summary: { task: 'summarize', baseline: 'extract', tier: 'standard', maxInputTokens: 2_000, maxOutputTokens: 40 },
  think: { task: 'draft', baseline: 'form', tier: 'max', effort: 'high', maxOutputTokens: 200 },
  ask: { task: 'chat', baseline: 'search', tier: 'eco', maxInputTokens: 2_000, maxOutputTokens: 40 },
  nightly: { task: 'summarize', baseline: 'extract', tier: 'eco', background: true },
  watched: { task: 'summarize', baseline: 'extract', tier: 'eco', mode: 'observe' },
  facts: { task: 'extract', baseline: 'form', tier: 'eco', maxInputTokens: 2_000, maxOutputTokens: 200, output: z.object({ opens: z.string(), floors: z.int() }) },
  gone: { task: 'summarize', baseline: 'extract', tier: 'eco', mode: 'off' },
})

export const sized = (id: string, billions: number, efforts?: readonly ['none', 'high']) =>
  ({ id, price: { input: billions / 100, output: billions / 25 }, params: { active: billions, total: billions }, ...efforts && { efforts } })

// What a configuration may say of a model besides.
const middle = { ...sized('middle', 30), strength: 0.84, stars: 2 }
const large = {
  ...sized('large', 200, ['none', 'high']),
  price: { input: 2, output: 8, cached: 0.2, written: 2.5, reasoning: 8, long: [{ above: 200_000, input: 4, output: 12, cached: 0.4, written: 5, reasoning: 12 }], batch: 50 },
}

export const models = { eco: [sized('small', 4)], standard: [middle], max: [large] }

export const text = 'The museum opens at nine. It has three floors. The café on the roof serves soup until four.'
/** 24 November 2026, noon, UTC. */
export const noon = Date.UTC(2026, 10, 24, 12)

const writes = ['reserve', 'renew', 'settle', 'release'] as const

/** A ledger that notes which of its writing verbs were called. */
export interface Noted extends Ledger {
  readonly verbs: readonly string[]
  /** Resolves when a call of this verb, past or to come, has been answered. */
  after(verb: (typeof writes)[number]): Promise<void>
}

function noted(ledger: Ledger): Noted {
  const verbs: string[] = []
  const answered = new Set<string>()
  const watchers = new Set<() => void>()
  const watched = writes.map(name => [name, async (...args: never[]) => {
    verbs.push(name)
    try {
      return await (ledger[name] as (...args: never[]) => Promise<unknown>)(...args)
    } finally {
      answered.add(name)
      watchers.forEach(look => look())
    }
  }])
  const after = (verb: string) => new Promise<void>(resolve => {
    const look = () => { if (answered.has(verb)) resolve() }
    watchers.add(look)
    look()
  })
  return Object.assign({ ...ledger, verbs, after }, Object.fromEntries(watched) as Pick<Ledger, (typeof writes)[number]>)
}

export interface Bench {
  readonly modelSelector: ModelSelector
  readonly upstream: Upstream
  readonly ledger: Noted
  readonly errors: unknown[]
  readonly clock: { now: number }
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** As JSON, where there is a body. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  /** The body of a run that is right in every way. */
  ask(change?: Record<string, unknown>): Promise<Record<string, unknown>>
  run(change?: Record<string, unknown>, headers?: Record<string, string>): Promise<Response>
  catalog(): Promise<Catalog>
  /** The caller's budgets, by unit. */
  budgets(headers?: Record<string, string>): Promise<Record<string, { limit: number; settled: number; held: number; available: number }>>
}

export const json = { 'content-type': 'application/json' }
export const asJson = { accept: 'application/json' }
let ids = 0
/** A run id that was not used yet. */
const freshId = (): string => `run-${String(++ids).padStart(8, '0')}`

/** A model selector before an upstream of its own, for one test. Everybody is `ada` unless told otherwise. */
export async function bench(options: Partial<ModelSelectorOptions> = {}, reply: Reply | ((call: Call) => Reply) = {}, byTier: ModelsByTier = models, counting?: UpstreamOptions): Promise<Bench> {
  const upstream = await startUpstream(reply, counting)
  const clock = { now: noon }
  const errors: unknown[] = []
  const ledger = noted(options.ledger ?? memoryLedger({ now: () => clock.now }))
  const modelSelector = createModelSelector({
    features, providers: [openaiCompatible({ id: 'fixture', baseURL: upstream.url, models: byTier, apiKey: 'sk-fixture-secret' }), baseline()],
    identify: request => ({ user: request.headers.get('x-user') ?? 'ada' }), now: () => clock.now, onError: error => void errors.push(error),
    ...options, ledger,
  })
  onTestFinished(async () => {
    await modelSelector.close()
    await upstream.close()
  })
  return { modelSelector, upstream, ledger, errors, clock, ...caller(modelSelector, clock) }
}

function caller({ fetch }: ModelSelector, clock: { now: number }) {
  const url = (path: string) => `http://product.test${path}`
  const get = (path: string, headers: Record<string, string> = {}) => fetch(new Request(url(path), { headers }))
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(new Request(url(path), { method, headers: { ...body !== undefined && json, ...headers }, ...body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) } }))
  const post = (path: string, body: unknown, headers?: Record<string, string>) => send('POST', path, body, headers)
  const ask = async (change: Record<string, unknown> = {}): Promise<Record<string, unknown>> => {
    const what = { feature: 'summary', input: { text }, tier: 'eco', effort: 'none', ...change }
    const { estimate } = await (await post('/v1/estimate', { feature: what.feature, input: what.input, tier: what.tier, effort: what.effort })).json() as { estimate: Estimate }
    return { id: freshId(), ...what, ceiling: estimate.ceiling, optIn: optInFor(what, estimate, clock.now), trigger: 'user', estimate: estimate.id, ...change }
  }
  return {
    get, post, send, ask,
    run: async (change: Record<string, unknown> = {}, headers: Record<string, string> = {}) => post('/v1/run', await ask(change), headers),
    catalog: async () => await (await get('/v1/catalog')).json() as Catalog,
    async budgets(headers: Record<string, string> = {}) {
      const { budgets } = await (await get('/v1/budget', headers)).json() as { budgets: { unit: string; limit: number; settled: number; held: number; available: number }[] }
      return Object.fromEntries(budgets.map(budget => [budget.unit, budget]))
    },
  }
}

export function optInFor({ feature, tier, effort }: Record<string, unknown>, estimate: Pick<Estimate, 'ceiling' | 'catalogVersion'>, now: number): OptIn {
  return {
    id: 'opt-in-1', feature: feature as string, scope: 'once', tier: tier as OptIn['tier'], effort: effort as OptIn['effort'],
    ceiling: estimate.ceiling, catalogVersion: estimate.catalogVersion, at: now, lapsesAt: null, origin: 'control',
  }
}

/** Every part of a streamed run. */
export async function partsOf(response: Response): Promise<StreamPart[]> {
  const parts: StreamPart[] = []
  for await (const part of readParts(response.body!)) parts.push(part)
  return parts
}

export const textOf = (parts: readonly StreamPart[]): string => parts.map(part => part.type === 'text-delta' ? part.delta : '').join('')

export function receiptIn(parts: readonly StreamPart[]): Receipt {
  const part = parts.find(each => each.type === 'data-receipt')
  if (part?.type !== 'data-receipt') throw new Error('The stream holds no receipt.')
  return part.data
}

export const problemOf = async (response: Response): Promise<Problem> => await response.json() as Problem
