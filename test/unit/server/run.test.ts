import { describe, expect, test } from 'vitest'
import { baseline, createModelSelector } from '../../../src/server/index.ts'
import type { Entry, Provider, ProviderPart } from '../../../src/server/index.ts'
import { estimateRun } from '../../../src/catalog/index.ts'
import { asJson, bench, features, models, noon, optInFor, partsOf, problemOf, receiptIn, text, textOf } from './support.ts'
import type { RunResult } from '../../../src/protocol/index.ts'
import type { Reply } from '../../fixtures/upstream.ts'
import { openaiCompatible } from '../../../src/server/index.ts'

describe('a run that goes well', () => {
  test('streams what the upstream says, and ends with a receipt', async () => {
    const on = await bench({}, { deltas: [{ think: 'Hm.' }, 'Nine', ' to', ' four.'] })
    const response = await on.run()
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8', 'x-vercel-ai-ui-message-stream': 'v1', 'cache-control': 'no-cache, no-transform', 'x-content-type-options': 'nosniff',
    })
    const parts = await partsOf(response)
    expect(parts.map(({ type }) => type)).toEqual([
      'start', 'data-choice', 'reasoning-start', 'reasoning-delta', 'reasoning-end', 'text-start', 'text-delta', 'text-delta', 'text-delta', 'text-end', 'data-receipt', 'finish',
    ])
    expect(textOf(parts)).toBe('Nine to four.')
    expect(receiptIn(parts)).toMatchObject({
      status: 'completed', feature: 'summary', optIn: 'opt-in-1', signature: expect.stringMatching(/^[\w-]+\.\.[\w-]+$/),
      choice: { model: 'small', provider: 'fixture', tier: 'eco', effort: 'none' }, usage: { output: 4, source: 'reported' },
      budgets: [{ id: 'user', held: 0 }, { id: 'user', held: 0 }, { id: 'user', unit: 'runs', settled: 1, held: 0 }],
    })
  })

  test('is dispatched before the upstream is called, and settled once', async () => {
    let entries: Promise<readonly Entry[]> = Promise.resolve([])
    const on = await bench({}, () => {
      entries = on.ledger.entries(null, 9)
      return {}
    })
    await partsOf(await on.run())
    expect((await entries).map(({ status }) => status)).toEqual(['dispatched'])
    expect(on.ledger.verbs).toEqual(['reserve', 'settle'])
  })

  test('sends the server\'s prompt, the model and the cap, and nothing of the person\'s identity', async () => {
    const on = await bench()
    await partsOf(await on.run())
    const { body, headers } = on.upstream.log[0]!
    expect(body).toEqual({
      model: 'small', max_tokens: 40, stream: true, stream_options: { include_usage: true },
      messages: [{ role: 'system', content: expect.stringContaining('Summarise') }, { role: 'user', content: text }],
    })
    expect(headers['authorization']).toBe('Bearer sk-fixture-secret')
    expect(JSON.stringify(headers)).not.toContain('ada')
  })

  test('is one object where JSON is asked for', async () => {
    const on = await bench()
    const body = await on.ask()
    const response = await on.post('/v1/run', body, asJson)
    expect(response.headers.get('content-type')).toBe('application/json')
    const result = await response.json() as RunResult
    expect(Object.keys(result)).toEqual(['id', 'text', 'choice', 'receipt'])
    expect(result).toMatchObject({ id: body['id'], text: 'One two three.', receipt: { status: 'completed' } })
  })

  test.each([['*/*', 'text/event-stream'], ['text/event-stream, application/json', 'text/event-stream'], ['application/json, */*', 'application/json']])('accepting %s it is %s', async (accept, type) => {
    const on = await bench()
    const response = await on.run({}, { accept })
    expect(response.headers.get('content-type')).toContain(type)
    await response.text()
  })

  test('takes conversations, and no more output than the person agreed to', async () => {
    const on = await bench()
    const input = { messages: [{ role: 'user', content: 'Write a long letter to my landlord about the roof, please, with all details.' }] }
    const body = await on.ask({ feature: 'ask', input })
    const ceiling = { ...body['ceiling'] as object, outputTokens: 7 } as never
    const parts = await partsOf(await on.post('/v1/run', { ...body, ceiling, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, on.clock.now) }))
    expect(receiptIn(parts).status).toBe('completed')
    expect(on.upstream.log[0]!.body.max_tokens).toBe(7)
    expect(on.upstream.log[0]!.body.messages?.slice(1)).toEqual(input.messages)
  })

  test('as background, where the feature allows it', async () => {
    const on = await bench()
    expect(receiptIn(await partsOf(await on.run({ feature: 'nightly', trigger: 'background' }))).status).toBe('completed')
  })

  test('whole characters come out of halves', async () => {
    const words = ['Größe ', '漢字 ', '👩‍🚀 ', 'नमस्ते']
    const on = await bench({}, { deltas: words, bytes: 1, comments: true })
    expect(textOf(await partsOf(await on.run()))).toBe(words.join(''))
  })

  test('is stopped where it was cut by its ceiling, and says so', async () => {
    const on = await bench({}, { deltas: Array.from({ length: 60 }, (_, at) => `word${at} `) })
    const receipt = receiptIn(await partsOf(await on.run()))
    expect(receipt).toMatchObject({ status: 'ceiling', usage: { output: 40, source: 'reported' } })
    expect(on.upstream.served).toBe(40)
  })

  test.each(['missing', 'chunk'] as const)('an upstream that goes on past its cap is stopped, usage %s', async usage => {
    const on = await bench({}, { deltas: Array.from({ length: 5_000 }, (_, at) => `word${at} `), disobedient: true, paused: true, usage })
    on.upstream.release(100)
    const receipt = receiptIn(await partsOf(await on.run()))
    await on.upstream.until(([call]) => call!.ended !== null)
    expect(receipt).toMatchObject({ status: 'ceiling', usage: { output: 40, source: 'counted' } })
    expect(on.upstream.log[0]!.ended).toBe('client')
    expect(on.upstream.served).toBe(100)
    expect(receipt.cost.usd).toBeLessThanOrEqual(receipt.estimate.ceiling.usd!)
  })

  test('one that sends letter by letter is not', async () => {
    const on = await bench({}, { deltas: Array.from('The museum opens at nine and closes at four.'), disobedient: true, usage: { prompt_tokens: 30, completion_tokens: 11 } })
    expect(receiptIn(await partsOf(await on.run()))).toMatchObject({ status: 'completed', usage: { output: 11 } })
  })
})

