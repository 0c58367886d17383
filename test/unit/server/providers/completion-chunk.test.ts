import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorIn, parseChunk, partsOf } from '../../../../src/server/providers/completion-chunk.ts'
import type { Chunk } from '../../../../src/server/providers/completion-chunk.ts'
import { thinkTags } from '../../../../src/server/providers/think-tags.ts'

const parts = (chunk: object) => [...partsOf(chunk as Chunk, thinkTags())]
const said = (delta: object) => parts({ choices: [{ delta }] })
const usage = (counts: object) => parts({ choices: [], usage: counts })
const reported = (input: number, cached: number, output: number, reasoning: number) => [{ type: 'usage', usage: { input, cached, output, reasoning } }]

describe('usage', () => {
  test.each<[string, object, ReturnType<typeof reported>]>([
    ['OpenAI', { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150, prompt_tokens_details: { cached_tokens: 80 }, completion_tokens_details: { reasoning_tokens: 30 } }, reported(100, 80, 50, 30)],
    ['DeepSeek', { prompt_tokens: 100, completion_tokens: 50, prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 }, reported(100, 64, 50, 0)],
    ['Ollama', { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, reported(10, 0, 5, 0)],
    ['Moonshot', { prompt_tokens: 10, completion_tokens: 5, cached_tokens: 4 }, reported(10, 4, 5, 0)],
    ['xAI, with reasoning beside the completion', { prompt_tokens: 10, completion_tokens: 5, total_tokens: 45, completion_tokens_details: { reasoning_tokens: 30 } }, reported(10, 0, 35, 30)],
    ['Gemini, with reasoning in the total only', { prompt_tokens: 10, completion_tokens: 5, total_tokens: 45 }, reported(10, 0, 35, 30)],
    ['another name', { input_tokens: 10, output_tokens: 5, total_tokens: 15, input_tokens_details: { cached_tokens: 4 }, output_tokens_details: { reasoning_tokens: 2 } }, reported(10, 4, 5, 2)],
    ['output alone', { prompt_tokens: 0, completion_tokens: 5, total_tokens: 45 }, reported(0, 0, 5, 0)],
    ['null details', { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: null, completion_tokens_details: null }, reported(10, 0, 5, 0)],
  ])('of %s', (_, counts, expected) => {
    expect(usage(counts)).toEqual(expected)
  })

  test('of Groq lies elsewhere', () => {
    expect(parts({ choices: [], x_groq: { id: 'r', usage: { prompt_tokens: 9, completion_tokens: 3, total_time: 0.1 } } })).toEqual(reported(9, 0, 3, 0))
  })

  test('of Moonshot lies in a choice, and what is empty elsewhere hides it not', () => {
    expect(parts({ choices: [{ delta: {}, usage: { prompt_tokens: 9, completion_tokens: 3 } }], usage: { prompt_tokens: 0 } })).toEqual(reported(9, 0, 3, 0))
  })

  test('says what was written to a cache', () => {
    expect(usage({ prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 20, cache_write_tokens: 60 } })).toEqual([{ type: 'usage', usage: { input: 100, cached: 20, output: 5, reasoning: 0, written: 60 } }])
  })

  test('that counts nothing is none', () => {
    expect(usage({ prompt_tokens: 0, completion_tokens: 0 })).toEqual([])
    expect(parts({ choices: [], usage: null })).toEqual([])
  })

  test('is held to what counts can be, whatever is sent', () => {
    const value = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null))
    const counts = fc.record({ prompt_tokens: value, completion_tokens: value, total_tokens: value, prompt_cache_hit_tokens: value, completion_tokens_details: fc.record({ reasoning_tokens: value }) }, { requiredKeys: [] })
    fc.assert(fc.property(counts, given => {
      for (const part of usage(given)) {
        if (part.type !== 'usage') continue
        const { input, cached, output, reasoning } = part.usage
        expect([input, cached, output, reasoning].every(each => Number.isSafeInteger(each) && each >= 0)).toBe(true)
        expect(cached <= input && reasoning <= output && input + output > 0).toBe(true)
      }
    }))
  })
})

describe('energy', () => {
  test.each<[string, object, number]>([
    ['millijoules in usage', { usage: { energy_mj: 3_600_000 } }, 1],
    ['joules beside the answer', { energy: { energy_joules: 7_200, carbon_g_co2eq: 1 } }, 2],
    ['kilowatt-hours in usage', { usage: { energy: { energy_kwh: 0.003 } } }, 3],
    ['an impact in watt-milliseconds', { impact: { energy: { total: 14_400_000, unit: 'Wms' } } }, 4],
  ])('as %s', (_, chunk, wh) => {
    expect(parts(chunk)).toEqual([{ type: 'energy', wh: expect.closeTo(wh, 9) }])
  })

  test.each([{ energy: { energy_joules: 0 } }, { energy: { energy_joules: -1 } }, { energy: { energy_joules: '9' } }, { energy: { total: 5, unit: 'toString' } }, { energy: 5 }, { energy: { energy_kwh: 1e12 } }, { energy: { energy_joules: 1e308 } }, { energy: { energy_mj: 5e-324 } }])('of %j says nothing', chunk => {
    expect(parts(chunk)).toEqual([])
  })
})

