import { z } from 'zod'
import { defineFeatures, newId, spentAmounts, toGrains } from '../../src/core/index.ts'
import type { Budget, Claim, Estimate, OptIn, Receipt, Unit } from '../../src/core/index.ts'
import type { Problem } from '../../src/core/problem.ts'
import { readParts, verifyReceipt } from '../../src/protocol/index.ts'
import type { KeysAnswer } from '../../src/protocol/index.ts'
import { baseline, createModelSelector, openaiCompatible } from '../../src/server/index.ts'
import type { Entry, Ledger, ModelSelector } from '../../src/server/index.ts'
import { randomFrom } from '../../src/routing/train/random.ts'
import { chaos } from '../fixtures/chaos.ts'
import { startUpstream } from '../fixtures/upstream.ts'
import type { Call, Reply } from '../fixtures/upstream.ts'

export interface ChaosPlan {
  readonly seed: number
  readonly runs: number
  /** Runs that are open at once. */
  readonly abreast: number
  /** The share of an upstream's answers that hang. */
  readonly silent: number
  /** Over a clock of its own, which goes on with every run. */
  readonly ledger: (now: () => number) => Ledger
}

/** How a run ended for whoever asked for it. */
type Ending = 'completed' | 'ceiling' | 'failed' | 'aborted' | 'expired' | 'left' | `refused: ${string}`

export interface ChaosReport {
  readonly seed: number
  readonly runs: number
  readonly calls: number
  readonly endings: Readonly<Record<string, number>>
  /** Runs that more than one model was asked for, and answers that were sent back. */
  readonly failovers: number
  readonly repairs: number
  /** Output tokens by the upstream's log, and as they were settled. */
  readonly served: number
  readonly settled: number
  /** Tokens that a torn connection lost on their way: written, heard by nobody, and so settled by nobody. */
  readonly lost: number
  readonly faults: readonly string[]
}

const features = defineFeatures({
  summary: { task: 'summarize', baseline: 'extract', tier: 'standard', maxInputTokens: 2_000, maxOutputTokens: 60 },
  think: { task: 'draft', baseline: 'form', tier: 'max', effort: 'high', maxOutputTokens: 200 },
  facts: { task: 'extract', baseline: 'form', tier: 'standard', maxInputTokens: 2_000, maxOutputTokens: 200, output: z.object({ opens: z.string() }) },
})
const asks = [
  { feature: 'summary', tier: 'eco', effort: 'none' }, { feature: 'summary', tier: 'standard', effort: 'none' },
  { feature: 'think', tier: 'max', effort: 'high' }, { feature: 'facts', tier: 'eco', effort: 'none' },
] as const
const sized = (id: string, billions: number, efforts: readonly ['none'] | readonly ['none', 'high'] = ['none']) =>
  ({ id, price: { input: billions / 100, output: billions / 25 }, params: { active: billions, total: billions }, efforts })
const models = { eco: [sized('small', 4), sized('twin', 4), sized('other', 8)], standard: [sized('middle', 30)], max: [sized('large', 200, ['none', 'high'])] }
const text = 'The museum opens at nine. It has three floors. The café on the roof serves soup until four.'

/** More than anything here costs, so that every model may stand in for another. */
const agreed = { usd: 0.1, wh: 100, outputTokens: 200 }
const units = ['usd', 'wh', 'tokens', 'runs'] as const
const limit = { usd: 1_000, wh: 1e6, tokens: 1e9, runs: 1e6 }

/**
 * Runs through a model selector before an upstream that fails at random in every way it can, and
 * judges by the upstream's own log: every run ends in a receipt or a typed error, and what the ledger
 * settled is what the receipts say and covers what was served.
 */
