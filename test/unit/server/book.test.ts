import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ceilingCovers, spentAmounts } from '../../../src/core/index.ts'
import type { Catalog, Ceiling, Choice, Provenance, ReachableModel } from '../../../src/core/index.ts'
import { exactly } from '../../../src/core/index.ts'
import { admit } from '../../../src/server/admission.ts'
import { billOfRun, finalBill, openBook, termsFor } from '../../../src/server/book.ts'
import { emptyTally, sumOf } from '../../../src/server/receipts.ts'
import { mostAmounts } from '../../../src/server/run-context.ts'
import type { RunContext } from '../../../src/server/run-context.ts'
import { golden } from '../protocol/fixtures.ts'

const base = golden('catalog') as Catalog
const now = Date.UTC(2026, 10, 24, 12)
const price = fc.integer({ min: 0, max: 50_000_000_000 })
const energy = fc.integer({ max: 1_000, min: 0 }).map(thousandths => exactly(thousandths / 1_000))
const model = (id: string): fc.Arbitrary<ReachableModel> => fc.record({ input: price, output: price, wh: fc.tuple(energy, energy, energy) }).map(({ input, output, wh: [request, read, written] }) => ({
  id, provider: 'p', tier: 'eco', kind: 'generative', tasks: null, context: 100_000, efforts: ['none'], price: { input, cached: input, output }, energy: { request, input: read, output: written },
  pace: null, stars: null, provenance: { usd: 'measured', wh: 'measured' },
}))
const agreement: fc.Arbitrary<Ceiling> = fc.record({ usd: fc.integer({ min: 1, max: 100 }).map(cents => cents / 1_000), wh: fc.integer({ min: 1, max: 50 }).map(tenths => tenths / 10), outputTokens: fc.integer({ min: 1, max: 500 }) })
const share = fc.double({ min: 0, max: 1, noNaN: true })

/** What a call consumed, as shares of what it may, or that it failed and nobody knows. */
const appetite = fc.record({ read: share, written: share, guessed: fc.boolean() })

test('however many calls a run makes, and whatever each consumes, together they never pass what was agreed to', () => {
  let [several, guesses] = [0, 0]
  const property = fc.property(fc.tuple(model('a'), model('b'), model('c')), agreement, fc.array(appetite, { minLength: 3, maxLength: 3 }), fc.record({ tokensLimited: fc.boolean(), scope: fc.constantFrom('once' as const, 'always' as const), likely: share }), fc.string({ maxLength: 300 }), (models, ceiling, appetites, { tokensLimited, scope, likely }, text) => {
    const catalog = { ...base, models: [...models] }
    const ask = { feature: 'nightly', input: { text }, tier: 'eco', effort: 'none', need: 'generate', ceiling, trigger: 'user' } as const
    const optIn = { id: 'opt-in-1', feature: 'nightly', scope, tier: 'eco', effort: 'none', ceiling, catalogVersion: 'v', at: now, lapsesAt: null, origin: 'control' } as const
    let admitted
    try {
      admitted = admit({ ...ask, optIn }, catalog, new Set(), { now })
    } catch {
      return // Nothing here is as cheap as that.
    }
    expect(ceilingCovers(ceiling, admitted.most)).toBe(true)
    const budgets = tokensLimited ? [{ id: 'user', per: 'day', limit: { tokens: 1e9 } }] : []
    const run = { ask, admitted, catalog, policy: { budgets }, settings: { timeZone: 'UTC' }, draw: { identity: { key: 'user:ada', anonymous: false, caller: { user: 'ada' } }, network: null, run: ask } } as unknown as RunContext
    const book = openBook(admitted.choice)
    for (const [at, offer] of [admitted, ...admitted.others].entries()) {
      const terms = termsFor({ offer, messages: [], inputTokens: admitted.inputTokens, countedInput: () => Math.ceil(likely * admitted.inputTokens), least: 1 }, run, book)
      if (!terms) continue
      const { read, written, guessed } = appetites[at % 3]!
      guesses += Number(guessed && at > 0)
      const reported = guessed ? null : { input: Math.floor(read * admitted.inputTokens), cached: 0, output: Math.floor(written * terms.maxOutputTokens), reasoning: 0 }
      book.calls.push({ terms, tally: { ...emptyTally(), accepted: true, reported } })
    }
    several += Number(book.calls.length > 1)
    const bill = billOfRun(book, run)
    const [spent, most] = [spentAmounts(bill), mostAmounts(run)]
    // In whole grains; decimals of sums are off by less than one.
    expect(spent.usd).toBeLessThanOrEqual(most.usd! + 1)
    expect(spent.wh).toBeLessThanOrEqual(most.wh! + 1)
    expect(bill.usage.output).toBeLessThanOrEqual(ceiling.outputTokens)
    expect(tokensLimited ? spent.tokens! <= most.tokens! : true).toBe(true)
  })
  fc.assert(property, { numRuns: 500 })
  expect(several).toBeGreaterThan(20)
  expect(guesses).toBeGreaterThan(20)
})

