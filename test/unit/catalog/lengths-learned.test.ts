import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coverageOf, isFeatureLessons, isModelLessons, learnedModelOf, learnedOf, learnModel, learnRun, newModel, noLessons, reasoningOf } from '../../../src/catalog/lessons.ts'
import type { FeatureLessons, ModelLessons, SettledRun } from '../../../src/catalog/lessons.ts'
import { rangeOf } from '../../../src/core/index.ts'
import type { Effort, Estimate, Range, ReachableFeature, ReachableModel, Receipt, RunStatus, Tier, Usage } from '../../../src/core/index.ts'
import { schemas } from '../../../src/protocol/index.ts'

const feature: ReachableFeature = {
  task: 'chat', baseline: 'search', tier: 'max', effort: 'high', maxInputTokens: 8_000, maxOutputTokens: 2_000,
  mode: 'offer', background: false, overhead: 300, output: rangeOf(60, 220, 600),
}
const modelOf = (id: string, tier: Tier = 'eco', efforts: readonly Effort[] = ['none']): ReachableModel => ({
  id, provider: 'p', tier, kind: 'generative', tasks: null, context: 8_000, efforts, price: null, energy: null, pace: null, stars: null, provenance: { usd: 'unknown', wh: 'unknown' },
})

interface RunFacts {
  readonly model?: string
  readonly tier?: Tier
  readonly effort?: Effort
  readonly status?: RunStatus
  readonly usage?: Partial<Usage>
  readonly output?: Range
  readonly usd?: number
  readonly at?: number
  readonly estimated?: Partial<Estimate>
  readonly rest?: Partial<SettledRun>
}

function runOf({ model = 'small', tier = 'eco', effort = 'none', status = 'completed', usage, output = rangeOf(50, 100, 200), usd = 1, at = 0, estimated, rest }: RunFacts): SettledRun {
  const choice: Receipt['choice'] = { model, provider: 'p', tier, effort, need: 'generate', reasons: [] }
  const estimate = { tokens: { input: rangeOf(80, 100, 120), output }, cost: { usd: rangeOf(0.5, 1, 2), wh: rangeOf(0.1, 0.2, 0.4), gco2e: null }, seconds: rangeOf(1, 2, 4), provenance: { usd: 'measured', wh: 'metered' }, ...estimated } as Estimate
  return { receipt: { status, choice, usage: { input: 100, cached: 0, output: 100, reasoning: 0, source: 'reported', ...usage }, cost: { usd, wh: 0.2, gco2e: null }, estimate, at }, ...rest }
}

const lessonsOf = (runs: readonly RunFacts[]): FeatureLessons => runs.reduce<FeatureLessons>((lessons, run) => learnRun(lessons, runOf(run)), noLessons)
const often = (count: number, run: RunFacts): RunFacts[] => Array.from({ length: count }, () => run)

