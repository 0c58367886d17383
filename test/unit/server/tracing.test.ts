import { describe, expect, test } from 'vitest'
import type { Tracer } from '../../../src/server/index.ts'
import { asJson, bench, partsOf, sized, text } from './support.ts'
import { aiSdk, baseline, openaiCompatible } from '../../../src/server/index.ts'
import type { Reply } from '../../fixtures/upstream.ts'

const theirs = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const trace = '0af7651916cd43dd8448eb211c80319c'

interface Noted {
  readonly name: string
  readonly kind: number | undefined
  readonly attributes: Record<string, unknown>
  readonly links: unknown[]
  status: number
  ended: number
}

/** A tracer as `@opentelemetry/api` hands them out, which keeps what it is told. */
function tracer(traceId = trace, spanId = 'b7ad6b7169203331'): { tracer: Tracer; spans: Noted[] } {
  const spans: Noted[] = []
  return {
    spans,
    tracer: {
      startSpan(name, { kind, attributes = {} } = {}) {
        const span: Noted = { name, kind, attributes: { ...attributes }, links: [], status: 0, ended: 0 }
        spans.push(span)
        return {
          spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
          setAttributes: more => Object.assign(span.attributes, more),
          setStatus: ({ code }) => { span.status = code },
          addLink: link => span.links.push(link),
          end: () => { span.ended++ },
        }
      },
    },
  }
}

describe('a traceparent', () => {
  const sent = async (value: string | null, options = {}) => {
    const on = await bench(options)
    await partsOf(await on.run({}, value === null ? {} : { traceparent: value, tracestate: 'vendor=SECRET', baggage: 'user=SECRET' }))
    return on.upstream.log[0]!.headers
  }

  test('is passed on to the model\'s server, and nothing that came with it', async () => {
    const headers = await sent(theirs)
    expect(headers['traceparent']).toBe(theirs)
    expect(JSON.stringify(headers)).not.toContain('SECRET')
  })

  test.each([
    null, '', 'SECRET', `${theirs}-more`, theirs.toUpperCase(), theirs.replace('00-', 'ff-'), theirs.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32)), theirs.replace('00f067aa0ba902b7', '0'.repeat(16)),
    `${theirs}, ${theirs}`,
  ])('that is none is not: %j', async value => {
    expect(await sent(value)).not.toHaveProperty('traceparent')
  })

  test('reaches models of the AI SDK', async () => {
    const seen: unknown[] = []
    const model = { specificationVersion: 'v4', provider: 'own', modelId: 'm', doStream: async (options: unknown) => {
      seen.push((options as { headers?: unknown }).headers)
      throw new Error('enough')
    } }
    const on = await bench({ providers: [aiSdk(model as never, { ...sized('m', 4), tier: 'eco' } as never), baseline()] })
    await partsOf(await on.run({}, { traceparent: theirs }))
    expect(seen).toEqual([{ traceparent: theirs }])
  })

  test('is the span\'s own where calls are traced, and the request\'s where the tracer records nothing', async () => {
    expect((await sent(theirs, { tracer: tracer().tracer }))['traceparent']).toBe(`00-${trace}-b7ad6b7169203331-01`)
    expect((await sent(theirs, { tracer: tracer('0'.repeat(32), '0'.repeat(16)).tracer }))['traceparent']).toBe(theirs)
  })
})

