import { describe, expect, test } from 'vitest'
import { ceilingCovers } from '../../../src/core/index.ts'
import type { Ceiling, Choice } from '../../../src/core/index.ts'
import { baseline } from '../../../src/server/index.ts'
import type { StreamPart } from '../../../src/protocol/index.ts'
import type { Call, Reply } from '../../fixtures/upstream.ts'
import { asJson, bench, optInFor, partsOf, problemOf, receiptIn, sized, text, textOf } from './support.ts'
import type { Bench } from './support.ts'
import type { RunResult } from '../../../src/protocol/index.ts'

const byModel = (replies: Readonly<Record<string, Reply>>) => ({ body }: Call): Reply => replies[body.model ?? ''] ?? {}
const choicesIn = (parts: readonly StreamPart[]): Choice[] => parts.flatMap(part => part.type === 'data-choice' ? [part.data] : [])
const asked = (on: Bench) => on.upstream.log.map(({ body }) => body.model)

/** The body of a run whose person agreed to much more than it is likely to cost. */
async function generous(on: Bench, change: Record<string, unknown> = {}, ceiling: Ceiling = { usd: 0.01, wh: 5, outputTokens: 200 }): Promise<Record<string, unknown>> {
  const body = await on.ask(change)
  return { ...body, ceiling, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, on.clock.now) }
}

/** A text of signs, each of which is a token. */
const dense = '7 % & 3 ! ? 9 # '.repeat(60)

const equals = { eco: [sized('small', 4), sized('twin', 4)] }
const two = { eco: [sized('small', 4), sized('other', 8)] }