export async function ruin(plan: ChaosPlan): Promise<ChaosReport> {
  const { seed, runs, abreast, silent } = plan
  const random = randomFrom(seed + 1)
  const unsure: Unsure = { whole: new Set(), torn: new Set() }
  const upstream = await startUpstream(answers(chaos(seed, { silent }), randomFrom(seed + 2), unsure))
  const clock = { now: Date.UTC(2026, 10, 24, 12) }
  const errors: unknown[] = []
  const ledger = plan.ledger(() => clock.now)
  const modelSelector = createModelSelector({
    features, ledger, random, now: () => clock.now, concurrency: abreast, share: 1, lease: 3_600_000, identify: () => ({ user: 'ada' }), onError: error => void errors.push(error),
    budgets: [{ id: 'user', per: 'month', limit }],
    providers: [openaiCompatible({ id: 'fixture', baseURL: upstream.url, models, timeout: { first: 1_000, idle: 1_000 } }), baseline()],
  })
  const told: Receipt[] = []
  const endings: Ending[] = []
  const faults: string[] = []
  let begun = 0
  const worker = async () => {
    while (begun++ < runs) {
      // Enough for breakers to open and close again and again.
      clock.now += 5_000
      endings.push(await endingOf(modelSelector, clock.now, random, told).catch((error: unknown): Ending => {
        faults.push(`a run ended in neither a receipt nor a typed error: ${String(error)}`)
        return 'failed'
      }))
    }
  }
  await Promise.all(Array.from({ length: abreast }, worker))
  const { keys } = await (await modelSelector.fetch(new Request('http://product.test/v1/keys'))).json() as KeysAnswer
  // What is still running has nobody who waits for it.
  await quiet(ledger)
  const entries = await allEntries(ledger)
  const receipts = entries.flatMap(({ receipt }) => receipt ?? [])
  const balance = await ledger.balance(units.map(claimOf))
  faults.push(...entries.flatMap(entry => faultsOf(entry, callsOf(entry.run, upstream.log), unsure)), ...balanceFaults(balance, receipts), ...untyped(errors))
  for (const receipt of told) faults.push(...await disputesOf(receipt, receipts, keys))
  await modelSelector.close()
  await upstream.close()
  return {
    seed, runs, calls: upstream.log.length, endings: tally(endings),
    failovers: entries.filter(({ receipt }) => receipt?.choice.reasons.some(({ code }) => code === 'failover')).length,
    repairs: upstream.log.filter(({ body }) => body.messages?.at(-1)?.content?.startsWith('That answer does not fit')).length,
    served: upstream.served, settled: receipts.reduce((sum, { usage }) => sum + usage.output, 0),
    lost: receipts.reduce((sum, receipt) => sum + lostBy(receipt, callsOf(receipt.id, upstream.log), unsure), 0), faults,
  }
}

/** Calls of which nobody can say exactly how many tokens arrived. */
interface Unsure {
  /** Their answer came as a whole and reported no usage. */
  readonly whole: Set<Call>
  /** Their connection was torn: what was read by then counts, and what was still on its way is gone. */
  readonly torn: Set<Call>
}

/** The answers of a bad day, among them objects where one is asked for. */
function answers(reply: (call: Call) => Reply, random: () => number, { whole, torn }: Unsure): (call: Call) => Reply {
  return call => {
    const next: Reply = call.body['response_format'] && random() < 0.5 ? { deltas: ['{"opens":', ' "nine', '"}'] } : reply(call)
    if (next.form === 'whole' && next.usage === 'missing') whole.add(call)
    if (next.end === 'cut') torn.add(call)
    return next
  }
}