test('the bill of several calls is their sum, exactly; unknown where one is, and no better known than the least of them', () => {
  const usage = { input: 3, cached: 1, output: 2, reasoning: 1, source: 'reported' } as const
  const one = { usage, cost: { usd: 0.1, wh: 0.2, gco2e: 0.3 } }
  const nothing = { usage: { ...usage, input: 0, cached: 0, output: 0, reasoning: 0, source: 'counted' }, cost: { usd: 0, wh: 0, gco2e: 0 } } as const
  expect(sumOf([])).toEqual(nothing)
  expect(sumOf([nothing, one, nothing])).toEqual(one)
  expect(sumOf([one, { ...one, cost: { ...one.cost, usd: 0.2 } }]).cost).toEqual({ usd: 0.3, wh: 0.4, gco2e: 0.6 })
  expect(sumOf([one, { ...one, usage: { ...usage, source: 'counted' }, cost: { ...one.cost, usd: null } }])).toMatchObject({ usage: { input: 6, cached: 2, output: 4, reasoning: 2, source: 'counted' }, cost: { usd: null } })
  const known = (wh: Provenance) => ({ ...one, provenance: { usd: 'class', wh } as const })
  expect([sumOf([known('metered')]), sumOf([known('metered'), known('modelled')]), sumOf([known('measured'), known('metered'), nothing]), sumOf([nothing])].map(({ provenance }) => provenance?.wh))
    .toEqual(['metered', 'modelled', 'measured', undefined])
  expect(sumOf([{ ...one, usage: { ...usage, written: 2, batch: true } }, one]).usage).toEqual({ ...usage, input: 6, cached: 2, output: 4, reasoning: 2, written: 2 })
})

test('a run of which not even what was counted can be billed stands at all that was reserved for it, and whoever runs the server is told', () => {
  const reachable = base.models.find(({ kind }) => kind === 'generative')!
  const terms = { model: reachable, effort: 'none', countedInput: () => Number.NaN, inputTokens: 100, maxOutputTokens: 40 } as const
  const book = openBook({ model: reachable.id } as Choice)
  book.calls.push({ terms, tally: { ...emptyTally(), accepted: true, events: 3, reported: { input: -1, cached: 0, output: 3, reasoning: 0 } } })
  const errors: unknown[] = []
  const admitted = { model: reachable, others: [], inputTokens: 100, most: { usd: 0.01, wh: 2, outputTokens: 40 } }
  const run = { admitted, catalog: base, settings: { onError: (error: unknown) => void errors.push(error) } } as unknown as RunContext
  expect(finalBill(book, run)).toEqual({ usage: { input: 100, cached: 0, output: 40, reasoning: 0, source: 'assumed' }, cost: { usd: 0.01, wh: 2, gco2e: 2 * base.policy.carbon.gco2ePerWh } })
  expect(errors).toEqual([expect.any(RangeError), expect.any(RangeError)])
})