describe('a model that fails before its first word', () => {
  const failures: [string, Reply][] = [
    ['refuses', { status: 500 }], ['has no time', { status: 429, headers: { 'retry-after': '7' } }], ['reports an error', { body: { error: { message: 'overloaded', code: 503 } } }],
    ['breaks off', { deltas: [], end: 'cut' }], ['sends what is no answer', { raw: '<html>' }],
  ]
  test.each(failures)('because it %s is replaced by the next that fits', async (_, reply) => {
    const on = await bench({}, byModel({ small: reply, other: { deltas: ['From', ' another.'] } }), two)
    const parts = await partsOf(await on.post('/v1/run', await generous(on)))
    expect(asked(on)).toEqual(['small', 'other'])
    expect(textOf(parts)).toBe('From another.')
    expect(choicesIn(parts).map(({ model }) => model)).toEqual(['small', 'other'])
    expect(receiptIn(parts)).toMatchObject({ status: 'completed', choice: { model: 'other', reasons: [{}, { code: 'failover' }] } })
    // Nobody else hears that one failed.
    expect(on.errors).toHaveLength(1)
    expect(parts.findLastIndex(({ type }) => type === 'data-choice')).toBeLessThan(parts.findIndex(({ type }) => type === 'text-start'))
  })

  const ways: [string, Reply][] = [...failures, ['reports an error at once', { deltas: [], end: 'error' }]]
  const small = [['summary', 'reads more than it writes'], ['think', 'writes more than it reads'], ['facts', 'has a shape']]
  test.each(small.flatMap(([feature, kind]) => ways.map(([how, reply]) => [feature!, kind!, how, reply] as const)))('for "%s", which %s, because it %s is replaced at an equal price within what a client sends', async (feature, _, how, reply) => {
    const on = await bench({}, byModel({ small: reply, twin: { deltas: ['{"opens":"nine",', '"floors":3}'] } }), equals)
    const body = await on.ask({ feature })
    const { usd, wh, outputTokens } = body['ceiling'] as { usd: number; wh: number; outputTokens: number }
    const receipt = receiptIn(await partsOf(await on.post('/v1/run', body)))
    expect(asked(on)).toEqual(['small', 'twin'])
    expect(receipt).toMatchObject({ status: 'completed', choice: { model: 'twin', reasons: [{}, { code: 'failover' }] } })
    expect(ceilingCovers({ usd, wh, outputTokens }, { usd: receipt.cost.usd, wh: receipt.cost.wh, outputTokens: receipt.usage.output })).toBe(true)
    // What answered with nothing but an error is paid nothing.
    expect(receipt.usage.source).toBe(how.startsWith('breaks') || how.startsWith('sends') ? 'counted' : 'reported')
    expect(on.upstream.log[1]!.body.max_tokens).toBe(outputTokens)
  })

  test.each(ways)('with a long input, because it %s, is replaced at an equal price, with as many words as before', async (_, reply) => {
    const on = await bench({}, byModel({ small: reply }), equals)
    const body = await on.ask({ input: { text: text.repeat(80) } })
    const { usd, wh, outputTokens } = body['ceiling'] as { usd: number; wh: number; outputTokens: number }
    const receipt = receiptIn(await partsOf(await on.post('/v1/run', body)))
    expect(on.upstream.log.map(({ body: { model, max_tokens } }) => [model, max_tokens])).toEqual([['small', outputTokens], ['twin', outputTokens]])
    expect(receipt.status).toBe('completed')
    expect(ceilingCovers({ usd, wh, outputTokens }, { usd: receipt.cost.usd, wh: receipt.cost.wh, outputTokens: receipt.usage.output })).toBe(true)
  })

  test('counts for less where the next reports so much that what it is guessed to have read would pass what was agreed to', async () => {
    const on = await bench({}, byModel({ small: { deltas: [], end: 'cut' }, twin: { usage: { prompt_tokens: 780, completion_tokens: 40 } } }), equals)
    const body = await on.ask({ input: { text: text.repeat(8) } })
    const { usd, wh, outputTokens } = body['ceiling'] as { usd: number; wh: number; outputTokens: number }
    const receipt = receiptIn(await partsOf(await on.post('/v1/run', body)))
    expect(receipt).toMatchObject({ status: 'completed', usage: { output: 40, source: 'counted' } })
    expect(receipt.usage.input).toBeGreaterThan(780)
    expect(receipt.cost.usd).toBeGreaterThan(usd * 0.99)
    expect(ceilingCovers({ usd, wh, outputTokens }, { usd: receipt.cost.usd, wh: receipt.cost.wh, outputTokens: receipt.usage.output })).toBe(true)
    expect((await on.budgets())['usd']).toMatchObject({ settled: receipt.cost.usd, held: 0 })
  })

  test('is told of in a JSON answer by the choice that served', async () => {
    const on = await bench({}, byModel({ small: { status: 500 } }), two)
    const result = await (await on.post('/v1/run', await generous(on), asJson)).json() as RunResult
    expect(result).toMatchObject({ text: 'One two three.', choice: { model: 'other' }, receipt: { choice: { model: 'other' } } })
  })

  test('is not replaced by one that costs more than was agreed to', async () => {
    const on = await bench({}, byModel({ small: { status: 500 } }), two)
    const parts = await partsOf(await on.run())
    expect(asked(on)).toEqual(['small'])
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', cost: { usd: 0 } })
  })

  test('is replaced by one of a lower level, which costs less', async () => {
    const on = await bench({}, byModel({ middle: { status: 503 } }), { eco: [sized('small', 4)], standard: [sized('middle', 30)] })
    const parts = await partsOf(await on.run({ tier: 'standard' }))
    expect(asked(on)).toEqual(['middle', 'small'])
    expect(receiptIn(parts).choice).toMatchObject({ model: 'small', tier: 'eco', reasons: [{ code: 'below' }, { code: 'failover' }] })
  })

  test('and so does every other: the run fails with the last failure, and each is told to whoever runs the server', async () => {
    const on = await bench({}, byModel({ small: { status: 500 }, other: { status: 503 } }), two)
    const parts = await partsOf(await on.post('/v1/run', await generous(on)))
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', choice: { model: 'other' }, cost: { usd: 0, wh: 0 } })
    expect(parts.at(-1)).toMatchObject({ errorText: expect.stringContaining('503') })
    expect(on.errors).toHaveLength(2)
    expect((await on.budgets())['runs']).toMatchObject({ settled: 0, held: 0 })
  })

  test('is dispatched once and settled once, whoever serves', async () => {
    const on = await bench({}, byModel({ small: { status: 500 } }), two)
    await partsOf(await on.post('/v1/run', await generous(on)))
    expect(on.ledger.verbs).toEqual(['reserve', 'settle'])
  })

  test('what it consumed is paid for with what the next one does', async () => {
    const on = await bench({}, byModel({ small: { deltas: [], end: 'cut' }, other: { deltas: ['Fine.'], usage: { prompt_tokens: 70, completion_tokens: 1 } } }), two)
    const alone = await bench({}, byModel({ small: { deltas: [], end: 'cut' } }), { eco: [sized('small', 4)] })
    const failed = receiptIn(await partsOf(await alone.run()))
    const receipt = receiptIn(await partsOf(await on.post('/v1/run', await generous(on))))
    expect(failed.usage).toMatchObject({ output: 0, source: 'counted' })
    expect(failed.usage.input).toBeGreaterThan(0)
    expect(receipt.usage).toEqual({ input: failed.usage.input + 70, cached: 0, output: 1, reasoning: 0, source: 'counted' })
    // 8 billionths for each of the other's input tokens, 32 for one of its output.
    expect(receipt.cost.usd).toBeCloseTo(failed.cost.usd! + (70 * 0.08 + 0.32) * 1e-6, 12)
    expect((await on.budgets())['usd']).toMatchObject({ settled: receipt.cost.usd, held: 0 })
  })

  test('and leaves too little of the ceiling for the next is the end', async () => {
    const on = await bench({}, byModel({ small: { deltas: [], end: 'cut' } }), equals)
    const parts = await partsOf(await on.run({ input: { text: dense } }))
    expect(asked(on)).toEqual(['small'])
    expect(receiptIn(parts).status).toBe('failed')
    // One that consumed nothing leaves all of it.
    const free = await bench({}, byModel({ small: { status: 500 } }), equals)
    expect(receiptIn(await partsOf(await free.run())).choice.model).toBe('twin')
    expect(asked(free)).toEqual(['small', 'twin'])
  })

  test('the next may write less where less is left, and never costs more than was reserved', async () => {
    const on = await bench({}, byModel({ small: { deltas: [], end: 'cut' } }), equals)
    const body = await on.ask({ feature: 'nightly', input: { text: dense } })
    const { usd, wh, outputTokens } = body['ceiling'] as { usd: number; wh: number; outputTokens: number }
    const receipt = receiptIn(await partsOf(await on.post('/v1/run', body)))
    expect(asked(on)).toEqual(['small', 'twin'])
    const [first, second] = on.upstream.log.map(({ body }) => body.max_tokens!)
    expect(first).toBe(outputTokens)
    expect(second).toBeLessThan(first!)
    expect(second).toBeGreaterThanOrEqual(260)
    expect(ceilingCovers({ usd, wh, outputTokens }, { usd: receipt.cost.usd, wh: receipt.cost.wh, outputTokens: receipt.usage.output })).toBe(true)
  })

  test('a budget of tokens bounds all calls together', async () => {
    const budgets = [{ id: 'user', per: 'day', limit: { tokens: 100_000 } }] as const
    const on = await bench({ budgets }, byModel({ small: { deltas: [], end: 'cut' } }), { eco: [sized('small', 4), sized('other', 8)] })
    const parts = await partsOf(await on.post('/v1/run', await generous(on, { input: { text: dense } })))
    // The next would need as many again for its input.
    expect(asked(on)).toEqual(['small'])
    expect(receiptIn(parts).status).toBe('failed')
    // Of words each token has several bytes, so that there is room for two.
    expect(receiptIn(await partsOf(await on.post('/v1/run', await generous(on)))).choice.model).toBe('other')
  })

  test('a host\'s provider that says it may be tried elsewhere, after it spoke, is not believed', async () => {
    const on = await bench({}, byModel({ small: { deltas: ['Half'], end: 'error' } }), two)
    const parts = await partsOf(await on.post('/v1/run', await generous(on)))
    expect(asked(on)).toEqual(['small'])
    expect(textOf(parts)).toBe('Half')
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', usage: { output: 1 } })
  })

  test('a person who left is waited for by no other model', async () => {
    const on = await bench({}, byModel({ small: { silent: true } }), two)
    const gone = new AbortController()
    const body = JSON.stringify(await generous(on))
    const response = await on.modelSelector.fetch(new Request('http://product.test/v1/run', { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal: gone.signal }))
    await on.upstream.until(log => log.length === 1)
    gone.abort()
    expect(receiptIn(await partsOf(response)).status).toBe('aborted')
    expect(asked(on)).toEqual(['small'])
  })
})