describe('a span', () => {
  test('of a call has the names of the conventions, its usage, and neither prompt nor output', async () => {
    const { tracer: own, spans } = tracer()
    const usage = { prompt_tokens: 90, completion_tokens: 30, prompt_tokens_details: { cached_tokens: 60 }, completion_tokens_details: { reasoning_tokens: 12 } }
    const on = await bench({ tracer: own }, { usage })
    const body = await on.ask()
    await partsOf(await on.post('/v1/run', body))
    expect(spans).toEqual([{
      name: 'chat small', kind: 2, links: [], status: 0, ended: 1,
      attributes: {
        'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'fixture', 'gen_ai.request.model': 'small', 'gen_ai.request.max_tokens': 40, 'gen_ai.output.type': 'text',
        'sparing.run.id': body['id'], 'sparing.feature': 'summary', 'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.usage.input_tokens': 90, 'gen_ai.usage.output_tokens': 30, 'gen_ai.usage.cache_read.input_tokens': 60, 'gen_ai.usage.reasoning.output_tokens': 12,
      },
    }])
    expect(JSON.stringify(spans)).not.toMatch(/museum|three|ada/)
  })

  test('of a call that failed says with what, and the next has one of its own', async () => {
    const { tracer: own, spans } = tracer()
    const on = await bench({ tracer: own }, ({ body }) => body.model === 'middle' ? { status: 503 } : { deltas: Array.from({ length: 60 }, () => 'so ') })
    await partsOf(await on.run({ tier: 'standard' }))
    expect(spans.map(({ name, status, ended, attributes }) => [name, status, ended, attributes['error.type'], attributes['gen_ai.response.finish_reasons']])).toEqual([
      ['chat middle', 2, 1, '503', undefined], ['chat small', 0, 1, undefined, ['length']],
    ])
  })

  test.each<[string, Reply, string[] | undefined]>([
    ['calls tools', { deltas: [], tools: [{ id: 'c', name: 'f', arguments: ['{}'] }] }, ['tool_calls']],
    ['is filtered', { raw: 'data: {"choices":[{"delta":{"content":"I"},"finish_reason":"content_filter"}]}\n\ndata: [DONE]\n\n' }, ['content_filter']],
    ['is cut', { deltas: ['so'], finish: 'length' }, ['length']],
    ['does not say why it ends', { finish: 'missing' }, undefined],
  ])('of an answer that %s has the reason in the conventions\' words', async (_, reply, reasons) => {
    const { tracer: own, spans } = tracer()
    const on = await bench({ tracer: own, apiKeys: [{ key: 'sk-product-0123456789abcdef', feature: 'ask', user: 'backend', tier: 'eco' }] }, reply)
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }]
    await (await on.post('/v1/chat/completions', { model: 'eco', tools, messages: [{ role: 'user', content: 'Weather, please.' }] }, { authorization: 'Bearer sk-product-0123456789abcdef' })).text()
    expect(spans.map(({ attributes }) => attributes['gen_ai.response.finish_reasons'])).toEqual([reasons])
  })

  test('names the provider as the conventions do, where they know it', () => {
    const byHost = (baseURL: string, more = {}) => openaiCompatible({ baseURL, models: { eco: [sized('m', 4)] }, ...more }).tracedAs
    expect(['https://api.openai.com/v1', 'https://eu.api.openai.com/v1', 'https://x.openai.azure.com/openai/v1', 'https://generativelanguage.googleapis.com/v1beta/openai', 'https://api.groq.com/openai/v1', 'https://api.mistral.ai/v1', 'https://api.deepseek.com/v1', 'https://api.x.ai/v1', 'https://api.anthropic.com/v1', 'https://openrouter.ai/api/v1', 'https://openai.com.example/v1'].map(url => byHost(url)))
      .toEqual(['openai', 'openai', 'azure.ai.openai', 'gcp.gemini', 'groq', 'mistral_ai', 'deepseek', 'x_ai', 'anthropic', undefined, undefined])
    expect(byHost('https://gateway.example/v1', { dialect: 'azure' })).toBe('azure.ai.openai')
    const bySdk = (provider: string) => aiSdk({ specificationVersion: 'v4', provider, modelId: 'm', doStream: async () => { throw new Error('none') } }, { tier: 'eco' }).tracedAs
    expect(['openai.responses', 'azure.chat', 'anthropic.messages', 'amazon-bedrock', 'google.generative-ai', 'google.vertex.chat', 'xai.chat', 'own'].map(bySdk))
      .toEqual(['openai', 'azure.ai.openai', 'anthropic', 'aws.bedrock', 'gcp.gemini', 'gcp.vertex_ai', 'x_ai', undefined])
  })

  test('of a provider that the conventions know is under that name, whatever its id', async () => {
    const { tracer: own, spans } = tracer()
    const fetch = async () => new Response('data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
    const on = await bench({ tracer: own, providers: [openaiCompatible({ id: 'mine', baseURL: 'https://api.openai.com/v1', models: { eco: [sized('m', 4)] }, fetch })] })
    await partsOf(await on.run())
    expect(spans[0]!.attributes['gen_ai.provider.name']).toBe('openai')
  })

  test('is ended as well when nobody waits any longer', async () => {
    const { tracer: own, spans } = tracer()
    const on = await bench({ tracer: own }, { paused: true })
    const gone = new AbortController()
    const response = await on.modelSelector.fetch(new Request('http://product.test/v1/run', { method: 'POST', body: JSON.stringify(await on.ask()), headers: { 'content-type': 'application/json' }, signal: gone.signal }))
    await on.upstream.until(log => log.length === 1)
    gone.abort()
    await partsOf(response)
    expect(spans).toMatchObject([{ ended: 1, status: 2, attributes: { 'error.type': 'aborted' } }])
  })

  test('of another trace than the request\'s is linked with it', async () => {
    const { tracer: own, spans } = tracer()
    const on = await bench({ tracer: own })
    await partsOf(await on.run({}, { traceparent: theirs }))
    await partsOf(await on.run({}, { traceparent: `00-${trace}-00f067aa0ba902b7-01` }))
    const context = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1, isRemote: true }
    expect(spans.map(({ links }) => links)).toEqual([[{ context }], []])
  })

  test('of an answer that is an object says json', async () => {
    const { tracer: own, spans } = tracer()
    const on = await bench({ tracer: own }, { deltas: ['{"opens":"nine","floors":3}'] })
    await partsOf(await on.run({ feature: 'facts' }))
    expect(spans[0]!.attributes['gen_ai.output.type']).toBe('json')
  })

  test('quotes have none', async () => {
    const { tracer: own, spans } = tracer()
    const on = await bench({ tracer: own })
    expect((await on.run({ tier: 'baseline', optIn: null, input: { text } }, asJson)).status).toBe(200)
    expect(spans).toEqual([])
  })
})
