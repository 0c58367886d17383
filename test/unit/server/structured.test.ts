import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import * as mini from 'zod/mini'
import { defineFeatures } from '../../../src/core/index.ts'
import type { Feature, OutputShape } from '../../../src/core/index.ts'
import { readPartialJson } from '../../../src/protocol/index.ts'
import type { RunResult } from '../../../src/protocol/index.ts'
import { baseline, createModelSelector } from '../../../src/server/index.ts'
import { outputSchemaOf } from '../../../src/server/output-schema.ts'
import type { Reply } from '../../fixtures/upstream.ts'
import { asJson, bench, features, partsOf, problemOf, receiptIn, text, textOf } from './support.ts'
import type { Bench } from './support.ts'

const good = ['{"opens": ', '"nine"', ', "floors": 3}']
const inTurn = (...replies: Reply[]) => () => replies.shift() ?? {}
const facts = { feature: 'facts' }
const result = async (on: Bench) => await (await on.run(facts, asJson)).json() as RunResult

describe('a feature with a shape of output', () => {
  test('gives an object, checked, after its text', async () => {
    const on = await bench({}, { deltas: good })
    const parts = await partsOf(await on.run(facts))
    expect(parts.map(({ type }) => type).slice(-3)).toEqual(['data-object', 'data-receipt', 'finish'])
    expect(parts.find(({ type }) => type === 'data-object')).toEqual({ type: 'data-object', data: { opens: 'nine', floors: 3 } })
    expect(readPartialJson(textOf(parts))).toEqual({ opens: 'nine', floors: 3 })
    expect(on.upstream.log).toHaveLength(1)
  })

  test('in a JSON answer beside its text', async () => {
    expect(await result(await bench({}, { deltas: good }))).toMatchObject({ text: good.join(''), object: { opens: 'nine', floors: 3 }, receipt: { status: 'completed' } })
  })

  test('asks the model\'s server for its schema, and tells the model of it', async () => {
    const on = await bench({}, { deltas: good })
    await partsOf(await on.run(facts))
    const { response_format: format, messages } = on.upstream.log[0]!.body
    expect(format).toMatchObject({ type: 'json_schema', json_schema: { name: 'facts', strict: true, schema: { type: 'object', required: ['opens', 'floors'], additionalProperties: false } } })
    expect(messages).toHaveLength(2)
    expect(messages![0]).toMatchObject({ role: 'system', content: expect.stringMatching(/word for word[^]*JSON[^]*"floors"/) })
  })

  test('the schema is in the estimate, so that it never breaks the ceiling', async () => {
    const on = await bench({ prompts: { facts: () => [{ role: 'user', content: 'What is in it?' }] } }, { deltas: good })
    expect(receiptIn(await partsOf(await on.run(facts))).status).toBe('completed')
    expect(on.upstream.log[0]!.body.messages).toMatchObject([{ role: 'system' }, { role: 'user', content: 'What is in it?' }])
    expect((await on.catalog()).features['facts']).toMatchObject({ structured: true })
  })

  test.each(['```json\n{"opens":"nine","floors":3}\n```', '\n {"opens":"nine","floors":3} \n', '```\n{"opens":"nine","floors":3}```', '\ufeff{"opens":"nine","floors":3}',
    'Here it is [1], as {you} asked:\n```json\n{"opens":"nine","floors":3}\n```\nAnything else?', 'It is {"opens":"nine","floors":3} as of [2].', 'Not {"opens": but "{" this: {"opens":"nine","floors":3}'])('takes JSON in the forms that models put it in: %j', async answer => {
    expect((await result(await bench({}, { deltas: [answer] }))).object).toEqual({ opens: 'nine', floors: 3 })
  })

  const right = '{"opens":"nine","floors":3}'
  test.each([
    ['a draft', `{"opens":"about half past nine","floors":2}\nCorrection: ${right}`], ['what it is not', `Not {"opens":"a quarter to ten","floors":33} but ${right}`],
    ['the schema', `{"type":"object","properties":{"opens":{"type":"string"},"floors":{"type":"integer"}},"required":["opens","floors"]}\n\n${right}`],
    ['a list', `As in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]: ${right}`], ['one that is wrong behind it', `${right} and not {"opens":9}`],
    ['many brackets', `${'{x} '.repeat(20)}${'[1] '.repeat(60)}${right}`], ['reasoning that was opened in the prompt', `{x} `.repeat(40) + `Draft: {"opens":"ten","floors":4}\n</think>\n${right}`],
    ['a tag in its words', `So: {"opens":"nine","floors":3}`.replace('nine', 'n</think>').replace('So', 'Here')],
  ])('takes the last object that fits, after %s', async (_, answer) => {
    const on = await bench({}, { deltas: [answer] })
    expect(await result(on)).toMatchObject({ object: { opens: answer.startsWith('Here') ? 'n</think>' : 'nine', floors: 3 } })
    expect(on.upstream.log).toHaveLength(1)
  })

  test('takes none that came before reasoning ended', async () => {
    const on = await bench({}, inTurn({ deltas: ['Draft: {"opens":"ten","floors":4} Hm.\n</think>\nSorry.'] }, { deltas: good }))
    expect(await result(on)).toMatchObject({ object: { opens: 'nine' } })
    expect(on.upstream.log).toHaveLength(2)
  })

  test('says what is wrong with the object, and not with a citation', async () => {
    const on = await bench({}, inTurn({ deltas: ['{"opens": 9} as of [2]'] }, { deltas: good }))
    await result(on)
    expect(on.upstream.log[1]!.body.messages!.at(-1)!.content).toMatch(/opens: .*string/)
  })

  test('a wrong answer is sent back once with what is wrong, and both are paid for', async () => {
    const on = await bench({}, inTurn({ deltas: ['{"opens": 9}'] }, { deltas: good }))
    const parts = await partsOf(await on.run(facts))
    expect(on.upstream.log).toHaveLength(2)
    expect(on.upstream.log[1]!.body.messages!.slice(-2)).toEqual([
      { role: 'assistant', content: '{"opens": 9}' },
      { role: 'user', content: expect.stringMatching(/opens: [^]*string[^]*floors: /) },
    ])
    const types = parts.map(({ type }) => type)
    expect(types.indexOf('data-repair')).toBeGreaterThan(types.indexOf('text-end'))
    expect(types.indexOf('data-repair')).toBeLessThan(types.lastIndexOf('text-start'))
    const receipt = receiptIn(parts)
    expect(receipt).toMatchObject({ status: 'completed', usage: { output: 4 } })
    expect(receipt.cost.usd).toBeLessThanOrEqual(receipt.estimate.ceiling.usd!)
    expect(on.ledger.verbs).toEqual(['reserve', 'settle'])
  })

  test('in a JSON answer only what came last is its text', async () => {
    expect(await result(await bench({}, inTurn({ deltas: ['Sure!'] }, { deltas: good })))).toMatchObject({ text: good.join(''), object: { floors: 3 } })
  })

  test('one that is wrong again has failed, and what it used was counted', async () => {
    const on = await bench({}, { deltas: ['{"opens": 9}'] })
    const response = await on.run(facts, asJson)
    expect(response.status).toBe(502)
    expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:upstream-failed', receipt: { status: 'failed', usage: { output: 2 } } })
    expect(on.upstream.log).toHaveLength(2)
    expect((await on.budgets())['runs']).toMatchObject({ settled: 1, held: 0 })
  })

  test('is not sent back where too little of the ceiling is left for it', async () => {
    const long = Array.from({ length: 120 }, (_, at) => `word${at} `)
    const on = await bench({}, { deltas: long })
    expect(receiptIn(await partsOf(await on.run(facts)))).toMatchObject({ status: 'failed', usage: { output: 120 } })
    expect(on.upstream.log).toHaveLength(1)
  })

  test('one that the ceiling cut ends without an object, and is no failure', async () => {
    const on = await bench({}, { deltas: ['{"opens":"', ...Array.from({ length: 300 }, () => 'very ')] })
    const parts = await partsOf(await on.run(facts))
    expect(receiptIn(parts).status).toBe('ceiling')
    expect(parts.map(({ type }) => type)).not.toContain('data-object')
    expect(on.upstream.log).toHaveLength(1)
  })

  test('a repair that fails is told, with what both consumed', async () => {
    const on = await bench({}, inTurn({ deltas: ['{}'] }, { status: 500 }))
    const parts = await partsOf(await on.run(facts))
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', usage: { output: 1 } })
    expect(parts.at(-1)).toMatchObject({ errorText: expect.stringContaining('500') })
  })

  test('is answered by no model that quotes: an object is not made of sentences', async () => {
    const on = await bench({}, { status: 429, headers: { 'retry-after': '60' } })
    const body = await on.ask(facts)
    expect(await problemOf(await on.post('/v1/run', { ...body, tier: 'baseline', effort: 'none', optIn: null, id: 'at-the-floor' }))).toMatchObject({ type: 'urn:sparing:no-model' })
    await partsOf(await on.run(facts))
    expect(await problemOf(await on.post('/v1/run', { ...body, id: 'while-it-is-down' }))).toMatchObject({ type: 'urn:sparing:no-model', detail: expect.stringContaining('out of order') })
  })

  test('other features ask for no format', async () => {
    const on = await bench()
    await partsOf(await on.run())
    expect(on.upstream.log[0]!.body).not.toHaveProperty('response_format')
  })

  test('what the shape makes of the answer is the object', async () => {
    const output = z.object({ opens: z.string().transform(word => word.length) })
    const on = await bench({ features: { ...features, facts: { ...features.facts, output } } }, { deltas: ['{"opens":"nine"}'] })
    expect((await result(on)).object).toEqual({ opens: 4 })
  })

  test('a check that throws fails the run, and only the operator hears why', async () => {
    const output = z.object({}).refine(() => { throw new Error('SECRET') })
    const on = await bench({ features: { ...features, facts: { ...features.facts, output } } }, { deltas: ['{}'] })
    const parts = await partsOf(await on.run(facts))
    expect(receiptIn(parts).status).toBe('failed')
    expect(JSON.stringify(parts)).not.toContain('SECRET')
    expect(on.errors).toEqual([expect.objectContaining({ message: 'SECRET' })])
  })
})

