import { describe, expect, test } from 'vitest'
import { exactly } from '../../../src/core/index.ts'
import type { Effort, ReachableModel } from '../../../src/core/index.ts'
import { baseline, openaiCompatible } from '../../../src/server/index.ts'
import type { Provider, ProviderPart } from '../../../src/server/index.ts'
import { emptyTally, usageOf } from '../../../src/server/receipts.ts'
import type { Tally } from '../../../src/server/receipts.ts'
import type { RunResult } from '../../../src/protocol/index.ts'
import { bench, models, partsOf, receiptIn, textOf } from './support.ts'

const model: ReachableModel = {
  id: 'a', provider: 'p', tier: 'max', kind: 'generative', tasks: null, context: 100_000, efforts: ['none', 'high'], price: null, energy: null,
  pace: null, stars: null, provenance: { usd: 'class', wh: 'class' },
}
const paced = (each: number): ReachableModel => ({ ...model, pace: { first: exactly(0), each: { low: each, mid: each * 2, high: each * 4 } } })
const used = (tally: Partial<Tally>, { effort = 'high', of = model, most = 1_000 }: { effort?: Effort; of?: ReachableModel; most?: number } = {}) =>
  usageOf({ ...emptyTally(), accepted: true, ...tally }, { model: of, effort, countedInput: () => 7, inputTokens: 100, maxOutputTokens: most })
const counted = (output: number, reasoning: number) => ({ input: 7, cached: 0, output, reasoning, source: 'counted' })

describe('what nobody reports', () => {
  test('has a bound on what was thought unseen, by the time it took at the model\'s fastest pace', () => {
    expect(used({ seconds: 2.001 })).toEqual(counted(201, 201))
    expect(used({ seconds: 2 }, { of: paced(0.005) })).toEqual(counted(400, 400))
    expect(used({ seconds: 2, text: 'a b c', events: 3 }, { of: paced(0.05) })).toEqual(counted(43, 40))
  })

  test('and no such bound where nothing is thought', () => {
    expect(used({ seconds: 60, text: 'a b c', events: 3 }, { effort: 'none' })).toEqual(counted(3, 0))
  })

  test('never passes what it may write', () => {
    expect(used({ seconds: 60 }, { most: 50 })).toEqual(counted(50, 50))
    expect(used({ seconds: 60, text: 'a b c', events: 3 }, { most: 50 })).toEqual(counted(50, 47))
    expect(used({ text: 'so '.repeat(80), events: 80 }, { most: 50 })).toEqual(counted(50, 0))
  })

  test('of a report of output alone is the input only', () => {
    expect(used({ text: 'a b c', events: 3, reported: { input: 0, cached: 0, output: 9, reasoning: 4 } })).toEqual(counted(9, 4))
  })

  test('is in the receipt of a run that was stopped while it thought', async () => {
    const on = await bench({}, { deltas: [], end: 'hang' })
    const gone = new AbortController()
    const body = JSON.stringify(await on.ask({ feature: 'think', tier: 'max', effort: 'high' }))
    const response = await on.modelSelector.fetch(new Request('http://product.test/v1/run', { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal: gone.signal }))
    const parts = partsOf(response)
    await on.upstream.until(log => log.length === 1)
    await new Promise(resolve => setTimeout(resolve, 50))
    gone.abort()
    const { status, usage, cost } = receiptIn(await parts)
    expect({ status, source: usage.source, hidden: usage.reasoning > 0 && usage.output === usage.reasoning }).toEqual({ status: 'aborted', source: 'counted', hidden: true })
    // 2 dollars for a million tokens read, 8 for a million thought.
    expect(cost.usd).toBeCloseTo((usage.input * 2 + usage.output * 8) / 1e6, 9)
  })
})

test('a report of output with no prompt is settled at that output, beside the input as it is counted', async () => {
  const on = await bench({}, { usage: { prompt_tokens: 0, completion_tokens: 9 } })
  const { usage } = receiptIn(await partsOf(await on.run()))
  expect(usage).toMatchObject({ output: 9, source: 'counted' })
  expect(usage.input).toBeGreaterThan(0)
})

test.each<[string, string[], string]>([
  ['tokens', Array.from({ length: 100 }, () => 'so '), 'so '.repeat(64)],
  ['length', ['x'.repeat(40 * 128 + 1), ' and more'], 'x'.repeat(40 * 128 + 1)],
])('of what comes at once, nothing beyond the cap is told, by %s', async (_, words, told) => {
  let left = false
  const eager: Provider = {
    id: 'eager', models: openaiCompatible({ id: 'eager', baseURL: 'https://models.test/v1', models }).models,
    async *stream() {
      try {
        yield words.map((text): ProviderPart => ({ type: 'text', text }))
        yield { type: 'text', text: 'never' }
      } finally {
        left = true
      }
    },
  }
  const on = await bench({ providers: [eager, baseline()] })
  const parts = await partsOf(await on.run())
  expect(textOf(parts)).toBe(told)
  expect(receiptIn(parts)).toMatchObject({ status: 'ceiling', usage: { output: 40 } })
  expect(left).toBe(true)
})

test('what turned out to be the answer after it was told as reasoning is counted once', async () => {
  const thinker = { id: 'deepseek-r1:7b', price: { input: 1, output: 2 }, params: { active: 7, total: 7 } }
  const on = await bench({}, { deltas: ['Just', ' this', ' much.'], usage: 'missing' }, { eco: [thinker] })
  const body = await on.ask()
  const result = await (await on.post('/v1/run', body, { accept: 'application/json' })).json() as RunResult
  expect(result).toMatchObject({ text: 'Just this much.', receipt: { status: 'completed', usage: { source: 'counted' } } })
  const plain = await bench({}, { deltas: ['Just', ' this', ' much.'], usage: 'missing' }, { eco: [{ ...thinker, id: 'llama-7b' }] })
  expect(result.receipt.usage.output - result.receipt.usage.reasoning).toBe(receiptIn(await partsOf(await plain.run())).usage.output)
})

describe('what takes no tokens', () => {
  const said: [string, ProviderPart][] = [['white space', { type: 'text', text: ' ' }], ['line breaks of reasoning', { type: 'reasoning', text: '\n' }], ['pieces of a call', { type: 'tool-call', index: 0, arguments: '' }], ['a call that never goes on', { type: 'tool-call', index: 0, id: 'c', name: 'look', arguments: '' }]]
  test.each(said)('does not go on for ever: %s', async (_, part) => {
    let given = 0
    const endless: Provider = {
      id: 'endless', models: openaiCompatible({ id: 'endless', baseURL: 'https://models.test/v1', models }).models,
      async *stream() { for (; given < 5_000; given++) yield part },
    }
    const on = await bench({ providers: [endless, baseline()] })
    expect(receiptIn(await partsOf(await on.run()))).toMatchObject({ status: 'ceiling', usage: { output: 40 } })
    expect(given).toBeLessThan(300)
  })

  test('is no reason to cut what is written letter by letter', async () => {
    // 40 tokens of three characters or more, each in events of one.
    const letters = [...'if (a) {\n    go()\n}\n'.repeat(3)]
    const on = await bench({ providers: [{
      id: 'slow', models: openaiCompatible({ id: 'slow', baseURL: 'https://models.test/v1', models }).models,
      async *stream() { for (const text of letters) yield { type: 'text', text }; yield { type: 'finish', reason: 'stop' } },
    }, baseline()] })
    expect(textOf(await partsOf(await on.run()))).toBe(letters.join(''))
  })
})
