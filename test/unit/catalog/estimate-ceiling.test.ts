import fc from 'fast-check'
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base'
import { countTokens as countR50k } from 'gpt-tokenizer/encoding/r50k_base'
import { expect, test } from 'vitest'
import { defineFeatures, UpstreamError } from '../../../src/core/index.ts'
import type { Amounts, Effort, Estimate, Receipt, RunInput, Tier } from '../../../src/core/index.ts'
import { createModelSelector, memoryLedger } from '../../../src/server/index.ts'
import type { Ledger, ProviderCall, ProviderPart } from '../../../src/server/index.ts'
import { scriptedProvider } from '../../../src/testing/index.ts'
import { optInFor } from '../server/support.ts'
import { hostileInput } from './hostile.ts'
import { randomFrom } from './random.ts'

const runs = 10_000
const together = 50
const random = randomFrom(5)
const upTo = (most: number) => Math.floor(random() * (most + 1))
const oneOf = <T>(all: readonly T[]): T => all[upTo(all.length - 1)]!

const features = defineFeatures({
  chat: { task: 'chat', baseline: 'search', tier: 'max', effort: 'high', maxOutputTokens: 60 },
  summary: { task: 'summarize', baseline: 'extract', tier: 'standard', maxOutputTokens: 25 },
})

const asText = { disallowedSpecial: new Set<string>() }
const vocabularies = [countO200k, countCl100k, countR50k]
/** What the chat templates of common models put around a message and before the answer. */
const template = { message: 8, answer: 8 }

/** What an upstream with a vocabulary of its own would bill for the input. */
const inputOf = ({ messages }: ProviderCall) => {
  const count = oneOf(vocabularies)
  return messages.reduce((sum, { content }) => sum + count(content, asText) + template.message, template.answer)
}

/**
 * An upstream for tests that bills by its tokeniser. It may report what it used, at the end or all
 * along, or not; think unseen; claim more to be cached than it read; break off; and go on writing
 * past what it was allowed.
 */
async function* upstream(call: ProviderCall): AsyncGenerator<ProviderPart | string> {
  const obeys = random() < 0.8
  const output = upTo(obeys ? call.maxOutputTokens : 3 * call.maxOutputTokens)
  const reasoning = call.effort === 'none' ? 0 : upTo(output)
  const input = inputOf(call)
  const usage = { input, cached: upTo(oneOf([0, input, 2 * input])), output, reasoning }
  const breaks = random() < 0.1 ? upTo(output) : Infinity
  for (let token = reasoning; token < output; token++) {
    if (token >= breaks) throw new UpstreamError('The upstream broke off.', {})
    yield oneOf(['a', ' word', '字', '👩‍👩‍👧‍👦', '<|im_end|>', '\ud800', ''])
  }
  if (obeys && random() < 0.7) yield { type: 'usage', usage }
  yield { type: 'finish', reason: output === call.maxOutputTokens ? 'length' : 'stop' }
}

/** A ledger that notes where a run took more, in any unit, than was reserved for it. */
function watched(ledger: Ledger): Ledger & { readonly overdrawn: unknown[]; settled: number } {
  const reserved = new Map<string, Amounts>()
  const watch = { overdrawn: [] as unknown[], settled: 0 }
  return Object.assign(watch, ledger, {
    reserve: (request: Parameters<Ledger['reserve']>[0]) => {
      reserved.set(request.run, Object.fromEntries(request.claims.map(({ unit, amount }) => [unit, amount])))
      return ledger.reserve(request)
    },
    settle: (key: Parameters<Ledger['settle']>[0], actual: Amounts, receipt: Receipt) => {
      watch.settled++
      const most = reserved.get(key.run)!
      for (const [unit, amount] of Object.entries(most)) if ((actual[unit as keyof Amounts] ?? Infinity) > amount) watch.overdrawn.push({ unit, amount, actual, usage: receipt.usage })
      return ledger.settle(key, actual, receipt)
    },
  })
}

interface Asked {
  readonly feature: string
  readonly input: RunInput
  readonly tier: Tier
  readonly effort: Effort
}

test(`no run of ${runs} costs more than was reserved for it, whatever was asked and whatever came`, { timeout: 180_000 }, async () => {
  const ledger = watched(memoryLedger())
  const budgets = [{ id: 'all', scope: 'all', per: 'month', limit: { usd: 1e6, wh: 1e9, gco2e: 1e9, tokens: 1e12, runs: 1e6 } }] as const
  const selector = createModelSelector({ features, providers: [scriptedProvider({ script: upstream })], ledger, budgets, concurrency: together, identify: () => ({ user: 'tester' }), onError: () => {} })
  const post = async (path: string, body: unknown) => (await selector.fetch(new Request(`http://x/v1/${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', accept: 'application/json' } }))).json()
  async function run(input: RunInput, at: number): Promise<void> {
    const ask: Asked = random() < 0.5 ? { feature: 'chat', input, tier: 'max', effort: oneOf(['none', 'low', 'high']) } : { feature: 'summary', input, tier: oneOf(['eco', 'standard']), effort: 'none' }
    const { estimate } = await post('estimate', ask) as { estimate: Estimate }
    const answer = await post('run', { id: `run-${at}-ceiling`, ...ask, ceiling: estimate.ceiling, optIn: optInFor({ ...ask }, estimate, Date.now()), trigger: 'user' }) as { receipt: Receipt }
    const { cost, usage } = answer.receipt
    expect(cost.usd! <= estimate.ceiling.usd! && cost.wh! <= estimate.ceiling.wh! && usage.output <= estimate.ceiling.outputTokens).toBe(true)
  }
  const inputs = fc.sample(hostileInput, { numRuns: runs, seed: 5 })
  for (let at = 0; at < runs; at += together) await Promise.all(inputs.slice(at, at + together).map((input, i) => run(input, at + i)))
  await selector.close()
  expect(ledger.settled).toBe(runs)
  expect(ledger.overdrawn).toEqual([])
})