describe('what is said', () => {
  test('is reasoning under either name, once', () => {
    expect(said({ reasoning_content: 'Hm', reasoning: 'Hm', content: null })).toEqual([{ type: 'reasoning', text: 'Hm' }])
    expect(said({ reasoning: 'Hm', reasoning_content: '' })).toEqual([{ type: 'reasoning', text: 'Hm' }])
  })

  test('may come in pieces of several kinds', () => {
    expect(said({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }, { type: 'text', text: 'Yes' }, { type: 'reference', reference_ids: [1] }] })).toEqual([{ type: 'reasoning', text: 'Hm' }, { type: 'text', text: 'Yes' }])
  })

  test('may be a refusal, or calls of tools', () => {
    expect(said({ refusal: 'I cannot.' })).toEqual([{ type: 'text', text: 'I cannot.' }])
    expect(said({ tool_calls: [{ index: 1, id: 'c', type: 'function', function: { name: 'look', arguments: '' } }] })).toEqual([{ type: 'tool-call', index: 1, id: 'c', name: 'look', arguments: '' }])
    expect(said({ tool_calls: [{ function: { arguments: '{' } }] })).toEqual([{ type: 'tool-call', index: 0, arguments: '{' }])
  })

  test('ends for a reason, after what was held back and before its usage', () => {
    const tags = thinkTags()
    const chunk = { choices: [{ delta: { content: 'a <' }, finish_reason: 'max_tokens' }], usage: { prompt_tokens: 1, completion_tokens: 2 } }
    expect([...partsOf(chunk, tags)].map(({ type }) => type)).toEqual(['text', 'text', 'finish', 'usage'])
    const reason = (finish: string) => parts({ choices: [{ delta: {}, finish_reason: finish }] })
    expect(['stop', 'eos', 'length', 'tool_calls', 'function_call', 'content_filter', 'toString'].flatMap(reason).map(part => part.type === 'finish' && part.reason)).toEqual(['stop', 'stop', 'length', 'tool-calls', 'tool-calls', 'content-filter', 'stop'])
  })
})

test.each<[object, object | null]>([
  [{ error: { message: 'overloaded', code: 503 } }, { httpStatus: 503 }], [{ error: { message: 'slow down', code: 'rate_limit_exceeded' } }, {}], [{ error: 'broke' }, {}],
  [{ type: 'error', message: 'overloaded' }, {}], [{ type: 'error', error: { type: 'overloaded_error', status: 529 } }, { httpStatus: 529 }],
  [{ object: 'error', message: 'too long', code: 400 }, { httpStatus: 400, fault: 'request' }], [{ detail: 'Not Found' }, {}], [{ choices: [{ delta: {}, finish_reason: 'error' }] }, {}],
  [{ choices: [], prompt_filter_results: [] }, null], [{ choices: [{ delta: { content: 'a' } }], error: null }, null], [{}, null],
  // What is about the request is no trouble of the server's.
  ...['content_filter', 'content_policy_violation', 'ResponsibleAIPolicyViolation', 'invalid_prompt', 'string_above_max_length', 'unsupported_parameter'].map(code => [{ error: { code } }, { fault: 'request' }] as [object, object]),
  [{ error: { code: 'context_length_exceeded' } }, { fault: 'length' }], [{ error: { type: 'invalid_request_error' } }, { fault: 'request' }], [{ error: { type: 'invalid_request_error', code: 'invalid_api_key' } }, { fault: 'account' }], [{ error: { type: 'invalid_request_error', code: 'model_not_found' } }, { fault: 'model' }],
  [{ error: { type: 'invalid_request_error', code: 500 } }, { httpStatus: 500 }], [{ error: { type: 'server_error', code: 'rate_limit_exceeded' } }, {}], [{ error: { code: 403, type: 'invalid_request_error' } }, { httpStatus: 403, fault: 'account' }],
])('%j is told from an answer', (chunk, expected) => {
  expect(errorIn(chunk as Chunk)).toEqual(expected)
})

test.each(['', 'null', '[]', '7', '"text"', '{"half":', '<html>'])('%j is no chunk', text => {
  expect(parseChunk(text)).toBeNull()
})

test('arguments of a tool that come parsed are written as JSON', () => {
  expect(said({ tool_calls: [{ id: 'c', function: { name: 'look', arguments: { at: 1 } } }, { function: { name: 'go', arguments: null } }] })).toEqual([
    { type: 'tool-call', index: 0, id: 'c', name: 'look', arguments: '{"at":1}' }, { type: 'tool-call', index: 1, name: 'go', arguments: '' },
  ])
})
