import { describe, expect, test } from 'vitest'
import type { Call, Reply } from '../../fixtures/upstream.ts'
import { bench, optInFor, partsOf, problemOf, receiptIn, sized, text } from './support.ts'
import type { Bench } from './support.ts'

const holding = (id: string, billions: number, context: number) => ({ ...sized(id, billions), context })
/** Some thousand tokens of English, which "summary" takes. */
const long = 'The lease of the hall ends in May. '.repeat(220)
const byModel = (replies: Readonly<Record<string, Reply>>) => ({ body }: Call): Reply => replies[body.model ?? ''] ?? {}
const asked = (on: Bench) => on.upstream.log.map(({ body }) => body.model)
const tooLong: Reply = { status: 400, body: { error: { message: 'This model\'s maximum context length is 1024 tokens.', code: 'context_length_exceeded' } } }

/** Agreed to more than any of them costs. */
async function generous(on: Bench, change: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const body = await on.ask(change)
  const ceiling = { usd: 0.01, wh: 5, outputTokens: 40 }
  return { ...body, ceiling, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, on.clock.now) }
}

describe('a text that a model cannot hold', () => {
  test('goes to one that can, and is estimated by it', async () => {
    const on = await bench({}, {}, { eco: [holding('small', 4, 1_024), holding('twin', 5, 1_024), holding('third', 6, 1_024), holding('roomy', 8, 8_000)] })
    const short = receiptIn(await partsOf(await on.run()))
    const receipt = receiptIn(await partsOf(await on.run({ input: { text: long } })))
    expect([short, receipt].map(({ estimate, choice }) => [estimate.model, choice.model])).toEqual([['small', 'small'], ['roomy', 'roomy']])
    expect(asked(on)).toEqual(['small', 'roomy'])
  })

  test('is refused before anything is set aside where none can hold it, and the tier that can is left to be asked for', async () => {
    const on = await bench({}, {}, { eco: [holding('small', 4, 1_024)], standard: [holding('roomy', 30, 8_000)] })
    const body = await on.ask()
    const answers = [await on.post('/v1/estimate', { feature: 'summary', input: { text: long }, tier: 'eco', effort: 'none' }), await on.post('/v1/run', { ...body, input: { text: long } })]
    for (const answer of answers) {
      expect(answer.status).toBe(413)
      expect(await problemOf(answer)).toMatchObject({ type: 'urn:sparing:input-too-long', unit: 'tokens', longest: 984, detail: expect.stringMatching(/about \d{4} tokens .* 984 .* Nothing was spent; send a shorter text/) })
    }
    expect(on.ledger.verbs).toEqual([])
    expect(receiptIn(await partsOf(await on.run({ input: { text: long }, tier: 'standard' }))).choice.model).toBe('roomy')
  })

  test('is counted by the host\'s tokeniser, where there is one and it matters', async () => {
    const texts: string[] = []
    const tokenizer = (words: string) => {
      texts.push(words)
      return 600
    }
    const models = { eco: [holding('small', 4, 1_024), holding('roomy', 8, 8_000)] }
    const [counting, estimating] = [await bench({ tokenizer }, {}, models), await bench({}, {}, models)]
    const modelOn = async (on: Bench) => (await (await on.post('/v1/estimate', { feature: 'summary', input: { text: long }, tier: 'eco', effort: 'none' })).json() as { estimate: { model: string } }).estimate.model
    expect(await modelOn(counting)).toBe('small')
    expect(await modelOn(estimating)).toBe('roomy')
    expect(texts).toEqual([long])
    const large = await bench({ tokenizer: () => 7_000 }, {}, { eco: [holding('small', 4, 1_024), holding('roomy', 8, 6_000)] })
    expect(await problemOf(await large.post('/v1/estimate', { feature: 'summary', input: { text: long }, tier: 'eco', effort: 'none' }))).toMatchObject({ type: 'urn:sparing:input-too-long', longest: 5_960, detail: expect.stringMatching(/about 70\d\d tokens/) })
  })

  test('is refused in OpenAI\'s words by a key', async () => {
    const apiKeys = [{ key: 'sk-product-0123456789abcdef', feature: 'ask', user: 'backend', tier: 'eco' as const }]
    const on = await bench({ apiKeys }, {}, { eco: [holding('small', 4, 1_024), holding('roomy', 8, 8_000)] })
    const complete = async (model: string) => on.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: long }] }, { authorization: `Bearer ${apiKeys[0]!.key}` })
    const refused = await complete('small')
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ error: { type: 'invalid_request_error', code: 'context_length_exceeded' } })
    expect((await complete('eco')).status).toBe(200)
    expect(asked(on)).toEqual(['roomy'])
  })

  test('leaves a look-up its quotes', async () => {
    const on = await bench({ features: { find: { task: 'answer', baseline: 'search', tier: 'eco' } } }, {}, { eco: [holding('small', 4, 1_024)] })
    const receipt = receiptIn(await partsOf(await on.run({ feature: 'find', input: { text: `${long}The museum opens at nine.`, query: 'museum opening hours' } })))
    expect(receipt.choice).toMatchObject({ model: 'extractive', need: 'none' })
  })
})

