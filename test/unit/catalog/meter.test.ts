import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { energyOf } from '../../../src/catalog/draw.ts'
import { energyProfile } from '../../../src/catalog/index.ts'
import { isMetered, meteredProfile, observeMeter } from '../../../src/catalog/meter.ts'
import type { MeterSketch } from '../../../src/catalog/meter.ts'
import { exactly, rangeOf } from '../../../src/core/index.ts'
import type { EnergyProfile } from '../../../src/core/index.ts'
import { randomFrom } from './random.ts'

const profile = energyProfile({ params: { active: [8, 8], total: [8, 8], source: 'published' } })
const sketchOf = (ratios: readonly number[]): MeterSketch => ratios.reduce<MeterSketch>((sketch, ratio) => observeMeter(sketch, { wh: ratio * 0.003, modelled: 0.003 }), [])
const drawOf = (energy: EnergyProfile) => energyOf(energy, exactly(500), exactly(200))
const mostOf = (energy: EnergyProfile) => drawOf(energy).high * (energy.most ?? 1)
/** What the meter of the ratio would show for the same tokens. */
const shown = (ratio: number) => drawOf(profile).mid * ratio

const steady = (runs: number, ratio = 14): number[] => Array.from({ length: runs }, () => ratio)

describe('a reading far beyond the others', () => {
  test.each([25_000, 1_000, 50])('of %d times as much moves the most to three times as much, and the middle hardly; after twenty runs it is forgotten', by => {
    for (const before of [3, 5, 10, 20]) {
      const glitch = meteredProfile(profile, sketchOf([...steady(before), 14 * by]))
      expect(mostOf(glitch)).toBeLessThan(Math.max(mostOf(meteredProfile(profile, sketchOf(steady(before)))), 1.5 * 3 * shown(14)) * 1.001)
      expect(drawOf(glitch).mid / shown(14)).toBeLessThan(1.6)
    }
    expect(meteredProfile(profile, sketchOf([...steady(5), 14 * by, ...steady(20)]))).toEqual(meteredProfile(profile, sketchOf(steady(20))))
  })

  test.each([25_000, 1 / 25_000])('of %d times is not believed where there is none beside it, or only one', ratio => {
    for (const ratios of [[ratio], [1, ratio], [ratio, 1]]) {
      const energy = meteredProfile(profile, sketchOf(ratios))
      expect(mostOf(energy)).toBeLessThan(20 * drawOf(profile).high)
      expect(drawOf(energy).low).toBeGreaterThan(drawOf(profile).low / 30)
    }
  })

  const twice = (by: number) => meteredProfile(profile, sketchOf([...steady(20), 14 * by, 14 * by]))
  const thrice = (by: number) => meteredProfile(profile, sketchOf([...steady(20), 14 * by, 14, 14 * by, 14, 14 * by]))

  test.each([25_000, 100])('of %d times is believed when it has come three times, whatever comes between', by => {
    expect(mostOf(twice(by)) / shown(14)).toBeCloseTo(1.5 * 9, 2)
    expect(mostOf(thrice(by)) / shown(14 * by)).toBeCloseTo(1.5, 3)
  })

  test('of a thousandth is believed when it has come three times as well', () => {
    expect(drawOf(twice(1 / 1_000)).low).toBeGreaterThan(shown(14) / 9.01)
    expect(drawOf(thrice(1 / 1_000)).low).toBeLessThan(shown(14) / 100)
  })

  test('is followed within a handful of runs where it stays, also to a thousand times as much and back', () => {
    const there = [...steady(40), ...steady(5, 14_000)]
    expect(mostOf(meteredProfile(profile, sketchOf(there))) / shown(14_000)).toBeCloseTo(1.5, 3)
    const back = meteredProfile(profile, sketchOf([...there, ...steady(20)]))
    expect(mostOf(back) / shown(14)).toBeCloseTo(1.5, 3)
    expect(drawOf(back).mid / shown(14)).toBeCloseTo(1, 1)
  })
})

