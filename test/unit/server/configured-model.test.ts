import { describe, expect, test } from 'vitest'
import { energyProfile, findModel } from '../../../src/catalog/index.ts'
import { rangeOf } from '../../../src/core/index.ts'
import { reachableModels } from '../../../src/server/providers/configured-model.ts'
import type { ModelConfig } from '../../../src/server/providers/configured-model.ts'

const configured = (config: ModelConfig, local = false) => reachableModels('acme', { standard: [config] }, local)[0]!

describe('a model by its id', () => {
  test('is as the catalog knows it, at the tier of its list', () => {
    const facts = findModel('gpt-5.4')!
    expect(configured('gpt-5.4')).toMatchObject({
      id: 'gpt-5.4', provider: 'acme', tier: 'standard', kind: 'generative', price: facts.price, context: 1_050_000, efforts: facts.efforts, tasks: null,
      strength: facts.strength.value, provenance: { usd: 'class', wh: 'modelled' },
    })
  })

  test('has its measured energy before the modelled', () => {
    expect(configured('qwen3:8b').provenance.wh).toBe('measured')
    expect(configured({ id: 'qwen3:8b', params: { active: 9, total: 9 } }).provenance.wh).toBe('modelled')
  })

  test('costs nothing on one\'s own machine, where its energy still counts', () => {
    const model = configured('llama3.1:8b-instruct-q4_K_M', true)
    expect(model).toMatchObject({ price: { input: 0, cached: 0, output: 0 }, provenance: { usd: 'local', wh: 'measured' } })
    expect(model.energy!.output.low).toBeGreaterThan(0)
  })

  test('is known by its size where only its name says so, and unknown where nothing does', () => {
    expect(configured('acme-13b-chat')).toMatchObject({ price: null, tasks: null, provenance: { usd: 'unknown', wh: 'modelled' } })
    expect(configured('acme')).toMatchObject({ price: null, energy: null, stars: null, context: null, efforts: ['none'], provenance: { usd: 'unknown', wh: 'unknown' } })
    expect(configured({ id: 'acme', params: { active: 3, total: 30 } })).toMatchObject({ provenance: { wh: 'modelled' }, energy: { output: { low: expect.any(Number) as number } } })
  })
})

describe('the configuration goes before the catalog', () => {
  test('in every fact', () => {
    const model = configured({
      id: 'gpt-5.4', price: { input: 1, output: 2, cached: 0.5, written: 1.25, reasoning: 3, long: [{ above: 1_000, input: 2, output: 4 }], batch: 40 },
      params: { active: [10, 20], total: [10, 20] }, efforts: ['none', 'low'], context: 5_000, tasks: ['summarize'], strength: 0.5, stars: 3,
      energy: { input: 0.01, output: [0.1, 0.4], request: 0.001 }, pace: { tps: 100, ttft: 1 },
    })
    // Of which a meter says nothing.
    const { embodied } = energyProfile({ ...findModel('gpt-5.4')!, params: { active: [10, 20], total: [10, 20], source: 'estimated' } })
    expect(model).toEqual({
      id: 'gpt-5.4', provider: 'acme', tier: 'standard', kind: 'generative', tasks: ['summarize'], context: 5_000, efforts: ['none', 'low'],
      price: { input: 1e9, cached: 5e8, output: 2e9, written: 1.25e9, reasoning: 3e9, long: [{ above: 1_000, input: 2e9, cached: 2e9, output: 4e9 }], batch: 40 },
      energy: { request: rangeOf(0.001, 0.001, 0.001), input: rangeOf(0.01, 0.01, 0.01), output: rangeOf(0.1, 0.2, 0.4), embodied },
      pace: { first: rangeOf(0.6, 1, 2.5), each: rangeOf(0.006, 0.01, 0.025) }, stars: 3, starsFrom: 'published', strength: 0.5,
      provenance: { usd: 'measured', wh: 'measured' },
    })
  })

  test('and longer requests come in order of their length', () => {
    const { price } = configured({ id: 'x', price: { input: 1, output: 1, long: [{ above: 20, input: 3, output: 3 }, { above: 10, input: 2, output: 2 }] } })
    expect(price!.long!.map(({ above }) => above)).toEqual([10, 20])
  })

  test.each<[string, Omit<Exclude<ModelConfig, string>, 'id'>, RegExp]>([
    ['a negative price', { price: { input: -1, output: 1 } }, /prices/],
    ['a price that is no number', { price: { input: 1, output: Number.NaN } }, /prices/],
    ['a negative price of long requests', { price: { input: 1, output: 1, long: [{ above: 1, input: 1, output: -1 }] } }, /prices/],
    ['a batch dearer than the whole', { price: { input: 1, output: 1, batch: 101 } }, /batch/],
    ['no parameters', { params: { active: 0, total: 0 } }, /parameters/],
    ['more parameters at work than there are', { params: { active: 9, total: 8 } }, /parameters/],
    ['parameters the wrong way round', { params: { active: [9, 8], total: [9, 9] } }, /parameters/],
    ['negative energy', { energy: { input: 1, output: -1 } }, /energy/],
    ['energy the wrong way round', { energy: { input: [2, 1], output: 1 } }, /energy/],
    ['no pace', { pace: { tps: 0, ttft: 1 } }, /pace/],
    ['a strength above 1', { strength: 1.5 }, /strength/],
    ['half a star', { stars: 2.5 }, /stars/],
    ['no star', { stars: 0 }, /stars/],
    ['no context', { context: 0 }, /context/],
    ['a misspelt price', { price: { input: 1, ouput: 2 } as never }, /nothing reads its price's field "ouput"\. .* may have input, output, cached/],
    ['half a price', { price: { input: 1 } as never }, /its price lacks "output"/],
    ['no price', { price: {} as never }, /its price lacks "input"/],
    ['a price that is no object', { price: 5 as never }, /price is no object/],
    ['a price of long requests without their length', { price: { input: 1, output: 1, long: [{ input: 1, output: 1 } as never] } }, /its long price lacks "above"/],
    ['a misspelt price of long requests', { price: { input: 1, output: 1, long: [{ abvoe: 1, input: 1, output: 1 } as never] } }, /its long price's field "abvoe"/],
    ['one price of long requests', { price: { input: 1, output: 1, long: { above: 1, input: 1, output: 1 } as never } }, /"long" must be a list/],
    ['a misspelt field', { pirce: { input: 1, output: 1 } } as never, /nothing reads its field "pirce"\. A model may have id, price/],
    ['half of its energy', { energy: { output: 1 } as never }, /its energy lacks "input"/],
    ['half of its parameters', { params: { total: 1 } as never }, /its params lacks "active"/],
    ['half of its pace', { pace: { tps: 1 } as never }, /its pace lacks "ttft"/],
    ['an effort that is none', { efforts: ['turbo' as never] }, /efforts must be .* none, minimal/],
    ['no effort', { efforts: [] }, /efforts must be/],
    ['a task that is none', { tasks: ['sumarize' as never] }, /tasks must be .* summarize, answer/],
    ['no task', { tasks: [] }, /tasks must be/],
  ])('%s is refused, with the model and what to write', (_, facts, sentence) => {
    expect(() => configured({ id: 'gpt-5.4', ...facts })).toThrow(TypeError)
    expect(() => configured({ id: 'gpt-5.4', ...facts })).toThrow(sentence)
    expect(() => configured({ id: 'gpt-5.4', ...facts })).toThrow(/"gpt-5.4"/)
  })
})
