import { describe, expect, test } from 'vitest'
import { discoverModels, openaiCompatible } from '../../../../src/server/index.ts'

const listing = (list: unknown, status = 200): typeof fetch => async () => Response.json(list, { status })
const found = (list: readonly object[], baseURL = 'https://models.test/v1') => discoverModels({ baseURL, fetch: listing({ data: list }) })

describe('the models that a server lists', () => {
  test('are asked for with the key, at its address', async () => {
    const asked: [string, unknown][] = []
    const fetch = async (url: URL | RequestInfo, init?: RequestInit) => {
      asked.push([String(url), init?.headers])
      return Response.json({ data: [] })
    }
    await discoverModels({ baseURL: 'https://models.test/v1/', apiKey: 'k', fetch })
    await discoverModels({ baseURL: 'http://127.0.0.1:11434/v1', fetch })
    expect(asked).toMatchObject([['https://models.test/v1/models', { authorization: 'Bearer k' }], ['http://127.0.0.1:11434/api/tags', {}]])
  })

  test('are of the tier that the catalog suggests, or the name\'s size, or the dearest', async () => {
    expect(await found([{ id: 'gpt-5-mini' }, { id: 'llama-3.1-8b' }, { id: 'secret' }])).toEqual({ standard: [{ id: 'gpt-5-mini' }], eco: [{ id: 'llama-3.1-8b' }], max: [{ id: 'secret' }] })
  })

  test('are those that write text', async () => {
    const list = [
      { id: 'llama-3.1-8b' }, { id: 'nomic-embed-text' }, { id: 'whisper-large-v3' }, { id: 'flux-8b', architecture: { output_modalities: ['image'] } }, { id: 'ocr-8b', capabilities: { completion_chat: false } },
      { id: 'gone-8b', active: false }, { id: 'pictures-8b', type: 'image' }, { id: 7 }, null, 'text', { id: 'llama-3.1-8b' },
    ] as object[]
    expect(await found(list)).toEqual({ eco: [{ id: 'llama-3.1-8b' }] })
  })

  test.each<[string, object, object]>([
    ['OpenRouter', { id: 'qwen/qwen-9b-x', pricing: { prompt: '0.0000001', completion: '0.0000004', input_cache_read: '0.00000001' }, context_length: 40_960, supported_parameters: ['reasoning'] }, { id: 'qwen/qwen-9b-x', price: { input: 0.1, output: 0.4, cached: 0.01 }, context: 40_960, efforts: ['none', 'low', 'medium', 'high'] }],
    ['OpenRouter, which sets the price later', { id: 'auto-8b', pricing: { prompt: '-1', completion: '-1' } }, { id: 'auto-8b' }],
    ['Together', { id: 'some-8b', type: 'chat', pricing: { input: 0.2, output: 0.6 }, context_length: 131_072 }, { id: 'some-8b', price: { input: 0.2, output: 0.6 }, context: 131_072 }],
    ['Hugging Face, the dearest of those that serve it', { id: 'org/some-8b', providers: [{ pricing: { input: 0.1, output: 0.9 }, context_length: 8_000 }, { pricing: { input: 0.3, output: 0.5 }, context_length: 32_000 }] }, { id: 'org/some-8b', price: { input: 0.3, output: 0.9 }, context: 8_000 }],
    ['Groq', { id: 'some-8b', active: true, context_window: 131_072 }, { id: 'some-8b', context: 131_072 }],
    ['vLLM', { id: 'some-8b', max_model_len: 16_384 }, { id: 'some-8b', context: 16_384 }],
    ['llama.cpp', { id: 'mine.gguf', meta: { n_ctx_train: 8_192, n_params: 7_615_616_512 } }, { id: 'mine.gguf', context: 8_192, params: { active: 7.62, total: 7.62 } }],
    ['Ollama', { name: 'mine:latest', details: { parameter_size: '596M' } }, { id: 'mine:latest', params: { active: 0.596, total: 0.596 } }],
  ])('of %s come with what it tells', async (_, listed, config) => {
    expect(await found([listed])).toEqual({ eco: [config] })
  })

  test('cannot be told not to reason where their names say that they cannot, whatever the list says', async () => {
    const names = ['Qwen/Qwen3-30B-A3B-Thinking-2507', 'qwen3:4b-thinking', 'deepseek/deepseek-r1-distill-qwen-8b', 'gpt-oss:20b', 'sonar-reasoning-pro']
    const listed = await found(names.map(id => ({ id, supported_parameters: ['reasoning'] })))
    const { models } = openaiCompatible({ baseURL: 'https://models.test/v1', models: listed })
    expect(models.map(({ id }) => id).toSorted()).toEqual(names.toSorted())
    for (const { efforts } of models) expect(efforts).not.toContain('none')
  })

  test('are what openaiCompatible takes', async () => {
    const models = await found([{ id: 'some-8b', pricing: { input: 0.2, output: 0.6 }, context_length: 9_000 }])
    expect(openaiCompatible({ baseURL: 'https://models.test/v1', models }).models).toMatchObject([{ id: 'some-8b', tier: 'eco', context: 9_000, price: { input: 200_000_000, output: 600_000_000 } }])
  })
})

describe('a server that cannot be asked', () => {
  const failing = async (fetch: typeof globalThis.fetch) => {
    const errors: unknown[] = []
    const models = await discoverModels({ baseURL: 'https://models.test/v1', fetch, timeout: 20, onError: error => void errors.push(error) })
    return { models, errors: errors.length }
  }
  const silent: typeof fetch = (_, init) => new Promise((_, reject) => init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason)))

  test.each<[string, typeof fetch]>([
    ['is not there', () => Promise.reject(new TypeError('refused'))], ['says nothing', silent], ['refuses', listing({}, 401)], ['sends a page', async () => new Response('<html>')],
    ['sends something else', listing({ data: 'models' })], ['sends nothing', listing(null)],
  ])('because it %s has none, and whoever looks after it is told', async (_, fetch) => {
    expect(await failing(fetch)).toEqual({ models: {}, errors: 1 })
  })

  test('because of its address is a mistake of whoever wrote it', async () => {
    await expect(discoverModels({ baseURL: 'nonsense' })).rejects.toThrow(TypeError)
  })
})