test('what is reserved covers the dearest that may stand in, or without it only what serves', async () => {
  const held = async (limit: number) => {
    const on = await bench({ budgets: [{ id: 'user', per: 'day', limit: { usd: limit } }] }, { paused: true }, two)
    const body = await generous(on)
    const response = await on.post('/v1/run', body)
    await on.upstream.until(log => log.length === 1)
    const { usd } = await on.budgets()
    on.upstream.release(3)
    await partsOf(response)
    return { held: usd!.held, cheapest: (await on.ask())['ceiling'] as Ceiling }
  }
  const wide = await held(1)
  expect(wide.held).toBeGreaterThan(wide.cheapest.usd! * 2)
  const narrow = await held(wide.cheapest.usd! * 1.5)
  expect(narrow.held).toBe(narrow.cheapest.usd)
})

describe('a model that keeps failing', () => {
  const trouble = async () => {
    const on = await bench({ random: () => 0.5 }, byModel({ small: { status: 500 } }), two)
    for (let run = 0; run < 5; run++) await partsOf(await on.post('/v1/run', await generous(on)))
    return on
  }

  test('is left alone, the choice says so, and so does /healthz', async () => {
    const on = await trouble()
    const calls = on.upstream.log.length
    const parts = await partsOf(await on.post('/v1/run', await generous(on)))
    expect(asked(on).slice(calls)).toEqual(['other'])
    expect(choicesIn(parts)).toHaveLength(1)
    expect(receiptIn(parts).choice).toMatchObject({ model: 'other', reasons: [{ code: 'cheapest' }, { code: 'out-of-order' }] })
    const until = on.clock.now + 10_000
    expect(await (await on.get('/healthz')).json()).toMatchObject({ ready: true, outOfOrder: { 'fixture/small': { state: 'open', until } } })
  })

  test('estimates are of what would serve then, so nobody agrees to less than it costs', async () => {
    const on = await trouble()
    expect((await on.ask())['ceiling']).toMatchObject({ outputTokens: 40 })
    expect(receiptIn(await partsOf(await on.run())).choice.model).toBe('other')
  })

  test('one that nobody is to pay more for than they agreed is refused with the new estimate', async () => {
    const on = await bench({ random: () => 0.5 }, byModel({ small: { status: 500 } }), two)
    const body = await on.ask()
    for (let run = 0; run < 5; run++) await partsOf(await on.run())
    expect(await problemOf(await on.post('/v1/run', body))).toMatchObject({ type: 'urn:sparing:ceiling-exceeded', estimate: { model: 'other' } })
  })

  test('is asked again once by one run, and serves again when that works', async () => {
    const on = await trouble()
    on.clock.now += 10_000
    on.upstream.reply(byModel({}))
    const calls = on.upstream.log.length
    expect(receiptIn(await partsOf(await on.post('/v1/run', await generous(on)))).choice.model).toBe('small')
    expect(asked(on).slice(calls)).toEqual(['small'])
    expect(await (await on.get('/healthz')).json()).toMatchObject({ outOfOrder: {} })
  })

  test('while one run asks it, the others ask another', async () => {
    const on = await trouble()
    on.clock.now += 10_000
    on.upstream.reply(byModel({ small: { paused: true } }))
    const calls = on.upstream.log.length
    const probe = on.post('/v1/run', await generous(on))
    await on.upstream.until(log => log.length === calls + 1)
    const parts = await partsOf(await on.post('/v1/run', await generous(on)))
    expect(receiptIn(parts).choice).toMatchObject({ model: 'other', reasons: [{}, { code: 'out-of-order' }] })
    expect(choicesIn(parts).map(({ model }) => model)).toEqual(['other'])
    on.upstream.release(3)
    expect(receiptIn(await partsOf(await probe)).choice.model).toBe('small')
  })

  test('with no other is refused at once, with the time to come back, and the upstream has peace', async () => {
    const on = await bench({}, { status: 429, headers: { 'retry-after': '90' } }, { eco: [sized('small', 4)] })
    await on.ask()
    const translate = { feature: 'think', tier: 'eco', input: { text: 'A letter to my landlord, please.' } }
    const body = await on.ask(translate)
    expect(receiptIn(await partsOf(await on.run(translate))).status).toBe('failed')
    const refused = await on.post('/v1/run', { ...body, id: 'another-run' })
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(90)
    expect(await problemOf(refused)).toMatchObject({ type: 'urn:sparing:no-model', detail: expect.stringContaining('out of order') })
    expect(on.upstream.log).toHaveLength(1)
    expect(on.ledger.verbs).toEqual(['reserve', 'settle'])
  })

  test('with no other, a summary is made of quotes, and says why', async () => {
    const on = await bench({}, { status: 429, headers: { 'retry-after': '90' } }, { eco: [sized('small', 4)] })
    const body = await on.ask()
    await partsOf(await on.run())
    const receipt = receiptIn(await partsOf(await on.post('/v1/run', { ...body, id: 'another-run' })))
    expect(receipt.choice).toMatchObject({ model: 'extractive', reasons: [{ code: 'down' }] })
  })

  test.each([400, 413, 422])('with %i finds fault with the request, and stays in order for the others', async status => {
    const on = await bench({}, { status }, { eco: [sized('small', 4)] })
    for (let run = 0; run < 8; run++) await partsOf(await on.run())
    expect(await (await on.get('/healthz')).json()).toMatchObject({ outOfOrder: {} })
    expect(on.upstream.log).toHaveLength(8)
  })

  const found = ['content_filter', 'content_policy_violation', 'invalid_prompt', 'string_above_max_length', 'unsupported_value']
  test.each([...found.map(code => ({ type: 'invalid_request_error', code })), { type: 'invalid_request_error' }, { code: 400 }])('with %j under the status of a success finds fault with the request, and stays in order for the others', async error => {
    const on = await bench({}, { body: { error } }, { eco: [sized('small', 4)] })
    for (let run = 0; run < 8; run++) expect(await problemOf(await on.run({}, asJson))).toMatchObject({ type: 'urn:sparing:refused-by-model' })
    expect(await (await on.get('/healthz')).json()).toMatchObject({ outOfOrder: {} })
    expect(on.upstream.log).toHaveLength(8)
  })

  test('with a text that is too long for it, said under the status of a success, tells the person so, and stays in order', async () => {
    const on = await bench({}, { body: { error: { type: 'invalid_request_error', code: 'context_length_exceeded' } } }, { eco: [sized('small', 4)] })
    for (let run = 0; run < 8; run++) expect(await problemOf(await on.run({}, asJson))).toMatchObject({ type: 'urn:sparing:input-too-long' })
    expect(await (await on.get('/healthz')).json()).toMatchObject({ outOfOrder: {} })
  })

  test('filtered in the middle is no fault of the model\'s either, and is not to be sent again', async () => {
    const on = await bench({}, { raw: 'data: {"choices":[{"delta":{"content":"Half"}}]}\n\ndata: {"error":{"code":"content_filter"}}\n\n' }, { eco: [sized('small', 4)] })
    for (let run = 0; run < 8; run++) expect(await problemOf(await on.run({}, asJson))).toMatchObject({ type: 'urn:sparing:refused-by-model', detail: expect.not.stringMatching(/try again/i), receipt: { status: 'failed', usage: { output: 1 } } })
    expect(await (await on.get('/healthz')).json()).toMatchObject({ outOfOrder: {} })
  })

  test.each([400, 404, 413, 422])('with %i is asked in place of once, and not by every model there is', async status => {
    const on = await bench({}, { status }, { eco: [sized('small', 4), sized('twin', 4), sized('third', 4), sized('fourth', 4)] })
    const problem = await problemOf(await on.post('/v1/run', await generous(on), asJson))
    expect(problem).toMatchObject({ type: 'urn:sparing:refused-by-model', status: 400, receipt: { status: 'failed', cost: { usd: 0 } }, detail: expect.not.stringMatching(/try again/i) })
    expect(on.upstream.log).toHaveLength(2)
  })

  test('with 400 where another takes it is no failure', async () => {
    const on = await bench({}, byModel({ small: { status: 400 } }), equals)
    expect(receiptIn(await partsOf(await on.post('/v1/run', await generous(on))))).toMatchObject({ status: 'completed', choice: { model: 'twin' } })
  })

  test.each([401, 402, 403])('with %i is no matter of time but of its key, which nobody is told', async status => {
    const on = await bench({}, { status, body: { error: { message: 'Incorrect key sk-fixture-secret' } } }, { eco: [sized('small', 4)] })
    const problem = await problemOf(await on.run({}, asJson))
    expect(problem).toMatchObject({ type: 'urn:sparing:upstream-failed', status: 502, again: false, detail: expect.stringMatching(/whoever runs .* key/) })
    expect(JSON.stringify([problem, on.errors.map(String)])).not.toMatch(/try again|sk-fixture/i)
  })

  test('the baseline has no breaker that a person could miss', async () => {
    const on = await bench({ providers: [baseline({ features: { summary: () => { throw new Error('no') } } })] })
    for (let run = 0; run < 8; run++) await partsOf(await on.run({ tier: 'baseline' }))
    expect((await on.run({ tier: 'baseline' })).status).toBe(200)
  })
})

