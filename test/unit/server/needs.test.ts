import { describe, expect, test, vi } from 'vitest'
import { defineFeatures, SparingError } from '../../../src/core/index.ts'
import type { Ceiling, Estimate, Need } from '../../../src/core/index.ts'
import { classify } from '../../../src/routing/index.ts'
import type { Classifier } from '../../../src/routing/index.ts'
import { baseline } from '../../../src/server/index.ts'
import { keepNeeds } from '../../../src/server/needs.ts'
import type { EstimateAnswer, RunResult } from '../../../src/protocol/index.ts'
import { asJson, bench, features, noon, optInFor, partsOf, problemOf, receiptIn, text, textOf } from './support.ts'
import type { Bench } from './support.ts'

const says = (need: Need): Classifier => () => ({ need, chances: { none: 0, generate: 0, reason: 0, [need]: 1 }, reason: { code: 'need-own', text: 'By the product\'s own rule.' } })

/** Look-ups that a page's few rules take for texts, and the other way round. */
const missed = 'Tell me when the museum opens'
const mistaken = 'What is jazz?'

const asked = (query: string) => ({ feature: 'ask', input: { text, query } })

/** What is shown of quotes, which is all that a page shows where it reads a look-up. */
async function quotesShown(on: Bench, query: string): Promise<Estimate> {
  const { estimate } = await (await on.post('/v1/estimate', { ...asked(query), tier: 'baseline', effort: 'none' })).json() as EstimateAnswer
  return estimate
}

/** A run whose page showed what quotes cost. */
async function agreedToQuotes(on: Bench, query: string, change: Record<string, unknown> = {}) {
  const body = await on.ask(asked(query))
  const { ceiling } = await quotesShown(on, query)
  return on.post('/v1/run', { ...body, ceiling, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, noon), ...change }, asJson)
}

