import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { carbonOf, energyProfile, findModel, grids, models, requestEnergy, requestImpact, siteOf } from '../../../src/catalog/index.ts'
import type { EnergyFacts } from '../../../src/catalog/index.ts'
import { addRanges, exactly, multiplyRanges, rangeOf } from '../../../src/core/index.ts'
import type { Range } from '../../../src/core/index.ts'

const dense = (billions: number, provider?: string): EnergyFacts => ({ params: { active: [billions, billions], total: [billions, billions], source: 'published' }, ...provider && { provider } })
const ordered = ({ low, mid, high }: Range) => low >= 0 && low <= mid && mid <= high && high < Infinity

describe('what a model draws', () => {
  test('is, for a thousand tokens, the method\'s figure between a quarter and 1.4 times of it', () => {
    const { output, request } = energyProfile(dense(8))
    const wattHours = requestImpact({ activeParams: 8, totalParams: 8, outputTokens: 1_000, pue: 1.2, mix: grids.world.mix }).energy as number * 1_000
    expect(output.low).toBeCloseTo(wattHours / 4, 12)
    expect(output.high).toBeCloseTo(wattHours * 1.4, 12)
    expect(output.mid ** 2).toBeCloseTo(output.low * output.high, 12)
    expect(request).toEqual(exactly(0))
  })

  test('reads its prompt at 3 to 8 millijoules for each token and billion at work', () => {
    const { input } = energyProfile({ params: { active: [3, 3], total: [30, 30], source: 'published' } })
    expect(input.low).toBeCloseTo(1.2 * 3 * 3 / 3_600, 12)
    expect(input.high).toBeCloseTo(1.2 * 8 * 3 / 3_600, 12)
  })

  test.each([['GPT-3', 175, 96 * 12_288], ['Llama 3 8B', 8.03, 32 * 4_096], ['Llama 3 405B', 405, 126 * 16_384]])('attends to its prompt as if more parameters were at work, by the published layers and width of %s', (_, billions, layersByWidth) => {
    const { input, attention } = energyProfile(dense(billions))
    // A token that attends to a thousand: L d n / 10⁹ billion parameters beside its own.
    expect(attention!.high / input.high).toBeGreaterThan(0.85 * layersByWidth * 1_000 / (billions * 1e9))
    expect(attention!.high / input.high).toBeLessThan(1.2 * layersByWidth * 1_000 / (billions * 1e9))
    expect(attention!.low).toBe(0)
  })

  test.each([['DeepSeek V3', [37, 671], 61 * 128 * (192 + 128) / 2], ['Qwen3 235B A22B', [22, 235], 94 * 64 * 128]] as const)('attends as sparse %s does, between what its active parameters and all of them say', (_, [active, total], layersByWidth) => {
    const [least, most] = [active, total].map(billions => energyProfile(dense(billions)).attention!.high * 3_600 / 1.2 / 8 * 1e6)
    expect(least! < layersByWidth && layersByWidth < most!).toBe(true)
  })

  test('is what was measured of it, where somebody did, at the meter of the building', () => {
    const { params, measured } = findModel('llama-3.3-70b-instruct')!
    const { output, request } = energyProfile({ params, measured: measured! })
    expect(output.mid).toBeCloseTo(1.2 * 0.76 / 3.6, 12)
    expect([output.low, output.high]).toEqual([1.2 * 0.39 / 3.6, 1.2 * 3.1 / 3.6])
    expect(request).toEqual(exactly(0))
  })

  test('was measured within what is modelled, or near it, for every model that has both', () => {
    const both = models.filter(({ measured }) => measured)
    expect(both.length).toBeGreaterThanOrEqual(15)
    for (const { measured: _, ...unmeasured } of both) {
      const [seen, thought] = [energyProfile(findModel(unmeasured.id)!).output, energyProfile(unmeasured).output]
      expect(seen.low < thought.high * 2 && thought.low < seen.high * 2).toBe(true)
    }
  })

  test('depends on where its provider stands', () => {
    expect(energyProfile(dense(8, 'google')).output.high / energyProfile(dense(8, 'openai')).output.high).toBeCloseTo(1.09 / 1.2, 12)
    expect(energyProfile(dense(8, 'constructor'))).toEqual(energyProfile(dense(8)))
    expect(siteOf('mistral')).toEqual({ pue: [1.16, 1.16], wue: [0.09, 0.09], zone: 'SWE' })
    expect(siteOf('nobody').zone).toBe('WORLD')
  })

  test('is in order, above 0, and no less for more parameters or more tokens', () => {
    const billions = fc.double({ min: 0.05, max: 2_000, noNaN: true })
    fc.assert(fc.property(billions, fc.double({ min: 0, max: 500, noNaN: true }), fc.nat(100_000), fc.nat(10_000), fc.nat(10_000), (size, more, inputTokens, outputTokens, further) => {
      const [small, large] = [dense(size), dense(size + more)].map(energyProfile)
      const tokens = { inputTokens: inputTokens + 1, outputTokens }
      const here = requestEnergy(small!, tokens)
      expect(ordered(here) && here.low > 0).toBe(true)
      for (const after of [requestEnergy(large!, tokens), requestEnergy(small!, { inputTokens: inputTokens + 1 + further, outputTokens }), requestEnergy(small!, { inputTokens: inputTokens + 1, outputTokens: outputTokens + further })]) {
        for (const bound of ['low', 'mid', 'high'] as const) expect(after[bound]).toBeGreaterThanOrEqual(here[bound] * (1 - 1e-9))
      }
    }))
  })

  test('adds up: two requests have the sum of their ranges', () => {
    const tokens = fc.record({ inputTokens: fc.nat(100_000), outputTokens: fc.nat(10_000) })
    fc.assert(fc.property(fc.constantFrom(...models), tokens, tokens, (model, a, b) => {
      const { input, output, request } = energyProfile(model)
      const sum = addRanges(requestEnergy({ request, input, output }, a), requestEnergy({ request, input, output }, b))
      const together = addRanges(multiplyRanges(request, exactly(2)), requestEnergy({ request: exactly(0), input, output }, { inputTokens: a.inputTokens + b.inputTokens, outputTokens: a.outputTokens + b.outputTokens }))
      for (const bound of ['low', 'mid', 'high'] as const) expect(Math.abs(sum[bound] - together[bound])).toBeLessThanOrEqual(together[bound] * 1e-9)
    }))
  })
})