describe('a model that answers with nothing', () => {
  const counted = { prompt_tokens: 20, completion_tokens: 5 }
  const nothing = (reason: string, ...deltas: object[]): Reply => ({ raw: [...deltas.map(delta => ({ choices: [{ delta }] })), { choices: [{ delta: {}, finish_reason: reason }] }, { choices: [], usage: counted }].map(chunk => `data: ${JSON.stringify(chunk)}\n\n`).join('') + 'data: [DONE]\n\n' })
  const alone = { eco: [sized('small', 4)] }
  const imagined = { tool_calls: [{ index: 0, id: 'c1', function: { name: 'look', arguments: '{"at":1}' } }] }
  const ways: [string, Reply][] = [
    ['at all', nothing('stop')], ['but white space', nothing('stop', { content: '\n' }, { content: ' ' })], ['but a tool that nobody gave it', nothing('tool_calls', imagined)], ['because of its filter', nothing('content_filter')],
  ]

  test.each(ways)('%s is replaced by the next that fits, and what it used is paid for', async (_, reply) => {
    const on = await bench({}, byModel({ small: reply, other: { deltas: ['Well.'], usage: { prompt_tokens: 7, completion_tokens: 1 } } }), two)
    const parts = await partsOf(await on.post('/v1/run', await generous(on)))
    expect(asked(on)).toEqual(['small', 'other'])
    expect(textOf(parts).trim()).toBe('Well.')
    expect(receiptIn(parts)).toMatchObject({ status: 'completed', choice: { model: 'other', reasons: [{}, { code: 'failover' }] }, usage: { input: 27, output: 6, source: 'reported' } })
  })

  test.each(ways)('%s, with no other, has failed, and the person reads why', async (how, reply) => {
    const on = await bench({}, reply, alone)
    const problem = await problemOf(await on.run({}, asJson))
    expect(problem).toMatchObject({ receipt: { status: 'failed', usage: { input: 20, output: 5 } } })
    expect(problem.detail).toMatch(how.includes('filter') ? /^The model's filter withheld the answer\./ : /^The model answered with nothing\./)
    expect(problem.status).toBe(how.includes('filter') ? 400 : 502)
    expect((await on.budgets())['runs']).toMatchObject({ settled: 1, held: 0 })
  })

  test('again and again is left alone for a while, and because of its filter it is not', async () => {
    const outOfOrder = async (reply: Reply) => {
      const on = await bench({}, reply, alone)
      for (let run = 0; run < 6; run++) await partsOf(await on.run())
      return (await (await on.get('/healthz')).json() as { outOfOrder: object }).outOfOrder
    }
    expect(await outOfOrder(nothing('stop'))).toMatchObject({ 'fixture/small': { state: 'open' } })
    expect(await outOfOrder(nothing('content_filter'))).toEqual({})
  })

  test.each([['its ceiling cut it', nothing('length'), 'ceiling'], ['it only reasoned', nothing('stop', { reasoning_content: 'Hm.' }), 'completed']])('because %s is no failure', async (_, reply, status) => {
    const on = await bench({}, byModel({ small: reply }), two)
    expect(receiptIn(await partsOf(await on.post('/v1/run', await generous(on)))).status).toBe(status)
    expect(asked(on)).toEqual(['small'])
  })
})
