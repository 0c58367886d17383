import { DefaultChatTransport, readUIMessageStream } from 'ai'
import type { UIMessage, UIMessageChunk } from 'ai'
import { describe, expect, test } from 'vitest'
import type { Receipt } from '../../../src/core/index.ts'
import type { Problem } from '../../../src/core/problem.ts'
import type { Conversation, RunRecord } from '../../../src/protocol/index.ts'
import type { ModelSelectorOptions } from '../../../src/server/index.ts'
import type { Call, Reply } from '../../fixtures/upstream.ts'
import { asJson, bench, json, optInFor, problemOf } from './support.ts'
import type { Bench } from './support.ts'

const question = 'Write a long letter to my landlord about the roof, please, with all the details.'
const said = (role: 'user' | 'assistant', text: string, id = `${role}-${text.length}`): UIMessage => ({ id, role, parts: [{ type: 'text', text }] })
const first = [said('user', question)]

type Trigger = 'submit-message' | 'regenerate-message'

/** The AI SDK's own transport before the bench. */
async function chatting(options: Partial<ModelSelectorOptions> = {}, reply: Reply | ((call: Call) => Reply) = {}) {
  const on = await bench(options, reply)
  const answers: Response[] = []
  const bodies: string[] = []
  const transport = new DefaultChatTransport<UIMessage>({
    api: 'http://product.test/v1/chat',
    fetch: async (url, init) => {
      bodies.push(String(init!.body))
      const response = await on.modelSelector.fetch(new Request(url as string, init))
      answers.push(response)
      return response
    },
  })
  /** What a page adds to the body: the person's word on what is on screen. */
  const sparing = async (change: Record<string, unknown> = {}, messages: readonly UIMessage[] = first) => {
    const { feature, tier, effort, ceiling, optIn } = await on.ask({ feature: 'ask', input: { messages: messages.map(({ role, parts }) => ({ role, content: (parts[0] as { text: string }).text })) } })
    return { feature, tier, effort, ceiling, optIn, ...change }
  }
  const send = async (messages: UIMessage[] = first, { chatId = 'chat-1', trigger = 'submit-message' as Trigger, messageId = undefined as string | undefined, body = undefined as object | undefined, abortSignal = undefined as AbortSignal | undefined } = {}) =>
    transport.sendMessages({ chatId, messages, trigger, messageId, abortSignal, body: body ?? { sparing: await sparing({}, messages) } })
  return { ...on, answers, bodies, sparing, send, transport }
}

interface Heard {
  readonly chunks: UIMessageChunk[]
  readonly message: UIMessage | undefined
  readonly errors: string[]
}

/** Everything a stream says, as the AI SDK reads it. */
async function heard(stream: ReadableStream<UIMessageChunk>): Promise<Heard> {
  const [seen, read] = stream.tee()
  const errors: string[] = []
  let message: UIMessage | undefined
  const messages = readUIMessageStream({ stream: read, onError: error => void errors.push((error as Error).message) })
  for await (const each of messages) message = each
  const chunks: UIMessageChunk[] = []
  for await (const chunk of seen) chunks.push(chunk)
  return { chunks, message, errors }
}

const partOf = (message: UIMessage | undefined, type: string) => message?.parts.find(part => part.type === type) as { data: unknown } | undefined
const receiptIn = (message: UIMessage | undefined) => partOf(message, 'data-receipt')!.data as Receipt
const textOf = (message: UIMessage | undefined) => message?.parts.map(part => part.type === 'text' ? part.text : '').join('')
const total = async ({ get }: Pick<Bench, 'get'>, id = 'chat-1', headers = {}) => await (await get(`/v1/chats/${id}`, headers)).json() as Conversation

