import { describe, expect, test } from 'vitest'
import { models } from '../../../src/catalog/index.ts'
import type { Range } from '../../../src/core/index.ts'
import { catalogText } from '../../../src/cli/catalog.ts'

interface Row { readonly id: string; readonly provider: string; readonly tasks: readonly string[] | null; readonly stars: { readonly stars: number; readonly source: string } | null; readonly request: { readonly usd: { readonly mid: number } | null; readonly wh: { readonly mid: number } | null; readonly embodied: { readonly gco2e: Range | null } } }
const rows = (options: Parameters<typeof catalogText>[0]) => JSON.parse(catalogText({ ...options, json: true })) as Row[]
const rising = (figures: readonly number[]) => figures.every((figure, i) => i === 0 || figure >= figures[i - 1]!)

describe('the table of models', () => {
  test('has a line for each, and fits 100 columns', () => {
    const lines = catalogText({}).split('\n')
    expect(lines.slice(1, lines.indexOf(''))).toHaveLength(models.length)
    expect(Math.max(...lines.map(line => [...line].length))).toBeLessThanOrEqual(100)
    expect(lines.find(line => line.startsWith('gpt-4o-mini '))).toMatch(/^gpt-4o-mini +openai +8-28 +0\.15 +0\.6 +0\.\d+-0\.\d+ S [ ~]?\S+ +58 no$/)
  })

  test('tells stars that were published from those that were estimated', () => {
    const lines = catalogText({}).split('\n')
    const marked = lines.filter(line => /^\S+ .* [SML]~★/.test(line)).map(line => line.split(' ')[0])
    const published = lines.filter(line => /^\S+ .* [SML] ★/.test(line)).map(line => line.split(' ')[0])
    const by = (source: string) => rows({}).filter(({ stars }) => stars?.source === source).map(({ id }) => id)
    expect([marked.length, published.toSorted()]).toEqual([by('estimated').length, by('published').toSorted()])
    expect(published).toContain('phi-4')
    expect(catalogText({})).toMatch(/~ before them: it published none/)
  })

  test('says what a request is, and what its marks mean', () => {
    expect(catalogText({})).toMatch(/500 tokens in and 300 out/)
    expect(catalogText({})).toMatch(/\? where lists disagree/)
    expect(catalogText({})).not.toMatch(/NaN|undefined|Infinity|null/)
  })

  test('has what making the hardware comes to in a request, reasoning included', () => {
    const of = (id: string) => rows({}).find(row => row.id === id)!.request.embodied.gco2e!
    for (const { request: { embodied: { gco2e } } } of rows({})) expect(0 < gco2e!.low && gco2e!.low <= gco2e!.mid && gco2e!.mid <= gco2e!.high).toBe(true)
    expect(of('qwen3-next-80b-a3b-thinking').mid).toBeGreaterThan(2 * of('qwen3-next-80b-a3b-instruct').mid)
  })

  test('comes in the order asked for, the unknown last', () => {
    expect(rising(rows({}).map(({ request }) => request.wh?.mid ?? Infinity))).toBe(true)
    expect(rising(rows({ sort: 'price' }).map(({ request }) => request.usd?.mid ?? Infinity))).toBe(true)
    expect(rising(rows({ sort: 'stars' }).map(({ stars }) => -(stars?.stars ?? 0)))).toBe(true)
    expect(rows({ sort: 'price' }).at(-1)!.request.usd).toBeNull()
  })

  test('is of one task, or of one provider', () => {
    const seeing = rows({ task: 'describe' })
    expect(seeing.length > 10 && seeing.every(({ tasks }) => tasks === null)).toBe(true)
    expect(rows({ task: 'code' }).map(({ id }) => id)).toContain('codestral-2508')
    expect(rows({ task: 'chat' }).map(({ id }) => id)).not.toContain('codestral-2508')
    expect(new Set(rows({ provider: 'cohere' }).map(({ provider }) => provider))).toEqual(new Set(['cohere']))
  })

  test('counts the reasoning of what cannot stop', () => {
    const of = (id: string) => rows({}).find(row => row.id === id)!.request.wh!.mid
    expect(of('qwen3-next-80b-a3b-thinking')).toBeGreaterThan(2 * of('qwen3-next-80b-a3b-instruct'))
  })

  test.each([[{ sort: 'size' }, /--sort.*energy, price, stars/], [{ task: 'sing' }, /--task.*summarize/], [{ provider: 'nobody' }, /--provider.*openai/]])('%j is refused, with what there is', (options, sentence) => {
    expect(() => catalogText(options)).toThrow(sentence)
  })
})
