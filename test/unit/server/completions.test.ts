import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, jsonSchema, Output, streamText, tool } from 'ai'
import OpenAI, { APIError, APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError, PermissionDeniedError, RateLimitError } from 'openai'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Receipt } from '../../../src/core/index.ts'
import { baseline, openaiCompatible } from '../../../src/server/index.ts'
import type { ModelsByTier, ModelSelectorOptions, RunOutput } from '../../../src/server/index.ts'
import { listen } from '../../../src/server/node/index.ts'
import { startUpstream } from '../../fixtures/upstream.ts'
import type { Call, Reply } from '../../fixtures/upstream.ts'
import { bench, json, optInFor, problemOf, sized } from './support.ts'
import type { Bench } from './support.ts'

const key = 'sk-product-0123456789abcdef'
const apiKeys = [
  { key, feature: 'ask', user: 'backend', labels: { plan: 'pro' }, tier: 'eco' },
  { key: 'sk-thinking-0123456789abcdef', feature: 'think', user: 'backend', tier: 'max', effort: 'high', concurrency: 3 },
  { key: 'sk-nowhere-0123456789abcdef', feature: 'gone', user: 'backend', tier: 'eco' },
] as const
const thinking = apiKeys[1].key

/** The bench behind a real listener, with OpenAI's own client before it. */
async function served(options: Partial<ModelSelectorOptions> = {}, reply: Reply | ((call: Call) => Reply) = {}) {
  const on = await bench({ apiKeys, ...options }, reply)
  const listener = await listen(on.modelSelector, { port: 0 })
  onTestFinished(() => listener.close(0))
  const baseURL = `${listener.url}/v1`
  const client = (apiKey: string = key) => new OpenAI({ baseURL, apiKey, maxRetries: 0 })
  const provider = (apiKey: string = key) => createOpenAICompatible({ name: 'product', baseURL, apiKey, includeUsage: true, supportsStructuredOutputs: true })
  return { ...on, baseURL, client, provider }
}

const messages = [{ role: 'user', content: 'Write a poem about the sea, please, in three lines and without rhyme.' }] as const
const ask = { model: 'eco', messages: [...messages] }
const weather = { type: 'function', function: { name: 'weather', description: 'Weather of a place.', parameters: { type: 'object', properties: { place: { type: 'string' } } } } } as const
const calling: Reply = { deltas: [], tools: [{ id: 'call-1', name: 'weather', arguments: ['{"place":', '"Oslo"}'] }, { id: 'call-2', name: 'weather', arguments: ['{"place":"Rome"}'] }] }

/** What its owner's key is told of a run. */
async function receiptOf(on: Pick<Bench, 'get' | 'ledger'>, id: string, apiKey: string = key): Promise<Receipt> {
  await on.ledger.after('settle')
  return (await (await on.get(`/v1/runs/${id}`, { authorization: `Bearer ${apiKey}`, 'x-user': 'somebody' })).json() as { receipt: Receipt }).receipt
}

async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** What a request is refused with. */
async function errorOf<T extends APIError>(work: PromiseLike<unknown>, kind: new (...args: never[]) => T): Promise<T> {
  const failure = await Promise.resolve(work).then(() => null, (error: unknown) => error)
  expect(failure).toBeInstanceOf(kind)
  return failure as T
}

