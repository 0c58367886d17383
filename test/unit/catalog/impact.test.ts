import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requestImpact } from '../../../src/catalog/index.ts'
import type { Bounds, Impact, ImpactInput, NumberOrBounds } from '../../../src/catalog/index.ts'
import { dataFile, present } from './data.ts'

interface MinMax { readonly min: number; readonly max: number }
type Figure = number | MinMax
interface Vector {
  readonly name: string
  readonly in: Record<'act' | 'tot' | 'out' | 'pue', Figure> & { readonly lat: Figure | null; readonly wue?: Figure; readonly tps?: Figure; readonly ttft?: Figure; readonly mix: string }
  readonly exp?: Record<'energy' | 'gwp' | 'adpe' | 'pe' | 'wcf', Figure>
  readonly error?: string
}
const file = 'energy/official_vectors_0.11.2.json'
const vectors = dataFile<{ cases: Vector[]; mixes: Record<string, ImpactInput['mix']> }>(file)

const given = (figure: Figure): NumberOrBounds => typeof figure === 'number' ? figure : [figure.min, figure.max]
const optional = <K extends string>(name: K, figure: Figure | null | undefined) => figure == null ? {} : { [name]: given(figure) }

function inputOf({ act, tot, out, pue, lat, wue, tps, ttft, mix }: Vector['in']): ImpactInput {
  return {
    activeParams: given(act), totalParams: given(tot), outputTokens: given(out), pue: given(pue), mix: vectors!.mixes[mix]!,
    ...optional('latency', lat), ...optional('wue', wue), ...optional('tps', tps), ...optional('ttft', ttft),
  }
}

function expectClose(actual: NumberOrBounds, expected: Figure) {
  const pairs = typeof actual === 'number' ? [[actual, expected as number]] : [[actual[0], lowOf(expected)], [actual[1], highOf(expected)]]
  for (const [a, b] of pairs) expect(Math.abs(a! - b!) / b!).toBeLessThan(1e-9)
}
const lowOf = (figure: Figure) => typeof figure === 'number' ? figure : figure.min
const highOf = (figure: Figure) => typeof figure === 'number' ? figure : figure.max

describe('the official vectors of EcoLogits 0.11.2', () => {
  // Two of the sixteen (mlco2/ecologits.js, spec/vectors/estimator.json, MPL-2.0), in kWh, kgCO2eq, kgSbeq, MJ and litres.
  const usa = { adpe: 9.855e-8, pe: 9.6884, gwp: 0.3844, wue: 3.1321 }
  const t0 = { adpe: 7.37708e-8, pe: 9.988, gwp: 0.590478, wue: 5.04 }

  test('are met by a dense model of known pace', () => {
    const { energy, gwp, adpe, pe, water } = requestImpact({ activeParams: 111, totalParams: 111, outputTokens: 200, latency: 5, tps: 63, ttft: 0.95, pue: 1.09, wue: 0.999, mix: usa })
    const pairs = [[energy, 1.0216410036670692e-4], [gwp, 4.1957168706094415e-5], [adpe, 1.6047712707571693e-10], [pe, 1.0237876270673084e-3], [water, 4.136229826726363e-4]] as const
    for (const [actual, expected] of pairs) expectClose(actual, expected)
  })

  test('are met by ranges of parameters and of the site', () => {
    const { energy, gwp, water } = requestImpact({ activeParams: [7.3, 12.9], totalParams: [7.3, 46.7], outputTokens: 800, latency: 20, pue: [1.09, 1.14], wue: [0.13, 0.999], mix: t0 })
    expectClose(energy, { min: 5.315890281240837e-5, max: 1.1701099039371079e-4 })
    expectClose(gwp, { min: 3.46443709481986e-5, max: 7.560283225236422e-5 })
    expectClose(water, { min: 2.74260922803541e-4, max: 6.922739700082648e-4 })
  })

  test(`are met to 1e-9${present(vectors, file)}`, () => {
    const cases = vectors?.cases.filter(each => each.exp) ?? []
    for (const { in: input, exp } of cases) {
      const { energy, gwp, adpe, pe, water } = requestImpact(inputOf(input))
      const pairs = [[energy, exp!.energy], [gwp, exp!.gwp], [adpe, exp!.adpe], [pe, exp!.pe], [water, exp!.wcf]] as const
      for (const [actual, expected] of pairs) expectClose(actual, expected)
    }
    expect(cases).toHaveLength(vectors ? 13 : 0)
  })

  test(`throw where they must${present(vectors, file)}`, () => {
    const cases = vectors?.cases.filter(each => each.error) ?? []
    for (const { in: input } of cases) expect(() => requestImpact(inputOf(input))).toThrow(RangeError)
    expect(cases).toHaveLength(vectors ? 3 : 0)
  })
})

