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
    await discoverModels({ baseURL: 'https://proxy.test/ollama/v1/?key=k', dialect: 'ollama', fetch })
    await discoverModels({ baseURL: 'https://proxy.test/deep/ollama', dialect: 'ollama', fetch })
    expect(asked).toMatchObject([
      ['https://models.test/v1/models', { authorization: 'Bearer k' }], ['http://127.0.0.1:11434/api/tags', {}],
      ['https://proxy.test/ollama/api/tags?key=k', {}], ['https://proxy.test/deep/ollama/api/tags', {}],
    ])
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

  test.each(['model', 'llm', 'vlm', 'chat', 'base', 'fine-tuned', null])('are those that write text, whatever kind a list says they are: %s', async type => {
    expect(await found([{ id: 'some-8b', type }])).toEqual({ eco: [{ id: 'some-8b' }] })
  })

  test.each(['image', 'embedding', 'embeddings', 'audio', 'video', 'rerank', 'moderation', 'transcribe'])('are none of the kind %s', async type => {
    expect(await found([{ id: 'some-8b', type }])).toEqual({})
  })

  test('are none that chat completions refuse', async () => {
    const refused = [
      'sora-2', 'sora-2-pro', 'babbage-002', 'davinci-002', 'gpt-3.5-turbo-instruct', 'gpt-3.5-turbo-instruct-0914', 'gpt-audio', 'gpt-audio-mini-2025-10-06', 'gpt-4o-audio-preview', 'gpt-4o-mini-audio-preview',
      'o1-pro', 'o3-pro-2025-06-10', 'gpt-5-pro', 'gpt-5.2-pro-2025-12-11', 'o3-deep-research', 'o4-mini-deep-research', 'gpt-5-codex', 'gpt-5.1-codex-mini', 'codex-mini-latest', 'computer-use-preview',
      'gpt-realtime', 'gpt-image-1', 'chatgpt-image-latest', 'dall-e-3', 'tts-1-hd', 'gpt-4o-mini-tts', 'whisper-1', 'omni-moderation-latest', 'text-embedding-3-small', 'models/imagen-4.0-generate-001',
      'models/veo-3.0-generate-001', 'models/gemini-2.5-flash-image', 'models/aqa',
    ]
    expect(await found(refused.map(id => ({ id })))).toEqual({})
    const taken = ['gpt-5', 'gpt-5-mini', 'gpt-4o', 'gpt-4o-search-preview', 'o3', 'o4-mini', 'gpt-3.5-turbo', 'chatgpt-4o-latest', 'openai/gpt-5-pro', 'openai/o3-pro', 'models/gemini-2.5-pro', 'solar-pro2', 'sonar-pro']
    expect(Object.values(await found(taken.map(id => ({ id })))).flat().map(each => (each as { id: string }).id).toSorted()).toEqual(taken.toSorted())
  })

  test.each<[string, object, object]>([
    ['Anthropic', { type: 'model', id: 'claude-haiku-4-5-20251001', display_name: 'Claude Haiku 4.5', created_at: '2025-10-15T00:00:00Z' }, { standard: [{ id: 'claude-haiku-4-5-20251001' }] }],
    ['LM Studio', { id: 'some-8b', object: 'model', type: 'llm', publisher: 'p', arch: 'llama', state: 'not-loaded', max_context_length: 32_768 }, { eco: [{ id: 'some-8b', context: 32_768 }] }],
  ])('of %s are found', async (_, listed, models) => {
    expect(await found([listed])).toEqual(models)
  })

  test.each<[string, object]>([['nothing', { data: [] }], ['nothing that writes', { data: [{ id: 'sora-2' }, { id: 'whisper-1' }] }], ['what nobody can read', { data: [{ uuid: 7 }] }], ['no objects', { models: ['some-8b'] }]])('are %s, and whoever looks after it is told', async (_, list) => {
    const errors: unknown[] = []
    expect(await discoverModels({ baseURL: 'https://models.test/v1', fetch: listing(list), onError: error => void errors.push(error) })).toEqual({})
    expect(errors).toHaveLength(1)
    expect(String(errors[0])).toMatch(/^Error: models\.test lists (no )?models, .*none of its can be chosen\. (Load|Name) /)
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