describe('a server that says a text is too long for its model', () => {
  const models = { eco: [holding('small', 4, 8_000), holding('twin', 5, 8_000), holding('third', 6, 8_000), holding('roomy', 8, 16_000), holding('last', 9, 32_000)] }

  test('is followed by what holds more, and by nothing that holds no more', async () => {
    const on = await bench({}, byModel({ small: tooLong, roomy: tooLong }), models)
    const receipt = receiptIn(await partsOf(await on.post('/v1/run', await generous(on))))
    expect(asked(on)).toEqual(['small', 'roomy', 'last'])
    expect(receipt).toMatchObject({ status: 'completed', choice: { model: 'last', reasons: [{}, { code: 'failover' }] } })
  })

  test.each([
    ['OpenAI', 400, tooLong.body], ['vLLM', 400, { object: 'error', message: 'This model\'s maximum context length is 4096 tokens. However, you requested 4500 tokens.', code: 400 }],
    ['llama.cpp', 400, { error: { code: 400, message: 'the request exceeds the available context size', type: 'exceed_context_size_error', n_ctx: 4096 } }],
    ['Anthropic', 400, { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' } }],
    ['Gemini', 400, [{ error: { code: 400, message: 'The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).' } }]],
    ['Mistral', 400, { object: 'error', message: 'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length' }],
    ['xAI', 400, { error: 'This model\'s maximum prompt length is 131072 but the request contains 150000 tokens.' }],
    ['TGI', 422, { error: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096.', error_type: 'validation' }],
  ])('in the words of %s is told as that, where nothing holds more', async (_, status, body) => {
    const on = await bench({}, { status, body }, { eco: models.eco.slice(0, 3) })
    const parts = await partsOf(await on.post('/v1/run', await generous(on)))
    expect(asked(on)).toEqual(['small'])
    expect(parts.find(({ type }) => type === 'data-problem')).toMatchObject({ data: { type: 'urn:sparing:input-too-long', status: 413, detail: expect.stringContaining('send a shorter text') } })
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', cost: { usd: 0 } })
    expect(JSON.stringify([parts, on.errors.map(String)])).not.toContain('tokens >')
  })

  test('is no fault of the model\'s, and other faults of the request are still given up after two', async () => {
    const on = await bench({}, { status: 400, body: { error: { message: 'temperature must be below 2' } } }, models)
    await partsOf(await on.post('/v1/run', await generous(on)))
    expect(asked(on)).toEqual(['small', 'twin'])
    on.upstream.reply(tooLong)
    for (let run = 0; run < 6; run++) await partsOf(await on.post('/v1/run', await generous(on)))
    expect(await (await on.get('/healthz')).json()).not.toHaveProperty('outOfOrder.fixture/small')
  })

  test('and never ends saying it is refused all the same', async () => {
    const on = await bench({}, { status: 400, headers: { 'content-length': '100' }, body: 'x' }, { eco: models.eco.slice(0, 1) })
    const parts = await partsOf(await on.post('/v1/run', await generous(on)))
    expect(parts.find(({ type }) => type === 'data-problem')).toMatchObject({ data: { type: 'urn:sparing:refused-by-model' } })
  })
})

test('a model that has no room for any text of a feature is named at the start, and offered to nobody', async () => {
  const on = await bench({ features: { story: { task: 'draft', baseline: 'form', tier: 'standard', maxOutputTokens: 4_096 } } }, {}, { eco: [holding('small', 4, 4_096)], standard: [holding('roomy', 30, 32_000)] })
  expect(on.errors.map(String)).toEqual([expect.stringMatching(/"small" \(fixture\) holds 4096 tokens, and "story" may write 4096 .* Lower "maxOutputTokens"/)])
  const at = async (tier: string) => (await (await on.post('/v1/estimate', { feature: 'story', input: { text }, tier, effort: 'none' })).json() as { estimate?: { model: string } }).estimate?.model
  expect([await at('eco'), await at('standard')]).toEqual([undefined, 'roomy'])
})