describe('usage', () => {
  const said: [string, Reply, object][] = [
    ['reported at the end', { usage: 'chunk' }, { output: 3, source: 'reported' }],
    ['reported with every delta', { usage: 'each' }, { output: 3, source: 'reported' }],
    ['missing: counted', { usage: 'missing' }, { output: 3, cached: 0, reasoning: 0, source: 'counted' }],
    ['with parts', { usage: { prompt_tokens: 90, completion_tokens: 30, prompt_tokens_details: { cached_tokens: 60 }, completion_tokens_details: { reasoning_tokens: 12 } } }, { input: 90, cached: 60, output: 30, reasoning: 12, source: 'reported' }],
    ['with parts beyond their whole', { usage: { prompt_tokens: 90, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 1e6 }, completion_tokens_details: { reasoning_tokens: 1e6 } } }, { input: 90, cached: 90, output: 3, reasoning: 3 }],
    ['of nothing, where something was said: counted', { usage: { prompt_tokens: 0, completion_tokens: 0 } }, { output: 3, source: 'counted' }],
    ['of no output, where something was said: counted', { usage: { prompt_tokens: 9, completion_tokens: 0 } }, { output: 3, source: 'counted' }],
    ['that is none: counted', { usage: {} }, { output: 3, source: 'counted' }],
    ['that is nonsense: counted', { usage: { prompt_tokens: '90', completion_tokens: -5 } }, { output: 3, source: 'counted' }],
    ['that is no whole number: counted', { usage: { prompt_tokens: 0.5, completion_tokens: 1e300 } }, { output: 3, source: 'counted' }],
  ]
  test.each(said)('%s', async (_, reply, usage) => {
    const on = await bench({}, reply)
    expect(receiptIn(await partsOf(await on.run())).usage).toMatchObject(usage)
    expect(await on.budgets()).toMatchObject({ runs: { settled: 1, held: 0 }, usd: { held: 0 }, wh: { held: 0 } })
  })

  test('reported before the last words says nothing of them', async () => {
    const word = (content: string, usage?: object) => `data: ${JSON.stringify({ choices: [{ delta: { content } }], ...usage && { usage } })}\n\n`
    const on = await bench({}, { raw: `${word('One', { prompt_tokens: 30, completion_tokens: 1 })}${word(' two')}${word(' three')}` })
    expect(receiptIn(await partsOf(await on.run())).usage).toMatchObject({ output: 3, source: 'counted' })
  })

  test('beyond the reservation is the product\'s loss, not the person\'s', async () => {
    const on = await bench({}, { usage: { prompt_tokens: 1e6, completion_tokens: 1e6 } })
    const { cost, estimate } = receiptIn(await partsOf(await on.run()))
    expect(cost.usd).toBeGreaterThan(estimate.ceiling.usd!)
    expect((await on.budgets())['usd']).toMatchObject({ settled: estimate.ceiling.usd, held: 0 })
  })

  test('the energy of a run is settled at the middle of what is likely, after the high end was held', async () => {
    const on = await bench({}, { paused: true })
    const response = await on.run()
    await on.upstream.until(log => log.length === 1)
    const held = (await on.budgets())['wh']!.held
    on.upstream.release(3)
    const { cost, estimate } = receiptIn(await partsOf(response))
    expect(held).toBe(estimate.ceiling.wh)
    expect(cost.wh).toBeLessThan(held)
    expect((await on.budgets())['wh']).toMatchObject({ settled: cost.wh, held: 0 })
  })

  test('a run whose energy the upstream metered says so on its receipt, and any other how its model\'s is known', async () => {
    const on = await bench({}, { usage: { prompt_tokens: 60, completion_tokens: 3, energy_mj: 3_600 } })
    expect(receiptIn(await partsOf(await on.run()))).toMatchObject({ cost: { wh: 0.001 }, provenance: { usd: 'measured', wh: 'metered' }, estimate: { provenance: { wh: 'modelled' } } })
    on.upstream.reply({})
    expect(receiptIn(await partsOf(await on.run()))).toMatchObject({ provenance: { usd: 'measured', wh: 'modelled' } })
    expect(receiptIn(await partsOf(await on.run({ tier: 'baseline' })))).toMatchObject({ provenance: { usd: 'local', wh: 'measured' } })
  })
})

