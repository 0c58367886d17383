import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Provider, Timeouts } from '../../../../src/server/index.ts'
import { startUpstream } from '../../../fixtures/upstream.ts'
import type { Call, Reply } from '../../../fixtures/upstream.ts'
import { callOf, heard } from './calls.ts'

const secret = 'the prompt nobody may read'
const tools = [{ type: 'function', function: { name: 'look', description: 'Looks', parameters: { type: 'object', properties: { at: { type: 'number' } } } } }] as const

/**
 * What every provider of generative models must do, whatever stands between it and its server.
 * @param open a provider whose model "small" is at this address of the fixture
 */
export function describeProvider(name: string, open: (baseURL: string, timeout: Timeouts) => Provider): void {
  const start = async (reply: Reply | ((call: Call) => Reply) = {}, timeout: Timeouts = {}) => {
    const upstream = await startUpstream(reply)
    onTestFinished(() => upstream.close())
    return { upstream, provider: open(upstream.url, timeout) }
  }
  const ask = async (reply: Reply, change: Parameters<typeof callOf>[0] = {}) => {
    const { upstream, provider } = await start(reply)
    return { ...await heard(provider.stream(callOf({ messages: [{ role: 'user', content: secret }], ...change }))), upstream, call: upstream.log[0]! }
  }

  describe(`${name}: an answer`, () => {
    test('is told piece by piece, after it was accepted, and ends with usage and a reason', async () => {
      const { types, text, usage, finish, error, call } = await ask({ deltas: ['The', ' café', '.'] })
      expect(error).toBeNull()
      expect(text).toBe('The café.')
      expect(types.slice(0, 4)).toEqual(['accepted', 'text', 'text', 'text'])
      expect(types.slice(4).sort()).toEqual(['finish', 'usage'])
      expect({ usage, finish }).toEqual({ usage: { input: 5, cached: 0, output: 3, reasoning: 0 }, finish: 'stop' })
      expect(call).toMatchObject({ served: 3, ended: 'upstream', body: { model: 'small', stream: true } })
    })

    test('comes as it is written, one piece before the next is', async () => {
      const { upstream, provider } = await start({ paused: true })
      const parts = provider.stream(callOf())[Symbol.asyncIterator]()
      upstream.release(1)
      expect((await parts.next()).value).toEqual({ type: 'accepted' })
      expect([(await parts.next()).value].flat()).toEqual([{ type: 'text', text: 'One' }])
      expect(upstream.served).toBe(1)
      await parts.return!(undefined)
    })

    test.each<[string, Reply]>([
      ['in pieces that end inside characters', { bytes: 1 }], ['with comments between', { comments: true }], ['with lines that end as Windows has them', { crlf: true, bytes: 3 }],
      ['with usage at every piece', { usage: 'each' }], ['marked as over twice', { marks: 2 }], ['never marked as over', { end: 'unmarked' }], ['with a giant line', { extra: { padding: 'x'.repeat(2_000_000) } }],
    ])('%s is the same', async (_, reply) => {
      const { text, usage, finish, error } = await ask({ deltas: ['Soup 🍲', ' im Café', ' über'], ...reply })
      expect({ text, finish, error, output: usage?.output }).toEqual({ text: 'Soup 🍲 im Café über', finish: 'stop', error: null, output: 3 })
    })

    test.each(['reasoning_content', 'reasoning', 'pieces'] as const)('has its reasoning, under "%s", apart from its text', async thinking => {
      const { text, reasoning, error } = await ask({ deltas: [{ think: 'Let me' }, { think: ' see.' }, 'Yes', '.'], thinking })
      expect({ text, reasoning, error }).toEqual({ text: 'Yes.', reasoning: 'Let me see.', error: null })
    })

    test('without usage reports none', async () => {
      expect(await ask({ usage: 'missing' })).toMatchObject({ usage: null, finish: 'stop', error: null })
    })

    test('reports what was cached and what was thought', async () => {
      const counts = { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150, prompt_tokens_details: { cached_tokens: 80 }, completion_tokens_details: { reasoning_tokens: 30 } }
      expect((await ask({ usage: counts })).usage).toEqual({ input: 100, cached: 80, output: 50, reasoning: 30 })
    })

    test('is no longer than its cap, and says that it was cut', async () => {
      expect(await ask({ deltas: ['a', 'b', 'c', 'd'] }, { maxOutputTokens: 2 })).toMatchObject({ text: 'ab', finish: 'length', call: { served: 2 } })
    })

    test('may call tools, whose pieces come as they are written', async () => {
      const reply: Reply = { deltas: [], tools: [{ id: 'c1', name: 'look', arguments: ['{"at"', ':1}'] }, { id: 'c2', name: 'look', arguments: ['{}'] }] }
      const { tools: called, finish, error, call } = await ask(reply, { passthrough: { tools, tool_choice: 'required' } })
      expect({ called, finish, error }).toEqual({ called: [{ id: 'c1', name: 'look', arguments: '{"at":1}' }, { id: 'c2', name: 'look', arguments: '{}' }], finish: 'tool-calls', error: null })
      expect(call.body).toMatchObject({ tools, tool_choice: 'required' })
    })

    test('may go on from what a tool answered', async () => {
      const messages = [{ role: 'user', content: 'Rain?' }, { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'look', arguments: '{"at":1}' }] }, { role: 'tool', content: 'Wet', toolCallId: 'c1' }] as const
      const { error, call } = await ask({}, { messages })
      expect(error).toBeNull()
      expect(call.body.messages).toMatchObject([{ role: 'user' }, { role: 'assistant', tool_calls: [{ id: 'c1', function: { name: 'look', arguments: '{"at":1}' } }] }, { role: 'tool', content: 'Wet', tool_call_id: 'c1' }])
    })

    test('of a shape is asked for by that shape', async () => {
      const schema = { name: 'verdict', schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false } }
      expect((await ask({}, { schema })).call.body).toMatchObject({ response_format: { type: 'json_schema', json_schema: { name: 'verdict', schema: schema.schema } } })
    })
  })

  describe(`${name}: a failure`, () => {
    test.each<[Reply, object]>([
      [{ status: 429 }, { httpStatus: 429, retryAfter: null }],
      [{ status: 429, headers: { 'retry-after': '7' } }, { httpStatus: 429, retryAfter: 7_000 }],
      [{ status: 503, headers: { 'retry-after': 'Tue, 24 Nov 2026 12:00:30 GMT' } }, { httpStatus: 503, retryAfter: 30_000 }],
      [{ status: 401 }, { httpStatus: 401, retryAfter: null }],
      [{ status: 500, body: 'a page' }, { httpStatus: 500, retryAfter: null }],
    ])('that refuses with %j has cost nothing, and says when to come back', async (reply, facts) => {
      const { types, error } = await ask(reply)
      expect(types).toEqual([])
      expect(error).toMatchObject({ code: 'upstream-failed', message: expect.stringContaining('Nothing was spent'), facts: { reason: 'refused', retryable: true, ...facts } })
    })

    test('to connect has cost nothing', async () => {
      const upstream = await startUpstream()
      await upstream.close()
      const { types, error } = await heard(open(upstream.url, {}).stream(callOf()))
      expect(types).toEqual([])
      expect(error).toMatchObject({ message: expect.stringContaining('Nothing was spent'), facts: { reason: 'unreachable', retryable: true } })
    })

    test.each<[string, Reply]>([
      ['nothing', { raw: '' }], ['a page', { raw: '<html>Sign in</html>' }], ['nothing but a comment', { raw: ': hello\n\n' }], ['half a line', { raw: 'data: {"choices":' }],
      ['a torn connection', { deltas: [], end: 'cut' }], ['a half-closed one', { deltas: [], end: 'half' }],
    ])('after it was accepted, with %s, leaves it to another model', async (_, reply) => {
      const { types, error } = await ask(reply)
      expect(types.filter(type => type !== 'usage')).toEqual(['accepted'])
      expect(error).toMatchObject({ code: 'upstream-failed', facts: { retryable: true } })
    })

    test('that is all there is, though the status is that of a success, is a refusal that cost nothing', async () => {
      const { types, error } = await ask({ deltas: [], end: 'error' })
      expect(types).toEqual([])
      expect(error).toMatchObject({ message: expect.stringContaining('Nothing was spent'), facts: { reason: 'refused', retryable: true } })
    })

    test.each<[string, Reply]>([
      ['an error', { end: 'error' }], ['a torn connection', { end: 'cut' }], ['a half-closed one', { end: 'half' }], ['an end that is none', { end: 'short' }],
    ])('in the middle, with %s, leaves what was said', async (_, reply) => {
      const { types, text, error } = await ask({ deltas: ['Half', ' an', ' answer'], ...reply })
      expect({ text, first: types[0] }).toEqual({ text: 'Half an answer', first: 'accepted' })
      expect(error).toMatchObject({ code: 'upstream-failed', facts: { retryable: false } })
    })

    test.each<[string, Reply]>([
      ['refuses', { status: 400, body: { error: { message: `Bad: ${secret}` } } }], ['breaks', { deltas: [secret], end: 'error' }], ['babbles', { raw: `data: ${secret}\n\n` }],
    ])('that %s repeats nobody\'s words', async (_, reply) => {
      const { error } = await ask(reply)
      expect(error).not.toBeNull()
      expect(inspect(error, { depth: 9 })).not.toContain(secret)
    })
  })

  describe(`${name}: silence`, () => {
    test.each<[string, Reply]>([['before the headers', { silent: true }], ['before the first token', { deltas: [], end: 'hang' }]])('%s is given up after a while, and counts as sent', async (_, reply) => {
      const { upstream, provider } = await start(reply, { first: 5_000, idle: 99_000 })
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
      onTestFinished(() => void vi.useRealTimers())
      const result = heard(provider.stream(callOf()))
      await upstream.until(log => log.length === 1)
      await vi.advanceTimersByTimeAsync(30_000)
      expect(await result).toMatchObject({ types: ['accepted'], error: { message: expect.stringContaining('silent'), facts: { reason: 'silent', awaited: 'first token', retryable: true } } })
      await upstream.until(([call]) => call!.ended === 'client')
    })

    test('in the middle is given up, and what was said stands', async () => {
      const { upstream, provider } = await start({ deltas: ['Half'], end: 'hang' }, { first: 99_000, idle: 5_000 })
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
      onTestFinished(() => void vi.useRealTimers())
      const parts = provider.stream(callOf())[Symbol.asyncIterator]()
      await parts.next()
      expect([(await parts.next()).value].flat()).toEqual([{ type: 'text', text: 'Half' }])
      const next = parts.next().catch((error: unknown) => error)
      await vi.advanceTimersByTimeAsync(30_000)
      expect(await next).toMatchObject({ facts: { reason: 'silent', awaited: 'next token', retryable: false } })
      await upstream.until(([call]) => call!.ended === 'client')
    })
  })

  describe(`${name}: being stopped`, () => {
    test('before anything is asked asks nothing', async () => {
      const { upstream, provider } = await start()
      expect(await heard(provider.stream(callOf({ signal: AbortSignal.abort(new Error('stopped')) })))).toMatchObject({ types: [], error: { message: 'stopped' } })
      expect(upstream.log).toEqual([])
    })

    test('before the answer closes the connection, and counts as sent', async () => {
      const { upstream, provider } = await start({ silent: true })
      const gone = new AbortController()
      const result = heard(provider.stream(callOf({ signal: gone.signal })))
      await upstream.until(log => log.length === 1)
      gone.abort(new Error('stopped'))
      expect(await result).toMatchObject({ types: ['accepted'], error: { message: 'stopped' } })
      await upstream.until(([call]) => call!.ended === 'client')
    })

    test('in the middle closes it, and nothing more is served', async () => {
      const { upstream, provider } = await start({ paused: true })
      const gone = new AbortController()
      const result = heard(provider.stream(callOf({ signal: gone.signal })))
      upstream.release(1)
      await upstream.until(([call]) => call?.served === 1)
      gone.abort(new Error('stopped'))
      expect(await result).toMatchObject({ error: { message: 'stopped' } })
      await upstream.until(([call]) => call!.ended === 'client')
      expect(upstream.served).toBe(1)
    })

    test('by nobody reading on closes it too', async () => {
      const { upstream, provider } = await start({ paused: true })
      upstream.release(1)
      const parts = provider.stream(callOf())[Symbol.asyncIterator]()
      await parts.next()
      await parts.next()
      await parts.return!(undefined)
      await upstream.until(([call]) => call!.ended === 'client')
      expect(upstream.served).toBe(1)
    })
  })
}