describe('OpenAI\'s own client', () => {
  test('gets a text, with usage, and a receipt that says who vouched', async () => {
    const on = await served()
    const answer = await on.client().chat.completions.create(ask)
    expect(answer).toMatchObject({
      object: 'chat.completion', model: 'small', created: Math.floor(on.clock.now / 1_000),
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'One two three.', refusal: null } }],
      usage: { completion_tokens: 3, prompt_tokens_details: { cached_tokens: 0 } },
    })
    const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = answer.usage!
    expect(total).toBe(input + output)
    expect(await receiptOf(on, answer.id)).toMatchObject({ optIn: 'caller', status: 'completed', feature: 'ask', usage: { input, output, source: 'reported' }, choice: { tier: 'eco' } })
  })

  test('gets a stream as it comes', async () => {
    const on = await served({}, { deltas: [{ think: 'Hm.' }, 'One', ' two'], paused: true })
    on.upstream.release(1)
    const stream = await on.client().chat.completions.create({ ...ask, stream: true })
    expect(on.upstream.served).toBe(1)
    on.upstream.release(2)
    const chunks = await listOf(stream)
    expect(chunks.map(({ choices: [choice] }) => choice!.delta)).toEqual([{ role: 'assistant', reasoning_content: 'Hm.' }, { content: 'One' }, { content: ' two' }, {}])
    expect(chunks.map(({ choices: [choice] }) => choice!.finish_reason)).toEqual([null, null, null, 'stop'])
    expect(new Set(chunks.map(({ id, model, object }) => `${id} ${model} ${object}`))).toEqual(new Set([`${chunks[0]!.id} small chat.completion.chunk`]))
    expect(chunks.some(chunk => 'usage' in chunk)).toBe(false)
  })

  test('gets usage at the end of a stream where it asks for it', async () => {
    const on = await served()
    const stream = await on.client().chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } })
    const chunks = await listOf(stream)
    expect(chunks.slice(0, -1).every(({ usage, choices }) => usage === null && choices.length === 1)).toBe(true)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 3, total_tokens: chunks.at(-1)!.usage!.prompt_tokens + 3 } })
  })

  test('has its own messages sent in place of the feature\'s prompt, with what shapes the answer and nothing else', async () => {
    const on = await served({ prompts: { ask: () => [{ role: 'system', content: 'OURS' }] } })
    await on.client().chat.completions.create({
      ...ask, messages: [{ role: 'developer', content: 'Be brief.' }, { role: 'user', content: [{ type: 'text', text: 'One' }, { type: 'text', text: 'two' }] }, { role: 'assistant', content: 'Yes?' }, ...messages],
      temperature: 0.2, top_p: 0.9, seed: 7, stop: ['END'], max_tokens: 30, max_completion_tokens: 20, user: 'u-1', metadata: { a: 'b' }, store: true,
    })
    const { body, headers } = on.upstream.log[0]!
    expect(body).toEqual({
      model: 'small', stream: true, stream_options: { include_usage: true }, max_tokens: 20, temperature: 0.2, top_p: 0.9, seed: 7, stop: ['END'],
      messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'One\ntwo' }, { role: 'assistant', content: 'Yes?' }, ...messages],
    })
    expect(headers['authorization']).toBe('Bearer sk-fixture-secret')
  })

  test('calls tools and sends their results', async () => {
    const on = await served({}, ({ body }) => body.messages!.some(({ role }) => role === 'tool') ? { deltas: ['Rain.'] } : calling)
    const first = await on.client().chat.completions.create({ ...ask, tools: [weather], tool_choice: 'required', parallel_tool_calls: true })
    const { message, finish_reason: reason } = first.choices[0]!
    expect(reason).toBe('tool_calls')
    expect(message).toMatchObject({ content: null, tool_calls: [{ id: 'call-1', type: 'function', function: { name: 'weather', arguments: '{"place":"Oslo"}' } }, { id: 'call-2', function: { arguments: '{"place":"Rome"}' } }] })
    const results = message.tool_calls!.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: '{"rain":true}' } as const))
    const second = await on.client().chat.completions.create({ ...ask, messages: [...messages, message, ...results], tools: [weather] })
    expect(second.choices[0]!.message.content).toBe('Rain.')
    expect(on.upstream.log[0]!.body).toMatchObject({ tools: [weather], tool_choice: 'required', parallel_tool_calls: true })
    expect(on.upstream.log[1]!.body.messages!.slice(1)).toEqual([
      { role: 'assistant', content: '', tool_calls: message.tool_calls }, ...results,
    ])
  })

  test('has lists and descriptions with nothing in them taken for nothing', async () => {
    const on = await served()
    const { description: _, ...bare } = weather.function
    await on.client().chat.completions.create({ ...ask, functions: [], tools: [], tool_choice: 'auto' } as typeof ask)
    await on.client().chat.completions.create({ ...ask, tools: [{ type: 'function', function: { ...bare, description: null } }] } as never)
    const [first, second] = on.upstream.log.map(({ body }) => body)
    expect(Object.keys(first!).filter(field => /tool|function/.test(field))).toEqual([])
    expect(second!['tools']).toEqual([{ type: 'function', function: bare }])
  })

  test('has the tools passed on that may be called, where only some may', async () => {
    const on = await served()
    const other = { type: 'function', function: { name: 'other' } } as const
    const choose = (...names: string[]) => ({ type: 'allowed_tools', allowed_tools: { mode: 'required', tools: names.map(name => ({ type: 'function', function: { name } })) } }) as const
    await on.client().chat.completions.create({ ...ask, tools: [weather, other], tool_choice: choose('weather') })
    await on.client().chat.completions.create({ ...ask, tools: [weather, other], tool_choice: choose('none of them') })
    expect(on.upstream.log[0]!.body).toMatchObject({ tools: [weather], tool_choice: 'required' })
    expect(on.upstream.log[1]!.body).not.toHaveProperty('tool_choice')
  })

  test('is streamed calls of tools in pieces, which its own helper puts together', async () => {
    const on = await served({}, calling)
    const answer = await on.client().chat.completions.stream({ ...ask, tools: [weather] }).finalChatCompletion()
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ id: 'call-1', function: { name: 'weather', arguments: '{"place":"Oslo"}' } }, { id: 'call-2', function: { arguments: '{"place":"Rome"}' } }] } })
  })

  test('is told of no tool that it did not give', async () => {
    const on = await served({}, { ...calling, deltas: ['Rain.'] })
    const answer = await on.client().chat.completions.create(ask)
    expect(answer.choices[0]!.message).toEqual({ role: 'assistant', content: 'Rain.', refusal: null })
  })

  const ended = (reason: string): Reply => ({ raw: `data: {"choices":[{"delta":{},"finish_reason":"${reason}"}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":5}}\n\ndata: [DONE]\n\n` })

  test('is told that an answer was withheld as OpenAI tells it', async () => {
    const on = await served({}, ended('content_filter'))
    const answer = await on.client().chat.completions.create(ask)
    expect(answer.choices).toMatchObject([{ finish_reason: 'content_filter', message: { content: '' } }])
    expect(await receiptOf(on, answer.id)).toMatchObject({ status: 'completed', usage: { input: 20, output: 5 } })
    const chunks = await listOf(await on.client().chat.completions.create({ ...ask, stream: true }))
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('content_filter')
  })

  test('gets an error for an answer with nothing in it, but where it may have asked for that', async () => {
    const on = await served({}, ended('stop'))
    expect((await errorOf(on.client().chat.completions.create(ask), APIError)).message).toContain('answered with nothing')
    const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } } as const
    for (const asked of [{ ...ask, stop: ['.'] }, { ...ask, messages: [...messages, { role: 'assistant' as const, tool_calls: [call] }, { role: 'tool' as const, tool_call_id: 'c1', content: 'Sent.' }] }]) {
      expect((await on.client().chat.completions.create(asked)).choices).toMatchObject([{ finish_reason: 'stop', message: { content: '' } }])
    }
  })

  test('has a schema passed on', async () => {
    const on = await served({}, { deltas: ['{"sea":', '"blue"}'] })
    const schema = { type: 'object', properties: { sea: { type: 'string' } } }
    const answer = await on.client().chat.completions.create({ ...ask, response_format: { type: 'json_schema', json_schema: { name: 'sea', strict: true, schema } } })
    expect(JSON.parse(answer.choices[0]!.message.content!)).toEqual({ sea: 'blue' })
    expect(on.upstream.log[0]!.body['response_format']).toEqual({ type: 'json_schema', json_schema: { name: 'sea', schema, strict: true } })
  })

  test.each([
    ['any JSON', { type: 'json_object' }],
    ['a schema that nobody is held to', { type: 'json_schema', json_schema: { name: 'sea', schema: { type: 'object' }, strict: false } }],
    ['a schema that says nothing of that', { type: 'json_schema', json_schema: { name: 'sea', description: 'Of the sea.', schema: { type: 'object' } } }],
  ] as const)('has the wish for %s passed on as it is', async (_, format) => {
    const on = await served({}, { deltas: ['{}'] })
    await on.client().chat.completions.create({ ...ask, messages: [{ role: 'user', content: 'The sea as JSON, please.' }], response_format: format })
    expect(on.upstream.log[0]!.body).toMatchObject({ response_format: format, messages: [{ role: 'user', content: 'The sea as JSON, please.' }] })
    expect(on.upstream.log[0]!.body['response_format']).toEqual(format)
  })

  test('has a schema said in words to a server that takes none, within what was bounded', async () => {
    const schema = { type: 'object', properties: { sea: { type: 'string', description: 'é'.repeat(600) } } }
    const upstream = await startUpstream({ deltas: ['{}'] })
    onTestFinished(() => upstream.close())
    const on = await served({ providers: [openaiCompatible({ id: 'fixture', baseURL: upstream.url, models: { eco: [sized('small', 4)] }, dialect: 'deepseek' }), baseline()] })
    const { id } = await on.client().chat.completions.create({ ...ask, response_format: { type: 'json_schema', json_schema: { name: 'sea', schema } } })
    const { body } = upstream.log[0]!
    expect(body['response_format']).toEqual({ type: 'json_object' })
    expect(body.messages![0]!.content).toContain(JSON.stringify(schema))
    const { estimate } = await receiptOf(on, id)
    expect(Math.round(estimate.ceiling.usd! / (4 / 100) * 1e6)).toBeGreaterThan(Buffer.byteLength(JSON.stringify(body.messages)))
  })

  test('that goes away stops the upstream and pays for what was said', async () => {
    const on = await served({}, { deltas: ['One', ' two', ' three'], paused: true, usage: 'missing' })
    on.upstream.release(2)
    const stream = await on.client().chat.completions.create({ ...ask, stream: true })
    let id = ''
    for await (const chunk of stream) {
      ({ id } = chunk)
      if (chunk.choices[0]!.delta.content === ' two') break
    }
    await on.upstream.until(([call]) => call!.ended === 'client')
    expect(await receiptOf(on, id)).toMatchObject({ status: 'aborted', usage: { output: 2, source: 'counted' } })
    for (const { held } of Object.values(await on.budgets({ 'x-user': 'backend' }))) expect(held).toBe(0)
  })

  test.each([true, false])('that goes away before the first token does so too, streaming: %s', async stream => {
    const on = await served({}, { silent: true })
    const gone = new AbortController()
    const answer = on.client().chat.completions.create({ ...ask, stream } as typeof ask, { signal: gone.signal })
    await on.upstream.until(log => log.length === 1)
    gone.abort()
    await expect(answer).rejects.toBeInstanceOf(APIUserAbortError)
    await on.upstream.until(([call]) => call!.ended === 'client')
    await on.ledger.after('settle')
    for (const { held } of Object.values(await on.budgets({ 'x-user': 'backend' }))) expect(held).toBe(0)
  })

  test('lists the models that its key reaches', async () => {
    const on = await served()
    const list = await listOf(on.client(thinking).models.list())
    expect(list.map(({ id, owned_by: owner }) => `${id} ${owner}`)).toEqual(['max sparing', 'small fixture', 'middle fixture', 'large fixture'])
    expect((await listOf(on.client().models.list())).map(({ id }) => id)).toEqual(['eco', 'small'])
    expect(await on.client(thinking).models.retrieve('large')).toEqual({ id: 'large', object: 'model', created: 0, owned_by: 'fixture' })
    expect(await errorOf(on.client().models.retrieve('large'), NotFoundError)).toMatchObject({ code: 'model_not_found', param: 'model' })
  })

  test('is shown no model that its budgets keep from it, and none that would be refused for ever is asked again', async () => {
    const models = { eco: [sized('small', 4), { id: 'unpriced', params: { active: 4, total: 4 } }, { id: 'dark', price: { input: 1, output: 1 } }] }
    const provider = (some: ModelsByTier) => openaiCompatible({ id: 'fixture', baseURL: 'http://models.test/v1', models: some })
    const on = async (some: ModelsByTier, limit: object) => served({ providers: [provider(some), baseline()], budgets: [{ id: 'mine', scope: 'user', per: 'day', limit }] })
    const listed = async (limit: object, some: ModelsByTier = models) => (await listOf((await on(some, limit)).client().models.list())).map(({ id }) => id)
    expect(await listed({ usd: 1 })).toEqual(['eco', 'small', 'dark'])
    expect(await listed({ wh: 10 })).toEqual(['eco', 'small', 'unpriced'])
    expect(await listed({ runs: 10 })).toEqual(['eco', 'small', 'unpriced', 'dark'])
    expect(await listed({ usd: 1 }, { eco: [models.eco[1]!] })).toEqual([])
    const limited = await on(models, { usd: 1 })
    expect(await errorOf(limited.client().chat.completions.create({ ...ask, model: 'unpriced' }), NotFoundError)).toMatchObject({ code: 'model_not_found' })
    const none = await on({ eco: [models.eco[1]!] }, { usd: 1 })
    const answer = await none.post('/v1/chat/completions', ask, { authorization: `Bearer ${key}` })
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([503, 'false'])
  })

  test('gets the model it names, and no other', async () => {
    const on = await served({}, { status: 500 })
    for (const model of ['middle', 'large']) await errorOf(on.client(thinking).chat.completions.create({ ...ask, model }), APIError)
    expect(on.upstream.log.map(({ body }) => body.model)).toEqual(['middle', 'large'])
  })

  test('has it think as hard as its key allows where it asks for that, and not at all where it does not', async () => {
    const on = await served()
    const { completions } = on.client(thinking).chat
    await completions.create({ ...ask, model: 'large', reasoning_effort: 'high' })
    await completions.create({ ...ask, model: 'large' })
    await completions.create({ ...ask, model: 'large', reasoning_effort: 'xhigh' })
    expect(on.upstream.log.map(({ body }) => body['reasoning_effort'])).toEqual(['high', 'none', 'high'])
  })

  test.each(['minimal', 'high'] as const)('has it think as little as a key without reasoning allows where it asks for "%s"', async effort => {
    const on = await served()
    await on.client().chat.completions.create({ ...ask, reasoning_effort: effort })
    expect(on.upstream.log[0]!.body).not.toHaveProperty('reasoning_effort')
  })
})