/** Asks for one run as some client does, and reads how it ended. */
async function endingOf({ fetch }: ModelSelector, now: number, random: () => number, told: Receipt[]): Promise<Ending> {
  const ask = asks[Math.floor(random() * asks.length)]!
  const id = newId()
  const estimated = await fetch(post('/v1/estimate', { ...ask, input: { text } }))
  if (estimated.status !== 200) return refusalOf(await estimated.json())
  const { estimate } = await estimated.json() as { estimate: Estimate }
  const optIn: OptIn = { id: 'opt-in-1', feature: ask.feature, scope: 'once', tier: ask.tier, effort: ask.effort, ceiling: agreed, catalogVersion: estimate.catalogVersion, at: now, lapsesAt: null, origin: 'control' }
  const asJson = random() < 0.2
  const response = await fetch(post('/v1/run', { id, ...ask, input: { text }, ceiling: agreed, optIn, trigger: 'user', estimate: estimate.id }, { traceparent: traceparentFor(id), ...asJson && { accept: 'application/json' } }))
  if (asJson || response.status !== 200) {
    const answer = await response.json() as { receipt?: Receipt }
    if (!answer.receipt) return refusalOf(answer)
    told.push(answer.receipt)
    return answer.receipt.status
  }
  if (random() < 0.1) return leave(response)
  const receipt = await lastOf(response)
  told.push(receipt)
  return receipt.status
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  new Request(`http://product.test${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })

function refusalOf(answer: unknown): Ending {
  const { type } = answer as Partial<Problem>
  if (!type?.startsWith('urn:sparing:')) throw new Error(`A refusal has no type: ${JSON.stringify(answer)}`)
  return `refused: ${type.slice('urn:sparing:'.length)}`
}

/** Reads some of it and goes. */
async function leave(response: Response): Promise<Ending> {
  const reader = response.body!.getReader()
  await reader.read()
  await reader.read()
  await reader.cancel()
  return 'left'
}

async function lastOf(response: Response): Promise<Receipt> {
  let receipt: Receipt | null = null
  let last = ''
  for await (const part of readParts(response.body!)) {
    last = part.type
    if (part.type === 'data-receipt') receipt = part.data
  }
  if (!receipt) throw new Error('A stream ended without a receipt.')
  if (last !== (receipt.status === 'failed' ? 'error' : 'finish')) throw new Error(`A run that ${receipt.status} ended its stream with "${last}".`)
  return receipt
}

/** A trace of its own for each run: by it the upstream's log says whose calls it holds. */
const traceOf = (run: string) => Array.from(run, unit => unit.charCodeAt(0).toString(16).padStart(2, '0')).join('').slice(-32).padStart(32, '0')
const traceparentFor = (run: string) => `00-${traceOf(run)}-00f067aa0ba902b7-01`
const callsOf = (run: string, log: readonly Call[]) => log.filter(({ headers }) => headers['traceparent'] === traceparentFor(run))

/** Where a run's receipt and the upstream's log differ. */
function faultsOf({ run, status, receipt }: Entry, calls: readonly Call[], { whole, torn }: Unsure): string[] {
  if (!receipt) return calls.length > 0 || status !== 'released' ? [`run ${run} is ${status} and has no receipt`] : []
  const { usage, cost } = receipt
  // What was on its way to somebody who left was heard by nobody.
  const counted = receipt.status === 'aborted' ? [] : calls.filter(call => !whole.has(call) && !torn.has(call))
  const served = counted.reduce((sum, call) => sum + servedBy(call), 0)
  const faults: Record<string, boolean> = {
    'was not settled': status !== 'settled',
    'was served more than it was settled at': usage.output < served,
    'costs something and was asked of nobody': calls.length === 0 && (cost.usd ?? 1) > 0,
    'costs more than was agreed to': (cost.usd ?? Infinity) > agreed.usd || (cost.wh ?? Infinity) > agreed.wh,
  }
  return Object.keys(faults).filter(fault => faults[fault]).map(fault => `run ${run} ${fault}: ${JSON.stringify({ status: receipt.status, usage, served, calls: calls.map(call => [call.served, call.reported, call.ended, call.body.max_tokens]) })}`)
}

function lostBy({ status, usage }: Receipt, calls: readonly Call[], { whole, torn }: Unsure): number {
  if (status === 'aborted' || calls.some(call => whole.has(call)) || !calls.some(call => torn.has(call))) return 0
  return Math.max(0, calls.reduce((sum, call) => sum + servedBy(call), 0) - usage.output)
}

/** Tokens of an answer that anybody agreed to, and that arrived before whoever asked went away. */
function servedBy({ served, body, ended }: Call): number {
  return ended === 'client' ? 0 : Math.min(served, body.max_tokens ?? Infinity)
}

/** Where the receipt that somebody got is not the ledger's, or not the server's. */
async function disputesOf(receipt: Receipt, kept: readonly Receipt[], keys: KeysAnswer['keys']): Promise<string[]> {
  const same = kept.find(({ id }) => id === receipt.id)
  const alike = same && JSON.stringify([same.status, same.usage, same.cost, same.choice]) === JSON.stringify([receipt.status, receipt.usage, receipt.cost, receipt.choice])
  return [...alike ? [] : [`the receipt of run ${receipt.id} is not the ledger's`], ...await verifyReceipt(receipt, keys) ? [] : [`the receipt of run ${receipt.id} is not as it was signed`]]
}

function balanceFaults(balance: readonly Budget[], receipts: readonly Receipt[]): string[] {
  const spent = receipts.map(receipt => spentAmounts(receipt))
  return units.flatMap(unit => {
    const { held, settled } = balance.find(each => each.unit === unit)!
    const sum = spent.reduce((total, amounts) => total + (amounts[unit] ?? Infinity), 0)
    return [...held === 0 ? [] : [`${held} ${unit} are still held`], ...toGrains(unit, settled, 'nearest') === sum ? [] : [`${settled} ${unit} are settled, and the receipts say ${sum} grains`]]
  })
}

const claimOf = (unit: (typeof units)[number] & Unit): Claim =>
  ({ budget: 'user', scope: 'user', subject: 'user:ada', unit, window: 'month', timeZone: 'UTC', limit: toGrains(unit, limit[unit]), amount: 0 })

async function allEntries(ledger: Ledger): Promise<readonly Entry[]> {
  const all: Entry[] = []
  for (let some = await ledger.entries(null, 500); some.length > 0; some = await ledger.entries(all.at(-1)!, 500)) all.push(...some)
  return all
}

async function quiet(ledger: Ledger): Promise<void> {
  for (let look = 0; look < 100; look++) {
    if ((await allEntries(ledger)).every(({ status }) => status !== 'held' && status !== 'dispatched')) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** Of failures, and of an upstream that wrote more than it was allowed, the operator is to be told. */
const isDue = (error: unknown) => (error as { code?: unknown }).code === 'upstream-failed' || /reports \d+ tokens for a call that was allowed/.test(String(error))
const untyped = (errors: readonly unknown[]) => errors.filter(error => !isDue(error)).map(error => `the operator was told of ${String(error)}`)

function tally(endings: readonly Ending[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const ending of endings) counts[ending] = (counts[ending] ?? 0) + 1
  return counts
}
