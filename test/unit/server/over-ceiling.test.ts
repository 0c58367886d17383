import { describe, expect, test } from 'vitest'
import { UpstreamError } from '../../../src/core/index.ts'
import { verifyReceipt } from '../../../src/protocol/index.ts'
import type { KeysAnswer } from '../../../src/protocol/index.ts'
import type { ProviderPart } from '../../../src/server/index.ts'
import { scriptedProvider } from '../../../src/testing/index.ts'
import { bench, partsOf, receiptIn, sized } from './support.ts'

const budgets = [{ id: 'user', per: 'day', limit: { usd: 1, wh: 1_000, tokens: 1e6 } }] as const
const codes = (receipt: { readonly choice: { readonly reasons: readonly { readonly code: string }[] } }) => receipt.choice.reasons.map(({ code }) => code)

describe('a model\'s server that reports more than it was allowed', () => {
  test.each([
    ['tokens of output', { completion_tokens: 1e6 }, ['dollars', 'watt-hours', 'tokens']],
    ['tokens of input', { prompt_tokens: 1e6 }, ['dollars', 'watt-hours', 'tokens']],
    ['energy', { energy_mj: 1e9 }, ['watt-hours']],
  ])('is named on the receipt, and its budget pays the ceiling at most: %s', async (_, figures, units) => {
    const on = await bench({ budgets }, { usage: { prompt_tokens: 60, completion_tokens: 3, ...figures } })
    const receipt = receiptIn(await partsOf(await on.run()))
    expect(receipt.status).toBe('completed')
    expect(codes(receipt)).toContain('over-ceiling')
    expect(receipt.cost.wh).toBeGreaterThan(receipt.estimate.ceiling.wh!)
    const { usd, wh } = await on.budgets()
    expect(usd!.settled).toBeLessThanOrEqual(receipt.estimate.ceiling.usd!)
    expect(wh!.settled).toBe(receipt.estimate.ceiling.wh)
    expect(on.errors.map(error => /reports [^ ]+ (\S+) for a call/.exec(String(error))?.[1])).toEqual(units)
    const { keys } = await (await on.get('/v1/keys')).json() as KeysAnswer
    expect(await verifyReceipt(receipt, keys)).toBe(true)
  })

  test('is told of to whoever runs the server once for each model and unit, and of every run to its person', async () => {
    const on = await bench({ budgets }, { usage: { prompt_tokens: 60, completion_tokens: 3, energy_mj: 1e9 } })
    for (let run = 0; run < 3; run++) expect(codes(receiptIn(await partsOf(await on.run())))).toContain('over-ceiling')
    expect(on.errors).toHaveLength(1)
    expect(codes(receiptIn(await partsOf(await on.run({ tier: 'standard' }))))).toContain('over-ceiling')
    expect(on.errors.map(String)).toEqual([expect.stringContaining('fixture/small'), expect.stringContaining('fixture/middle')])
    on.upstream.reply({ usage: { prompt_tokens: 60, completion_tokens: 3_000, energy_mj: 1 } })
    await partsOf(await on.run())
    expect(on.errors).toHaveLength(4)
  })

  test('is not one that reports all that it was allowed, or fails', async () => {
    const on = await bench({ budgets }, { deltas: Array.from({ length: 80 }, () => 'word ') })
    const cut = receiptIn(await partsOf(await on.run()))
    expect([cut.status, cut.usage.output]).toEqual(['ceiling', cut.estimate.ceiling.outputTokens])
    expect(codes(cut)).not.toContain('over-ceiling')
    expect(on.errors).toEqual([])
  })
})

describe('a figure that cannot be', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a petawatt-hour', { energy_kwh: 1e12 }], ['more joules than there are', { energy_joules: 1e308 }], ['endless energy', { energy_wh: 1e6 + 1 }],
    ['as many tokens as there are numbers', { prompt_tokens: 2 ** 53 - 1 }], ['a billion and one', { completion_tokens: 1e9 + 1 }],
  ])('is no report: %s', async (_, figures) => {
    const on = await bench({ budgets }, { usage: { prompt_tokens: 60, completion_tokens: 3, ...figures } })
    const parts = await partsOf(await on.run())
    expect(parts.at(-1)!.type).toBe('finish')
    const receipt = receiptIn(parts)
    expect(receipt).toMatchObject({ status: 'completed', usage: { output: 3 }, provenance: { wh: 'modelled' } })
    expect(codes(receipt)).not.toContain('over-ceiling')
    expect((await on.budgets())['usd']).toMatchObject({ settled: receipt.cost.usd, held: 0 })
    expect(on.errors).toEqual([])
  })
})

/** A provider of the host's own, which may report anything. */
const hosts = (...parts: readonly (ProviderPart | string)[]) => [scriptedProvider({ script: ['One', ' two', ...parts, { type: 'finish', reason: 'stop' }] })]
const usageOf = (change: object): ProviderPart => ({ type: 'usage', usage: { input: 60, cached: 0, output: 2, reasoning: 0, ...change } })

