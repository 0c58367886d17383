import { convertArrayToReadableStream, MockLanguageModelV3, MockLanguageModelV4 } from 'ai/test'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { efforts } from '../../../../src/core/index.ts'
import { aiSdk } from '../../../../src/server/index.ts'
import type { AiSdkModel } from '../../../../src/server/index.ts'
import { reasoningOptions } from '../../../../src/server/providers/ai-sdk-request.ts'
import { callOf, heard } from './calls.ts'

type Part = Awaited<ReturnType<MockLanguageModelV4['doStream']>>['stream'] extends ReadableStream<infer P> ? P : never

const counted = (input: number, output: number, more: { cacheRead?: number; cacheWrite?: number; reasoning?: number } = {}) => ({
  inputTokens: { total: input, noCache: undefined, cacheRead: more.cacheRead, cacheWrite: more.cacheWrite },
  outputTokens: { total: output, text: undefined, reasoning: more.reasoning },
})
const finish = (unified: 'stop' | 'length' | 'other' | 'error', usage = counted(9, 3), raw: string | null = 'end'): Part => ({ type: 'finish', usage, finishReason: { unified, raw: raw ?? undefined } })
const saying = (...parts: Part[]) => new MockLanguageModelV4({ modelId: 'claude-x', provider: 'anthropic.messages', doStream: { stream: convertArrayToReadableStream(parts) } })
const text = (delta: string): Part => ({ type: 'text-delta', id: '0', delta })