describe('an upstream that fails', () => {
  test.each([400, 401, 404, 429, 500, 503])('with status %i has cost nothing, and the run is not counted', async status => {
    const on = await bench({}, { status, body: { error: { message: 'quota of sk-fixture-secret exceeded' } } })
    const before = await on.budgets()
    const parts = await partsOf(await on.run())
    expect(parts.map(({ type }) => type)).toEqual(['start', 'data-choice', 'data-receipt', 'data-problem', 'error'])
    expect(parts.at(-1)).toMatchObject({ errorText: expect.stringContaining(`${status}`) })
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', cost: { usd: 0, wh: 0, gco2e: 0 }, usage: { input: 0, output: 0 } })
    expect(JSON.stringify(parts)).not.toContain('sk-fixture')
    const after = await on.budgets()
    for (const unit of ['usd', 'wh', 'runs']) expect(after[unit]).toMatchObject({ settled: before[unit]!.settled, held: 0 })
    expect(on.errors).toHaveLength(1)
  })

  test('that is not there has cost nothing', async () => {
    const on = await bench({ providers: [openaiCompatible({ id: 'fixture', baseURL: 'http://127.0.0.1:9/v1', models }), baseline()] })
    const parts = await partsOf(await on.run())
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', cost: { usd: 0, wh: 0, gco2e: 0 } })
    expect(parts.at(-1)).toMatchObject({ errorText: expect.stringContaining('could not be reached') })
    expect((await on.budgets())['runs']).toMatchObject({ settled: 0, held: 0 })
  })

  const broken: [string, Reply][] = [
    ['tears the connection', { end: 'cut' }],
    ['reports an error in the stream', { end: 'error' }],
    ['ends with no word that it finished', { end: 'short' }],
    ['sends what is no JSON', { raw: 'data: {"choices":[{"delta":{"content":"One"}}]}\n\ndata: {"choices":[{"delta":{"content":" two"}}]}\n\ndata: {"choices":[{"delta":{"content":" three."}}]}\n\ndata: SECRET-OUTPUT\n\n' }],
    ['sends null', { raw: 'data: {"choices":[{"delta":{"content":"One"}}]}\n\ndata: {"choices":[{"delta":{"content":" two"}}]}\n\ndata: {"choices":[{"delta":{"content":" three."}}]}\n\ndata: null\n\n' }],
  ]
  test.each(broken)('in the middle, because it %s, costs what was consumed', async (_, reply) => {
    const on = await bench({}, reply)
    const parts = await partsOf(await on.run())
    const receipt = receiptIn(parts)
    expect(textOf(parts)).toBe('One two three.')
    expect(parts.map(({ type }) => type).slice(-3)).toEqual(['data-receipt', 'data-problem', 'error'])
    expect(receipt).toMatchObject({ status: 'failed', usage: { output: 3, source: 'counted' } })
    expect(receipt.cost.usd).toBeGreaterThan(0)
    expect(await on.budgets()).toMatchObject({ usd: { settled: receipt.cost.usd, held: 0 }, runs: { settled: 1, held: 0 } })
    expect(on.errors).toHaveLength(1)
  })

  test('without [DONE], having said why it finished, is fine', async () => {
    const on = await bench({}, { end: 'unmarked' })
    expect(receiptIn(await partsOf(await on.run()))).toMatchObject({ status: 'completed', usage: { source: 'reported' } })
  })

  test('as JSON it is a 502 problem with its receipt', async () => {
    const on = await bench({}, { end: 'cut' })
    const response = await on.run({}, asJson)
    expect(response.status).toBe(502)
    expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:upstream-failed', receipt: { status: 'failed', usage: { output: 3 } } })
  })

  test('a host\'s provider that throws anything is settled, and only the operator hears what it was', async () => {
    const throwing: Provider = {
      ...openaiCompatible({ id: 'own', baseURL: 'http://127.0.0.1:9/v1', models }),
      async *stream(): AsyncGenerator<ProviderPart> {
        yield { type: 'accepted' }
        yield { type: 'text', text: 'Half' }
        throw new Error('the database of prompts says SECRET')
      },
    }
    const on = await bench({ providers: [throwing, baseline()] })
    const parts = await partsOf(await on.run())
    expect(JSON.stringify(parts)).not.toContain('SECRET')
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', usage: { output: 1 } })
    expect(on.errors).toEqual([expect.objectContaining({ message: expect.stringContaining('SECRET') })])
    expect((await on.budgets())['usd']!.held).toBe(0)
  })

  test('a prompt that outgrows its estimate is not sent, costs nothing, and the operator hears of it', async () => {
    const on = await bench({ prompts: { summary: input => 'text' in input ? [{ role: 'user', content: input.text.repeat(10) }] : [] } })
    const level = { feature: 'summary', input: { text }, tier: 'eco', effort: 'none' } as const
    const catalog = await on.catalog()
    // As a page has it, which does not know the prompt.
    const estimate = estimateRun(level, catalog.models.find(({ id }) => id === 'small')!, catalog)
    const parts = await partsOf(await on.post('/v1/run', { id: 'run-outgrown', ...level, ceiling: estimate.ceiling, optIn: optInFor({ ...level }, estimate, noon), trigger: 'user' }))
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', cost: { usd: 0 } })
    const refused = await on.post('/v1/estimate', level)
    expect([refused.status, await refused.json()]).toEqual([500, expect.objectContaining({ type: 'urn:sparing:internal', detail: parts.flatMap(part => part.type === 'data-problem' ? part.data.detail : []).join() })])
    expect((await on.post('/v1/estimate', { ...level, tier: 'baseline' })).status).toBe(200)
    expect(on.upstream.log).toEqual([])
    expect(on.errors).toEqual([expect.objectContaining({ code: 'internal' }), expect.objectContaining({ code: 'internal' })])
    expect((await on.budgets())['runs']).toMatchObject({ settled: 0, held: 0 })
  })
})

