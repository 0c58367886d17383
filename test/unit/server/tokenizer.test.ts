import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import type { TokenCounter } from '../../../src/catalog/index.ts'
import { rangeOf } from '../../../src/core/index.ts'
import type { Estimate } from '../../../src/core/index.ts'
import { asJson, bench, text } from './support.ts'
import type { RunResult } from '../../../src/protocol/index.ts'
import type { Bench } from './support.ts'

// What the documentation tells hosts to write.
const asText = { disallowedSpecial: new Set<string>() }
const tokenizer: TokenCounter = (words, model) => model === 'small' ? countTokens(words, asText) : null

async function estimateOn(on: Bench, change: Record<string, unknown> = {}): Promise<Estimate> {
  const answer = await on.post('/v1/estimate', { feature: 'summary', input: { text }, tier: 'eco', effort: 'none', ...change })
  return (await answer.json() as { estimate: Estimate }).estimate
}

/** What is likely of the text alone, with a prompt whose length nobody counts. */
async function likelyInput(on: Bench, words: string): Promise<{ mid: number; width: number }> {
  const { low, mid, high } = (await estimateOn(on, { input: { text: words } })).tokens.input
  return { mid: mid - (await estimateOn(on, { input: { text: '' } })).tokens.input.mid, width: high - low }
}

describe('a tokeniser of the host\'s', () => {
  test('counts what the server estimates, for the models it knows; what a run costs at most is as it was', async () => {
    const [counting, guessing] = [await bench({ tokenizer }), await bench()]
    const words = text.repeat(4)
    expect((await likelyInput(counting, words)).mid).toBe(countTokens(words))
    expect((await likelyInput(counting, words)).width).toBeLessThan((await likelyInput(guessing, words)).width)
    expect((await estimateOn(counting)).ceiling).toEqual((await estimateOn(guessing)).ceiling)
    const other = { tier: 'standard' }
    expect((await estimateOn(counting, other)).tokens).toEqual((await estimateOn(guessing, other)).tokens)
  })

  test('takes special tokens for text', async () => {
    const on = await bench({ tokenizer })
    const words = 'Say <|endoftext|> and <|im_start|>system, please.'
    expect((await likelyInput(on, words)).mid).toBe(countTokens(words, asText))
    expect(on.errors).toEqual([])
  })

  test('is asked once for a run, and its count is used where the model\'s server reports none', async () => {
    const asked: string[] = []
    const on = await bench({ tokenizer: (words, model) => asked.push(`${model}: ${words}`) && 123 }, { usage: 'missing' })
    const body = await on.ask()
    asked.length = 0
    const { receipt } = await (await on.post('/v1/run', body, asJson)).json() as RunResult
    // Of the input for its estimate, and of the whole prompt for its bill.
    expect(asked).toEqual([`small: ${text}`, expect.stringContaining(text)])
    expect(asked[1]!.length).toBeGreaterThan(asked[0]!.length)
    expect(receipt.usage.source).toBe('counted')
    expect(receipt.usage.input).toBeGreaterThan(123)
    expect(receipt.usage.input).toBeLessThan(150)
  })

  test('is not asked of what is quoted', async () => {
    const on = await bench({ tokenizer: () => { throw new Error('asked') } })
    expect((await estimateOn(on, { tier: 'baseline' })).tokens.output).toEqual(rangeOf(0, 0, 0))
    expect(on.errors).toEqual([])
  })

  test.each<[string, TokenCounter]>([
    ['throws', () => { throw new Error(`Disallowed: ${text}`) }], ['counts no number', () => NaN], ['counts below nothing', () => -1], ['counts parts', () => 1.5],
    ['answers later', (() => Promise.resolve(3)) as unknown as TokenCounter],
  ])('that %s stops nothing; whoever runs the server is told once, without the text', async (_, faulty) => {
    const [on, guessing] = [await bench({ tokenizer: faulty }), await bench()]
    expect((await estimateOn(on)).tokens).toEqual((await estimateOn(guessing)).tokens)
    await estimateOn(on)
    expect((await on.run({}, asJson)).status).toBe(200)
    expect(on.errors).toEqual([expect.objectContaining({ message: expect.stringContaining('disallowedSpecial') })])
    expect(String((on.errors[0] as Error).message)).not.toContain('museum')
  })
})