const noEnergy: [string, number][] = [['no number', NaN], ['endless', Infinity], ['less than nothing', -1], ['a thousand megawatt-hours', 1e9], ['a little more than a megawatt-hour', 1e6 + 1]]

describe('a figure of a host\'s own provider that cannot be', () => {
  test.each(noEnergy)('is no report of energy and takes no other with it: %s', async (_, wh) => {
    const [without, on] = [await bench({ budgets, providers: hosts(usageOf({})) }), await bench({ budgets, providers: hosts({ type: 'energy', wh }, usageOf({})) })]
    const [honest, receipt] = [receiptIn(await partsOf(await without.run())), receiptIn(await partsOf(await on.run()))]
    expect(receipt).toMatchObject({ status: 'completed', usage: { input: 60, output: 2, source: 'reported' }, cost: honest.cost, provenance: { wh: 'modelled' } })
    expect(codes(receipt)).not.toContain('over-ceiling')
    expect((await on.budgets())['usd']).toMatchObject({ settled: honest.cost.usd, held: 0 })
    await partsOf(await on.run())
    expect(on.errors.map(String)).toEqual([expect.stringMatching(/RangeError: "scripted\/scripted-eco" reports .* watt-hours for a call, which cannot be/)])
  })

  test('is nothing at all of energy, and nobody is bothered with it', async () => {
    const on = await bench({ budgets, providers: hosts(usageOf({}), { type: 'energy', wh: 0 }) })
    const receipt = receiptIn(await partsOf(await on.run()))
    expect(receipt.provenance!.wh).toBe('modelled')
    expect(receipt.cost.wh).toBeGreaterThan(0)
    expect(on.errors).toEqual([])
  })

  test('leaves one that can be, in whichever order they come', async () => {
    for (const parts of [[5e-3, -1], [Number.NaN, 5e-3]]) {
      const on = await bench({ budgets, providers: hosts(...parts.map(wh => ({ type: 'energy', wh }) as const), usageOf({})) })
      expect(receiptIn(await partsOf(await on.run()))).toMatchObject({ cost: { wh: 5e-3 }, provenance: { wh: 'metered' } })
    }
  })

  test.each<[string, object, object]>([
    ['too many tokens read', { input: 2 ** 53 - 1 }, { output: 2, source: 'counted' }], ['too many written', { output: 1e9 + 1 }, { output: 2, source: 'counted' }],
    ['parts of a token', { output: 1.5 }, { output: 2, source: 'counted' }], ['cached tokens that are no number', { cached: Number.NaN }, { input: 60, cached: 0, output: 2, source: 'reported' }],
    ['less reasoning than none', { reasoning: -1 }, { input: 60, output: 2, reasoning: 0, source: 'reported' }], ['input alone', { output: undefined }, { output: 2, source: 'counted' }],
  ])('is no report of tokens, and leaves energy as it is: %s', async (_, change, usage) => {
    const on = await bench({ budgets, providers: hosts(usageOf(change), { type: 'energy', wh: 5e-3 }) })
    const said = await partsOf(await on.run())
    expect(said.at(-1)!.type).toBe('finish')
    const receipt = receiptIn(said)
    expect(receipt).toMatchObject({ status: 'completed', usage, cost: { wh: 5e-3 } })
    expect(receipt.cost.usd).toBeLessThan(receipt.estimate.ceiling.usd!)
    expect((await on.budgets())['usd']).toMatchObject({ settled: receipt.cost.usd, held: 0 })
    await partsOf(await on.run())
    expect(on.errors).toEqual([expect.any(RangeError)])
  })
})

describe('whatever cannot be billed', () => {
  test('is settled at what was counted, with the energy that was measured; whoever runs the server is told', async () => {
    const dear = { eco: [{ ...sized('dear', 4), price: { input: 0, output: 20_000 } }] }
    const script = ['One', ' two', usageOf({ output: 1e9 }), { type: 'energy', wh: 5e-3 }, { type: 'finish', reason: 'stop' }] as const
    const on = await bench({ budgets: [], providers: [scriptedProvider({ models: dear, script })] })
    expect(receiptIn(await partsOf(await on.run()))).toMatchObject({ status: 'completed', usage: { output: 2, source: 'counted' }, cost: { wh: 5e-3 }, provenance: { wh: 'metered' } })
    expect(on.errors).toEqual([expect.any(RangeError)])
  })

  test('leaves a failure with its receipt and its problem', async () => {
    const providers = [scriptedProvider({ async *script() {
      yield 'One'
      yield usageOf({ output: 2 ** 53 - 1 })
      throw new UpstreamError('The upstream broke off.', {})
    } })]
    const on = await bench({ budgets, providers })
    const parts = await partsOf(await on.run())
    expect(parts.map(({ type }) => type).slice(-3)).toEqual(['data-receipt', 'data-problem', 'error'])
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', usage: { output: 1, source: 'counted' } })
    expect((await on.budgets())['usd']!.held).toBe(0)
  })
})