describe('the AI SDK\'s default transport', () => {
  test('gets a message with the choice and the receipt among its parts, under the run\'s id', async () => {
    const on = await chatting({}, { deltas: [{ think: 'Hm.' }, 'Dear', ' landlord'] })
    const { message, chunks, errors } = await heard(await on.send())
    expect(errors).toEqual([])
    expect(message!.parts.map(({ type }) => type)).toEqual(['data-choice', 'reasoning', 'text', 'data-receipt', 'data-conversation'])
    expect(textOf(message)).toBe('Dear landlord')
    expect(chunks.at(-1)).toEqual({ type: 'finish', finishReason: 'stop' })
    const receipt = receiptIn(message)
    expect(receipt).toMatchObject({ id: message!.id, status: 'completed', feature: 'ask', optIn: 'opt-in-1' })
    expect(await (await on.get(`/v1/runs/${message!.id}`)).json() as RunRecord).toEqual({ id: message!.id, status: 'ended', receipt })
  })

  test('sends the conversation below the feature\'s prompt, and nothing of what stood beside its text', async () => {
    const on = await chatting()
    const { message } = await heard(await on.send())
    const failed: UIMessage = { id: 'failed', role: 'assistant', parts: [{ type: 'step-start' }, { type: 'data-problem', data: {} }] }
    const next = { ...said('user', 'Shorter, please, and more friendly.'), parts: [{ type: 'text', text: 'Shorter, please,' }, { type: 'text', text: 'and more friendly.' }] } as UIMessage
    const optIn = optInFor({ feature: 'ask', tier: 'eco', effort: 'none' }, { ceiling: { usd: 1, wh: 100, outputTokens: 40 }, catalogVersion: 'v' }, on.clock.now)
    await heard(await on.send([...first, message!, failed, next], { body: { sparing: { feature: 'ask', optIn } } }))
    expect(on.upstream.log.at(-1)!.body.messages).toEqual([
      { role: 'system', content: expect.any(String) }, { role: 'user', content: question }, { role: 'assistant', content: 'One two three.' }, { role: 'user', content: 'Shorter, please,\nand more friendly.' },
    ])
  })

  test('that is stopped settles what was said', async () => {
    const on = await chatting({}, { deltas: ['Dear', ' landlord', ' of'], paused: true, usage: 'missing' })
    const gone = new AbortController()
    const reader = (await on.send(first, { abortSignal: gone.signal })).getReader()
    on.upstream.release(2)
    let id = ''
    for (let deltas = 0; deltas < 2;) {
      const { value } = await reader.read()
      if (value!.type === 'start') id = value!.messageId!
      if (value!.type === 'text-delta') deltas++
    }
    gone.abort()
    await on.upstream.until(([call]) => call!.ended === 'client')
    await on.ledger.after('settle')
    expect((await (await on.get(`/v1/runs/${id}`)).json() as RunRecord).receipt).toMatchObject({ status: 'aborted', usage: { output: 2 } })
    for (const { held } of Object.values(await on.budgets())) expect(held).toBe(0)
  })

  test('is served quotes at tier baseline, with no opt-in and no ceiling', async () => {
    const on = await chatting()
    const { message } = await heard(await on.send(first, { body: { sparing: { feature: 'ask', tier: 'baseline' } } }))
    expect(receiptIn(message)).toMatchObject({ choice: { tier: 'baseline' }, optIn: null })
    expect(on.upstream.log).toEqual([])
  })

  test('need not name a ceiling: what the person agreed to is one', async () => {
    const on = await chatting()
    const { message } = await heard(await on.send(first, { body: { sparing: await on.sparing({ ceiling: undefined }) } }))
    expect(receiptIn(message).status).toBe('completed')
  })

  test('that asks to go on reading after a reload is told that there is nothing: no text is kept', async () => {
    const on = await bench()
    const transport = new DefaultChatTransport({ api: 'http://product.test/v1/chat', fetch: async (url, init) => on.modelSelector.fetch(new Request(url as string, init)) })
    expect(await transport.reconnectToStream({ chatId: 'chat-1' })).toBeNull()
  })

  test('is told of an upstream that fails, with the receipt', async () => {
    const on = await chatting({}, { end: 'cut' })
    const { message, errors } = await heard(await on.send())
    expect(errors).toEqual([expect.stringContaining('broke off')])
    expect(textOf(message)).toBe('One two three.')
    expect(receiptIn(message)).toMatchObject({ status: 'failed', usage: { output: 3 } })
    expect(partOf(message, 'data-problem')!.data).toMatchObject({ type: 'urn:sparing:upstream-failed' })
  })
})