describe('what a run teaches', () => {
  test('is its length, under its model and effort, with reasoning apart', () => {
    const lessons = lessonsOf([{ usage: { output: 70 } }, { model: 'large', tier: 'max', effort: 'high', usage: { output: 900, reasoning: 800 } }])
    expect(lessons.models).toEqual({
      small: { tier: 'eco', output: { none: [70] }, reasoning: {} },
      large: { tier: 'max', output: { high: [900] }, reasoning: { high: [800] } },
    })
  })

  test.each([['ceiling', -100], ['aborted', -100], ['completed', 100]] as const)('that ended as %s: %d', (status, length) => {
    expect(lessonsOf([{ status }]).models['small']!.output.none).toEqual([length])
  })

  test.each<[string, RunFacts]>([
    ['failed', { status: 'failed' }], ['expired', { status: 'expired' }], ['was assumed', { usage: { source: 'assumed' } }],
    ['was quoted', { tier: 'baseline' }], ['said nothing', { usage: { output: 0 } }],
  ])('is nothing where it %s', (_, run) => {
    expect(lessonsOf([run])).toBe(noLessons)
  })

  test('is scored, but for what a person stopped; energy only where it was measured', () => {
    expect(coverageOf(lessonsOf([{ usage: { output: 900 } }]))).toMatchObject({ tokens: { runs: 1, coverage: 0 }, usd: { runs: 1, coverage: 1 } })
    expect(Object.keys(lessonsOf([{}]).coverage)).toEqual(['tokens', 'usd'])
    expect(Object.keys(lessonsOf([{ rest: { isMeasured: true, seconds: { first: 0.5, total: 2 } } }]).coverage)).toEqual(['tokens', 'usd', 'wh', 'seconds'])
    expect(lessonsOf([{ status: 'aborted' }]).coverage).toEqual({})
    expect(coverageOf(lessonsOf([{ status: 'ceiling' }])).tokens).toMatchObject({ runs: 1, coverage: null, cut: 1 })
  })

  test('of the input is what its estimate came to, where the upstream said so', () => {
    expect(lessonsOf([{ rest: { estimatedInput: 80 } }]).count).toEqual([1_250])
    expect(lessonsOf([{}, { usage: { source: 'counted' }, rest: { estimatedInput: 80 } }]).count).toEqual([])
  })

  test('is kept in little room, of the models used last', () => {
    const lessons = lessonsOf(Array.from({ length: 40 }, (_, i) => ({ model: `m${i}` })))
    expect(Object.keys(lessons.models)).toEqual(Array.from({ length: 12 }, (_, i) => `m${28 + i}`))
    const measured = { isMeasured: true, seconds: { first: 0.5, total: 9 } }
    const full = lessonsOf(Array.from({ length: 40 }, (_, i) => often(70, { model: `m${i}`, usage: { output: 12_345 }, rest: measured })).flat())
    expect(Object.keys(full.scores!)).toEqual(Array.from({ length: 12 }, (_, i) => `p/m${28 + i}`))
    expect(JSON.stringify(full).length).toBeLessThan(12 * (420 + 4 * 190) + 800)
    expect(JSON.parse(JSON.stringify(full))).toEqual(full)
  })

  test('leaves the document it came to as it was, so that the change can be made anew', () => {
    const before = Object.freeze(lessonsOf([{}]))
    const copy = JSON.stringify(before)
    expect(learnRun(before, runOf({ usage: { output: 5 } }))).toEqual(learnRun(before, runOf({ usage: { output: 5 } })))
    expect(JSON.stringify(before)).toBe(copy)
  })
})