describe('the AI SDK', () => {
  test('generates a text', async () => {
    const on = await served()
    const { text, usage, finishReason } = await generateText({ model: on.provider().chatModel('eco'), prompt: messages[0].content, instructions: 'Be brief.' })
    expect({ text, finishReason, output: usage.outputTokens }).toEqual({ text: 'One two three.', finishReason: 'stop', output: 3 })
  })

  test('streams a text and its reasoning', async () => {
    const on = await served({}, { deltas: [{ think: 'Hm.' }, 'One', ' two'] })
    const result = streamText({ model: on.provider().chatModel('eco'), prompt: messages[0].content })
    expect(await listOf(result.textStream)).toEqual(['One', ' two'])
    expect(await result.reasoningText).toBe('Hm.')
    expect((await result.usage).outputTokens).toBe(3)
  })

  test('runs tools', async () => {
    const on = await served({}, ({ body }) => body.messages!.some(({ role }) => role === 'tool') ? { deltas: ['Rain.'] } : calling)
    const places: string[] = []
    const tools = { weather: tool({
      inputSchema: jsonSchema<{ place: string }>({ type: 'object', properties: { place: { type: 'string' } }, required: ['place'] }),
      execute: async ({ place }) => {
        places.push(place)
        return 'rain'
      },
    }) }
    const first = await generateText({ model: on.provider().chatModel('eco'), prompt: messages[0].content, tools })
    expect(first.toolResults.map(({ output }) => output)).toEqual(['rain', 'rain'])
    expect(places).toEqual(['Oslo', 'Rome'])
    const second = await generateText({ model: on.provider().chatModel('eco'), messages: [...messages, ...first.response.messages], tools })
    expect(second.text).toBe('Rain.')
  })

  test('gets an object', async () => {
    const on = await served({}, { deltas: ['{"sea":', '"blue"}'] })
    const output = Output.object({ schema: jsonSchema<{ sea: string }>({ type: 'object', properties: { sea: { type: 'string' } } }) })
    const result = await generateText({ model: on.provider().chatModel('eco'), prompt: messages[0].content, output })
    expect(result.output).toEqual({ sea: 'blue' })
  })

  test('stops what it aborts', async () => {
    const on = await served({}, { deltas: ['One', ' two', ' three'], paused: true, usage: 'missing' })
    on.upstream.release(1)
    const gone = new AbortController()
    const result = streamText({ model: on.provider().chatModel('eco'), prompt: messages[0].content, abortSignal: gone.signal, onError: () => {} })
    for await (const text of result.textStream) if (text === 'One') gone.abort()
    await on.upstream.until(([call]) => call!.ended === 'client')
    await on.ledger.after('settle')
    expect((await on.budgets({ 'x-user': 'backend' }))['runs']).toMatchObject({ settled: 1, held: 0 })
  })

  test('is told that a budget is used up', async () => {
    const on = await served({ budgets: [{ id: 'user', per: 'day', limit: { runs: 0 } }] })
    const work = generateText({ model: on.provider().chatModel('eco'), prompt: messages[0].content, maxRetries: 0 })
    await expect(work).rejects.toMatchObject({ statusCode: 429, message: expect.stringContaining('allowance') })
  })
})