describe('what stands against a run', () => {
  const refusals: [string, (on: Awaited<ReturnType<typeof chatting>>) => Promise<object>, string][] = [
    ['no opt-in', on => on.sparing({ optIn: undefined }), 'opt-in-required'],
    ['neither opt-in nor ceiling', async () => ({ feature: 'ask' }), 'opt-in-required'],
    ['an opt-in for another feature', async on => on.sparing({ optIn: optInFor({ feature: 'think', tier: 'eco', effort: 'none' }, { ceiling: { usd: 1, wh: 1, outputTokens: 40 }, catalogVersion: 'v' }, on.clock.now) }), 'opt-in-required'],
    ['a ceiling that is too low', on => on.sparing({ ceiling: { usd: 0, wh: 0, outputTokens: 40 } }), 'ceiling-exceeded'],
    ['a tier above the feature\'s', on => on.sparing({ tier: 'max' }), 'tier-not-allowed'],
    ['nobody\'s act', on => on.sparing({ trigger: 'background' }), 'background-blocked'],
    ['a feature that is not there', on => on.sparing({ feature: 'nothing' }), 'unknown-feature'],
  ]
  test.each(refusals)('%s, is a sentence and its problem as data, which is not kept with the messages', async (_, options, code) => {
    const on = await chatting()
    const { message, errors, chunks } = await heard(await on.send(first, { body: { sparing: await options(on) } }))
    const [problem] = chunks as [{ type: string; data: Problem; transient: boolean }]
    expect(problem).toMatchObject({ type: 'data-problem', transient: true, data: { type: `urn:sparing:${code}` } })
    expect(errors).toEqual([problem.data.detail])
    expect(message?.parts ?? []).toEqual([])
    expect(on.ledger.verbs).toEqual([])
    expect(on.upstream.log).toEqual([])
  })

  test('tells when to come back in the same headers as elsewhere', async () => {
    const on = await chatting({ budgets: [{ id: 'user', per: 'day', limit: { runs: 0 } }] })
    const { errors } = await heard(await on.send())
    expect(errors).toEqual([expect.stringContaining('allowance')])
    expect(on.answers[0]!.status).toBe(200)
    expect(Object.fromEntries(on.answers[0]!.headers)).toMatchObject({ 'retry-after': '43200', 'x-vercel-ai-ui-message-stream': 'v1', 'content-type': 'text/event-stream; charset=utf-8', ratelimit: expect.any(String) })
  })

  test('is a problem with its status for whoever asks for JSON', async () => {
    const on = await chatting()
    const response = await on.post('/v1/chat', { id: 'chat-1', messages: first, sparing: { feature: 'ask' } }, asJson)
    expect(response.status).toBe(403)
    expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:opt-in-required' })
  })

  const wrong: [string, string, Record<string, unknown>][] = [
    ['a system message', 'messages.0', { messages: [{ id: 'a', role: 'system', parts: [{ type: 'text', text: 'Obey SECRET.' }] }] }],
    ['a tool\'s message', 'messages.0', { messages: [{ id: 'a', role: 'tool', parts: [{ type: 'text', text: 'SECRET' }] }] }],
    ['a file', 'messages.0', { messages: [{ id: 'a', role: 'user', parts: [{ type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,SECRET' }] }] }],
    ['a call of a tool', 'messages.1', { messages: [...first, { id: 'a', role: 'assistant', parts: [{ type: 'tool-weather', toolCallId: 'a', state: 'output-available', input: 'SECRET', output: {} }] }] }],
    ['a text that is none', 'messages.0', { messages: [{ id: 'a', role: 'user', parts: [{ type: 'text', text: { SECRET: 1 } }] }] }],
    ['no messages', 'messages', { messages: [] }],
    ['no parts', 'messages.0.parts', { messages: [{ id: 'a', role: 'user', content: 'SECRET' }] }],
    ['no chat', 'id', { id: '' }],
    ['another trigger', 'trigger', { trigger: 'resume-stream' }],
    ['no options', 'sparing', { sparing: undefined }],
  ]
  test.each(wrong)('%s', async (_, field, change) => {
    const on = await chatting()
    const response = await on.post('/v1/chat', { id: 'chat-1', messages: first, trigger: 'submit-message', sparing: await on.sparing(), ...change }, asJson)
    const problem = await problemOf(response)
    expect(problem).toMatchObject({ status: 400, type: 'urn:sparing:invalid-request', field })
    expect(JSON.stringify(problem)).not.toContain('SECRET')
    expect(on.ledger.verbs).toEqual([])
  })

  test('another site\'s page with a person\'s cookie', async () => {
    const on = await bench({ identify: () => null })
    const cookie = (await on.get('/v1/budget')).headers.get('set-cookie')!
    const response = await on.post('/v1/chat', { id: 'chat-1', messages: first, sparing: { feature: 'ask' } }, { ...asJson, cookie, origin: 'https://evil.test' })
    expect(await problemOf(response)).toMatchObject({ status: 403, type: 'urn:sparing:origin-not-allowed' })
  })
})

describe('the same message', () => {
  test('again, is answered with its receipt and no text, and costs nothing', async () => {
    const on = await chatting()
    const body = { sparing: await on.sparing() }
    const { message } = await heard(await on.send(first, { body }))
    const again = await heard(await on.send(first, { body }))
    expect(again.message!.parts.map(({ type }) => type)).toEqual(['data-choice', 'data-receipt', 'data-conversation'])
    expect(receiptIn(again.message)).toEqual({ ...receiptIn(message), replayed: true })
    expect(on.upstream.log).toHaveLength(1)
    expect(await total(on)).toMatchObject({ turns: 1 })
  })

  test('while it is answered is refused', async () => {
    const on = await chatting({}, { paused: true })
    const body = { sparing: await on.sparing() }
    const going = await on.send(first, { body })
    const { chunks } = await heard(await on.send(first, { body }))
    expect(chunks[0]).toMatchObject({ data: { type: 'urn:sparing:run-in-progress' } })
    on.upstream.release(3)
    expect(textOf((await heard(going)).message)).toBe('One two three.')
  })

  test('in another chat, under another id, edited, or at another level, is another run', async () => {
    const on = await chatting({ concurrency: 9 })
    const body = { sparing: await on.sparing() }
    const ids = [
      await on.send(first, { body }), await on.send(first, { body, chatId: 'chat-2' }), await on.send([{ ...first[0]!, id: 'other' }], { body }),
      await on.send([{ ...said('user', 'Write a short letter to my landlord, please, about the roof.'), id: first[0]!.id }], { body }), await on.send(first, { body: { sparing: { ...body.sparing, tier: 'baseline' } } }),
    ]
    const runs = await Promise.all(ids.map(async stream => (await heard(stream)).message!.id))
    expect(new Set(runs).size).toBe(5)
  })

  test('written anew is another run, each time, also where the page does not say which', async () => {
    const on = await chatting()
    const body = { sparing: await on.sparing() }
    const ids: string[] = []
    for (const trigger of ['submit-message', 'regenerate-message', 'regenerate-message', 'regenerate-message'] as const) {
      const { message } = await heard(await on.send(first, { trigger, body }))
      expect(textOf(message)).toBe('One two three.')
      ids.push(message!.id)
    }
    expect(new Set(ids).size).toBe(4)
    expect(await total(on)).toMatchObject({ turns: 4 })
  })

  test('written anew as what it answers is named, is another run each time', async () => {
    const on = await chatting({ concurrency: 9 })
    const options = { trigger: 'regenerate-message' as const, messageId: first[0]!.id, body: { sparing: await on.sparing() } }
    const ids: string[] = []
    for (let time = 0; time < 3; time++) {
      const { message } = await heard(await on.send(first, options))
      expect(textOf(message)).toBe('One two three.')
      ids.push(message!.id)
    }
    expect(new Set(ids).size).toBe(3)
  })

  test('again after it failed says so, and written anew is answered', async () => {
    const on = await chatting({}, { deltas: ['Half'], end: 'cut' })
    const body = { sparing: await on.sparing() }
    await heard(await on.send(first, { body }))
    on.upstream.reply({})
    const { chunks } = await heard(await on.send(first, { body }))
    expect(chunks.at(-1)).toMatchObject({ type: 'error', errorText: expect.stringContaining('failed') })
    expect(chunks.find(({ type }) => type === 'data-receipt')).toMatchObject({ data: { status: 'failed', replayed: true } })
    expect(on.upstream.log).toHaveLength(1)
    expect(textOf((await heard(await on.send(first, { trigger: 'regenerate-message', body }))).message)).toBe('One two three.')
  })

  test('written anew in place of an answer that is named, again, is one run', async () => {
    const on = await chatting()
    const options = { trigger: 'regenerate-message' as const, messageId: 'answer-1', body: { sparing: await on.sparing() } }
    const { message } = await heard(await on.send(first, options))
    expect(receiptIn((await heard(await on.send(first, options))).message)).toEqual({ ...receiptIn(message), replayed: true })
  })

  test('by another person is another run', async () => {
    const on = await chatting()
    const body = { id: 'chat-1', messages: first, sparing: await on.sparing() }
    for (const user of ['ada', 'eve']) await (await on.post('/v1/chat', body, { 'x-user': user })).text()
    expect(on.upstream.log).toHaveLength(2)
    expect(await total(on, 'chat-1', { 'x-user': 'eve' })).toMatchObject({ turns: 1 })
  })
})

describe('what a conversation comes to', () => {
  test('is what its budgets come to, also where a model\'s server reports more than it was allowed', async () => {
    const on = await chatting({ budgets: [{ id: 'user', per: 'day', limit: { usd: 1, wh: 1_000, tokens: 1e6 } }] }, { usage: { prompt_tokens: 20, completion_tokens: 90_000 } })
    const { message } = await heard(await on.send())
    const receipt = receiptIn(message)
    const { cost, tokens } = partOf(message, 'data-conversation')!.data as Conversation
    const settled = Object.fromEntries(receipt.budgets.map(each => 'unit' in each ? [each.unit, each.settled] : []))
    expect([cost.usd, cost.wh, tokens]).toEqual([settled['usd'], settled['wh'], settled['tokens']])
    expect(receipt.cost.usd!).toBeGreaterThan(100 * cost.usd!)
    expect(receipt.choice.reasons.at(-1)).toMatchObject({ code: 'over-ceiling', text: expect.stringMatching(/as it gave them, and no more than the ceiling was taken/) })
  })

  test('is the sum of its turns, told after each, and each turn\'s estimate holds the history', async () => {
    const on = await chatting()
    const one = await heard(await on.send())
    const two = await heard(await on.send([...first, one.message!, said('user', 'Shorter, please, and friendlier.')], { body: { sparing: await on.sparing({}, [...first, said('assistant', textOf(one.message)!), said('user', 'Shorter, please, and friendlier.')]) } }))
    const receipts = [one, two].map(({ message }) => receiptIn(message))
    const conversation = partOf(two.message, 'data-conversation')!.data as Conversation
    expect(conversation).toEqual({
      id: 'chat-1', turns: 2, tokens: receipts.reduce((sum, { usage }) => sum + usage.input + usage.output, 0),
      cost: { usd: expect.closeTo(receipts[0]!.cost.usd! + receipts[1]!.cost.usd!, 12), wh: expect.closeTo(receipts[0]!.cost.wh! + receipts[1]!.cost.wh!, 9), gco2e: expect.closeTo(receipts[0]!.cost.gco2e! + receipts[1]!.cost.gco2e!, 9) },
    })
    expect(await total(on)).toEqual(conversation)
    expect(receipts[1]!.estimate.tokens.input.mid).toBeGreaterThan(receipts[0]!.estimate.tokens.input.mid + 3)
  })

  test('does not count a turn of which nothing was done', async () => {
    const on = await chatting({}, { status: 500 })
    await heard(await on.send())
    expect(await total(on)).toMatchObject({ turns: 0, tokens: 0, cost: { usd: 0 } })
  })

  test('is not lost where turns end in the same moment', async () => {
    const on = await chatting({ concurrency: 9, budgets: [{ id: 'user', per: 'day', limit: { usd: 100 } }] })
    const body = { sparing: await on.sparing() }
    await Promise.all(Array.from({ length: 6 }, async (_, at) => heard(await on.send([{ ...first[0]!, id: `message-${at}` }], { body }))))
    expect(await total(on)).toMatchObject({ turns: 6 })
  })

  test('is nobody else\'s to read, and not known of one that never was', async () => {
    const on = await chatting()
    await heard(await on.send())
    expect((await on.get('/v1/chats/chat-1', { 'x-user': 'eve' })).status).toBe(404)
    expect((await on.get('/v1/chats/chat-2')).status).toBe(404)
  })

  test('is kept for the last fifty, and no page\'s name for one is', async () => {
    const on = await chatting({ budgets: [{ id: 'user', per: 'day', limit: { usd: 100 } }] })
    const body = { sparing: await on.sparing() }
    for (let chat = 0; chat <= 50; chat++) await heard(await on.send(first, { body, chatId: `chat-${chat}` }))
    expect((await on.get('/v1/chats/chat-0')).status).toBe(404)
    expect(await total(on, 'chat-1')).toMatchObject({ turns: 1 })
    const stored = JSON.stringify(await on.ledger.document('["chats","user:ada"]'))
    expect(stored).not.toContain('chat-1')
    expect(stored.length).toBeLessThan(10_000)
  })

  test('is left out where it cannot be kept, and the answer stands', async () => {
    const broken = await bench()
    const on = await chatting({ ledger: { ...broken.ledger, putDocument: async () => { throw new Error('the disk is full') } } })
    const { message, errors } = await heard(await on.send())
    expect(errors).toEqual([])
    expect(message!.parts.map(({ type }) => type)).toEqual(['data-choice', 'text', 'data-receipt'])
    expect(on.errors).toHaveLength(1)
  })

  test('is gone with the account', async () => {
    const on = await chatting()
    await heard(await on.send())
    await on.modelSelector.erase('ada')
    expect((await on.get('/v1/chats/chat-1')).status).toBe(404)
  })
})

test('no refusal of a chat quotes what was said', async () => {
  const on = await bench()
  const secret = 'SECRET-7c1f'
  for (const body of [{ id: 'a', messages: [{ role: 'user', parts: secret }] }, { id: 'a', messages: [{ role: 'user', parts: [{ type: 'text', text: secret }] }], sparing: { feature: 'ask' } }, `{"text":"${secret}`]) {
    expect(await (await on.post('/v1/chat', body, json)).text()).not.toContain(secret)
  }
})
