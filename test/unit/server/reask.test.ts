import { describe, expect, test } from 'vitest'
import { ceilingCovers } from '../../../src/core/index.ts'
import type { Ceiling, Estimate, OptIn } from '../../../src/core/index.ts'
import { asJson, bench, models, optInFor, problemOf } from './support.ts'
import type { Bench } from './support.ts'
import type { RunResult } from '../../../src/protocol/index.ts'

const estimateAt = async (on: Bench, tier: string): Promise<Estimate> =>
  (await (await on.post('/v1/estimate', { feature: 'summary', input: (await on.ask())['input'], tier, effort: 'none' })).json() as { estimate: Estimate }).estimate

/** A run whose opt-in was given for less than it may cost now. */
async function outgrown(on: Bench, agreed: Ceiling, change: Partial<OptIn> = {}) {
  const body = await on.ask({ tier: 'standard' })
  const optIn = { ...optInFor(body, { ceiling: agreed, catalogVersion: 'an-older-one' }, on.clock.now), scope: 'always' as const, ...change }
  return on.post('/v1/run', { ...body, optIn }, asJson)
}

describe('a standing opt-in for less than a run may cost now', () => {
  test('is not asked for anew while another choice fits it', async () => {
    const on = await bench()
    const agreed = (await estimateAt(on, 'eco')).ceiling
    const response = await outgrown(on, agreed)
    const { receipt } = await response.json() as RunResult
    expect(receipt).toMatchObject({ status: 'completed', choice: { model: 'small' }, optIn: 'opt-in-1' })
    expect(receipt.estimate.ceiling).toEqual(agreed)
  })

  /** A server on which what is written costs so many times what it did when an opt-in was given. */
  const dearer = (times: number) => bench({}, {}, { standard: models.standard.map(model => ({ ...model, price: { ...model.price, output: model.price.output * times } })) })

  test.each([1.05, 1.2])('that has become %f times as dear writes a little less, for what was agreed to', async times => {
    const agreed = (await estimateAt(await bench(), 'standard')).ceiling
    const on = await dearer(times)
    const { receipt } = await (await outgrown(on, agreed)).json() as RunResult
    expect(receipt).toMatchObject({ status: 'completed', choice: { model: 'middle' }, optIn: 'opt-in-1' })
    expect(ceilingCovers(agreed, receipt.estimate.ceiling)).toBe(true)
    expect(receipt.estimate.ceiling.outputTokens).toBeLessThan(agreed.outputTokens)
    expect(receipt.estimate.ceiling.outputTokens).toBeGreaterThanOrEqual(agreed.outputTokens * 0.8)
    expect((await on.budgets())['usd']).toMatchObject({ held: 0 })
  })

  test.each([1.4, 2])('that has become %f times as dear is asked for anew', async times => {
    const agreed = (await estimateAt(await bench(), 'standard')).ceiling
    const on = await dearer(times)
    expect(await problemOf(await outgrown(on, agreed))).toMatchObject({ gap: 'ceiling', agreed })
    expect(on.upstream.log).toEqual([])
  })

  test('for a single run is asked for anew, however little dearer it is', async () => {
    const agreed = (await estimateAt(await bench(), 'standard')).ceiling
    expect(await problemOf(await outgrown(await dearer(1.05), agreed, { scope: 'once' }))).toMatchObject({ gap: 'ceiling' })
  })

  test('is not stretched by cutting the answer short', async () => {
    const on = await bench()
    const agreed = { ...(await estimateAt(on, 'standard')).ceiling, outputTokens: 9 }
    expect(await problemOf(await outgrown(on, agreed))).toMatchObject({ gap: 'ceiling', agreed })
  })

  test('is asked for anew where none fits, and the person is told why', async () => {
    const on = await bench()
    const small = await estimateAt(on, 'eco')
    const agreed = { ...small.ceiling, usd: small.ceiling.usd! / 2 }
    const estimate = await estimateAt(on, 'standard')
    const problem = await problemOf(await outgrown(on, agreed))
    expect(problem).toMatchObject({
      type: 'urn:sparing:opt-in-required', status: 403, gap: 'ceiling', agreed,
      typical: { usd: estimate.cost.usd!.mid, wh: estimate.cost.wh!.mid }, estimate: { model: 'middle', ceiling: estimate.ceiling },
    })
    expect(on.upstream.log).toEqual([])
    expect(on.ledger.verbs).toEqual([])
  })

  test.each([['usd', null], ['wh', null]] as const)('fits nothing where what it says of %s is unknown', async (unit, value) => {
    const on = await bench()
    expect(await problemOf(await outgrown(on, { ...(await estimateAt(on, 'standard')).ceiling, [unit]: value }))).toMatchObject({ gap: 'ceiling' })
  })

  test('is another matter than one for a single run', async () => {
    const on = await bench()
    const problem = await problemOf(await outgrown(on, (await estimateAt(on, 'eco')).ceiling, { scope: 'once' }))
    expect(problem).toMatchObject({ gap: 'ceiling' })
    expect(problem).not.toHaveProperty('typical')
  })

  test('covers what was not shown: then only that is to be shown', async () => {
    const on = await bench()
    const body = await on.ask({ tier: 'standard' })
    const shown = { ...body['ceiling'] as Ceiling, usd: 0 }
    const optIn = { ...optInFor(body, { ceiling: body['ceiling'] as Ceiling, catalogVersion: 'v' }, on.clock.now), scope: 'always' }
    const problem = await problemOf(await on.post('/v1/run', { ...body, ceiling: shown, optIn }))
    expect(problem).toMatchObject({ type: 'urn:sparing:ceiling-exceeded', status: 409, estimate: { model: 'middle', ceiling: body['ceiling'] } })
  })
})