describe('what stands against a request is told in OpenAI\'s shape', () => {
  test.each([
    ['no key', undefined], ['a wrong one', 'sk-product-0123456789abcdeX'], ['a prefix of one', key.slice(0, -1)], ['one that is longer', `${key}0`],
  ])('%s', async (_, wrong) => {
    const on = await served()
    const error = await errorOf(on.client(wrong === undefined ? ' ' : wrong).chat.completions.create(ask), AuthenticationError)
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' })
    expect(error.headers.get('www-authenticate')).toBe('Bearer')
    expect(on.ledger.verbs).toEqual([])
  })

  test('a cookie in place of a key, or what the host knows of the caller', async () => {
    const on = await bench({ apiKeys })
    const cookie = (await on.get('/v1/budget')).headers.get('set-cookie') ?? 'sparing_id=a.b'
    const response = await on.post('/v1/chat/completions', ask, { cookie, 'x-user': 'ada' })
    expect(response.status).toBe(401)
    expect(on.ledger.verbs).toEqual([])
  })

  test('a budget that is used up, with when to come back and that asking again at once is no use', async () => {
    const on = await served({ budgets: [{ id: 'user', per: 'day', limit: { runs: 1 } }] })
    await on.client().chat.completions.create(ask)
    const error = await errorOf(on.client().chat.completions.create({ ...ask, stream: true }), RateLimitError)
    expect(error).toMatchObject({ status: 429, code: 'insufficient_quota', type: 'insufficient_quota', error: { problem: { type: 'urn:sparing:budget-exceeded' } } })
    expect(Number(error.headers.get('retry-after'))).toBe(43_200)
    expect(error.headers.get('x-should-retry')).toBe('false')
    expect(on.upstream.log).toHaveLength(1)
  })

  test('too many at once, by the key\'s own number where it has one', async () => {
    const on = await served({ budgets: [{ id: 'user', per: 'day', limit: { usd: 10 } }] }, { paused: true })
    const open = Array.from({ length: 2 }, () => on.client().chat.completions.create(ask))
    await on.upstream.until(log => log.length === 2)
    const error = await errorOf(on.client().chat.completions.create(ask), RateLimitError)
    expect(error).toMatchObject({ code: 'rate_limit_exceeded' })
    expect(error.headers.get('retry-after')).toBe('1')
    open.push(on.client(thinking).chat.completions.create({ ...ask, model: 'max' }))
    await on.upstream.until(log => log.length === 3)
    on.upstream.release(9)
    await Promise.all(open)
  })

  test('a model that the key does not reach', async () => {
    const on = await served()
    for (const model of ['large', 'gpt-5', 'max', '']) {
      expect(await errorOf(on.client().chat.completions.create({ ...ask, model }), NotFoundError)).toMatchObject({ code: 'model_not_found', param: 'model' })
    }
    expect(on.ledger.verbs).toEqual([])
  })

  test('a feature that is switched off', async () => {
    const on = await served()
    expect(await errorOf(on.client(apiKeys[2].key).chat.completions.create(ask), PermissionDeniedError)).toMatchObject({ code: 'feature_disabled' })
  })

  test.each([
    ['instructions', { messages: [{ role: 'system', content: 'a'.repeat(9_000) }, ...messages] }],
    ['a conversation', { messages: [{ role: 'user', content: 'a'.repeat(9_000) }] }],
    ['tools', { tools: [{ ...weather, function: { ...weather.function, description: 'a'.repeat(9_000) } }] }],
    ['a schema', { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { description: 'a'.repeat(9_000) } } } }],
    ['a call of a tool', { messages: [...messages, { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: 'a'.repeat(9_000) } }] }] }],
  ])('more input than the feature takes, in %s', async (_, change) => {
    const on = await served()
    const error = await errorOf(on.client().chat.completions.create({ ...ask, ...change } as never), BadRequestError)
    expect(error).toMatchObject({ code: 'context_length_exceeded' })
    expect(on.ledger.verbs).toEqual([])
  })

  test('a field that asks for nothing is none', async () => {
    const on = await served()
    expect((await on.client().chat.completions.create({ ...ask, logit_bias: {} })).choices[0]!.message.content).toBe('One two three.')
    await errorOf(on.client().chat.completions.create({ ...ask, logit_bias: { 50_256: -100 } }), BadRequestError)
  })

  test('what is not served at all, in the shape that their clients read', async () => {
    const on = await served()
    for (const asking of [on.client().embeddings.create({ model: 'eco', input: 'a' }), on.client().responses.create({ model: 'eco', input: 'a' })]) {
      expect(await errorOf(asking, NotFoundError)).toMatchObject({ code: 'not_found', type: 'invalid_request_error', message: expect.stringContaining('Use /v1/chat/completions') })
    }
  })

  test.each([
    ['messages', { messages: [] }], ['messages.0.role', { messages: [{ role: 'function', content: 'a' }] }], ['max_tokens', { max_tokens: 0 }], ['n', { n: 2 }],
    ['logprobs', { logprobs: true }], ['functions', { functions: [{ name: 'a' }] }], ['modalities', { modalities: ['audio'] }], ['messages.0.tool_call_id', { messages: [{ role: 'tool', content: 'a' }] }],
    ['messages.0.content', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,SECRET' } }] }] }],
    ['tools.0.type', { tools: [{ type: 'custom', custom: { name: 'a' } }] }], ['reasoning_effort', { reasoning_effort: 'all' }], ['temperature', { temperature: 'warm' }],
  ])('a wrong %s', async (param, change) => {
    const on = await served()
    const error = await errorOf(on.client().chat.completions.create({ ...ask, ...change } as never), BadRequestError)
    expect(error).toMatchObject({ param, type: 'invalid_request_error', message: expect.stringMatching(/[.]$/) })
    expect(error.message).not.toContain('SECRET')
    expect(on.ledger.verbs).toEqual([])
    expect(on.upstream.log).toEqual([])
  })

  test.each([true, false])('an upstream that refuses has a status of its own, streaming: %s', async stream => {
    const on = await served({}, { status: 500 })
    const error = await errorOf(on.client().chat.completions.create({ ...ask, stream } as typeof ask), APIError)
    expect(error).toMatchObject({ status: 502, code: 'upstream_failed', type: 'server_error', error: { problem: { receipt: { optIn: 'caller', cost: { usd: 0 } } } } })
  })

  test.each([[400, 400], [404, 400], [422, 400], [401, 502]])('an upstream that refuses with %i is asked once, by a client that would try again, which gets %i', async (refusal, status) => {
    const on = await served({}, { status: refusal })
    for (const stream of [true, false]) {
      const before = on.upstream.log.length
      const error = await errorOf(new OpenAI({ baseURL: on.baseURL, apiKey: key, maxRetries: 2 }).chat.completions.create({ ...ask, stream } as typeof ask), APIError)
      expect(error).toMatchObject({ status, message: expect.not.stringMatching(/try again/i) })
      expect((error.headers as unknown as Headers).get('x-should-retry')).toBe('false')
      expect(on.upstream.log).toHaveLength(before + 1)
    }
  })

  test('one that breaks off in the middle ends the stream with an error', async () => {
    const on = await served({}, { end: 'cut' })
    const stream = await on.client().chat.completions.create({ ...ask, stream: true })
    const texts: string[] = []
    const error = await errorOf((async () => { for await (const chunk of stream) texts.push(chunk.choices[0]!.delta.content ?? '') })(), APIError)
    expect(texts).toEqual(['One', ' two', ' three.'])
    expect(error).toMatchObject({ code: 'upstream_failed' })
  })

  test('a broken body, another type, another method', async () => {
    const on = await bench({ apiKeys })
    const auth = { authorization: `Bearer ${key}` }
    expect(await (await on.post('/v1/chat/completions', '{', auth)).json()).toMatchObject({ error: { type: 'invalid_request_error' } })
    expect((await on.post('/v1/chat/completions', '{}', { ...auth, 'content-type': 'text/plain' })).status).toBe(415)
    expect((await on.get('/v1/chat/completions', auth)).status).toBe(405)
  })
})

