import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { discoverModels, openaiCompatible } from '../../../../src/server/index.ts'
import type { OpenAICompatibleOptions, ProviderCall } from '../../../../src/server/index.ts'
import { startUpstream } from '../../../fixtures/upstream.ts'
import type { Reply } from '../../../fixtures/upstream.ts'
import { models } from '../support.ts'
import { callOf, heard } from './calls.ts'

/** A provider whose upstream is this test: what it is asked, and a pen to answer with. */
function byHand(options: Partial<OpenAICompatibleOptions> = {}) {
  const asked: { url: string; init: RequestInit }[] = []
  let pen!: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({ start: controller => { pen = controller } })
  const provider = openaiCompatible({
    baseURL: 'https://models.test/v1/', models, ...options,
    fetch: async (url, init = {}) => {
      asked.push({ url: String(url), init })
      init.signal?.addEventListener('abort', () => pen.error(init.signal!.reason))
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  return { provider, asked, write: (text: string) => pen.enqueue(new TextEncoder().encode(text)), end: () => pen.close(), tear: () => pen.error(new TypeError('terminated')), closed: () => asked[0]!.init.signal!.aborted }
}

const bodyOf = ({ init }: { init: RequestInit }) => JSON.parse(String(init.body)) as Record<string, unknown>
const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`

describe('what is asked', () => {
  const ask = async (options: Partial<OpenAICompatibleOptions>, call: Partial<ProviderCall> = {}) => {
    const { provider, asked, write, end } = byHand(options)
    write('data: [DONE]\n\n')
    end()
    await heard(provider.stream(callOf(call)))
    return asked[0]!
  }

  test('goes to the address once, with the key and the host\'s headers', async () => {
    const { url, init } = await ask({ apiKey: 'sk-1', headers: { 'x-team': 'docs' } })
    expect(url).toBe('https://models.test/v1/chat/completions')
    expect(init.headers).toMatchObject({ authorization: 'Bearer sk-1', 'x-team': 'docs', 'content-type': 'application/json', 'accept-encoding': 'identity' })
  })

  test('names an effort only to models that have one', async () => {
    expect(bodyOf(await ask({}, { model: 'small' }))).not.toHaveProperty('reasoning_effort')
    expect(bodyOf(await ask({}, { model: 'large', effort: 'high' }))).toMatchObject({ reasoning_effort: 'high' })
    expect(bodyOf(await ask({}, { model: 'large' }))).toMatchObject({ reasoning_effort: 'none' })
  })

  test('is answered by models that cost nothing where they run on this machine, and only there', () => {
    const price = (baseURL: string) => openaiCompatible({ baseURL, models: { eco: ['qwen3:4b'] } }).models[0]!.price
    for (const here of ['http://127.0.0.1:11434/v1', 'http://localhost:1234/v1', 'http://[::1]:8000/v1', 'http://127.8.9.1/v1']) expect(price(here)).toEqual({ input: 0, cached: 0, output: 0 })
    for (const there of ['http://127.evil.test/v1', 'http://localhost.evil.test/v1', 'https://10.0.0.1/v1']) expect(price(there)).toBeNull()
  })
})

describe('silence', () => {
  const clocks = () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
  }

  test('within the answer is given up, and what was said stands', async () => {
    clocks()
    const { provider, write } = byHand({ timeout: { idle: 5_000 } })
    const result = heard(provider.stream(callOf()))
    write(delta('Half'))
    await vi.advanceTimersByTimeAsync(4_999)
    write(delta(' an answer'))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await result).toMatchObject({ types: ['accepted', 'text', 'text'], text: 'Half an answer', error: { message: expect.stringContaining('silent') } })
  })

  test('is not what comments are: a server that thinks for long stays, but not for ever', async () => {
    clocks()
    const { provider, write, end } = byHand({ timeout: { first: 5_000 } })
    const result = heard(provider.stream(callOf()))
    for (let i = 0; i < 6; i++) {
      write(': processing\n\n')
      await vi.advanceTimersByTimeAsync(4_000)
    }
    write(delta('Well.'))
    await vi.advanceTimersByTimeAsync(1_000)
    write('data: [DONE]\n\n')
    end()
    expect(await result).toMatchObject({ text: 'Well.', error: null })
  })

  test('behind comments alone is given up in the end', async () => {
    clocks()
    const { provider, write, closed } = byHand({ timeout: { first: 5_000 } })
    const result = heard(provider.stream(callOf()))
    for (let i = 0; i < 7 && !closed(); i++) {
      write(': processing\n\n')
      await vi.advanceTimersByTimeAsync(4_000)
    }
    expect(await result).toMatchObject({ types: ['accepted'], error: { facts: { reason: 'silent', awaited: 'first token' } } })
    expect(closed()).toBe(true)
  })

  test.each([['does not heed its signal', async () => new Response(new ReadableStream<Uint8Array>())], ['never answers', () => new Promise<never>(() => {})]])('ends also where a fetch %s', async (_, fetch) => {
    clocks()
    const provider = openaiCompatible({ baseURL: 'https://models.test/v1', models, timeout: { first: 5_000 }, fetch })
    const result = heard(provider.stream(callOf()))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await result).toMatchObject({ types: ['accepted'], error: { facts: { reason: 'silent' } } })
  })
})

describe('an answer', () => {
  const ask = async (reply: Reply, change: Partial<ProviderCall> = {}) => {
    const upstream = await startUpstream(reply)
    onTestFinished(() => upstream.close())
    return { ...await heard(openaiCompatible({ baseURL: upstream.url, models }).stream(callOf(change))), upstream }
  }

  test('has reasoning between tags apart from its text, also in pieces of a byte', async () => {
    const { text, reasoning, types, error } = await ask({ deltas: [{ think: 'Let me' }, { think: ' see.' }, 'Yes', '.'], thinking: 'tags', bytes: 1 })
    expect({ text, reasoning, error }).toEqual({ text: 'Yes.', reasoning: 'Let me see.\n', error: null })
    expect(types.at(-1)).toBe('usage')
  })

  test('that did not come in pieces is told in one', async () => {
    expect(await ask({ deltas: [{ think: 'Hm.' }, 'Yes', '.'], form: 'whole' })).toMatchObject({
      types: ['accepted', 'reasoning', 'text', 'finish', 'usage'], text: 'Yes.', reasoning: 'Hm.', finish: 'stop', usage: { output: 3 }, error: null,
    })
    expect(await ask({ deltas: ['a', 'b', 'c'], form: 'whole', bytes: 3 }, { maxOutputTokens: 2 })).toMatchObject({ text: 'ab', finish: 'length' })
    expect(await ask({ raw: ' \n{"choices":[{"message":{"content":"Unmarked."},"finish_reason":"stop"}]}' })).toMatchObject({ text: 'Unmarked.', error: null })
  })

  test('marked as over needs no reason', async () => {
    expect(await ask({ finish: 'missing' })).toMatchObject({ text: 'One two three.', finish: null, error: null })
  })

  test('may say what energy it took, in its chunks or in a comment', async () => {
    expect((await ask({ extra: { energy: { energy_joules: 3_600 } } })).wh).toBeCloseTo(1, 9)
    expect((await ask({ raw: `${delta('a')}: energy {"energy_joules": 7200}\n\ndata: [DONE]\n\n` })).wh).toBeCloseTo(2, 9)
  })

  test('that asks to be left alone in its error says so', async () => {
    const { error } = await ask({ body: { error: { code: 429 } }, headers: { 'retry-after': '2' } })
    expect(error).toMatchObject({ facts: { reason: 'refused', httpStatus: 429, retryAfter: 2_000, retryable: true } })
  })

  test.each<[string, Reply]>([
    ['in its body', { body: { error: { message: 'overloaded', type: 'server_error' } } }], ['in its first event', { deltas: [], end: 'error' }],
    ['by the name of its first event', { raw: 'event: error\ndata: {"message":"overloaded"}\n\n' }], ['behind a comment', { raw: ': PROCESSING\n\ndata: {"type":"error","message":"overloaded"}\n\n' }],
  ])('that is an error %s was refused, and cost nothing', async (_, reply) => {
    expect(await ask(reply)).toMatchObject({ types: [], error: { message: expect.stringContaining('Nothing was spent'), facts: { reason: 'refused', retryable: true } } })
  })

  test('that is an error and says what it used is paid for', async () => {
    expect(await ask({ body: { error: { code: 500 }, usage: { prompt_tokens: 7, completion_tokens: 0 } } })).toMatchObject({ types: ['accepted', 'usage'], usage: { input: 7 }, error: { facts: { reason: 'refused', retryable: true } } })
  })

  test.each<[string, string]>([['by its name', 'event: error\ndata: {"message":"overloaded"}\n\n'], ['by its name, in words', 'event: error\ndata: overloaded\n\n'], ['by its type', 'data: {"type":"error","message":"overloaded"}\n\n']])('that breaks off with an error, told %s, is no success though it is marked as over', async (_, error) => {
    expect(await ask({ raw: `${delta('Half')}${error}data: [DONE]\n\n` })).toMatchObject({ types: ['accepted', 'text'], text: 'Half', error: { facts: { reason: 'refused', retryable: false } } })
  })

  const finish = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
  const used = 'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}\n\n'

  test('may say what it used after it was marked as over, and nothing else', async () => {
    expect(await ask({ raw: `${delta('a')}${finish}data: [DONE]\n\n${used}` })).toMatchObject({ usage: { input: 7, output: 2 }, error: null })
    expect(await ask({ raw: `${delta('a')}data: [DONE]\n\n${delta('b')}data: what?\n\n${used}` })).toMatchObject({ text: 'a', usage: { input: 7 }, error: null })
    const { provider, write } = byHand()
    const result = heard(provider.stream(callOf()))
    write(`${delta('a')}data: [DONE]\n\n`)
    await new Promise(resolve => setTimeout(resolve, 5))
    write(used)
    expect(await result).toMatchObject({ text: 'a', usage: { input: 7, output: 2 }, error: null })
  })

  test.each<[string, string, string?]>([
    ['an event that is no JSON', 'data: bye\n\n'], ['an error', 'data: {"error":{"message":"too late"}}\n\n'], ['an error by its name', 'event: error\ndata: late\n\n'],
    ['a mark with spaces after it', 'data: [DONE] \n\n'], ['a mark with spaces after it and usage', `data: [DONE]  \n\n${used}`],
  ])('that said why it finished has answered, though %s follows', async (_, after) => {
    expect(await ask({ raw: `${delta('All.')}${finish}${used}${after}` })).toMatchObject({ text: 'All.', finish: 'stop', usage: { input: 7, output: 2 }, error: null })
  })

  test.each(['data:\n\n', 'data: \n\n', 'event: ping\ndata:\n\n', 'data\n\n'])('has nothing to do with events without data, which keep a connection open: %j', async ping => {
    expect(await ask({ raw: `${ping}${delta('All')}${ping}${delta(' of it.')}${finish}${ping}${used}data: [DONE]\n\n` })).toMatchObject({ text: 'All of it.', usage: { input: 7, output: 2 }, error: null })
  })

  test.each([': still here\n\n', 'data: bye\n\n', 'data: {"choices":[]}\n\n'])('that is whole is waited for no longer than a moment, though %j goes on for ever', async noise => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const held = byHand({ timeout: { first: 5_000, idle: 5_000 } })
    const result = heard(held.provider.stream(callOf()))
    held.write(`${delta('All.')}${finish}`)
    let isOver = false
    void result.then(() => { isOver = true })
    let waited = 0
    for (; waited < 40_000 && !isOver; waited += 400) {
      held.write(noise)
      await vi.advanceTimersByTimeAsync(400)
    }
    expect(await result).toMatchObject({ text: 'All.', finish: 'stop', error: null })
    expect(waited).toBeLessThan(2_000)
  })

  test.each([Infinity, 1])('in one JSON object is read as soon as that is closed, though its connection is held open, in pieces of %s', async size => {
    const { provider, write } = byHand()
    const result = heard(provider.stream(callOf()))
    const whole = `${JSON.stringify({ choices: [{ message: { content: 'A "brace": } and \\ {' }, finish_reason: 'stop' }], usage: { prompt_tokens: 3, completion_tokens: 4 } })} `
    for (let at = 0; at < whole.length; at += size) write(whole.slice(at, at + size))
    const since = performance.now()
    expect(await result).toMatchObject({ text: 'A "brace": } and \\ {', usage: { input: 3, output: 4 }, finish: 'stop', error: null })
    expect(performance.now() - since).toBeLessThan(500)
  })

  test.each([['pieces of calls', { choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: '' } }] } }] }], ['pieces', { choices: [] }]])('of nothing but %s with nothing in them is none', async (_, nothing) => {
    const event = `data: ${JSON.stringify(nothing)}\n\n`.repeat(500)
    let read = 0
    const body = new ReadableStream<Uint8Array>({ pull(pen) { if (++read > 200) pen.close(); else pen.enqueue(new TextEncoder().encode(event)) } })
    const provider = openaiCompatible({ baseURL: 'https://models.test/v1', models, fetch: async () => new Response(body) })
    expect(await heard(provider.stream(callOf()))).toMatchObject({ types: ['accepted'], error: { facts: { reason: 'unreadable', retryable: true } } })
    expect(read).toBeLessThan(50)
  })

  test('of white space alone is silence', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const { provider, write, closed } = byHand({ timeout: { first: 5_000, idle: 5_000 } })
    const result = heard(provider.stream(callOf()))
    for (let i = 0; i < 20 && !closed(); i++) {
      write(delta(' '))
      await vi.advanceTimersByTimeAsync(4_000)
    }
    expect(closed()).toBe(true)
    expect(await result).toMatchObject({ error: { facts: { reason: 'silent', awaited: 'first token' } } })
  })

  test.each([['in order', `${finish}${used}`], ['with half a mark', `${finish}${used}data: [DONE]\n`], ['without usage', finish], ['with a mark and no usage', `${finish}data: [DONE]\n\n`]])('that is whole, %s, ends well where its connection is held open, and is torn', async (_, end) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const held = byHand()
    const result = heard(held.provider.stream(callOf()))
    held.write(`${delta('All.')}${end}`)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await result).toMatchObject({ text: 'All.', finish: 'stop', error: null, usage: end.includes('usage') ? { input: 7, output: 2 } : null })
    const torn = byHand()
    const cut = heard(torn.provider.stream(callOf()))
    torn.write(`${delta('All.')}${end}`)
    await vi.advanceTimersByTimeAsync(1)
    torn.tear()
    expect(await cut).toMatchObject({ text: 'All.', finish: 'stop', error: null })
  })

  const marks = [['no blank line after it', 'data: [DONE]\n'], ['no line after it', 'data: [DONE]'], ['half a line of Windows after it', 'data: [DONE]\r'], ['no space in it', 'data:[DONE]\n']]
  test.each(marks.flatMap(([how, mark]) => [['', mark!.length], [' in pieces', 1]].map(([also, size]) => [`${how}${also}`, mark!, size as number] as const)))('marked as over with %s ends where its connection is held open', async (_, mark, size) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const { provider, write } = byHand()
    const result = heard(provider.stream(callOf()))
    write(delta('All.'))
    for (let at = 0; at < mark.length; at += size) write(mark.slice(at, at + size))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await result).toMatchObject({ text: 'All.', finish: null, error: null })
  })

  test('that is marked so and was counted ends at once', async () => {
    const { provider, write } = byHand()
    const result = heard(provider.stream(callOf()))
    write(`${delta('All.')}${used}data: [DONE]\n`)
    const since = performance.now()
    expect(await result).toMatchObject({ text: 'All.', usage: { input: 7, output: 2 }, error: null })
    expect(performance.now() - since).toBeLessThan(500)
  })

  test.each(['data: [DONE]', 'data: [DONE]\\n'])('that writes the mark as its own words (%s) goes on', async words => {
    const { provider, write } = byHand()
    const result = heard(provider.stream(callOf()))
    const event = delta(words)
    const at = event.indexOf(words) + words.length
    write(event.slice(0, at))
    await new Promise(resolve => setTimeout(resolve, 5))
    write(`${event.slice(at)}${delta(' and more')}data: [DONE]\n\n${used}`)
    expect(await result).toMatchObject({ text: `${words} and more`, error: null })
  })

  test('that was read to its end leaves its connection to the next', async () => {
    const upstream = await startUpstream()
    onTestFinished(() => upstream.close())
    const provider = openaiCompatible({ baseURL: upstream.url, models })
    for (let i = 0; i < 5; i++) await heard(provider.stream(callOf()))
    // The next may begin before the last bytes of the one before it are there.
    expect(upstream.connections).toBeLessThanOrEqual(2)
  })
})

test('a port that fetch itself refuses is not reached, which says nothing of a cost', async () => {
  expect(await heard(openaiCompatible({ baseURL: 'http://127.0.0.1:9/v1', models }).stream(callOf()))).toMatchObject({ types: [], error: { message: expect.stringContaining('Nothing was spent') } })
})

describe('reasoning that a template opened in the prompt', () => {
  const thinker = 'deepseek-r1:7b'
  const say = (...events: object[]) => events.map(event => `data: ${JSON.stringify(event)}\n\n`).join('')
  const words = (...pieces: string[]) => say(...pieces.map(content => ({ choices: [{ delta: { content } }] })))
  const ask = async (raw: string, { model = thinker, end = 'stop', ...options }: Partial<OpenAICompatibleOptions> & { model?: string; end?: string } = {}) => {
    const fetch = async () => new Response(`${raw}${end && say({ choices: [{ delta: {}, finish_reason: end }] })}`)
    return heard(openaiCompatible({ baseURL: 'https://models.test/v1', models: { eco: [model] }, fetch, ...options }).stream(callOf({ model })))
  }
  const thought = words('The user wants', ' X.', '</thi', 'nk>\n\n', 'The answer.')

  test.each([thinker, 'qwq:32b', 'Qwen/Qwen3-4B-Thinking-2507', 'deepseek-ai/DeepSeek-R1-0528'])('is no part of the answer of %s', async model => {
    expect(await ask(thought, { model })).toMatchObject({ reasoning: 'The user wants X.', text: 'The answer.', error: null })
  })

  test('is told while it goes on', async () => {
    const { provider, write } = byHand({ models: { eco: [thinker] } })
    const parts = provider.stream(callOf({ model: thinker }))[Symbol.asyncIterator]()
    write(words('Let me see'))
    expect((await parts.next()).value).toEqual({ type: 'accepted' })
    expect([(await parts.next()).value].flat()).toEqual([{ type: 'reasoning', text: 'Let me see' }])
    await parts.return!(undefined)
  })

  test('was the answer where nothing closes it, which is told again, as the same words', async () => {
    expect(await ask(words('Just', ' this.'))).toMatchObject({ types: ['accepted', 'reasoning', 'reasoning', 'text', 'finish'], reasoning: 'Just this.', text: 'Just this.' })
  })

  test.each([['cut by its cap', 'length'], ['broken off', '']])('is reasoning still where it is %s', async (_, end) => {
    expect(await ask(words('Let me', ' see'), { end })).toMatchObject({ reasoning: 'Let me see', text: '' })
  })

  test('is none where reasoning has a field of its own', async () => {
    const apart = say({ choices: [{ delta: { reasoning_content: 'Hm.' } }] })
    expect(await ask(`${apart}${words('Close it with', ' </think>', ' so.')}`)).toMatchObject({ reasoning: 'Hm.', text: 'Close it with </think> so.' })
  })

  test.each([
    ['that do not reason', 'llama-3.1-8b', 'https://models.test/v1'], ['that can do without', 'qwen3:4b', 'https://models.test/v1'], ['whose maker keeps it to itself', 'o3', 'https://models.test/v1'], ['with other marks', 'gpt-oss:20b', 'https://models.test/v1'],
    ['of a server that keeps it apart', thinker, 'https://api.deepseek.com/v1'],
  ])('is not looked for from models %s', async (_, model, baseURL) => {
    expect(await ask(words('Close it with ', '</think>', ' and go on.'), { model, baseURL })).toMatchObject({ text: 'Close it with </think> and go on.', reasoning: '' })
  })
})

describe('an address that sends on to another', () => {
  test('is not followed: neither the prompt nor the headers go there', async () => {
    const there: unknown[] = []
    const other = createServer((request, response) => {
      there.push(request.headers)
      response.end('{}')
    }).listen(0, '127.0.0.1')
    const first = createServer((_, response) => response.writeHead(307, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }).end()).listen(0, '127.0.0.1')
    await Promise.all([once(first, 'listening'), once(other, 'listening')])
    onTestFinished(() => [first, other].forEach(server => server.close()))
    const at = { baseURL: `http://127.0.0.1:${(first.address() as AddressInfo).port}/v1`, headers: { 'x-secret': 's' } }
    expect(await heard(openaiCompatible({ ...at, models }).stream(callOf()))).toMatchObject({ types: [], error: { message: expect.stringMatching(/another address.*Nothing was spent.*baseURL/), facts: { reason: 'refused', httpStatus: 307 } } })
    const errors: unknown[] = []
    expect(await discoverModels({ ...at, onError: error => errors.push(error) })).toEqual({})
    expect(errors).toMatchObject([{ message: expect.stringMatching(/another address.*baseURL/) }])
    expect(there).toEqual([])
  })
})