describe('what the catalog says', () => {
  const learned = (lessons: FeatureLessons, ...models: ReachableModel[]) => learnedOf(feature, lessons, models)

  test('is nothing where nothing was seen', () => {
    expect(learned(noLessons, modelOf('small'))).toEqual({})
  })

  test('is a model\'s own lengths', () => {
    const { lengths } = learned(lessonsOf(often(60, { usage: { output: 90 } })), modelOf('small'))
    expect(lengths).toEqual({ small: { none: { low: 90, mid: 90, high: 90 } } })
  })

  test('is that of its tier for a model that is new, and of any where the tier has none', () => {
    const lessons = lessonsOf([...often(30, { usage: { output: 90 } }), ...often(30, { model: 'large', tier: 'max', usage: { output: 700 } })])
    const { lengths } = learned(lessons, modelOf('new'), modelOf('newer', 'standard'))
    expect(lengths!['new']!.none!.mid).toBeLessThan(130)
    expect(lengths!['newer']!.none!.mid).toBeGreaterThan(lengths!['new']!.none!.mid)
  })

  test('is longer for more reasoning that was not seen yet, and for what was what it was', () => {
    const plain = often(30, { tier: 'max', usage: { output: 100 } })
    const model = modelOf('small', 'max', ['none', 'low', 'high', 'xhigh'])
    const { none, low, high, xhigh } = learned(lessonsOf(plain), model).lengths!['small']!
    expect([none!.mid, low!.mid, high!.mid]).toEqual([none!.mid, low!.mid, high!.mid].toSorted((a, b) => a - b))
    expect(high!.mid).toBeGreaterThan(2 * none!.mid)
    expect(xhigh).toBeUndefined()
    const seen = learned(lessonsOf([...plain, ...often(60, { tier: 'max', effort: 'high', usage: { output: 450, reasoning: 350 }, output: rangeOf(300, 450, 600) })]), model).lengths!['small']!
    expect(seen.high).toEqual(rangeOf(450, 450, 450))
    expect(reasoningOf(lessonsOf(often(60, { effort: 'high', usage: { output: 450, reasoning: 350 } })))).toEqual({ small: { high: rangeOf(350, 350, 350) } })
  })

  test('has the ratio of input, and the spread of what had to be adapted', () => {
    const lessons = lessonsOf(often(60, { usd: 9, rest: { estimatedInput: 50 } }))
    const { count, spread } = learned(lessons, modelOf('small'))
    expect(count!.mid).toBeCloseTo(2, 3)
    expect(spread!['p/small']!.usd![1]).toBeGreaterThan(1.3)
    expect(spread!['p/small']).not.toHaveProperty('tokens')
  })

  test('travels', () => {
    const lessons = lessonsOf(often(60, { usd: 9, rest: { estimatedInput: 50 } }))
    const catalog = { version: '1', models: [modelOf('small')], features: { f: { ...feature, ...learned(lessons, modelOf('small')) } }, policy: { revision: 0, owner: null, pays: false, carbon: { gco2ePerWh: 0.4, zone: 'WOR', year: 2025 } } }
    expect(schemas.catalog.parse(JSON.parse(JSON.stringify(catalog)))).toEqual(catalog)
  })

  test('is whole tokens in order, of whatever was seen', () => {
    const usage = fc.record({ output: fc.integer({ min: 1, max: 50_000 }) })
    const run = fc.record({ usage, model: fc.constantFrom('small', 'b', 'c'), effort: fc.constantFrom<Effort>('none', 'high'), status: fc.constantFrom<RunStatus>('completed', 'ceiling', 'aborted') })
    fc.assert(fc.property(fc.array(run, { minLength: 1, maxLength: 80 }), runs => {
      const { lengths } = learned(lessonsOf(runs), modelOf('small', 'eco', ['none', 'high']), modelOf('d'))
      for (const ranges of Object.values(lengths ?? {})) for (const { low, mid, high } of Object.values(ranges)) {
        expect([low, mid, high].every(Number.isSafeInteger) && low >= 1 && low <= mid && mid <= high).toBe(true)
      }
    }))
  })
})