describe('what a request may cost', () => {
  test('is the feature\'s, lowered by what it asks for', async () => {
    const on = await served()
    const ceilings = await Promise.all([{}, { max_tokens: 5 }, { max_completion_tokens: 4_000 }].map(async change =>
      (await receiptOf(on, (await on.client(thinking).chat.completions.create({ ...ask, model: 'max', ...change })).id, thinking)).estimate.ceiling))
    expect(ceilings.map(({ outputTokens }) => outputTokens)).toEqual([200, 5, 200])
    expect(ceilings[1]!.usd!).toBeLessThan(ceilings[0]!.usd!)
    expect(on.upstream.log.map(({ body }) => body.max_tokens).toSorted()).toEqual([200, 200, 5])
  })

  test('counts instructions, tools and schemas as input', async () => {
    const on = await served()
    const usd = async (change: object) => (await receiptOf(on, (await on.client().chat.completions.create({ ...ask, ...change })).id)).estimate.ceiling.usd!
    const plain = await usd({})
    const long = 'x'.repeat(1_000)
    for (const change of [
      { messages: [{ role: 'system', content: long }, ...messages] }, { tools: [{ ...weather, function: { ...weather.function, description: long } }] },
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { description: long } } } },
    ]) expect(await usd(change)).toBeGreaterThanOrEqual(plain + 1_000 * 0.04e-6)
  })

  test('counts what is sent again with every turn', async () => {
    const on = await served()
    const first = await on.client().chat.completions.create(ask)
    const second = await on.client().chat.completions.create({ ...ask, messages: [...messages, first.choices[0]!.message, { role: 'user', content: 'Shorter, please, and in one line only.' }] })
    const [one, two] = await Promise.all([first, second].map(({ id }) => receiptOf(on, id)))
    expect(two!.estimate.tokens.input.mid).toBeGreaterThan(one!.estimate.tokens.input.mid)
    expect(two!.usage.input).toBeGreaterThan(one!.usage.input)
  })

  test('draws on the budgets of the key\'s user and labels', async () => {
    const on = await served({ budgets: [{ id: 'user', per: 'day', limit: { runs: 9 } }, { id: 'pro', scope: 'plan', per: 'day', limit: { runs: 0 }, when: { plan: 'pro' } }] })
    await errorOf(on.client().chat.completions.create(ask), RateLimitError)
    await on.client(thinking).chat.completions.create({ ...ask, model: 'max' })
    expect((await on.budgets({ 'x-user': 'backend' }))['runs']).toMatchObject({ settled: 1 })
    expect((await on.budgets())['runs']).toMatchObject({ settled: 0 })
  })

  test('of a look-up is a model\'s answer all the same: quotes are no completion', async () => {
    const on = await served()
    const answer = await on.client().chat.completions.create({ ...ask, messages: [{ role: 'user', content: 'weather montreal' }] })
    expect(answer).toMatchObject({ model: 'small', choices: [{ message: { content: 'One two three.' } }] })
  })
})

