import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createAI, defineFeatures } from '../../../src/index.ts'
import type { AI, Partially, Run, RunState } from '../../../src/index.ts'
import { baseline, createModelSelector } from '../../../src/server/index.ts'
import type { ProviderPart } from '../../../src/server/index.ts'
import { objectReader } from '../../../src/client/object-reader.ts'
import { scriptedProvider } from '../../../src/testing/index.ts'
import { roomy } from './support.ts'

const features = defineFeatures({
  facts: { task: 'extract', baseline: 'form', tier: 'eco', maxInputTokens: 500, maxOutputTokens: 400, output: z.object({ title: z.string(), floors: z.int(), rooms: z.array(z.object({ name: z.string() })) }) },
  summary: { task: 'summarize', baseline: 'extract', tier: 'eco', maxInputTokens: 500, maxOutputTokens: 200 },
})

interface Facts {
  title: string
  floors: number
  rooms: { name: string }[]
}

const whole = { title: 'The "Old" caf\u00e9 \ud83c\udfdb', floors: 3, rooms: [{ name: 'Hall' }, { name: 'Attic' }] }
/** With every character that JSON can escape as an escape. */
const json = JSON.stringify(whole).replaceAll(/[\u0080-\uffff]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const stop: ProviderPart = { type: 'finish', reason: 'stop' }

/** A client whose model writes these pieces, one script for each call. */
async function writing(...scripts: (string | ProviderPart)[][]) {
  let call = 0
  const provider = scriptedProvider({ async *script() { yield* scripts[call++] ?? [] } })
  const selector = createModelSelector({ features, providers: [provider, baseline()], identify: () => ({ user: 'tester' }), onError: () => {} })
  const ai = createAI({ modelSelector: selector, features, budgets: roomy })
  onTestFinished(() => ai.close())
  await ai.refresh()
  return ai
}

/** Every state that differs from the one before in its text or its object. */
function statesOf(run: Run): Pick<RunState, 'text' | 'object'>[] {
  const states: Pick<RunState, 'text' | 'object'>[] = []
  run.subscribe(({ text, object }, before) => {
    if (text !== before.text || object !== before.object) states.push({ text, object })
  })
  return states
}

const input = 'The museum has three floors.'

describe('the object of a run', () => {
  test('of a short text is read with every piece, of a long one a few times a second, and whole at its end', () => {
    let now = 0
    const { read, readWhole } = objectReader(() => now)
    expect([read('["a'), read('["ab')]).toEqual([['a'], ['ab']])
    const long = `["${'x'.repeat(5_000)}`
    now = 1_000
    const before = read(long)
    now = 1_249
    expect(read(`${long}y`)).toBe(before)
    now = 1_250
    expect(read(`${long}yz`)).toEqual([`${'x'.repeat(5_000)}yz`])
    expect(readWhole(`${long}yz!"]`)).toEqual([`${'x'.repeat(5_000)}yz!`])
  })

  test('that broke off is as much of it as came, though it was not read for a while', async () => {
    const ai = await writing([`{"title":"${'x'.repeat(5_000)}`, 'y', 'z"', ',"floors":3,'])
    const run = ai.run('facts', { input, optIn: 'once' })
    await Promise.resolve(run).catch(() => {})
    expect(run.object).toEqual({ title: `${'x'.repeat(5_000)}yz`, floors: 3 })
  })

  test('grows as its text comes, wherever it is cut, and is never more than the whole', async () => {
    const ai = await writing([...json, stop])
    const run = ai.run('facts', { input, optIn: 'once' })
    const states = statesOf(run)
    const { object, text } = await run
    expect({ object, text }).toEqual({ object: whole, text: json })
    expect(run.object).toEqual(whole)
    const titles = states.map(state => (state.object as Partial<Facts> | undefined)?.title).filter(title => title !== undefined)
    expect(titles.every(title => whole.title.startsWith(title))).toBe(true)
    // Halves of an escape and of a character are nothing yet.
    expect(new Set(titles)).toEqual(new Set(['', ...Array.from(whole.title, (_, at) => Array.from(whole.title).slice(0, at + 1).join(''))]))
    const floors = states.map(state => (state.object as Partial<Facts> | undefined)?.floors)
    expect(new Set(floors)).toEqual(new Set([undefined, 3]))
  })

  test('is void with its text where the answer comes anew', async () => {
    const wrong = '{"title":"Old","floors":"three","rooms":[]}'
    const ai = await writing([wrong.slice(0, 12), wrong.slice(12), stop], [json.slice(0, 20), json.slice(20), stop])
    const run = ai.run('facts', { input, optIn: 'once' })
    const states = statesOf(run)
    const pieces: string[] = []
    for await (const piece of run) pieces.push(piece)
    const { object, text } = await run
    expect({ object, text }).toEqual({ object: whole, text: json })
    const at = states.findIndex((state, index) => index > 0 && state.text === '')
    expect(states[at]).toEqual({ text: '', object: undefined })
    expect(states[at - 1]).toEqual({ text: wrong, object: { title: 'Old', floors: 'three', rooms: [] } })
    expect(states[at + 1]!.object).toEqual({ title: whole.title.slice(0, 8) })
    expect(pieces.join('').endsWith(json)).toBe(true)
  })

  test('stays as far as it came where the run fails, and nothing passes for the whole', async () => {
    const wrong = '{"title":5}'
    const ai = await writing([wrong, stop], [wrong, stop])
    const run = ai.run('facts', { input, optIn: 'once' })
    await expect(run).rejects.toMatchObject({ code: 'upstream-failed' })
    expect(run.getState()).toMatchObject({ status: 'failed', object: { title: 5 } })
  })

  test('is unfinished where the ceiling cut it', async () => {
    const ai = await writing([json.slice(0, 40), { type: 'finish', reason: 'length' }])
    const run = ai.run('facts', { input, optIn: 'once' })
    expect(await run).toMatchObject({ object: undefined, receipt: { status: 'ceiling' } })
    expect(run.object).toHaveProperty('title')
  })

  test('is none of a feature without an output, whatever its text looks like', async () => {
    const ai = await writing(['{"title":', '"Old"}', stop])
    const run = ai.run('summary', { input, optIn: 'once' })
    const states = statesOf(run)
    expect(await run).toMatchObject({ text: '{"title":"Old"}', object: undefined })
    expect(states.length).toBeGreaterThan(0)
    expect(states.every(({ object }) => object === undefined)).toBe(true)
  })
})

test('an object is of the feature\'s type, and its parts may be missing until it is whole', () => {
  const ai = {} as AI<typeof features>
  expectTypeOf<Awaited<ReturnType<typeof ai.run<'facts'>>>['object']>().toEqualTypeOf<Facts | undefined>()
  expectTypeOf<ReturnType<typeof ai.run<'facts'>>['object']>().toEqualTypeOf<Partially<Facts> | undefined>()
  expectTypeOf<ReturnType<typeof ai.run<'summary'>>['object']>().toEqualTypeOf<undefined>()
  expectTypeOf<AI<typeof features>>().toExtend<AI>()
})
