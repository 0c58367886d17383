import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ledger, Provider } from 'sparing/server'
import { buildPackage } from '../setup/build.ts'

// What a run costs around the model: client, wire, checks, choice, reservation, ledger, receipt, all in one
// process, with a model that answers at once. The difference to calling that model directly is ours.

type Print = (figure: Record<string, unknown>) => void

const text = 'The lead paragraph says what happened. The rest says why it matters and to whom. '.repeat(40)
const warmUp = 300
const rounds = 1_000

/** Prints microseconds of a run through the built package, over the memory and the SQLite ledger, and of an estimate. */
export async function bench(print: Print): Promise<void> {
  await buildPackage()
  const { memoryLedger } = await import('sparing/server')
  const { sqliteLedger } = await import('sparing/server/sqlite')
  const folder = await mkdtemp(join(tmpdir(), 'sparing-bench-'))
  const provider = await immediate()
  const direct = await timesOf(() => drain(provider))
  print({ bench: 'overhead', what: 'the model alone', unit: 'µs', ...quantiles(direct) })
  await benchLedger(print, 'memory', memoryLedger(), provider)
  await benchLedger(print, 'sqlite', sqliteLedger(join(folder, 'ledger.db')), provider)
  await rm(folder, { recursive: true })
}

async function benchLedger(print: Print, name: string, ledger: Ledger, provider: Provider): Promise<void> {
  const ai = await clientOf(ledger, provider)
  const run = async () => void (await ai.run('summary', { input: text, tier: 'eco', optIn: 'once' }))
  print({ bench: 'overhead', what: `ai.run, in process, ${name} ledger`, unit: 'µs', ...quantiles(await timesOf(run)) })
  if (name !== 'memory') return
  for (const length of [450, 4_000]) {
    let made = 0
    // A keystroke makes another text; levels and hints ask for the same one again.
    const estimate = (input: () => string) => async () => {
      if (ai.estimate('summary', { input: input(), tier: 'eco' }).status !== 'ready') throw new Error('There is no estimate to measure.')
    }
    const another = await timesOf(estimate(() => text.repeat(2).slice(made++ % 1_000).slice(0, length)))
    print({ bench: 'overhead', what: 'ai.estimate, another text each time', characters: length, unit: 'µs', ...quantiles(another), target: 50 })
    const same = text.repeat(2).slice(0, length)
    print({ bench: 'overhead', what: 'ai.estimate, the same text again', characters: length, unit: 'µs', ...quantiles(await timesOf(estimate(() => same))), target: 50 })
  }
}

/** A model that answers at once, so that all time measured is the path to it. */
async function immediate(): Promise<Provider> {
  const { energyProfile, tokenPrices } = await import('sparing/catalog')
  const model: Provider['models'][number] = {
    id: 'immediate',
    provider: 'bench',
    tier: 'eco',
    kind: 'generative',
    tasks: null,
    context: 100_000,
    efforts: ['none'],
    price: tokenPrices(0.1, 0.4),
    energy: energyProfile({ params: { active: [4, 4], total: [4, 4], source: 'published' } }),
    pace: null,
    stars: null,
    provenance: { usd: 'measured', wh: 'modelled' },
  }
  return { id: 'bench', models: [model], stream }
}

async function* stream(): ReturnType<Provider['stream']> {
  yield { type: 'accepted' }
  yield { type: 'text', text: 'A short summary.' }
  yield { type: 'usage', usage: { input: 800, cached: 0, output: 4, reasoning: 0 } }
  yield { type: 'finish', reason: 'stop' }
}

async function clientOf(ledger: Ledger, provider: Provider) {
  const { createAI, defineFeatures } = await import('sparing')
  const { createModelSelector } = await import('sparing/server')
  const features = defineFeatures({ summary: { task: 'summarize', baseline: 'extract', tier: 'standard' } })
  const modelSelector = createModelSelector({ features, providers: [provider], ledger, identify: () => ({ user: 'bench' }), budgets: [{ id: 'all', scope: 'all', per: 'day', limit: { usd: 1_000_000 } }] })
  const ai = createAI({ modelSelector, features, budgets: [{ id: 'mine', per: 'day', limit: { usd: 1_000_000 } }] })
  // A page asks by itself; without one the first question is ours.
  await ai.refresh()
  return ai
}

async function drain(provider: Provider): Promise<void> {
  const call = { run: 'r', model: 'immediate', feature: 'summary', task: 'summarize', input: { text }, messages: [], maxOutputTokens: 400, effort: 'none', signal: new AbortController().signal } as const
  for await (const _ of provider.stream(call)) void _
}

async function timesOf(work: () => Promise<void>): Promise<number[]> {
  for (let round = 0; round < warmUp; round++) await work()
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await work()
    times.push((performance.now() - start) * 1_000)
  }
  return times
}

function quantiles(times: number[]): { runs: number; p50: number; p95: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => Number(sorted[Math.floor(share * (sorted.length - 1))]!.toPrecision(3))
  return { runs: sorted.length, p50: at(0.5), p95: at(0.95) }
}