describe('a model\'s energy', () => {
  test('is as configured until something was metered', () => {
    expect(meteredProfile(profile, [])).toBe(profile)
  })

  test.each([0.02, 0.3, 1, 14, 4_000])('comes to a steady meter that shows %d times the middle of what was modelled', ratio => {
    const energy = meteredProfile(profile, sketchOf(Array.from({ length: 20 }, () => ratio)))
    const { low, mid, high } = drawOf(energy)
    expect(Math.abs(mid / shown(ratio) - 1)).toBeLessThan(0.02)
    expect(low < shown(ratio) && shown(ratio) < high).toBe(true)
    expect(high / low).toBeLessThan(2)
    expect(mostOf(energy) / shown(ratio)).toBeCloseTo(1.5, 3)
  })

  test.each([0.02, 14])('is known by a meter that shows %d times that from five runs on; before, the most is no less than modelled', ratio => {
    const told = [1, 4, 5].map(runs => sketchOf(Array.from({ length: runs }, () => ratio)))
    expect(told.map(isMetered)).toEqual([false, false, true])
    const [one, four, five] = told.map(sketch => meteredProfile(profile, sketch))
    for (const early of [one!, four!]) expect(mostOf(early)).toBeGreaterThanOrEqual(Math.max(mostOf(profile), 1.5 * shown(ratio) * (1 - 1e-5)))
    const width = (energy: EnergyProfile) => drawOf(energy).high / drawOf(energy).low
    expect(width(one!)).toBeGreaterThan(width(five!))
    expect(mostOf(five!) / shown(ratio)).toBeCloseTo(1.5, 3)
  })

  test('follows a deployment that draws three times as much or a third from now on, within twenty runs', () => {
    for (const by of [3, 1 / 3]) {
      const before = Array.from({ length: 60 }, () => 14)
      const after = (runs: number) => meteredProfile(profile, sketchOf([...before, ...Array.from({ length: runs }, () => 14 * by)]))
      expect(Math.abs(drawOf(after(20)).mid / shown(14 * by) - 1)).toBeLessThan(0.05)
      expect(mostOf(after(1))).toBeGreaterThan(shown(14 * by))
      expect(mostOf(after(20)) / shown(14 * by)).toBeCloseTo(1.5, 3)
    }
  })

  test('holds eight of ten runs where the meter scatters, and the most all of them but a few in a hundred', () => {
    const random = randomFrom(7)
    const ratio = () => 14 * Math.exp(0.3 * (Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, 0) - 6))
    let sketch = sketchOf(Array.from({ length: 20 }, ratio))
    let [inside, above] = [0, 0]
    for (let run = 0; run < 2_000; run++) {
      const energy = meteredProfile(profile, sketch)
      const next = ratio()
      const { low, high } = drawOf(energy)
      if (low <= shown(next) && shown(next) <= high) inside++
      if (shown(next) > mostOf(energy)) above++
      sketch = observeMeter(sketch, { wh: next, modelled: 1 })
    }
    expect(inside / 2_000).toBeGreaterThan(0.77)
    expect(inside / 2_000).toBeLessThan(0.88)
    expect(above).toBeLessThan(40)
  })

  test('is in order and ends at the most, whatever the meter shows, in constant room', () => {
    const readings = fc.array(fc.record({ wh: fc.double({ min: 0, max: 1e6, noNaN: true }), modelled: fc.double({ min: 0, max: 1e6, noNaN: true }) }), { maxLength: 70 })
    fc.assert(fc.property(readings, fc.constantFrom(profile, { request: exactly(0), input: exactly(0.1), output: exactly(1) }, { ...profile, output: rangeOf(0, 1, 2) }), (all, configured) => {
      const sketch = all.reduce<MeterSketch>(observeMeter, [])
      const energy = meteredProfile(configured, sketch)
      const { low, mid, high } = drawOf(energy)
      expect(low >= 0 && low <= mid && mid <= high && high <= mostOf(energy) && high < Infinity).toBe(true)
      expect(sketch.length).toBeLessThanOrEqual(20)
      expect(JSON.parse(JSON.stringify(sketch))).toEqual(sketch)
    }))
  })

  test('learns nothing from a meter beside which nothing was modelled', () => {
    for (const [wh, modelled] of [[1, 0], [0, 1], [Number.NaN, 1], [Infinity, 1]] as const) expect(observeMeter([], { wh, modelled })).toEqual([])
  })
})