describe('what is made of ranges that held or did not', () => {
  const [small, large] = [modelOf('small'), modelOf('large', 'max')]
  const spreadsOf = (lessons: FeatureLessons) => learnedOf(feature, lessons, [small, large]).spread ?? {}
  /** Half of a model's runs end above their ranges. */
  const drifting = (facts: RunFacts): RunFacts[] => Array.from({ length: 60 }, (_, i) => ({ ...facts, usd: i % 2 ? 9 : 1 }))
  const between = (runs: readonly RunFacts[], others: RunFacts): RunFacts[] => runs.flatMap(run => [run, others, others, others, others])
  const paid = { model: 'large', tier: 'max' } as const
  const free: RunFacts = { usd: 0, estimated: { cost: { usd: rangeOf(0, 0, 0), wh: null, gco2e: null } } }

  test('is that model\'s alone: others\' runs, which always hold, neither narrow its ranges nor hide that they do not hold', () => {
    const alone = lessonsOf(drifting(paid))
    for (const others of [free, {}]) {
      const mixed = lessonsOf(between(drifting(paid), others))
      expect(spreadsOf(mixed)['p/large']).toEqual(spreadsOf(alone)['p/large'])
    }
    expect(spreadsOf(alone)['p/large']!.usd![1]).toBeGreaterThan(1.3)
    expect(spreadsOf(lessonsOf(often(200, {})))).toHaveProperty('p/small')
    expect(spreadsOf(lessonsOf(often(200, {})))).not.toHaveProperty('p/large')
  })

  test('is nothing of a price that is no range: what is free always comes to nothing', () => {
    const lessons = lessonsOf([...often(50, free), ...drifting(paid)])
    expect(coverageOf(lessons).usd).toMatchObject({ runs: 60, models: { 'p/large': { runs: 60, adapted: 'wider' } } })
    expect(coverageOf(lessonsOf(often(50, free)))).not.toHaveProperty('usd')
  })

  test('is of energy what the model\'s own meter came to, once its ranges go by that', () => {
    const measured = { isMeasured: true }
    const modelled = { provenance: { usd: 'measured', wh: 'modelled' } } as const
    const early = lessonsOf(often(60, { rest: measured, estimated: modelled }))
    expect(coverageOf(early).wh).toMatchObject({ runs: 60, coverage: 1, models: {} })
    expect(spreadsOf(early)['p/small']).not.toHaveProperty('wh')
    const metered = lessonsOf(often(60, { rest: measured }))
    expect(spreadsOf(metered)['p/small']!.wh![1]).toBeLessThan(0.9)
    expect(spreadsOf(metered)).not.toHaveProperty('p/large')
  })

  test('is told for all models together and for each', () => {
    const { usd } = coverageOf(lessonsOf([...often(20, {}), ...drifting(paid)]))
    expect(usd).toMatchObject({ runs: 80, adapted: 'wider', models: { 'p/small': { runs: 20, coverage: 1 }, 'p/large': { runs: 60 } } })
    expect(usd!.models['p/large']!.coverage).toBeLessThan(usd!.coverage!)
  })

  test('begins anew for models whose runs were scored together, and their count goes on', () => {
    const { scores: _, ...rest } = lessonsOf(often(60, {}))
    const old = { ...rest, coverage: { ...rest.coverage, usd: { ...rest.coverage.usd!, spread: [0.2, 0.2] as const, adapting: true } } }
    expect(isFeatureLessons(JSON.parse(JSON.stringify(old)))).toBe(true)
    expect(spreadsOf(old)).toEqual({})
    expect(coverageOf(old).usd).toMatchObject({ runs: 60, coverage: 1, adapted: null, models: {} })
    const next = learnRun(old, runOf({ usd: 9 }))
    expect(coverageOf(next).usd).toMatchObject({ runs: 61, models: { 'p/small': { runs: 1, coverage: 0 } } })
    expect(learnRun(old, runOf({ status: 'aborted' }))).not.toHaveProperty('scores')
  })
})

describe('a model\'s pace', () => {
  const run = (first: number | null, total: number) => runOf({ usage: { output: 100 }, rest: { seconds: { first, total } } })
  const paceOf = (runs: readonly SettledRun[]) => runs.reduce(learnModel, newModel)
  const paceFrom = (pace: ReachableModel['pace'], lessons: ModelLessons) => learnedModelOf({ ...modelOf('small'), pace }, lessons, 0).pace

  test('is what is configured until something was measured', () => {
    const configured = { first: rangeOf(0.3, 0.5, 1), each: rangeOf(0.005, 0.01, 0.02) }
    expect(paceFrom(configured, newModel)).toBe(configured)
    expect(paceFrom(null, newModel)).toBeNull()
  })

  test('becomes what was measured, also where nothing was configured', () => {
    const { first, each } = paceFrom(null, paceOf(Array.from({ length: 60 }, () => run(0.8, 2.8))))!
    for (const end of ['low', 'mid', 'high'] as const) {
      expect(first[end]).toBeCloseTo(0.8, 2)
      expect(each[end]).toBeCloseTo(0.02, 3)
    }
  })

  test('has no first token where none came', () => {
    expect(learnModel(newModel, run(null, 2))).toEqual({ first: [], each: [20_000] })
    expect(learnModel(newModel, runOf({}))).toBe(newModel)
    expect(learnModel(newModel, { ...run(1, 2), receipt: { ...run(1, 2).receipt, status: 'failed' } })).toBe(newModel)
  })
})

