import { describe, expect, test } from 'vitest'
import { addressFor, bodyFor } from '../../../../src/server/providers/completion-request.ts'
import { dialects, guessDialect, reasoningFields } from '../../../../src/server/providers/dialects.ts'
import type { Dialect } from '../../../../src/server/providers/dialects.ts'
import { reachableModels } from '../../../../src/server/providers/configured-model.ts'
import { endpointOf } from '../../../../src/server/providers/endpoint.ts'
import type { Effort } from '../../../../src/core/index.ts'
import type { ProviderCall } from '../../../../src/server/index.ts'
import { callOf } from './calls.ts'

const thinker = { id: 'qwen3-8b', efforts: ['none', 'low', 'medium', 'high'] } as const
const plain = { id: 'llama-3.1-8b', efforts: ['none'] } as const
const always = { id: 'gpt-oss-20b', efforts: ['low', 'medium', 'high'] } as const

describe('reasoning', () => {
  const off = (on: boolean) => ({ chat_template_kwargs: { enable_thinking: on, thinking: on } })

  test.each<[Dialect, object, object, object]>([
    // Told not to, told to think hard, and a model that cannot.
    ['generic', { reasoning_effort: 'none' }, { reasoning_effort: 'high' }, {}],
    ['openai', { reasoning_effort: 'none' }, { reasoning_effort: 'high' }, {}],
    ['azure', { reasoning_effort: 'none' }, { reasoning_effort: 'high' }, {}],
    ['google', { reasoning_effort: 'none' }, { reasoning_effort: 'high' }, {}],
    ['mistral', { reasoning_effort: 'none' }, { reasoning_effort: 'high' }, {}],
    ['huggingface', { reasoning_effort: 'none' }, { reasoning_effort: 'high' }, {}],
    ['deepseek', { thinking: { type: 'disabled' } }, { thinking: { type: 'enabled' }, reasoning_effort: 'high' }, { thinking: { type: 'disabled' } }],
    ['groq', { reasoning_effort: 'none', reasoning_format: 'parsed' }, { reasoning_effort: 'default', reasoning_format: 'parsed' }, {}],
    ['openrouter', { reasoning: { enabled: false } }, { reasoning: { effort: 'high', exclude: false } }, { reasoning: { enabled: false } }],
    ['ollama', { reasoning_effort: 'none', think: false }, { reasoning_effort: 'high', think: true }, { reasoning_effort: 'none', think: false }],
    ['vllm', off(false), { ...off(true), reasoning_effort: 'high' }, off(false)],
    ['llamacpp', off(false), { chat_template_kwargs: { enable_thinking: true, thinking: true, reasoning_effort: 'high' } }, off(false)],
  ])('of %s is switched off, set, and not spoken of where there is none', (dialect, none, high, nothing) => {
    expect(reasoningFields(dialect, 'none', thinker)).toEqual(none)
    expect(reasoningFields(dialect, 'high', thinker)).toEqual(high)
    expect(reasoningFields(dialect, 'none', plain)).toEqual(nothing)
  })

  test('every dialect is in the table above, and has a name for what is not on offer', () => {
    const said = dialects.map(dialect => JSON.stringify(reasoningFields(dialect, 'xhigh', thinker)))
    expect(said.filter(each => /xhigh|none|false/.test(each))).toEqual([expect.stringContaining('"exclude":false')])
    expect(dialects).toHaveLength(12)
  })

  test('is never switched off where it cannot be: the weakest is asked for', () => {
    const asked = (dialect: Dialect, effort: 'low' | 'minimal') => JSON.stringify(reasoningFields(dialect, effort, always))
    expect(dialects.filter(dialect => !asked(dialect, 'low').includes('"low"') || !asked(dialect, 'minimal').includes('"low"'))).toEqual([])
  })

  test('goes by the model where one server has several ways', () => {
    expect(reasoningFields('groq', 'low', always)).toEqual({ reasoning_effort: 'low' })
    expect(reasoningFields('mistral', 'high', { id: 'magistral-medium-2509', efforts: ['high'] })).toEqual({})
    expect(reasoningFields('vllm', 'none', { id: 'mistralai/Ministral-8B-Instruct-2410', efforts: ['none'] })).toEqual({})
  })
})

test.each<[string, Dialect]>([
  ['https://api.openai.com/v1', 'openai'], ['https://mine.openai.azure.com', 'azure'], ['https://mine.services.ai.azure.com/openai/v1', 'azure'],
  ['https://generativelanguage.googleapis.com/v1beta/openai', 'google'], ['https://api.mistral.ai/v1', 'mistral'], ['https://api.deepseek.com', 'deepseek'],
  ['https://api.groq.com/openai/v1', 'groq'], ['https://openrouter.ai/api/v1', 'openrouter'], ['https://router.huggingface.co/v1', 'huggingface'],
  ['http://127.0.0.1:11434/v1', 'ollama'], ['http://vllm.internal:8000/v1', 'vllm'], ['http://localhost:8080/v1', 'llamacpp'],
  ['https://notopenai.com/v1', 'generic'], ['https://openai.com.evil.test/v1', 'generic'], ['http://127.0.0.1:1234/v1', 'generic'],
])('%s is taken for %s', (address, dialect) => {
  expect(guessDialect(new URL(address))).toBe(dialect)
})