const mix = { gwp: 0.4, adpe: 1e-8, pe: 10, wue: 2 }

describe('by hand', () => {
  test('a small dense model on one GPU, its measured pace given', () => {
    // 10 billion at 16 bits and a fifth to spare: 24 GB, one GPU of 80.
    // 100 tokens at 50 a second and half a second: 2.5 s of 1.2 kW / 8 / 64, and 100 × Wh per token.
    const perToken = 1.1665273170451914e-6 * Math.exp(-0.011205921025579175 * 64) * 10 + 4.052928146734005e-5
    const it = 2.5 / 3_600 * 1.2 / 8 / 64 + 100 * perToken / 1_000
    const share = 2.5 / (3 * 365 * 86_400 * 64)
    const impact = requestImpact({ activeParams: 10, totalParams: 10, outputTokens: 100, tps: 50, ttft: 0.5, pue: 1.2, wue: 0.5, mix })
    expect(impact.energy).toBeCloseTo(1.2 * it, 12)
    expect(impact.water).toBeCloseTo(it * (0.5 + 1.2 * 2), 12)
    expect((impact.usage.gwp as number)).toBeCloseTo(1.2 * it * 0.4, 12)
    expect((impact.embodied.gwp as number)).toBeCloseTo(share * (5_700 / 8 + 273), 15)
    expect(impact.gwp).toBe((impact.usage.gwp as number) + (impact.embodied.gwp as number))
  })

  test('a mixture on sixteen GPUs, with no pace known, and a latency that is not believed', () => {
    // 400 billion: 960 GB, 12 GPUs, so 16, which is two servers.
    const perToken = 1.1665273170451914e-6 * Math.exp(-0.011205921025579175 * 64) * 17 + 4.052928146734005e-5
    const latency = 1_000 * (6.785088094353663e-4 * 17 + 3.119310311688259e-4 * 64 + 0.019473717579473387)
    const it = latency / 3_600 * 1.2 * 2 / 64 + 16 * 1_000 * perToken / 1_000
    const { energy } = requestImpact({ activeParams: 17, totalParams: 400, outputTokens: 1_000, latency: 3_600, pue: 1, mix })
    expect(energy).toBeCloseTo(it, 12)
  })
})

const good: ImpactInput = { activeParams: 8, totalParams: 8, outputTokens: 200, pue: 1.2, mix }

test.each<[string, Partial<Record<keyof ImpactInput, unknown>>]>([
  ['no parameters', { activeParams: 0, totalParams: 0 }],
  ['negative parameters', { totalParams: -8 }],
  ['more active than there are', { activeParams: 9 }],
  ['endless parameters', { activeParams: Infinity, totalParams: Infinity }],
  ['negative tokens', { outputTokens: -1 }],
  ['tokens that are no number', { outputTokens: Number.NaN }],
  ['endless tokens', { outputTokens: Infinity }],
  ['negative input', { inputTokens: -1 }],
  ['no pace', { tps: 0 }],
  ['negative latency', { latency: -1 }],
  ['negative time to the first token', { ttft: -1 }],
  ['a site that gains energy', { pue: 0.9 }],
  ['a PUE that is no number', { pue: Number.NaN }],
  ['negative water', { wue: -1 }],
  ['an empty batch', { batch: 0 }],
  ['an endless batch', { batch: Infinity }],
  ['a mix that is negative', { mix: { ...mix, gwp: -1 } }],
  ['a mix that lacks something', { mix: { gwp: 1 } }],
  ['a range the wrong way round', { activeParams: [8, 4] }],
  ['a range with a bound that is no number', { outputTokens: [1, Number.NaN] }],
  ['a range of three', { outputTokens: [1, 2, 3] }],
  ['no mix', { mix: undefined }],
  ['a mix that is null', { mix: null }],
  ['a mix of nulls', { mix: { ...mix, pe: null } }],
  ['a mix of texts', { mix: { ...mix, wue: '2' } }],
  ['parameters as text', { activeParams: '8', totalParams: '8' }],
  ['a text of tokens', { outputTokens: '200' }],
  ['yes', { latency: true }],
  ['a range of texts', { outputTokens: ['1', '2'] }],
  ['a range that begins with nothing', { latency: [null, 2] }],
  ['more than numbers hold', { outputTokens: 1e308, activeParams: 1e300, totalParams: 1e300 }],
  ['a mix that comes to more than numbers hold', { mix: { ...mix, pe: 1.7e308 }, outputTokens: 1e9 }],
  ['an impossible upper bound', { totalParams: [8, 8], activeParams: [8, 9] }],
])('%s cannot be', (_, change) => {
  expect(() => requestImpact({ ...good, ...change } as ImpactInput)).toThrow(RangeError)
  expect(() => requestImpact({ ...good, ...change } as ImpactInput)).toThrow(/^(A|The) [^]*\.$/)
})

