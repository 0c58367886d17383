import { setTimeout } from 'node:timers/promises'
import type { Estimate, OptIn } from '../../src/core/index.ts'
import { createModelSelector, openaiCompatible } from '../../src/server/index.ts'
import { openLedger } from './engines.ts'
import type { Address } from './engines.ts'
import { textKinds } from '../fixtures/texts.ts'
import type { TextKind } from '../fixtures/texts.ts'
import { idOf, longestAnswer, messagesOf, planOf, textOf } from './plan.ts'

// A server of a product, with callers of its own: `node worker.ts <options as JSON>`, forked. It says
// that it is ready, makes the runs it is told to, and says what became of them. It may be killed at any time.
export interface WorkerOptions {
  readonly name: string
  readonly address: Address
  readonly upstream: string
  readonly seed: number
  readonly limit: number
  readonly callers: number
  readonly lease: number
}
/** Runs from one number up to another. */
export interface Portion { readonly from: number; readonly to: number }
export type WorkerMessage = { readonly ready: true } | { readonly done: Readonly<Record<string, number>> }

const { name, address, upstream, seed, limit, callers, lease } = JSON.parse(process.argv[2]!) as WorkerOptions
const say = (message: WorkerMessage) => process.send!(message)
const model = { id: 'm', price: { input: 0.1, output: 0.4 }, params: { active: 4, total: 4 } }

const modelSelector = createModelSelector({
  features: { ask: { task: 'chat', baseline: 'form', tier: 'eco', maxInputTokens: 200, maxOutputTokens: longestAnswer } },
  prompts: { ask: input => 'text' in input ? messagesOf(input.text) : [] },
  providers: [openaiCompatible({ id: 'fixture', baseURL: upstream, apiKey: name, models: { eco: [model] } })],
  budgets: [{ id: 'all', scope: 'all', per: 'month', limit: { tokens: limit } }],
  identify: request => ({ user: request.headers.get('x-user')! }), secret: 'the same in every process',
  ledger: openLedger(address), lease, onError: () => {},
})

const post = (path: string, body: object, init: RequestInit = {}) =>
  modelSelector.fetch(new Request(`http://product.test${path}`, { method: 'POST', body: JSON.stringify(body), ...init, headers: { 'content-type': 'application/json', ...init.headers } }))

const what = { feature: 'ask', tier: 'eco', effort: 'none' } as const
// Prompts of one kind are all of one length, so that one estimate fits them all.
const estimates = Object.fromEntries(await Promise.all(textKinds.map(async kind => [kind, await estimated(kind)] as const))) as Readonly<Record<TextKind, Estimate>>

/** A server that starts while the database does has not read the policy yet, and says nothing before. */
async function estimated(kind: TextKind): Promise<Estimate> {
  for (let tries = 0; tries < 100; tries++) {
    const response = await post('/v1/estimate', { ...what, input: { text: textOf(0, kind) } })
    if (response.ok) return (await response.json() as { estimate: Estimate }).estimate
    await setTimeout(200)
  }
  throw new Error('The ledger did not come back.')
}

const optInFor = ({ ceiling, catalogVersion }: Estimate): OptIn =>
  ({ id: 'opt-in', ...what, scope: 'always', ceiling, catalogVersion, at: Date.now(), lapsesAt: null, origin: 'control' })

/** One run, once. @returns how it was answered, in a word */
async function once(run: number): Promise<string> {
  const { manner, kind } = planOf(seed, run, Infinity)
  const estimate = estimates[kind]
  const gone = new AbortController()
  const body = { id: idOf(run), ...what, input: { text: textOf(run, kind) }, ceiling: estimate.ceiling, optIn: optInFor(estimate), trigger: 'user', estimate: estimate.id }
  const sent = post('/v1/run', body, { signal: gone.signal, headers: { 'x-user': `person ${run % 500}`, ...manner === 'reads' && { accept: 'application/json' } } })
  if (manner === 'aborts') void setTimeout(run % 20).then(() => gone.abort())
  const response = await sent
  if (response.status !== 200) return (await response.json() as { type: string }).type.replace('urn:sparing:', '')
  if (manner !== 'leaves') return response.text().then(() => 'answered', () => 'aborted')
  const reader = response.body!.getReader()
  for (let part = 0; part < 4; part++) await reader.read()
  await reader.cancel()
  return 'left'
}

/** Asks again where the ledger was away, as clients do. */
async function persistently(run: number): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await once(run)
    if (outcome !== 'ledger-unavailable' || attempt === 20) return outcome
    await setTimeout(100)
  }
}

process.on('message', ({ from, to }: Portion) => {
  let next = from
  const done: Record<string, number> = {}
  const caller = async () => {
    while (next < to) {
      const outcome = await persistently(next++)
      done[outcome] = (done[outcome] ?? 0) + 1
    }
  }
  void Promise.all(Array.from({ length: callers }, caller)).then(() => say({ done }))
})
process.on('disconnect', () => process.exit())
say({ ready: true })