describe('a request', () => {
  const body = (dialect: Dialect, change: Partial<ProviderCall> = {}) => bodyFor(callOf({ maxOutputTokens: 40, ...change }), dialect, plain)

  test.each(dialects)('to %s caps output once, and asks for a stream', dialect => {
    const { max_tokens: old, max_completion_tokens: now, stream } = body(dialect)
    expect([old, now].filter(cap => cap !== undefined)).toEqual([40])
    expect(stream).toBe(true)
  })

  test('asks for usage where it does not come by itself', () => {
    expect(body('openai')).toMatchObject({ stream_options: { include_usage: true } })
    expect(body('openrouter')).toMatchObject({ stream_options: { include_usage: true }, usage: { include: true } })
    expect(body('mistral')).not.toHaveProperty('stream_options')
  })

  test('for an answer of a shape names it, or asks for JSON where shapes are unknown', () => {
    const schema = { name: 'verdict', schema: { type: 'object' }, strict: true }
    expect(body('openai', { schema })).toMatchObject({ response_format: { type: 'json_schema', json_schema: { ...schema, strict: true } } })
    expect(body('deepseek', { schema })['response_format']).toEqual({ type: 'json_object' })
    expect(body('groq', { schema })).toMatchObject({ stream: false, response_format: { type: 'json_object' } })
    expect(body('groq', { schema })).not.toHaveProperty('stream_options')
  })

  test('to Groq has a schema where the model takes one, and holds to it those that can be', () => {
    const schema = { name: 'verdict', schema: { type: 'object' }, strict: true }
    const format = (id: string, change: object = {}) => bodyFor(callOf({ model: id, schema: { ...schema, ...change } }), 'groq', { ...plain, id })['response_format']
    expect(format('openai/gpt-oss-120b')).toEqual({ type: 'json_schema', json_schema: schema })
    expect(format('openai/gpt-oss-120b', { strict: false })).toEqual({ type: 'json_schema', json_schema: { ...schema, strict: false } })
    expect(format('moonshotai/kimi-k2-instruct-0905')).toEqual({ type: 'json_schema', json_schema: { ...schema, strict: false } })
    expect(format('llama-3.3-70b-versatile')).toEqual({ type: 'json_object' })
  })

  test.each(['openai', 'azure', 'groq', 'deepseek', 'openrouter'] as const)('to %s says in words what is no object', dialect => {
    const { response_format: format, messages, stream } = body(dialect, { schema: { name: 'verdicts', schema: { type: 'array', items: { type: 'string' } } } })
    expect({ format, stream }).toEqual({ format: undefined, stream: true })
    expect(JSON.stringify(messages)).toContain('JSON Schema')
  })

  test('to a server that takes any schema says nothing in words', () => {
    const schema = { name: 'verdicts', schema: { type: 'array', items: { type: 'string' } } }
    expect(body('ollama', { schema })).toMatchObject({ response_format: { type: 'json_schema' }, messages: [{ role: 'user', content: 'a' }] })
  })

  test('for any JSON says so, also in words where nobody did', () => {
    const schema = { name: 'object' }
    const said = (content: string) => [{ role: 'user', content }] as const
    expect(dialects.filter(dialect => JSON.stringify(body(dialect, { schema })['response_format']) !== '{"type":"json_object"}')).toEqual([])
    expect(body('openai', { schema, messages: said('As json.') })['messages']).toEqual(said('As json.'))
    expect(body('openai', { schema, messages: said('The sea.') })['messages']).toEqual([{ role: 'system', content: expect.stringContaining('JSON') as string }, ...said('The sea.')])
  })

  test('says a shape in words once, and only where it is not sent', () => {
    const schema = { name: 'verdict', schema: { type: 'object', description: 'Of it.' } }
    const system = [{ role: 'system', content: 'Judge.' }] as const
    expect(body('openai', { schema, messages: system })['messages']).toEqual(system)
    const [first, ...rest] = body('deepseek', { schema, messages: system })['messages'] as { content: string }[]
    expect(first!.content).toMatch(/^Judge\.\n\n.*JSON Schema.*Of it\./s)
    expect(rest).toEqual([])
    const described = [{ role: 'system', content: first!.content }] as const
    expect(body('deepseek', { schema, messages: described })['messages']).toEqual(described)
  })

  test('passes on what it may, and nothing that decides about cost', () => {
    const tools = [{ type: 'function', function: { name: 'look' } }] as const
    const passthrough = { tools, tool_choice: 'auto', temperature: 0.2, model: 'dearer', max_tokens: 9_999, n: 5, reasoning_effort: 'high', service_tier: 'priority' } as const
    expect(body('generic', { passthrough })).toEqual({ tools, tool_choice: 'auto', temperature: 0.2, model: 'small', messages: [{ role: 'user', content: 'a' }], max_tokens: 40, stream: true, stream_options: { include_usage: true } })
  })

  const steering = { temperature: 0, top_p: 0.9, presence_penalty: 1, frequency_penalty: 1, stop: ['END'], seed: 7, parallel_tool_calls: false } as const
  const steered = (dialect: Dialect, id: string, effort: Effort = 'none') => {
    const [model] = reachableModels('p', { eco: [id] }, false)
    const body = bodyFor(callOf({ model: id, effort, passthrough: steering }), dialect, model!)
    return Object.keys(body).filter(field => field in steering || field === 'random_seed').sort()
  }
  const all = Object.keys(steering).sort()

  test.each(['openai', 'azure'] as const)('to %s leaves out what a model that reasons would be refused for', dialect => {
    expect(steered(dialect, 'gpt-4.1-mini')).toEqual(all)
    for (const id of ['gpt-5', 'gpt-5-nano', 'gpt-5.3-codex']) expect(steered(dialect, id)).toEqual(['parallel_tool_calls', 'seed'])
    for (const id of ['o1', 'o3', 'o4-mini']) expect(steered(dialect, id)).toEqual(['seed'])
    expect(steered(dialect, 'gpt-5.1')).toEqual(['parallel_tool_calls', 'seed', 'temperature', 'top_p'])
    expect(steered(dialect, 'gpt-5.1', 'low')).toEqual(['parallel_tool_calls', 'seed'])
  })

  test('to others has all of it, under their names', () => {
    expect(steered('mistral', 'mistral-small-latest')).toEqual([...all.filter(field => field !== 'seed'), 'random_seed'].sort())
    expect(bodyFor(callOf({ passthrough: { seed: 7 } }), 'mistral', plain)).toMatchObject({ random_seed: 7 })
    expect(steered('vllm', 'qwen3-8b')).toEqual(all)
    expect(steered('generic', 'grok-4.20')).toEqual(all.filter(field => !['presence_penalty', 'frequency_penalty', 'stop'].includes(field)))
    expect(steered('generic', 'grok-4-1-fast-non-reasoning')).toEqual(all)
  })

  test('has the calls of tools and their results as OpenAI writes them', () => {
    const messages = [{ role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'look', arguments: '{"at":1}' }] }, { role: 'tool', content: 'Rain', toolCallId: 'c1' }] as const
    expect(body('generic', { messages })['messages']).toEqual([
      { role: 'assistant', content: '', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }] },
      { role: 'tool', content: 'Rain', tool_call_id: 'c1' },
    ])
  })
})

