import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { models, requestEnergy, reachableFrom, starsOf } from '../../../src/catalog/index.ts'
import type { Bounds } from '../../../src/catalog/index.ts'
import { pricesSource } from '../../../src/catalog/table/generate.ts'
import { prices, pricesRead } from '../../../src/catalog/table/prices.ts'
import { schemas } from '../../../src/protocol/index.ts'
import { reasoningOf, tasks } from '../../../src/core/index.ts'
import { readFileSync } from 'node:fs'
import { dataFile, present } from './data.ts'

const root = new URL('../../../', import.meta.url)

describe('the table', () => {
  test('has the models of the day, by many providers', () => {
    expect(models.length).toBeGreaterThanOrEqual(120)
    expect(new Set(models.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(9)
    for (const provider of ['openai', 'anthropic', 'google', 'mistral', 'cohere', 'deepseek', 'xai', 'moonshotai', 'zai', 'amazon']) {
      expect(models.filter(model => model.provider === provider && model.price).length).toBeGreaterThanOrEqual(2)
    }
  })

  test('calls each by names of its own, in small letters', () => {
    const names = models.flatMap(({ id, aliases = [] }) => [id, ...aliases])
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    expect(names).toEqual(names.map(name => name.toLowerCase()))
  })

  test.each(models.map(model => [`${model.provider}/${model.id}`, model] as const))('%s is what can be', (_, model) => {
    const { params: { active, total, source, by }, efforts, reasoning, tasks: given, pace, strength, context, measured } = model
    const inOrder = ([low, high]: Bounds) => low > 0 && low <= high
    expect(inOrder(active) && inOrder(total) && active[0] <= total[0] && active[1] <= total[1]).toBe(true)
    expect(by?.length).toBeGreaterThan(0)
    expect(source === 'published' || total[0] !== total[1] || active[0] !== active[1]).toBe(true)
    expect(efforts.length > 0 && reasoning === reasoningOf(efforts)).toBe(true)
    expect(given === null || given.length > 0 && given.every(task => tasks.includes(task))).toBe(true)
    expect(!pace || pace.tps > 1 && pace.ttft > 0).toBe(true)
    expect(strength.value > 0 && strength.value < 1 && context! >= 8_000).toBe(true)
    expect(!measured || measured.joules.low > 0 && measured.joules.low < measured.joules.mid && measured.joules.mid < measured.joules.high && measured.source.length > 0).toBe(true)
  })

  test('prices each class in whole nano-dollars, the cache below the input and longer requests above shorter', () => {
    for (const { price, priceDate, priceConfidence } of models) {
      if (!price) continue
      const tiers = [price, ...price.long ?? []]
      for (const { input, cached, output, written = input, reasoning = output } of tiers) {
        for (const nano of [input, cached, output, written, reasoning]) expect(Number.isSafeInteger(nano) && nano > 0).toBe(true)
        expect(cached <= input && input <= output && written >= input).toBe(true)
      }
      tiers.slice(1).forEach((tier, i) => expect(tier.input >= tiers[i]!.input && tier.output >= tiers[i]!.output).toBe(true))
      expect(priceDate).toMatch(/^\d{4}-\d\d-\d\d$/)
      expect(['high', 'low']).toContain(priceConfidence)
    }
  })

  test('becomes what the wire takes', () => {
    for (const model of models) {
      const reachable = reachableFrom(model, { id: model.id, provider: model.provider, tier: model.suggestedTier })
      const catalog = { version: '1', models: [reachable], features: {}, policy: { revision: 0, owner: null, pays: true, carbon: { gco2ePerWh: 1, zone: 'WORLD', year: 2025 } } }
      expect(schemas.catalog.parse(JSON.parse(JSON.stringify(catalog)))).toEqual(catalog)
      const { low, mid, high } = requestEnergy(reachable.energy!)
      expect(low > 0 && low <= mid && mid <= high && high < Infinity).toBe(true)
      expect(reachable.starsFrom).toBe(starsOf(model)?.source)
    }
  })

  test('says what a size alone is worth as the board has it', () => {
    const points = models.filter(({ params, strength }) => params.by === 'its maker' && strength.source === 'arena')
      .map(({ params, strength }) => [Math.log10(Math.sqrt(params.total[0] * params.total[1])), 1_000 + 550 * strength.value] as const)
    const mean = (of: (point: readonly [number, number]) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length
    const [x, y] = [mean(([x]) => x), mean(([, y]) => y)]
    const slope = mean(point => (point[0] - x) * (point[1] - y)) / mean(point => (point[0] - x) ** 2)
    expect(points.length).toBeGreaterThan(50)
    expect(Math.abs(slope - 80)).toBeLessThan(5)
    expect(Math.abs(y - slope * x - 1_200)).toBeLessThan(10)
  })
})

describe('the prices', () => {
  test('are what the script writes from the package as installed', () => {
    expect(pricesSource(pricesRead)).toBe(readFileSync(new URL('src/catalog/table/prices.ts', root), 'utf8'))
  })

  test('are of models that are there', () => {
    const keys = models.map(({ provider, id }) => `${provider}/${id}`)
    expect(Object.keys(prices).filter(key => !keys.includes(key))).toEqual([])
  })

  test('of a later day may be others', () => {
    expect(pricesSource('2027-02-01')).not.toBe(pricesSource(pricesRead).replace(pricesRead, '2027-02-01'))
  })
})

interface Listed { readonly p: string; readonly id: string; readonly in_: number | null; readonly out: number | null; readonly ctx: number; readonly reasoning: boolean; readonly st: string | null }
const file = 'prices/models_dev_9providers.json'
const listed = dataFile<Listed[]>(file)

test(`another list agrees on prices of high confidence, on reasoning, and on what is still served${present(listed, file)}`, () => {
  const differing = (listed ? models : []).flatMap(({ provider, id, price, priceConfidence, reasoning }) => {
    const found = listed!.find(each => each.id === id && each.p === provider)
    if (!found) return []
    const nano = (dollars: number | null) => dollars === null ? null : Math.round(dollars * 1e9)
    const same = price && [price.input, null].includes(nano(found.in_)) && [price.output, null].includes(nano(found.out))
    return [
      ...priceConfidence !== 'high' || same ? [] : [`${id}: ${price?.input} and ${price?.output}, but ${found.in_} and ${found.out}`],
      ...found.reasoning === (reasoning !== 'none') ? [] : [`${id}: reasoning ${String(found.reasoning)}`],
      ...found.st === 'deprecated' ? [`${id}: deprecated`] : [],
    ]
  })
  expect(differing).toEqual([])
})

describe('a page', () => {
  test('that uses the client holds nothing of the table, nor of the countries\' grids', async () => {
    const { metafile } = await build({ entryPoints: [fileURLToPath(new URL('src/index.ts', root))], bundle: true, write: false, metafile: true, minify: true, format: 'esm', platform: 'browser', logLevel: 'silent' })
    const inside = Object.entries(Object.values(metafile.outputs)[0]!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
    expect(inside.filter(path => /catalog\/(models|table|stars|lookup|zones|strength|energy)|@tgwf/.test(path))).toEqual([])
    // What it has of the catalog is the arithmetic of an estimate: below 3 kB once it is zipped.
    const bytes = Object.entries(Object.values(metafile.outputs)[0]!.inputs).filter(([path]) => path.includes('src/catalog/')).reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)
    expect(bytes).toBeGreaterThan(500)
    expect(bytes).toBeLessThan(9_000)
  })
})