describe('a meter', () => {
  const day = 86_400_000
  const energy = { request: rangeOf(0, 0, 0), input: rangeOf(0.001, 0.002, 0.004), output: rangeOf(0.05, 0.1, 0.2) }
  const model = { ...modelOf('small'), energy, provenance: { usd: 'measured', wh: 'modelled' } as const }
  const metered = (wh: number, at: number) => runOf({ at, rest: { seconds: { first: 1, total: 2 }, meter: { wh, modelled: 0.1 } } })
  const lessonsAt = (at: number) => Array.from({ length: 20 }, () => metered(50, at)).reduce(learnModel, newModel)

  test('that was not read for a week is gone by no more, and the next reading begins anew', () => {
    const lessons = lessonsAt(day)
    for (const now of [day, 7.9 * day]) expect(learnedModelOf(model, lessons, now)).toMatchObject({ provenance: { wh: 'metered' } })
    for (const now of [8 * day, 1_000 * day, -7 * day]) expect(learnedModelOf(model, lessons, now)).toMatchObject({ energy, provenance: { wh: 'modelled' } })
    expect(learnModel(lessons, metered(0.2, 7.9 * day)).meter).toHaveLength(20)
    expect(learnModel(lessons, metered(0.2, 8 * day))).toMatchObject({ meter: [2_000_000], meteredAt: 8 * day, first: expect.any(Array) as number[] })
  })

  test('counts from lessons of which nobody knows when they were made, until it is read again', () => {
    const { meteredAt: _, ...undated } = lessonsAt(day)
    expect(isModelLessons(undated)).toBe(true)
    expect(learnedModelOf(model, undated, 1_000 * day).provenance.wh).toBe('metered')
    expect(learnModel(undated, metered(50, 1_000 * day))).toMatchObject({ meteredAt: 1_000 * day, meter: { length: 20 } })
  })
})

describe('what storage hands over', () => {
  const lessons = lessonsOf([...often(20, { usage: { output: 900 } }), { effort: 'high', usage: { output: 50, reasoning: 20 }, rest: { estimatedInput: 90 } }, { status: 'ceiling' }])
  const model = learnModel(newModel, runOf({ rest: { seconds: { first: 0.5, total: 2 }, meter: { wh: 0.2, modelled: 0.1 } } }))
  const kept = <T>(value: T) => JSON.parse(JSON.stringify(value)) as T

  test('is lessons where it was', () => {
    expect([noLessons, lessons].map(kept).map(isFeatureLessons)).toEqual([true, true])
    expect([newModel, model].map(kept).map(isModelLessons)).toEqual([true, true])
  })

  const coverage = lessons.coverage.tokens!
  test.each<[string, unknown]>([
    ['nothing', null], ['a list', []], ['a text', 'x'], ['models that are a list', { ...lessons, models: [] }], ['a model without lengths', { ...lessons, models: { small: { tier: 'eco' } } }],
    ['a tier that there is not', { ...lessons, models: { small: { tier: 'huge', output: {}, reasoning: {} } } }], ['a length of nothing', { ...lessons, count: [0] }],
    ['a length of parts', { ...lessons, count: [1.5] }], ['more lengths than are kept', { ...lessons, count: Array.from({ length: 61 }, () => 1) }],
    ['a spread of nothing', { ...lessons, coverage: { tokens: { ...coverage, spread: [0, 1] } } }], ['a spread of one', { ...lessons, coverage: { tokens: { ...coverage, spread: [1] } } }],
    ['scores of nothing', { ...lessons, scores: { 'p/small': { usd: null } } }], ['scores that are a list', { ...lessons, scores: [] }],
    ['a count below nothing', { ...lessons, coverage: { tokens: { ...coverage, inside: -1 } } }], ['no coverage', { ...lessons, coverage: { tokens: null } }],
  ])('is none where it is %s', (_, value) => {
    expect(isFeatureLessons(value)).toBe(false)
  })

  test.each([null, [], 'x', { first: [1] }, { first: [1], each: 'x' }, { first: [NaN], each: [] }, { first: [], each: [], meter: [0] }, { first: [], each: [], meteredAt: -1 }])('is no model\'s lessons where it is %j', value => {
    expect(isModelLessons(value)).toBe(false)
  })
})