describe('Azure', () => {
  const address = (baseURL: string, apiVersion?: string) => String(addressFor(endpointOf({ baseURL, ...apiVersion && { apiVersion } }, 'test'), 'chat/completions', 'my gpt'))

  test('has the deployment in its older addresses, and the model in the body of its newer ones', () => {
    expect(address('https://mine.openai.azure.com', '2024-10-21')).toBe('https://mine.openai.azure.com/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21')
    expect(address('https://mine.openai.azure.com/openai/', '2024-10-21')).toBe('https://mine.openai.azure.com/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21')
    expect(address('https://mine.openai.azure.com/openai/deployments/that?api-version=2024-10-21')).toBe('https://mine.openai.azure.com/openai/deployments/that/chat/completions?api-version=2024-10-21')
    expect(address('https://mine.openai.azure.com/openai/v1')).toBe('https://mine.openai.azure.com/openai/v1/chat/completions')
    expect(address('https://mine.openai.azure.com/openai/v1/', 'preview')).toBe('https://mine.openai.azure.com/openai/v1/chat/completions?api-version=preview')
  })

  test('takes its key in a header of its own', () => {
    expect(endpointOf({ baseURL: 'https://mine.openai.azure.com/openai/v1', apiKey: 'k' }, 'test').headers).toEqual({ 'api-key': 'k' })
    expect(endpointOf({ baseURL: 'https://proxy.test/v1', dialect: 'azure', apiKey: 'k' }, 'test').headers).toEqual({ 'api-key': 'k' })
    expect(endpointOf({ baseURL: 'https://api.openai.com/v1', apiKey: 'k\n' }, 'test').headers).toEqual({ authorization: 'Bearer k' })
  })

  test('without a version is refused before it refuses every run', () => {
    expect(() => endpointOf({ baseURL: 'https://mine.openai.azure.com' }, 'test')).toThrow(/apiVersion/)
  })
})

test.each([{ baseURL: 'nonsense' }, { baseURL: 'ftp://a.test' }, { baseURL: 'https://me:secret@a.test/v1' }, { baseURL: 'https://a.test/v1', apiKey: 'sk\n1' }, { baseURL: 'https://a.test/v1', dialect: 'toString' as Dialect }])('%j can reach nobody', options => {
  expect(() => endpointOf(options, 'test')).toThrow(TypeError)
  expect(() => endpointOf(options, 'test')).not.toThrow(/secret|sk\n1/)
})