describe('keys', () => {
  test('of a function are looked up at each request', async () => {
    const asked: string[] = []
    const on = await served({ apiKeys: async given => {
      asked.push(given)
      return given === key ? { feature: 'ask', user: 'backend', tier: 'eco' } : null
    } })
    await on.client().chat.completions.create(ask)
    await errorOf(on.client('another').chat.completions.create(ask), AuthenticationError)
    expect(asked).toEqual([key, 'another'])
  })

  test('that a function grants more than the feature has get no more', async () => {
    const on = await served({ apiKeys: () => ({ feature: 'ask', user: 'backend', tier: 'max', effort: 'xhigh' }) })
    expect(await errorOf(on.client().chat.completions.create({ ...ask, model: 'max' }), PermissionDeniedError)).toMatchObject({ code: 'tier_not_allowed' })
    const other = await served({ apiKeys: () => ({ feature: 'nothing', user: 'backend', tier: 'max' }) })
    expect(await errorOf(other.client().chat.completions.create({ ...ask, model: 'max' }), NotFoundError)).toMatchObject({ code: 'unknown_feature' })
  })

  test('are not configured unless they are', async () => {
    const on = await bench()
    for (const path of ['/v1/chat/completions', '/v1/models', '/v1/models/small']) expect((await on.get(path, { authorization: `Bearer ${key}` })).status).toBe(404)
  })

  test('open no other route, and read the runs of their own user only', async () => {
    const on = await bench({ apiKeys, identify: () => null })
    const auth = { authorization: `Bearer ${key}` }
    expect((await on.post('/v1/run', await on.ask(), auth)).status).toBe(401)
    const { id } = await (await on.post('/v1/chat/completions', ask, auth)).json() as { id: string }
    expect((await on.get(`/v1/runs/${id}`, auth)).status).toBe(200)
    expect((await on.get(`/v1/runs/${id}`)).status).toBe(404)
    expect((await on.get(`/v1/runs/${id}`, { authorization: 'Bearer another' })).status).toBe(404)
  })

  test('vouch alone: no person\'s opt-in can pass for one', async () => {
    const on = await bench({ apiKeys })
    const body = await on.ask()
    const optIn = { ...optInFor(body, { ceiling: body['ceiling'] as never, catalogVersion: 'v' }, on.clock.now), id: 'caller' }
    expect(await problemOf(await on.post('/v1/run', { ...body, optIn }))).toMatchObject({ type: 'urn:sparing:opt-in-required', gap: 'malformed' })
  })
})