describe('a question that the page took for a text and the server takes for a look-up', () => {
  test('is answered with quotes by the trained classifier, unless told otherwise', async () => {
    expect(classify(missed).need).toBe('generate')
    const on = await bench()
    const body = await on.ask(asked(missed))
    const { text: answer, receipt } = await (await on.post('/v1/run', body, asJson)).json() as RunResult
    expect(answer).toBe('The museum opens at nine.')
    expect(receipt).toMatchObject({ status: 'completed', choice: { tier: 'baseline', need: 'none', reasons: [{ code: 'lookup' }] }, cost: { usd: 0 } })
    expect(on.upstream.log).toEqual([])
  })

  test('costs no more than the ceiling that the page showed of a text', async () => {
    const on = await bench({ classifier: 'rules' })
    const shown = await on.ask(asked(missed))
    expect(shown['ceiling']).toMatchObject({ outputTokens: 40 })
    const trained = await bench()
    const { receipt } = await (await trained.post('/v1/run', shown, asJson)).json() as RunResult
    expect(receipt).toMatchObject({ status: 'completed', choice: { tier: 'baseline' }, cost: { usd: 0 } })
  })

  test('is written where a higher level was asked for: that is the person\'s word', async () => {
    const higher = defineFeatures({ ask: { ...features.ask, tier: 'standard' } })
    const on = await bench({ features: higher })
    const { receipt } = await (await on.run({ ...asked(missed), tier: 'standard' }, asJson)).json() as RunResult
    expect(receipt.choice).toMatchObject({ model: 'middle', need: 'none' })
  })

  test('is written after all where nothing in the text answers it, as far as that was agreed to', async () => {
    const unanswered = 'In which part of the museum is the café?'
    const on = await bench()
    const shown = await (await bench({ classifier: 'rules' })).ask(asked(unanswered))
    const parts = await partsOf(await on.post('/v1/run', shown))
    expect(textOf(parts)).toBe('One two three.')
    expect(receiptIn(parts)).toMatchObject({ status: 'completed', choice: { model: 'small', need: 'none', reasons: [{ code: 'cheapest' }, { code: 'no-quotes' }] } })
    expect(parts.filter(({ type }) => type === 'data-choice')).toMatchObject([{ data: { tier: 'baseline' } }, { data: { tier: 'eco' } }])
    expect(await on.budgets()).toMatchObject({ usd: { held: 0, settled: receiptIn(parts).cost.usd } })
    expect(receiptIn(parts).cost.usd).toBeLessThanOrEqual((shown['ceiling'] as Ceiling).usd!)
  })

  test('is asked about anew where quotes were all that was agreed to and there are none: nothing is no answer', async () => {
    const unanswered = asked('In which part of the museum is the café?')
    const on = await bench()
    const parts = await partsOf(await on.run(unanswered))
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', choice: { tier: 'baseline', reasons: [{}, { code: 'no-quotes' }] }, cost: { usd: 0 } })
    const { data: told } = parts.find(({ type }) => type === 'data-problem') as { data: { estimate: Estimate } }
    expect(told).toMatchObject({ type: 'urn:sparing:ceiling-exceeded', estimate: { model: 'small' } })
    expect(on.errors).toEqual([])
    // Whoever agrees to that is answered.
    const body = await on.ask(unanswered)
    const { ceiling } = told.estimate
    const { text: answer, receipt } = await (await on.post('/v1/run', { ...body, ceiling, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, noon) }, asJson)).json() as RunResult
    expect({ answer, status: receipt.status }).toEqual({ answer: 'One two three.', status: 'completed' })
  })

  test('says nothing where nothing quotes it, none is set up to write, or quotes were asked for', async () => {
    const unanswered = asked('In which part of the museum is the café?')
    const quiet = await bench({ providers: [baseline()] })
    expect(await (await quiet.run({ ...unanswered, tier: 'eco' }, asJson)).json()).toMatchObject({ text: '', receipt: { status: 'completed' } })
    const on = await bench()
    expect(await (await on.run({ ...unanswered, tier: 'baseline', optIn: null }, asJson)).json()).toMatchObject({ text: '', receipt: { status: 'completed' } })
  })

  test('fails where what would have been written fails, and takes nothing for it', async () => {
    const on = await bench({}, { status: 500 })
    const shown = await (await bench({ classifier: 'rules' })).ask(asked('In which part of the museum is the café?'))
    expect(receiptIn(await partsOf(await on.post('/v1/run', shown)))).toMatchObject({ status: 'failed', choice: { model: 'small' }, cost: { usd: 0 } })
  })

  test('without a text around it has nothing to be quoted from, so it is written', async () => {
    const on = await bench()
    const conversation = { feature: 'ask', input: { messages: [{ role: 'user', content: missed }] } }
    const shown = await (await bench({ classifier: 'rules' })).ask(conversation)
    const { text: answer, choice } = await (await on.post('/v1/run', shown, asJson)).json() as RunResult
    expect({ answer, model: choice.model }).toEqual({ answer: 'One two three.', model: 'small' })
  })

  test.each(['shorter', 'in German', 'go on', 'continue', 'yes please', 'do it again', 'And one about mountains', 'weather in Montreal'])('is none where it follows an answer: "%s" looks up nothing', async content => {
    const messages = [{ role: 'user', content: 'Write a letter.' }, { role: 'assistant', content: 'Dear all.' }, { role: 'user', content }]
    for (const classifier of [{}, { classifier: 'rules' }, { classifier: says('none') }] as const) {
      const on = await bench(classifier)
      const { text: answer, choice, receipt } = await (await on.run({ feature: 'ask', input: { messages } }, asJson)).json() as RunResult
      expect(choice).toMatchObject({ model: 'small', need: 'generate' })
      expect({ answer, status: receipt.status }).toEqual({ answer: 'One two three.', status: 'completed' })
    }
  })

  test('is estimated as it will be run', async () => {
    const on = await bench()
    const estimate = await (await on.post('/v1/estimate', { ...asked(missed), tier: 'eco', effort: 'none' })).json() as EstimateAnswer
    expect(estimate).toMatchObject({ choice: { tier: 'baseline', need: 'none' }, estimate: { ceiling: { usd: 0 } } })
  })
})

