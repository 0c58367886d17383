import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openaiCompatible } from '../../../../src/server/index.ts'
import type { OpenAICompatibleOptions, ProviderCall } from '../../../../src/server/index.ts'
import { startUpstream } from '../../../fixtures/upstream.ts'
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
  return { provider, asked, write: (text: string) => pen.enqueue(new TextEncoder().encode(text)), end: () => pen.close() }
}

const bodyOf = ({ init }: { init: RequestInit }) => JSON.parse(String(init.body)) as Record<string, unknown>
const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`

describe('what is asked', () => {
  const ask = async (options: Partial<OpenAICompatibleOptions>, call: Partial<ProviderCall> = {}) => {
    const { provider, asked, write } = byHand(options)
    write('data: [DONE]\n\n')
    await heard(provider.stream(callOf(call)))
    return asked[0]!
  }

  test('goes to the address once, with the key and the host\'s headers', async () => {
    const { url, init } = await ask({ apiKey: 'sk-1', headers: { 'x-team': 'docs' } })
    expect(url).toBe('https://models.test/v1/chat/completions')
    expect(init.headers).toMatchObject({ authorization: 'Bearer sk-1', 'x-team': 'docs', 'content-type': 'application/json' })
  })

  test('caps output by the name the server knows', async () => {
    expect(bodyOf(await ask({}))).toMatchObject({ max_tokens: 40 })
    const openai = bodyOf(await ask({ baseURL: 'https://api.openai.com/v1' }))
    expect(openai).toMatchObject({ max_completion_tokens: 40 })
    expect(openai).not.toHaveProperty('max_tokens')
    expect(bodyOf(await ask({ baseURL: 'https://notopenai.com/v1' }))).toHaveProperty('max_tokens')
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
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
  }

  test('before the answer is given up after a while, and counts as sent', async () => {
    clocks()
    const upstream = await startUpstream({ silent: true })
    onTestFinished(() => upstream.close())
    const result = heard(openaiCompatible({ baseURL: upstream.url, models, timeout: { first: 5_000 } }).stream(callOf()))
    await upstream.until(log => log.length === 1)
    vi.advanceTimersByTime(5_000)
    expect(await result).toMatchObject({ types: ['accepted'], error: { code: 'upstream-failed', message: expect.stringContaining('silent') } })
    await upstream.until(([call]) => call!.ended === 'client')
  })

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

  test('is not what comments are: a server that thinks for long stays', async () => {
    clocks()
    const { provider, write } = byHand({ timeout: { idle: 5_000 } })
    const result = heard(provider.stream(callOf()))
    for (let i = 0; i < 5; i++) {
      write(': processing\n\n')
      await vi.advanceTimersByTimeAsync(4_000)
    }
    write(`${delta('Well.')}data: [DONE]\n\n`)
    expect(await result).toMatchObject({ text: 'Well.', error: null })
  })
})

describe('being stopped', () => {
  test('before the answer closes the connection, and counts as sent', async () => {
    const upstream = await startUpstream({ silent: true })
    onTestFinished(() => upstream.close())
    const gone = new AbortController()
    const result = heard(openaiCompatible({ baseURL: upstream.url, models }).stream(callOf({ signal: gone.signal })))
    await upstream.until(log => log.length === 1)
    gone.abort(new Error('stopped'))
    expect(await result).toMatchObject({ types: ['accepted'], error: { message: 'stopped' } })
    await upstream.until(([call]) => call!.ended === 'client')
  })

  test('by nobody reading on closes it too', async () => {
    const upstream = await startUpstream({ paused: true })
    onTestFinished(() => upstream.close())
    upstream.release(1)
    const parts = openaiCompatible({ baseURL: upstream.url, models }).stream(callOf())[Symbol.asyncIterator]()
    await parts.next()
    await parts.next()
    await parts.return!(undefined)
    await upstream.until(([call]) => call!.ended === 'client')
    expect(upstream.served).toBe(1)
  })
})

test.each([
  ['200 with no stream', { raw: '' }], ['a page', { raw: '<html>Sign in to the hotel\'s network</html>' }], ['nothing but a comment', { raw: ': hello\n\n' }],
])('an answer that is %s broke off', async (_, reply) => {
  const upstream = await startUpstream(reply)
  onTestFinished(() => upstream.close())
  expect(await heard(openaiCompatible({ baseURL: upstream.url, models }).stream(callOf()))).toMatchObject({ text: '', error: { code: 'upstream-failed' } })
})

test('a port where nothing listens is not reached, which says nothing of a cost', async () => {
  expect(await heard(openaiCompatible({ baseURL: 'http://127.0.0.1:9/v1', models }).stream(callOf()))).toMatchObject({ types: [], error: { message: expect.stringContaining('Nothing was spent') } })
})