test('what is null was not given', () => {
  const given = { ...good, inputTokens: null, latency: null, tps: null, ttft: null, wue: null, batch: null }
  expect(requestImpact(given)).toEqual(requestImpact(good))
  expect(requestImpact(given).energy).toBeGreaterThan(requestImpact({ ...good, latency: 0 }).energy as number)
})

describe('whatever is asked', () => {
  const positive = (max: number) => fc.double({ min: 0.01, max, noNaN: true })
  const inputs = fc.record({ activeParams: positive(500), extra: fc.double({ min: 0, max: 2_000, noNaN: true }), outputTokens: fc.nat(100_000), pue: fc.double({ min: 1, max: 3, noNaN: true }), tps: fc.option(positive(1_000), { nil: undefined }), ttft: fc.option(positive(60), { nil: undefined }) })
    .map(({ extra, ...rest }): ImpactInput => ({ ...rest, totalParams: rest.activeParams + extra, mix }))
  const figures = ({ energy, gwp, adpe, pe, water }: Impact) => [energy, gwp, adpe, pe, water].flat()

  test('nothing is negative, and nothing is no number', () => {
    fc.assert(fc.property(inputs, input => {
      for (const figure of figures(requestImpact(input))) expect(figure >= 0 && figure < Infinity).toBe(true)
    }))
  })

  test('more output, more parameters or a worse grid never lower anything', () => {
    const more: ((input: ImpactInput<number>, by: number) => Partial<ImpactInput>)[] = [
      ({ outputTokens }, by) => ({ outputTokens: outputTokens + Math.ceil(by) }),
      ({ activeParams, totalParams }, by) => ({ activeParams: Math.min(activeParams + by, totalParams) }),
      ({ totalParams }, by) => ({ totalParams: totalParams + by }),
      ({ pue }, by) => ({ pue: pue + by }),
      (_, by) => ({ mix: { gwp: mix.gwp + by, adpe: mix.adpe + by, pe: mix.pe + by, wue: mix.wue + by } }),
    ]
    fc.assert(fc.property(inputs, positive(100), fc.constantFrom(...more), (input, by, change) => {
      const before = figures(requestImpact(input)) as number[]
      const after = figures(requestImpact({ ...input, ...change(input as ImpactInput<number>, by) })) as number[]
      after.forEach((figure, i) => expect(figure).toBeGreaterThanOrEqual(before[i]! * (1 - 1e-12)))
    }))
  })

  test('a range comes out as one, whatever of it lowers the result', () => {
    const range = (least: number, most: number) => fc.tuple(fc.double({ min: least, max: most, noNaN: true }), fc.double({ min: least, max: most, noNaN: true })).map(([a, b]): Bounds => [Math.min(a, b), Math.max(a, b)])
    const ranged = fc.record({ outputTokens: range(0, 1e5), tps: range(0.01, 1_000), batch: range(1, 512), ttft: range(0, 60), latency: range(0, 600), wue: range(0, 5), pue: range(1, 3) }, { requiredKeys: [] })
    fc.assert(fc.property(inputs, ranged, (input, ranges) => {
      const { usage, embodied, ...figures } = requestImpact({ ...input, ...ranges })
      for (const figure of [figures, usage, embodied].flatMap(each => Object.values(each) as NumberOrBounds[])) {
        const [low, high] = [figure].flat() as number[]
        expect(low! <= (high ?? low!)).toBe(true)
      }
    }))
  })

  test('a faster deployment and a fuller batch are its low end', () => {
    for (const name of ['tps', 'batch'] as const) {
      const [slow, fast] = [10, 100].map(each => requestImpact({ ...good, [name]: each }).energy as number)
      expect(fast).toBeLessThan(slow!)
      expect(requestImpact({ ...good, [name]: [10, 100] }).energy).toEqual([fast, slow])
    }
  })

  test('a range is its bounds, each by itself', () => {
    fc.assert(fc.property(inputs, fc.nat(1_000), (input, extra) => {
      const { outputTokens } = input as ImpactInput<number>
      const bounds: Bounds = [outputTokens, outputTokens + extra]
      const alone = bounds.map(each => requestImpact({ ...input, outputTokens: each }).energy)
      expect(requestImpact({ ...input, outputTokens: bounds }).energy).toEqual(alone)
    }))
  })
})

test.each([undefined, null, 5])('a request that is %j is refused in a sentence', input => {
  expect(() => requestImpact(input as never)).toThrow(new RangeError('There is no request to work out the impact of. Give its figures: { activeParams, totalParams, outputTokens, pue, mix }.'))
})