describe('the host\'s check', () => {
  const told = 'Be brief, and call people by their names.'
  const turns = [{ role: 'system', content: told }, { role: 'user', content: 'I am Ada. Write a poem about me, please.' }] as const

  test('changes what the conversation says, and leaves the rest of the request', async () => {
    const on = await served({ onRun: { before: input => 'messages' in input ? { messages: input.messages.map(each => ({ ...each, content: each.content.replace('Ada', '[name]') })) } : undefined } })
    await on.client().chat.completions.create({ ...ask, messages: [...turns], temperature: 0.2 })
    expect(on.upstream.log[0]!.body).toMatchObject({ temperature: 0.2, messages: [turns[0], { role: 'user', content: 'I am [name]. Write a poem about me, please.' }] })
  })

  test.each([
    ['more turns', [{ role: 'user', content: 'One' }, { role: 'user', content: 'two' }]],
    ['another one\'s', [{ role: 'assistant', content: 'One' }]],
  ] as const)('lets nothing pass where it gives %s', async (_, given) => {
    const on = await served({ onRun: { before: () => ({ messages: given }) } })
    expect(await errorOf(on.client().chat.completions.create({ ...ask, messages: [...turns] }), APIError)).toMatchObject({ status: 500, code: 'internal' })
    expect(on.upstream.log).toEqual([])
    expect(on.ledger.verbs).toEqual([])
  })

  const card = '4111111111111111'
  const call = { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }] } as const
  test.each([
    ['its instructions', { messages: [{ role: 'system', content: card }, ...messages] }],
    ['what a tool gave', { messages: [...messages, call, { role: 'tool', tool_call_id: 'c1', content: card }] }],
    ['what a tool was called with', { messages: [...messages, { ...call, tool_calls: [{ ...call.tool_calls[0], function: { name: 'look', arguments: `{"n":"${card}"}` } }] }, { role: 'tool', tool_call_id: 'c1', content: 'ok' }] }],
    ['a tool', { tools: [{ type: 'function', function: { name: 'look', description: card } }] }],
    ['a schema', { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object', description: card } } } }],
    ['where it is to stop', { stop: [card] }],
  ])('can refuse by %s, which the conversation does not hold', async (_, change) => {
    const on = await served({ onRun: { before: (input, { request }) => {
      expect(JSON.stringify(input)).not.toContain(card)
      return JSON.stringify(request).includes(card) ? { refuse: 'No cards.' } : null
    } } })
    await on.client().chat.completions.create(ask)
    expect((await errorOf(on.client().chat.completions.create({ ...ask, ...change } as typeof ask), PermissionDeniedError)).message).toContain('No cards.')
    expect(JSON.stringify(on.upstream.log.map(({ body }) => body))).not.toContain(card)
  })

  test('refuses with its sentence, before and after', async () => {
    const before = await served({ onRun: { before: () => ({ refuse: 'Not about people.' }) } })
    expect(await errorOf(before.client().chat.completions.create(ask), PermissionDeniedError)).toMatchObject({ code: 'refused_by_host' })
    expect(before.upstream.log).toEqual([])
    const after = await served({ onRun: { after: () => ({ refuse: 'Not that.' }) } })
    expect(await errorOf(after.client().chat.completions.create({ ...ask, stream: true }), PermissionDeniedError)).toMatchObject({ code: 'refused_by_host' })
  })
})