describe('the carbon of a grid', () => {
  test('is Ember\'s yearly average, in grams per watt-hour', () => {
    expect(carbonOf('FRA')).toEqual({ gco2ePerWh: 0.044_18, zone: 'FRA', year: 2025 })
    expect(carbonOf('WORLD').gco2ePerWh).toBeCloseTo(grids.world.mix.gwp, 2)
    expect(carbonOf('USA').gco2ePerWh).toBeCloseTo(grids.usa.mix.gwp, 2)
  })

  test.each(['', 'fra', 'XXX', 'constructor', '__proto__', 'CAF'])('is not made up: "%s" is asked for again', zone => {
    expect(() => carbonOf(zone)).toThrow(RangeError)
    expect(() => carbonOf(zone)).toThrow(/three letters/)
  })

  test('is known for every provider\'s zone', () => {
    for (const provider of ['openai', 'mistral', 'elsewhere']) expect(carbonOf(siteOf(provider).zone).gco2ePerWh).toBeGreaterThan(0)
  })

  test('of a worse grid never lowers an estimate, and what making the machines cost stays', () => {
    const gwp = fc.double({ min: 0.01, max: 1.5, noNaN: true })
    fc.assert(fc.property(gwp, gwp, fc.integer({ min: 1, max: 10_000 }), (a, b, outputTokens) => {
      const [clean, dirty] = [Math.min(a, b), Math.max(a, b)].map(gwp => requestImpact({ activeParams: 8, totalParams: 8, outputTokens, pue: 1.2, mix: { ...grids.world.mix, gwp } }))
      expect(dirty!.gwp as number).toBeGreaterThanOrEqual(clean!.gwp as number)
      expect(dirty!.embodied).toEqual(clean!.embodied)
      expect(dirty!.embodied.gwp as number).toBeGreaterThan(0)
    }))
  })
})

test('ranges that are one figure stay one', () => {
  expect(requestEnergy({ request: exactly(1), input: exactly(2), output: rangeOf(1, 1, 1) }, { inputTokens: 1_000, outputTokens: 2_000 })).toEqual(exactly(5))
})

// What it is is shown above.
test.each(['README.md', 'stories/docs/estimates.mdx'])('how wide modelled figures are is what %s says', path => {
  const said = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8').replaceAll(/\s+/g, ' ')
  expect(said).toMatch(/from a quarter of (what the method says|it) to 1\.4 times/)
  expect(said).not.toMatch(/as wide as that/)
})