describe('the baseline', () => {
  test('is served to anybody with no opt-in, no budget and no upstream', async () => {
    const on = await bench({ budgets: [{ id: 'none', per: 'day', limit: { usd: 0, wh: 0, runs: 0, tokens: 0 } }] })
    const parts = await partsOf(await on.post('/v1/run', { ...await on.ask({ tier: 'baseline' }), optIn: undefined }))
    expect(textOf(parts)).toContain('The museum opens at nine.')
    expect(receiptIn(parts)).toMatchObject({ status: 'completed', optIn: null, budgets: [], choice: { tier: 'baseline', reasons: [{ code: 'asked' }] } })
    expect(receiptIn(parts).cost.wh).toBeGreaterThan(0)
    expect(on.upstream.log).toEqual([])
    expect((await on.ledger.entries(null, 9)).map(({ status }) => status)).toEqual(['settled'])
  })

  test('also while the person has as many runs open as they may', async () => {
    const on = await bench({}, { paused: true })
    await Promise.all([on.run(), on.run()])
    expect((await on.run()).status).toBe(429)
    expect((await on.run({ tier: 'baseline', optIn: null })).status).toBe(200)
    on.upstream.release(6)
  })

  test('answers look-ups at the lowest level, which cost next to nothing and say why', async () => {
    const on = await bench()
    const receipt = receiptIn(await partsOf(await on.run({ feature: 'ask', input: { text, query: 'opening hours' } })))
    expect(receipt).toMatchObject({ choice: { tier: 'baseline', need: 'none', reasons: [{ code: 'lookup' }] }, cost: { usd: 0 } })
    expect((await on.budgets())['runs']).toMatchObject({ settled: 1, held: 0 })
  })

  test('a job of the host\'s own that throws is a failure that cost nothing', async () => {
    const on = await bench({ providers: [baseline({ features: { summary: () => { throw new Error('no') } } })] })
    expect(receiptIn(await partsOf(await on.run({ tier: 'baseline' })))).toMatchObject({ status: 'failed', cost: { usd: 0, wh: 0 } })
  })
})

test('closing stops what runs, settles it, and only then lets go of the ledger', async () => {
  const on = await bench({}, { paused: true })
  const response = await on.run()
  on.upstream.release(2)
  await on.upstream.until(([call]) => call?.served === 2)
  await on.modelSelector.close()
  expect(on.ledger.verbs.at(-1)).toBe('settle')
  expect(receiptIn(await partsOf(response)).status).toBe('aborted')
})

test('a feature may be called what every object has', async () => {
  const odd = { constructor: features.summary, toString: features.summary, __proto__: null } as never
  const selector = createModelSelector({ features: odd, providers: [baseline()], identify: () => ({ user: 'ada' }) })
  const body = { id: 'abcdefgh', feature: 'constructor', input: { text }, tier: 'baseline', ceiling: { usd: 0, wh: 1, outputTokens: 0 } }
  const response = await selector.fetch(new Request('http://product.test/v1/run', { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }))
  expect(textOf(await partsOf(response))).toContain('museum')
})