describe('the schema of a shape', () => {
  test('is the same of zod and of its mini form', () => {
    const full = outputSchemaOf('a', z.object({ name: z.string(), tags: z.array(z.string()) }))
    expect(outputSchemaOf('a', mini.object({ name: mini.string(), tags: mini.array(mini.string()) }))).toEqual(full)
    expect(full).toEqual({ name: 'a', strict: true, schema: { type: 'object', properties: { name: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } }, required: ['name', 'tags'], additionalProperties: false } })
  })

  test.each([
    ['all required', z.object({ a: z.string(), b: z.object({ c: z.nullable(z.number()) }) }), true],
    ['one that may be left out', z.object({ a: z.string(), b: z.optional(z.string()) }), false],
    ['one deeper that may be left out', z.object({ a: z.array(z.object({ b: z.optional(z.string()) })) }), false],
    ['open', z.looseObject({ a: z.string() }), false],
    ['a choice of shapes', z.object({ a: z.union([z.string(), z.object({ b: z.literal('c') })]) }), true],
    ['numbers, lists and choices', z.object({ a: z.int().min(1), b: z.array(z.enum(['x', 'y'])).max(3), c: z.uuid() }), true],
    ['a choice that is told apart', z.object({ a: z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]) }), false],
    ['names of any kind', z.object({ a: z.record(z.string(), z.number()) }), false],
    ['a list of fixed places', z.object({ a: z.tuple([z.string(), z.number()]) }), false],
    ['a list outermost', z.array(z.object({ a: z.string() })), false],
    ['a choice outermost', z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), false],
    ['an address', z.object({ a: z.url() }), false],
    ['a pattern that looks ahead', z.object({ a: z.string().regex(/^(?!x)/) }), false],
    ['an address of mail', z.object({ a: z.email() }), true],
    ['a length', z.object({ a: z.string().min(1) }), false],
    ['anything', z.object({ a: z.any() }), false],
  ])('with %s may be held to strictly or not', (_, shape, strict) => {
    expect(outputSchemaOf('a', shape).strict).toBe(strict)
  })

  test('names of features that servers do not take are changed', () => {
    expect(outputSchemaOf('docs.facts', z.object({})).name).toBe('docs_facts')
  })

  test('a library with the Standard JSON Schema is asked for it', () => {
    const shape: OutputShape = { '~standard': { version: 1, vendor: 'own', validate: value => ({ value }), jsonSchema: { input: () => ({ type: 'string' }) } } }
    expect(outputSchemaOf('a', shape).schema).toEqual({ type: 'string' })
  })

  const selector = (output: OutputShape) => () => createModelSelector({ features: { a: { ...features.summary, output } }, providers: [baseline()], identify: () => ({ user: 'ada' }) })
  test('one that cannot say itself as JSON Schema stops the server from starting', () => {
    expect(selector({ '~standard': { version: 1, vendor: 'own', validate: value => ({ value }) } })).toThrow(/"a" is a schema of "own"/)
    expect(selector(z.object({ when: z.date() }))).toThrow(/No JSON Schema can be made of the output of "a"/)
  })

  test('what is no schema is no feature', () => {
    expect(() => defineFeatures({ a: { ...features.summary, output: { type: 'object' } as never } satisfies Feature })).toThrow(/Standard Schema/)
  })
})

test('a text that is to be summarised is never taken for JSON', async () => {
  const on = await bench({}, { deltas: ['{"a":1}'] })
  const answer = await (await on.run({ input: { text } }, asJson)).json() as RunResult
  expect(answer).toMatchObject({ text: '{"a":1}' })
  expect(answer).not.toHaveProperty('object')
})
