import { describe, expect, test } from 'vitest'
import { baseline } from '../../../src/server/index.ts'
import { scriptedProvider } from '../../../src/testing/index.ts'
import { errorOf, hello, ready, setUp } from './support.ts'

const poem = [{ role: 'user', content: 'Write a poem about the sea.' }, { role: 'assistant', content: 'The sea is wide.' }] as const
const said = (content: string) => ({ role: 'user', content }) as const
/** What reads like a search, and in a conversation is none. */
const turns = ['shorter', 'in German', 'continue', 'And one about mountains', 'go on', 'yes please', 'do it again'].map(content => ({ messages: [...poem, said(content)] }))
const openings = ['Hello', 'Who are you?', 'vegan lasagne recipe', 'weather in Montreal'].map(content => ({ messages: [said(content)] }))
const cases = [...turns, ...openings].map(input => [input.messages.at(-1)!.content, input] as const)

describe('a turn of a conversation', () => {
  test.each(cases)('"%s" is answered, once and under a standing opt-in, for no more than was shown', async (_, input) => {
    const { ai, provider } = await setUp()
    const shown = ready(ai.estimate('think', { input }))
    expect(shown).toMatchObject({ tier: 'eco', model: 'scripted-eco' })
    expect(shown.ceiling.usd).toBeGreaterThan(0)
    const once = await ai.run('think', { input, optIn: 'once', estimate: shown })
    ai.optIn('think', { scope: 'session' })
    const standing = await ai.run('think', { input, trigger: 'user' })
    for (const { text, receipt } of [once, standing]) {
      expect({ text, status: receipt.status }).toEqual({ text: 'Hello', status: 'completed' })
      expect(receipt.cost.usd).toBeLessThanOrEqual(shown.ceiling.usd!)
    }
    expect(provider.calls).toHaveLength(2)
  })

  test.each(turns)('is no look-up where it follows an answer: $messages.2.content', async input => {
    const { ai } = await setUp()
    expect(ai.need('think', input)).toBe('generate')
  })

  test('is a look-up for quotes where the host looks elsewhere for them, which page and server know alike', async () => {
    const found = 'Montreal: 21 degrees.'
    const server = { providers: [scriptedProvider({ script: hello }), baseline({ features: { think: () => found } })] }
    const { ai } = await setUp({ server })
    const input = { messages: [said('weather in Montreal')] }
    expect(ready(ai.estimate('think', { input })).ceiling.usd).toBe(0)
    const { text, receipt } = await ai.run('think', { input, optIn: 'once' })
    expect({ text, usd: receipt.cost.usd }).toEqual({ text: found, usd: 0 })
    // What follows its answer is no look-up there either.
    expect((await ai.run('think', { input: { messages: [...poem, said('shorter')] }, optIn: 'once' })).text).toBe('Hello')
  })
})

test('a look-up that nothing quoted answers ends with what an answer costs, and never empty', async () => {
  const { ai, provider } = await setUp()
  const input = { text: 'The harbour was closed for three days.', query: 'opening hours of the museum' }
  expect(ready(ai.estimate('think', { input })).ceiling.usd).toBe(0)
  const error = await errorOf(ai.run('think', { input, optIn: 'once' }))
  expect(error).toMatchObject({ code: 'ceiling-exceeded', estimate: { model: 'scripted-eco' } })
  expect(provider.calls).toEqual([])
  const { estimate } = error as unknown as { estimate: ReturnType<typeof ready> }
  const { text, receipt } = await ai.run('think', { input, optIn: 'once', estimate })
  expect({ text, status: receipt.status }).toEqual({ text: 'Hello', status: 'completed' })
})