describe('a question that the page took for a look-up and the server takes for a text', () => {
  test('is answered with the quotes that were agreed to, and says so', async () => {
    const quoted = 'What is on the roof?'
    expect(classify(quoted).need).toBe('none')
    const on = await bench({ classifier: says('generate') })
    const { text: answer, receipt } = await (await agreedToQuotes(on, quoted)).json() as RunResult
    expect(answer).toBe('The café on the roof serves soup until four.')
    expect(receipt).toMatchObject({ status: 'completed', choice: { tier: 'baseline', need: 'generate', reasons: [{ code: 'agreed' }] }, cost: { usd: 0 } })
    expect(on.upstream.log).toEqual([])
  })

  test('is asked about anew where nothing quotes it', async () => {
    const on = await bench()
    expect(await problemOf(await agreedToQuotes(on, mistaken))).toMatchObject({ type: 'urn:sparing:ceiling-exceeded', estimate: { model: 'small' }, receipt: { status: 'failed', cost: { usd: 0 } } })
    expect(on.upstream.log).toEqual([])
  })

  test('is written within a ceiling that allows it', async () => {
    const on = await bench()
    const { receipt } = await (await on.run(asked(mistaken), asJson)).json() as RunResult
    expect(receipt.choice).toMatchObject({ model: 'small', need: 'generate' })
  })

  test('is refused where something was to be paid, only not enough', async () => {
    const on = await bench({ classifier: says('generate') })
    const { ceiling } = await on.ask(asked(mistaken)) as { ceiling: Estimate['ceiling'] }
    const less = { ...ceiling, usd: ceiling.usd! / 2 }
    const body = await on.ask(asked(mistaken))
    const problem = await problemOf(await on.post('/v1/run', { ...body, ceiling: less, optIn: optInFor(body, { ceiling: less, catalogVersion: 'v' }, noon) }, asJson))
    expect(problem).toMatchObject({ type: 'urn:sparing:ceiling-exceeded', estimate: { ceiling } })
  })

  test('is refused where quotes too are more than was agreed to', async () => {
    const on = await bench()
    const { ceiling } = await quotesShown(on, mistaken)
    const less = { ...ceiling, wh: ceiling.wh! / 2 }
    const body = await on.ask(asked(mistaken))
    const problem = await problemOf(await on.post('/v1/run', { ...body, ceiling: less, optIn: optInFor(body, { ceiling: less, catalogVersion: 'v' }, noon) }, asJson))
    expect(problem).toMatchObject({ type: 'urn:sparing:ceiling-exceeded' })
    expect(on.ledger.verbs).toEqual([])
  })

  test('is no reason to quote where the task is to write', async () => {
    const on = await bench()
    const body = await on.ask()
    const ceiling = { usd: 0, wh: 1, outputTokens: 40 }
    const problem = await problemOf(await on.post('/v1/run', { ...body, ceiling, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, noon) }, asJson))
    expect(problem).toMatchObject({ type: 'urn:sparing:ceiling-exceeded' })
  })

  test('asks anew where a standing opt-in is for quotes and the page showed a text', async () => {
    const on = await bench()
    const body = await on.ask(asked(mistaken))
    const { ceiling } = await quotesShown(on, mistaken)
    const optIn = { ...optInFor(body, { ceiling, catalogVersion: 'v' }, noon), scope: 'always' }
    expect(await problemOf(await on.post('/v1/run', { ...body, optIn }, asJson))).toMatchObject({ type: 'urn:sparing:opt-in-required', gap: 'ceiling' })
  })
})

describe('the host\'s own classifier', () => {
  test('decides in place of the trained one, for a run and its estimate', async () => {
    const on = await bench({ classifier: says('none') })
    const { receipt } = await (await on.run(asked('Explain how the roof was built and why.'), asJson)).json() as RunResult
    expect(receipt.choice).toMatchObject({ tier: 'baseline', need: 'none' })
  })

  test('is asked once for a run, and only of what may be a look-up', async () => {
    const classifier = vi.fn<Classifier>(says('generate'))
    const on = await bench({ classifier })
    await on.run()
    expect(classifier).not.toHaveBeenCalled()
    const body = await on.ask(asked(missed))
    classifier.mockClear()
    await on.post('/v1/run', body, asJson)
    expect(classifier.mock.calls).toEqual([[missed]])
  })

  test.each<[string, () => unknown]>([
    ['throws', () => { throw new SparingError('internal', missed) }],
    ['answers something else', () => ({ need: 'perhaps' })],
    ['answers nothing', () => undefined],
  ])('that %s leaves it to the few rules, and is told of once, without the question', async (_, classifier) => {
    const on = await bench({ classifier: classifier as Classifier })
    for (let time = 0; time < 2; time++) {
      const { receipt } = await (await on.run(asked(missed), asJson)).json() as RunResult
      expect(receipt.choice).toMatchObject({ model: 'small', need: 'generate' })
    }
    expect(on.errors).toHaveLength(1)
    expect(String(on.errors[0])).toMatch(/classifier does not answer/)
    expect(String(on.errors[0])).not.toContain(missed)
  })

  test('"rules" are a page\'s few', async () => {
    const on = await bench({ classifier: 'rules' })
    expect(await (await on.post('/v1/estimate', { ...asked(missed), tier: 'eco', effort: 'none' })).json()).toMatchObject({ choice: { need: 'generate' } })
    expect(await (await on.post('/v1/estimate', { ...asked(mistaken), tier: 'eco', effort: 'none' })).json()).toMatchObject({ choice: { need: 'none' } })
  })
})

test('weights that cannot be loaded leave it to the few rules, and are told of once', async () => {
  const errors: unknown[] = []
  const needs = keepNeeds({ features, onError: error => void errors.push(error), load: () => Promise.reject(new Error('no such file')) })
  expect(await needs.of(asked(missed))).toBe('generate')
  expect(await needs.of(asked(mistaken))).toBe('none')
  expect(errors.map(String)).toEqual([expect.stringMatching(/cannot be loaded/)])
})
