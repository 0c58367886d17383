import { describe, expect, test } from 'vitest'
import type { Estimate, Receipt } from '../../../src/core/index.ts'
import { verifyReceipt } from '../../../src/protocol/index.ts'
import type { KeysAnswer } from '../../../src/protocol/index.ts'
import type { ModelSelectorOptions } from '../../../src/server/index.ts'
import { paceKey } from '../../../src/server/ledger/keys.ts'
import { randomFrom } from '../catalog/random.ts'
import { bench, partsOf, receiptIn, sized } from './support.ts'
import type { Bench } from './support.ts'

const free = { budgets: [], concurrency: 100 } as const
const byTier = { eco: [sized('eight', 8)] }

/** An upstream that answers in 5 to 35 tokens and reports so many joules of each run. */
async function metered(joules: number, budgets: ModelSelectorOptions['budgets'] = []): Promise<{ readonly on: Bench; draw(joules: number): void }> {
  const on = await bench({ ...free, budgets }, {}, byTier)
  const random = randomFrom(3)
  const draw = (each: number) => on.upstream.reply(() => {
    const length = 5 + Math.floor(30 * random())
    return { deltas: Array.from({ length }, () => 'word '), usage: { prompt_tokens: 70, completion_tokens: length, energy_mj: 1_000 * each } }
  })
  draw(joules)
  return { on, draw }
}

/** Runs one after another, each estimated when those before it have been learned from. */
async function runsOf(on: Bench, count: number): Promise<Receipt[]> {
  const receipts: Receipt[] = []
  for (let run = 0; run < count; run++) {
    receipts.push(receiptIn(await partsOf(await on.run())))
    await on.modelSelector.coverage()
    on.clock.now += 6_000
  }
  return receipts
}

const covers = ({ cost, estimate }: Receipt) => estimate.cost.wh!.low <= cost.wh! && cost.wh! <= estimate.cost.wh!.high
const isAbove = ({ cost, estimate }: Receipt) => cost.wh! > estimate.ceiling.wh!
const share = (receipts: readonly Receipt[], of: (receipt: Receipt) => boolean) => receipts.filter(of).length / receipts.length

describe.each([['far more', 150], ['far less', 0.5]])('an upstream that meters %s than was modelled', (_, joules) => {
  test('is believed: of 120 runs, those after the 20th are within their range and their ceiling', { timeout: 60_000 }, async () => {
    const { on } = await metered(joules)
    const receipts = await runsOf(on, 120)
    expect(covers(receipts[0]!)).toBe(false)
    const after = receipts.slice(20)
    expect(share(after, covers)).toBeGreaterThan(0.8)
    expect(after.filter(isAbove)).toEqual([])
    expect(new Set(after.map(({ estimate }) => estimate.provenance.wh))).toEqual(new Set(['metered']))
    expect(new Set(receipts.slice(0, 5).map(({ estimate }) => estimate.provenance.wh))).toEqual(new Set(['modelled']))
    const last = receipts.at(-1)!.estimate.cost.wh!
    expect(last.high / last.low).toBeLessThan(10)
    const { value } = (await on.ledger.document(paceKey({ provider: 'fixture', id: 'eight' })))!
    expect(JSON.stringify(value).length).toBeLessThan(1_500)
  })

  test('is followed where it draws three times as much from then on', { timeout: 60_000 }, async () => {
    const { on, draw } = await metered(joules)
    await runsOf(on, 30)
    draw(3 * joules)
    const receipts = await runsOf(on, 40)
    expect(receipts.slice(2).filter(isAbove)).toEqual([])
    expect(share(receipts.slice(20), covers)).toBeGreaterThan(0.8)
  })
})

describe('a meter that is read wrong', () => {
  const budgets = [{ id: 'user', per: 'day', limit: { wh: 20 } }] as const
  const isRefused = async (on: Bench) => (await on.run()).status === 429

  test.each([500, 4])('once, by so many watt-hours: %d, locks no model out; whoever runs the server is told once', async wh => {
    const { on, draw } = await metered(72, budgets)
    const before = (await runsOf(on, 8)).at(-1)!
    draw(3_600 * wh)
    const [glitch] = await runsOf(on, 1)
    expect(glitch!.choice.reasons.map(({ code }) => code)).toContain('over-ceiling')
    draw(72)
    const after = await runsOf(on, 25)
    for (const { estimate } of after) expect(estimate.ceiling.wh).toBeLessThan(6 * before.estimate.ceiling.wh!)
    expect(after.at(-1)!.estimate.ceiling.wh).toBeLessThan(2 * before.estimate.ceiling.wh!)
    expect(on.errors.map(error => /reports (\S+) watt-hours/.exec(String(error))![1])).toEqual(['0.02', String(wh)])
  })

  test('again and again locks the model out for a week at most, in which nobody runs it', async () => {
    const { on, draw } = await metered(72, budgets)
    await runsOf(on, 8)
    draw(3_600 * 500)
    await runsOf(on, 3)
    expect(await isRefused(on)).toBe(true)
    on.clock.now += 6 * 86_400_000
    expect(await isRefused(on)).toBe(true)
    draw(72)
    on.clock.now += 86_400_000
    const again = await runsOf(on, 10)
    expect(again.map(({ status }) => status)).toEqual(again.map(() => 'completed'))
    expect(again.at(-1)!.estimate.ceiling.wh).toBeLessThan(1)
  })
})

test('what is metered is in the catalog that browsers fetch, of the model alone, under another version', async () => {
  const { on } = await metered(150)
  const before = await on.catalog()
  await runsOf(on, 6)
  const after = await on.catalog()
  expect(after.version).not.toBe(before.version)
  const eight = after.models.find(({ id }) => id === 'eight')!
  expect(eight.provenance.wh).toBe('metered')
  expect(eight.energy!.output.mid).toBeGreaterThan(5 * before.models.find(({ id }) => id === 'eight')!.energy!.output.mid)
  expect(after.models.filter(({ kind }) => kind === 'extractive')).toEqual(before.models.filter(({ kind }) => kind === 'extractive'))
  const { estimate } = await (await on.post('/v1/estimate', { feature: 'summary', input: { text: 'Open?' }, tier: 'eco', effort: 'none' })).json() as { estimate: Estimate }
  expect(estimate.provenance.wh).toBe('metered')
})

test('a run that nobody metered is known by those that somebody did, and its receipt says no more', async () => {
  const { on } = await metered(150)
  await runsOf(on, 6)
  on.upstream.reply({})
  const receipt = receiptIn(await partsOf(await on.run()))
  expect(receipt.provenance!.wh).toBe('measured')
  expect(receipt.cost.wh).toBeGreaterThan(0.005)
  const { keys } = await (await on.get('/v1/keys')).json() as KeysAnswer
  expect(await verifyReceipt(receipt, keys)).toBe(true)
})

test('upstreams without a meter leave energy as it is configured', async () => {
  const on = await bench(free, {}, byTier)
  const { models: [before] } = await on.catalog()
  await runsOf(on, 8)
  const { models: [after] } = await on.catalog()
  expect(after!.energy).toEqual(before!.energy)
  expect(after!.provenance).toEqual(before!.provenance)
})