describe('a model of the AI SDK', () => {
  test('is one of version 3 or 4, as its own types have it', async () => {
    const stream = convertArrayToReadableStream([{ type: 'text-delta' as const, id: '0', delta: 'Hi' }, { type: 'finish' as const, usage: counted(1, 1), finishReason: { unified: 'stop' as const, raw: 'stop' } }])
    const third = new MockLanguageModelV3({ modelId: 'x', doStream: { stream } })
    const either: AiSdkModel[] = [third, saying()]
    expect(either.map(({ specificationVersion }) => specificationVersion)).toEqual(['v3', 'v4'])
    expect(await heard(aiSdk(third, { tier: 'eco' }).stream(callOf()))).toMatchObject({ text: 'Hi', finish: 'stop', usage: { input: 1, output: 1 } })
  })

  const older = { ...new MockLanguageModelV4({ modelId: 'm-4b' }), specificationVersion: 'v2' as const, provider: 'mock', modelId: 'm-4b', doStream: async () => ({ stream: new ReadableStream() }) }
  test.each<[string, () => unknown, RegExp]>([
    // @ts-expect-error -- a name is no model
    ['a name', () => aiSdk('openai/gpt-5-mini'), /given the name "openai\/gpt-5-mini" and no model, so nothing could be asked\. Give .*AI SDK 6 or 7.*v3 or v4/],
    // @ts-expect-error -- of AI SDK 5
    ['one of version 2', () => aiSdk(older, { tier: 'eco' }), /"m-4b" \(mock\) is of the AI SDK's specification v2, .* counted wrongly\. Give .*v3 or v4/],
    // @ts-expect-error -- nothing
    ['nothing', () => aiSdk(), /no language model, so nothing could be asked\. Give/],
    ['a provider', () => aiSdk((() => older) as never), /no language model/],
  ])('is not %s, which is said at the start', (_, make, sentence) => {
    expect(make).toThrow(TypeError)
    expect(make).toThrow(sentence)
  })

  test('is called by its provider and name, and of the tier that the catalog suggests', () => {
    const named = (modelId: string, provider: string) => aiSdk(new MockLanguageModelV4({ modelId, provider }), {})
    expect(named('gpt-5-mini', 'openai.responses')).toMatchObject({ id: 'openai:gpt-5-mini', models: [{ id: 'gpt-5-mini', provider: 'openai:gpt-5-mini', tier: 'standard', price: expect.any(Object) }] })
    expect(() => named('nobody-knows', 'x')).toThrow(/tier/)
    expect(aiSdk(saying(), { tier: 'max', id: 'mine', price: { input: 1, output: 2 } })).toMatchObject({ id: 'mine', models: [{ tier: 'max', price: { input: 1e9, output: 2e9 } }] })
  })

  test('reports usage of every class, and its parts never exceed their whole', async () => {
    const usage = async (...counts: Parameters<typeof counted>) => (await heard(aiSdk(saying(text('a'), finish('stop', counted(...counts))), { tier: 'eco' }).stream(callOf()))).usage
    expect(await usage(100, 50, { cacheRead: 60, cacheWrite: 30, reasoning: 20 })).toEqual({ input: 100, cached: 60, output: 50, reasoning: 20, written: 30 })
    expect(await usage(10, 5, { cacheRead: 99, reasoning: 9 })).toEqual({ input: 10, cached: 10, output: 9, reasoning: 9 })
    expect(await usage(0, 0)).toBeNull()
    // No prompt has so many: its length is counted, and what it wrote is believed.
    expect(await usage(2 ** 53 - 1, 5)).toMatchObject({ input: 0, output: 5 })
    expect(await usage(10, 1e9 + 1)).toMatchObject({ input: 10, output: 0 })
  })

  test('whose server reports an error and nothing else was refused, and what only the AI SDK could not read was not', async () => {
    const failing = (error: unknown) => heard(aiSdk(saying({ type: 'stream-start', warnings: [] }, { type: 'error', error }, finish('error', counted(0, 0))), { tier: 'eco' }).stream(callOf()))
    expect(await failing('overloaded')).toMatchObject({ types: [], error: { message: expect.stringContaining('Nothing was spent'), facts: { reason: 'refused', retryable: true } } })
    expect(await failing({ type: 'invalid_request_error', code: 'content_filter', message: 'filtered' })).toMatchObject({ types: [], error: { facts: { fault: 'request' } } })
    expect(await failing({ data: { error: { code: 'context_length_exceeded' } } })).toMatchObject({ types: [], error: { facts: { fault: 'length' } } })
    expect(await failing(Object.assign(new Error('no JSON'), { name: 'AI_JSONParseError' }))).toMatchObject({ types: ['accepted'], error: { facts: { reason: 'unreadable', retryable: true } } })
    expect(await heard(aiSdk(saying(finish('error', counted(9, 0))), { tier: 'eco' }).stream(callOf()))).toMatchObject({ types: ['accepted', 'usage'], usage: { input: 9 }, error: { facts: { retryable: true } } })
  })

  test('whose stream ends with no reason of its server broke off', async () => {
    const end = (...parts: Part[]) => heard(aiSdk(saying(text('a'), ...parts), { tier: 'eco' }).stream(callOf()))
    expect(await end(finish('other', counted(1, 1), null))).toMatchObject({ text: 'a', error: { facts: { reason: 'broken' } } })
    expect(await end()).toMatchObject({ text: 'a', error: { facts: { reason: 'broken' } } })
    expect(await end(finish('error'))).toMatchObject({ error: { facts: { reason: 'refused', retryable: false } } })
    expect(await end({ type: 'error', error: { statusCode: 529, responseHeaders: { 'retry-after': '3' } } })).toMatchObject({ error: { facts: { httpStatus: 529, retryAfter: 3_000 } } })
    expect(await end(finish('other', counted(1, 1), 'pause_turn'))).toMatchObject({ finish: 'stop', error: null })
  })

  test('calls a tool once, whether it is told in pieces, whole, or both', async () => {
    const whole: Part = { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: '{"at":1}' }
    const pieces: Part[] = [{ type: 'tool-input-start', id: 'c1', toolName: 'look' }, { type: 'tool-input-delta', id: 'c1', delta: '{"at"' }, { type: 'tool-input-delta', id: 'c1', delta: ':1}' }]
    const called = async (...parts: Part[]) => (await heard(aiSdk(saying(...parts, finish('stop')), { tier: 'eco' }).stream(callOf()))).tools
    const once = [{ id: 'c1', name: 'look', arguments: '{"at":1}' }]
    expect(await called(whole)).toEqual(once)
    expect(await called(...pieces)).toEqual(once)
    expect(await called(...pieces, whole)).toEqual(once)
  })

  test('that heeds no signal is left all the same', async () => {
    const gone = new AbortController()
    const model = new MockLanguageModelV4({ doStream: { stream: new ReadableStream({ start: pen => pen.enqueue(text('Half')) }) } })
    const parts = aiSdk(model, { tier: 'eco' }).stream(callOf({ signal: gone.signal }))[Symbol.asyncIterator]()
    await parts.next()
    expect((await parts.next()).value).toEqual({ type: 'text', text: 'Half' })
    const next = parts.next().catch((error: unknown) => error)
    gone.abort(new Error('stopped'))
    expect(await next).toMatchObject({ message: 'stopped' })
    const never = new MockLanguageModelV4({ doStream: () => new Promise<never>(() => {}) })
    const waiting = heard(aiSdk(never, { tier: 'eco' }).stream(callOf({ signal: AbortSignal.timeout(5) })))
    expect(await waiting).toMatchObject({ types: ['accepted'], error: { name: 'TimeoutError' } })
  })
})

describe('effort', () => {
  const all = efforts
  const model = (provider: string, specificationVersion: 'v3' | 'v4', modelId = 'm'): AiSdkModel => ({ provider, modelId, specificationVersion, doStream: () => Promise.reject(new Error('not asked')) })

  test('is told by name from version 4 on', () => {
    expect(reasoningOptions(model('openai.responses', 'v4'), 'low', all, 400)).toEqual({ maxOutputTokens: 400, reasoning: 'low' })
    expect(reasoningOptions(model('google.generative-ai', 'v4'), 'none', all, 400)).toEqual({ maxOutputTokens: 400, reasoning: 'none' })
  })

  test.each<[string, string, object, object]>([
    ['openai.chat', 'm', { openai: { reasoningEffort: 'none' } }, { openai: { reasoningEffort: 'high' } }],
    ['azure.responses', 'm', { openai: { reasoningEffort: 'none' } }, { openai: { reasoningEffort: 'high' } }],
    ['groq.chat', 'm', { groq: { reasoningEffort: 'none' } }, { groq: { reasoningEffort: 'high' } }],
    ['google.generative-ai', 'gemini-2.5-flash', { google: { thinkingConfig: { thinkingBudget: 0 } } }, { google: { thinkingConfig: { thinkingBudget: 2_400 } } }],
    ['google.vertex.chat', 'gemini-3-pro', { google: { thinkingConfig: { thinkingLevel: 'minimal' } } }, { google: { thinkingConfig: { thinkingLevel: 'high' } } }],
  ])('is an option of %s before that', (provider, modelId, none, high) => {
    expect(reasoningOptions(model(provider, 'v3', modelId), 'none', all, 4_000)).toEqual({ maxOutputTokens: 4_000, providerOptions: none })
    expect(reasoningOptions(model(provider, 'v3', modelId), 'high', all, 4_000)).toEqual({ maxOutputTokens: 4_000, providerOptions: high })
  })

  test('is not spoken of to a model that has none', () => {
    expect(reasoningOptions(model('openai.chat', 'v3'), 'none', ['none'], 400)).toEqual({ maxOutputTokens: 400 })
    expect(reasoningOptions(model('anthropic.messages', 'v4'), 'none', ['none'], 400)).toEqual({ maxOutputTokens: 400 })
  })

  test('of Anthropic and Bedrock stays under the cap, though their providers add it', () => {
    expect(reasoningOptions(model('anthropic.messages', 'v3'), 'high', all, 16_000)).toEqual({ maxOutputTokens: 9_999, providerOptions: { anthropic: { thinking: { type: 'enabled', budgetTokens: 6_001 } } } })
    expect(reasoningOptions(model('amazon-bedrock', 'v3'), 'low', all, 4_000)).toEqual({ maxOutputTokens: 2_976, providerOptions: { bedrock: { reasoningConfig: { type: 'enabled', budgetTokens: 1_024 } } } })
    expect(reasoningOptions(model('anthropic.messages', 'v4'), 'high', all, 400)).toEqual({ maxOutputTokens: 400, reasoning: 'none' })
    const shares = { minimal: 0.02, low: 0.1, medium: 0.3, high: 0.6, xhigh: 0.9 }
    fc.assert(fc.property(fc.constantFrom('minimal', 'low', 'medium', 'high', 'xhigh'), fc.integer({ min: 1, max: 200_000 }), (effort, most) => {
      const { maxOutputTokens: cap, reasoning } = reasoningOptions(model('vertex.anthropic.messages', 'v4'), effort, all, most) as { maxOutputTokens: number; reasoning: string }
      const added = reasoning === 'none' ? 0 : Math.max(1_024, Math.round(cap * shares[effort]))
      expect(cap > 0 && cap + added <= most).toBe(true)
    }))
  })
})
