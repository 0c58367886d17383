import fc from 'fast-check'
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base'
import { countTokens as countR50k } from 'gpt-tokenizer/encoding/r50k_base'
import { expect, test } from 'vitest'
import { defineFeatures, toGrains, UpstreamError } from '../../../src/core/index.ts'
import type { Amounts, Budget, Effort, Estimate, Receipt, RunInput, Tier, Unit } from '../../../src/core/index.ts'
import { createModelSelector, memoryLedger } from '../../../src/server/index.ts'
import type { Ledger, ProviderCall, ProviderPart } from '../../../src/server/index.ts'
import { scriptedProvider } from '../../../src/testing/index.ts'
import { noon, optInFor } from '../server/support.ts'
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
 * An upstream for tests that bills by its tokeniser. It may report what it used, or not; think unseen;
 * claim more to be cached than it read; break off; go on writing past what it was allowed; and, where
 * it does not obey, report a million tokens, or the energy of a month, for any run.
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
  if (random() < 0.7) yield { type: 'usage', usage: obeys ? usage : oneOf([usage, { ...usage, output: 1e6 }, { ...usage, input: 1e6 }, { ...usage, input: 1e9, output: 1e9 }]) }
  if (!obeys && random() < 0.5) yield { type: 'energy', wh: oneOf([1e9 / 3_600_000, 1e6, 1e-9]) }
  yield { type: 'finish', reason: output === call.maxOutputTokens ? 'length' : 'stop' }
}

/** A ledger that notes where the one budget, in any unit, grew by more for a run than was reserved for it. */
function watched(ledger: Ledger): Ledger & { readonly overdrawn: unknown[]; settled: number } {
  const reserved = new Map<string, Amounts>()
  const stood = new Map<Unit, number>()
  let turn: Promise<unknown> = Promise.resolve()
  const watch = { overdrawn: [] as unknown[], settled: 0 }
  function note(most: Amounts, budgets: readonly Budget[], receipt: Receipt): void {
    for (const { unit, settled } of budgets) {
      const [after, before] = [toGrains(unit, settled, 'nearest'), stood.get(unit) ?? 0]
      if (after - before > (most[unit] ?? 0)) watch.overdrawn.push({ unit, most, after, before, receipt })
      stood.set(unit, after)
    }
  }
  return Object.assign(watch, ledger, {
    reserve: (request: Parameters<Ledger['reserve']>[0]) => {
      reserved.set(request.run, Object.fromEntries(request.claims.map(({ unit, amount }) => [unit, amount])))
      return ledger.reserve(request)
    },
    settle: (key: Parameters<Ledger['settle']>[0], actual: Amounts, receipt: Receipt) => {
      watch.settled++
      // One at a time, so that what the budget grew by is this run's.
      const settled = turn.then(() => ledger.settle(key, actual, receipt))
      turn = settled.then(budgets => note(reserved.get(key.run)!, budgets, receipt), () => {})
      return settled
    },
  })
}

interface Asked {
  readonly feature: string
  readonly input: RunInput
  readonly tier: Tier
  readonly effort: Effort
}

const isAbove = ({ cost, usage, estimate: { ceiling } }: Receipt) => cost.usd! > ceiling.usd! || cost.wh! > ceiling.wh! || usage.output > ceiling.outputTokens
const isMarked = ({ choice }: Receipt) => choice.reasons.some(({ code }) => code === 'over-ceiling')

test(`no run of ${runs} is settled above what was reserved for it, whatever was asked and whatever was reported; what is shown above its ceiling says so`, { timeout: 180_000 }, async () => {
  // What is metered would otherwise be in the next estimates, and this is about the first.
  const [now, errors] = [() => noon, new Set<string>()]
  let [above, marked, told] = [0, 0, 0]
  const ledger = watched(memoryLedger({ now }))
  const budgets = [{ id: 'all', scope: 'all', per: 'month', limit: { usd: 1e6, wh: 1e9, gco2e: 1e9, tokens: 1e12, runs: 1e6 } }] as const
  const selector = createModelSelector({ features, providers: [scriptedProvider({ script: upstream })], ledger, budgets, concurrency: together, identify: () => ({ user: 'tester' }), now, onError: heard })
  function heard(error: unknown): void {
    if (!String(error).includes('for a call that was allowed')) return
    told++
    errors.add(String(error).replaceAll(/[\d.e+-]+/g, '#'))
  }
  const post = async (path: string, body: unknown) => (await selector.fetch(new Request(`http://x/v1/${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', accept: 'application/json' } }))).json()
  async function run(input: RunInput, at: number): Promise<void> {
    const ask: Asked = random() < 0.5 ? { feature: 'chat', input, tier: 'max', effort: oneOf(['none', 'low', 'high']) } : { feature: 'summary', input, tier: oneOf(['eco', 'standard']), effort: 'none' }
    const { estimate } = await post('estimate', ask) as { estimate: Estimate }
    const answer = await post('run', { id: `run-${at}-ceiling`, ...ask, ceiling: estimate.ceiling, optIn: optInFor({ ...ask }, estimate, noon), trigger: 'user' }) as { receipt: Receipt }
    above += Number(isAbove(answer.receipt))
    marked += Number(isMarked(answer.receipt))
    expect(isMarked(answer.receipt) || !isAbove(answer.receipt)).toBe(true)
  }
  const inputs = fc.sample(hostileInput, { numRuns: runs, seed: 5 })
  for (let at = 0; at < runs; at += together) await Promise.all(inputs.slice(at, at + together).map((input, i) => run(input, at + i)))
  await selector.close()
  expect(ledger.settled).toBe(runs)
  expect(ledger.overdrawn).toEqual([])
  expect(above).toBeGreaterThan(runs / 50)
  expect(marked).toBeLessThan(runs / 5)
  // Of three models, each in dollars, watt-hours and tokens; and once more where it is by far.
  expect(errors.size).toBe(9)
  expect(told).toBeLessThanOrEqual(18)
})
