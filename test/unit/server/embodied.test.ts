import { describe, expect, test } from 'vitest'
import { embodiedOf } from '../../../src/catalog/index.ts'
import { addRanges, exactly } from '../../../src/core/index.ts'
import type { Receipt } from '../../../src/core/index.ts'
import type { EstimateAnswer } from '../../../src/protocol/index.ts'
import { madeOf } from '../../../src/server/receipts.ts'
import { bench, models, partsOf, receiptIn, sized } from './support.ts'
import type { Bench } from './support.ts'

const madeBy = async (on: Bench, { choice, usage }: Pick<Receipt, 'choice' | 'usage'>) =>
  embodiedOf((await on.catalog()).models.find(({ id }) => id === choice.model)!, exactly(usage.output))!

describe('a receipt', () => {
  test('tells the hardware\'s share beside the CO2e of the electricity, which it is no part of', async () => {
    const on = await bench({ budgets: [{ id: 'user', per: 'day', limit: { gco2e: 5 } }] })
    const receipt = receiptIn(await partsOf(await on.run()))
    const { carbon } = (await on.catalog()).policy
    expect(receipt.embodied).toEqual({ gco2e: await madeBy(on, receipt) })
    expect(receipt.embodied!.gco2e.low).toBeGreaterThan(0)
    expect(receipt.cost.gco2e).toBeCloseTo(receipt.cost.wh! * carbon.gco2ePerWh, 5)
    // To the microgram: a budget counts what was used, and nothing else.
    expect((await on.budgets())['gco2e']!.settled).toBeCloseTo(receipt.cost.gco2e!, 6)
  })

  test('goes by the model and its tokens where a meter measured the electricity', async () => {
    const on = await bench({}, { deltas: ['One', ' two'], usage: { prompt_tokens: 70, completion_tokens: 30, energy_mj: 9_000 } })
    const receipt = receiptIn(await partsOf(await on.run()))
    expect([receipt.provenance!.wh, receipt.cost.wh]).toEqual(['metered', 0.0025])
    expect(receipt.embodied).toEqual({ gco2e: await madeBy(on, { ...receipt, usage: { ...receipt.usage, output: 30 } }) })
  })

  test('of a feature that was metered a while has it as it was', async () => {
    const on = await bench({ budgets: [], concurrency: 100 }, { deltas: ['One'], usage: { prompt_tokens: 70, completion_tokens: 30, energy_mj: 9_000 } })
    const before = (await on.catalog()).models[0]!.energy!
    for (let run = 0; run < 8; run++) {
      await partsOf(await on.run())
      await on.modelSelector.coverage()
      on.clock.now += 6_000
    }
    const after = (await on.catalog()).models[0]!.energy!
    expect(after.output).not.toEqual(before.output)
    expect(after.embodied).toEqual(before.embodied)
  })

  test('is of all calls of its run', async () => {
    const replies = [{ deltas: ['{"opens": ', '"at nine"'] }, { deltas: ['{"opens": ', '"nine"', ', "floors": 3}'] }]
    const on = await bench({}, () => replies.shift()!)
    const receipt = receiptIn(await partsOf(await on.run({ feature: 'facts' })))
    expect(receipt.usage.output).toBe(5)
    expect(receipt.embodied!.gco2e.high).toBeCloseTo((await madeBy(on, receipt)).high, 12)
  })

  test('has none of quotes, of what was never served, and of a model of unknown architecture', async () => {
    const on = await bench()
    expect(receiptIn(await partsOf(await on.run({ tier: 'baseline', effort: 'none' })))).not.toHaveProperty('embodied')
    on.upstream.reply({ status: 400 })
    expect(receiptIn(await partsOf(await on.run()))).not.toHaveProperty('embodied')
    const { params: _, ...unsized } = sized('in-house', 4)
    const unknown = await bench({}, {}, { eco: [{ ...unsized, energy: { input: 0.01, output: 0.1 } }] })
    const receipt = receiptIn(await partsOf(await unknown.run()))
    expect(receipt).not.toHaveProperty('embodied')
    expect(receipt.cost.gco2e).toBeGreaterThan(0)
  })

  test('keeps it where the host measured the model\'s electricity', async () => {
    const on = await bench({}, {}, { eco: [{ ...sized('small', 4), energy: { input: 0.01, output: 0.1 } }] })
    const receipt = receiptIn(await partsOf(await on.run()))
    const plain = await bench({}, {}, models)
    expect(receipt.embodied).toEqual({ gco2e: await madeBy(plain, receipt) })
  })
})

test('what is unknown of one call is unknown of all, and what generated nothing adds nothing', () => {
  const grams = exactly(0.1)
  expect([madeOf(grams, grams), madeOf(grams, undefined), madeOf(undefined, grams), madeOf(undefined, undefined)]).toEqual([addRanges(grams, grams), grams, grams, undefined])
  expect([madeOf(grams, null), madeOf(null, grams), madeOf(null, undefined), madeOf(undefined, null)]).toEqual([null, null, null, null])
})

test('an estimate has it beside, for the tokens that are likely; none of quotes', async () => {
  const on = await bench()
  const ask = async (tier: string) => await (await on.post('/v1/estimate', { feature: 'summary', tier, input: { text: 'The museum opens at nine.' } })).json() as EstimateAnswer
  const { estimate, embodied } = await ask('eco')
  const model = (await on.catalog()).models.find(({ id }) => id === estimate.model)!
  expect(embodied).toEqual({ gco2e: embodiedOf(model, estimate.tokens.output) })
  expect(await ask('baseline')).not.toHaveProperty('embodied')
})
