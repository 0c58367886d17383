import { describe, expect, it } from 'vitest'
import { findUpstream, withLight } from '../../../examples/docs-search/server/upstream.ts'

const nobody: typeof fetch = () => Promise.reject(new TypeError('refused'))
const answering = (answers: Record<string, unknown>): typeof fetch => async input => {
  const answer = answers[String(input)]
  return answer === undefined ? new Response(null, { status: 404 }) : Response.json(answer)
}

describe('finding models', () => {
  it('finds none where there are none', async () => {
    expect(await findUpstream({}, nobody)).toBeNull()
    expect(await findUpstream({}, answering({ 'http://127.0.0.1:11434/api/tags': { models: [] } }))).toBeNull()
    expect(await findUpstream({}, answering({ 'http://127.0.0.1:11434/api/tags': 'nonsense' }))).toBeNull()
  })

  it('knows the models of a provider by its host', async () => {
    const upstream = await findUpstream({ OPENAI_BASE_URL: 'https://api.openai.com/v1', OPENAI_API_KEY: 'k' }, nobody)
    expect(upstream!.models).toEqual({ eco: ['gpt-4o-mini'], standard: ['gpt-5-mini'], max: ['gpt-5.1'] })
    expect((await findUpstream({ OPENAI_API_KEY: 'k' }, nobody))!.models).toEqual(upstream!.models)
  })

  it('takes the environment\'s word over its own, level by level', async () => {
    const env = { OPENAI_API_KEY: 'k', SPARING_ECO: 'mine', SPARING_ECO_PRICE: '0.1/0.4', SPARING_MAX: '' }
    expect((await findUpstream(env, nobody))!.models).toEqual({ eco: [{ id: 'mine', price: { input: 0.1, output: 0.4 } }], standard: ['gpt-5-mini'] })
  })

  it('asks an unknown host what it has', async () => {
    const list = { data: [{ id: 'qwen2.5-32b' }, { id: 'llama-3.1-8b' }, { id: 'nomic-embed-text' }, { id: 7 }] }
    const upstream = await findUpstream({ OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1' }, answering({ 'http://127.0.0.1:8000/v1/models': list }))
    expect(upstream!.models).toEqual({ eco: [{ id: 'llama-3.1-8b' }], standard: [{ id: 'qwen2.5-32b' }] })
  })

  it('uses an Ollama, with the sizes it tells', async () => {
    const tags = { models: [{ name: 'qwen3:4b' }, { name: 'mine:latest', details: { parameter_size: '32.8B' } }] }
    const upstream = await findUpstream({}, answering({ 'http://127.0.0.1:11434/api/tags': tags }))
    expect(upstream!.provider.id).toBe('ollama')
    expect(upstream!.models).toEqual({
      eco: [{ id: 'qwen3:4b' }], standard: [{ id: 'mine:latest', params: { active: 32.8, total: 32.8 } }],
    })
  })

  it.each([{ OPENAI_BASE_URL: 'nonsense' }, { OPENAI_API_KEY: 'k', SPARING_ECO: 'x', SPARING_ECO_PRICE: 'cheap' }])('refuses %j', async env => {
    await expect(findUpstream(env, nobody)).rejects.toThrow(TypeError)
  })
})

it('something is Light, whatever its size', () => {
  expect(withLight({ max: ['llama-70b'] })).toEqual({ eco: ['llama-70b'] })
  expect(withLight({ standard: ['a'], max: ['b'] })).toEqual({ eco: ['a'], max: ['b'] })
  expect(withLight({ eco: ['a'], max: ['b'] })).toEqual({ eco: ['a'], max: ['b'] })
  expect(withLight({})).toEqual({})
})