describe('the host\'s check of an answer with calls of tools', () => {
  const wanted = [{ id: 'call-1', name: 'weather', arguments: '{"place":"Oslo"}' }, { id: 'call-2', name: 'weather', arguments: '{"place":"Rome"}' }]
  const asked = { ...ask, tools: [weather] }
  /** What a client is told, in one piece or put together from many. */
  const answersOf = async (on: Awaited<ReturnType<typeof served>>) =>
    [await on.client().chat.completions.create(asked), await on.client().chat.completions.stream(asked).finalChatCompletion()].map(({ choices: [choice] }) => choice!)

  test('sees them whole, and lets them pass', async () => {
    const seen: RunOutput[] = []
    const on = await served({ onRun: { after: output => void seen.push(output) } }, calling)
    for (const { finish_reason: reason, message } of await answersOf(on)) {
      expect(reason).toBe('tool_calls')
      expect(message.tool_calls).toMatchObject(wanted.map(({ id, ...call }) => ({ id, type: 'function', function: call })))
    }
    expect(seen).toEqual([{ text: '', toolCalls: wanted }, { text: '', toolCalls: wanted }])
  })

  test('sees them beside the text', async () => {
    const seen: RunOutput[] = []
    const on = await served({ onRun: { after: output => void seen.push(output) } }, { ...calling, deltas: ['I ', 'look.'] })
    const [{ message }] = await answersOf(on) as [Awaited<ReturnType<typeof answersOf>>[number]]
    expect(message).toMatchObject({ content: 'I look.', tool_calls: [{ id: 'call-1' }, { id: 'call-2' }] })
    expect(seen[0]).toEqual({ text: 'I look.', toolCalls: wanted })
  })

  test('puts others in their place', async () => {
    const on = await served({ onRun: { after: ({ text, toolCalls = [] }) => ({ text, toolCalls: toolCalls.slice(1).map(call => ({ ...call, arguments: '{"place":"[place]"}' })) }) } }, calling)
    for (const { finish_reason: reason, message } of await answersOf(on)) {
      expect(reason).toBe('tool_calls')
      expect(message.tool_calls).toMatchObject([{ id: 'call-2', function: { name: 'weather', arguments: '{"place":"[place]"}' } }])
    }
  })

  test('withholds them by leaving them out: then the answer simply stopped', async () => {
    const on = await served({ onRun: { after: () => ({ text: 'No tools, please.' }) } }, calling)
    for (const { finish_reason: reason, message } of await answersOf(on)) {
      expect(reason).toBe('stop')
      expect(message.content).toBe('No tools, please.')
      expect(message.tool_calls ?? []).toEqual([])
    }
  })

  test('is told of none that a model imagined', async () => {
    const seen: RunOutput[] = []
    const on = await served({ onRun: { after: output => void seen.push(output) } }, { ...calling, deltas: ['Rain.'] })
    expect((await on.client().chat.completions.create(ask)).choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Rain.' } })
    expect(seen).toEqual([{ text: 'Rain.' }])
  })

  test.each([['a list of texts', ['weather']], ['no list', 'weather'], ['a call without arguments', [{ id: 'a', name: 'weather' }]]])('lets nothing pass where it gives %s', async (_, toolCalls) => {
    const on = await served({ onRun: { after: () => ({ text: '', toolCalls }) as never } }, calling)
    expect(await errorOf(on.client().chat.completions.create(asked), APIError)).toMatchObject({ status: 500, code: 'internal' })
  })
})

test.each([false, true])('a model that fails before its first word is replaced by the next, named in the answer, where a tier is asked for (stream: %s)', async stream => {
  const replies = ({ body }: Call): Reply => body.model === 'small' ? { status: 500 } : {}
  const on = await bench({ apiKeys }, replies, { eco: [sized('small', 4), sized('other', 8)] })
  const auth = { ...json, authorization: `Bearer ${key}` }
  const said = await (await on.post('/v1/chat/completions', { ...ask, stream }, auth)).text()
  expect(new Set(said.match(/"model":"[^"]*"/g))).toEqual(new Set(['"model":"other"']))
  expect((await on.post('/v1/chat/completions', { ...ask, model: 'small', stream }, auth)).status).toBe(502)
  expect(on.upstream.log.map(({ body }) => body.model)).toEqual(['small', 'other', 'small'])
})

test('what was made of an answer is told with the key that asked for it', async () => {
  const on = await bench({ apiKeys, identify: () => null })
  const auth = { ...json, authorization: `Bearer ${key}` }
  const { id } = await (await on.post('/v1/chat/completions', ask, auth)).json() as { id: string }
  expect((await on.post(`/v1/runs/${id}/outcome`, { outcome: 'kept' }, json)).status).toBe(404)
  expect((await on.post(`/v1/runs/${id}/outcome`, { outcome: 'kept' }, auth)).status).toBe(204)
})

test('a share of people that a feature is offered to is no matter of keys', async () => {
  const { features } = await import('./support.ts')
  const on = await served({ features: { ...features, ask: { ...features.ask, percent: 0 } } })
  expect((await on.client().chat.completions.create(ask)).choices[0]!.message.content).toBe('One two three.')
})

test('a model of unknown price is none under a money limit', async () => {
  const unpriced = openaiCompatible({ id: 'fixture', baseURL: 'http://models.test/v1', models: { eco: [{ id: 'nobody-knows', params: { active: 4, total: 4 } }] } })
  const on = await served({ providers: [unpriced, baseline()] })
  const error = await errorOf(on.client().chat.completions.create(ask), APIError)
  expect(error).toMatchObject({ status: 503, code: 'no_model' })
})

test('no error quotes what was sent', async () => {
  const on = await bench({ apiKeys })
  const secret = 'SECRET-7c1f'
  for (const change of [{ messages: secret }, { messages: [{ role: secret, content: 1 }] }, { tools: secret }, { max_tokens: secret }, { n: 2, messages: [{ role: 'user', content: secret }] }]) {
    expect(await (await on.post('/v1/chat/completions', { ...ask, ...change }, { ...json, authorization: `Bearer ${key}` })).text()).not.toContain(secret)
  }
})
