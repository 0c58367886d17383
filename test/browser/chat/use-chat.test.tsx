import { useChat } from '@ai-sdk/react'
import { DefaultChatTransport } from 'ai'
import type { UIMessage } from 'ai'
import { useState } from 'react'
import { expect, onTestFinished, test } from 'vitest'
import { render } from 'vitest-browser-react'
import { defineFeatures } from '../../../src/core/index.ts'
import type { OptIn, Receipt } from '../../../src/core/index.ts'
import type { Problem } from '../../../src/core/problem.ts'
import type { Conversation, EstimateAnswer } from '../../../src/protocol/index.ts'
import { createModelSelector } from '../../../src/server/index.ts'
import type { ModelSelectorOptions } from '../../../src/server/index.ts'
import { scriptedProvider } from '../../../src/testing/index.ts'
import type { ScriptedProviderOptions } from '../../../src/testing/index.ts'

const features = defineFeatures({ talk: { task: 'chat', baseline: 'form', tier: 'eco', maxOutputTokens: 60 } })
const question = 'Write a long letter to my landlord about the roof, please, with all the details.'

type Data = { receipt: Receipt; conversation: Conversation; problem: Problem }

/** A server in the page, and a page with the AI SDK's hook as its documentation has it. */
async function stage(script: ScriptedProviderOptions['script'], options: Partial<ModelSelectorOptions> = {}) {
  const provider = scriptedProvider({ models: { eco: ['gpt-4o-mini'] }, script })
  const modelSelector = createModelSelector({ features, providers: [provider], identify: () => ({ user: 'ada' }), ...options })
  onTestFinished(() => modelSelector.close())
  const fetch = async (url: RequestInfo | URL, init?: RequestInit) => modelSelector.fetch(new Request(new URL(String(url), location.href), init))
  const agreed = await standingOptIn(fetch)
  const problems: Problem[] = []
  const told = (problem: Problem) => void problems.push(problem)
  const screen = await render(<Chat transport={new DefaultChatTransport({ api: '/v1/chat', fetch })} agreed={agreed} told={told} />)
  return { screen, provider, problems, fetch }
}

/** What a person agreed to at a control, from the server's own estimate. */
async function standingOptIn(fetch: typeof globalThis.fetch): Promise<OptIn> {
  const answer = await fetch('/v1/estimate', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ feature: 'talk', input: { text: question.repeat(20) } }) })
  const { estimate } = await answer.json() as EstimateAnswer
  return { id: 'opt-in-1', feature: 'talk', scope: 'session', tier: 'eco', effort: 'none', ceiling: estimate.ceiling, catalogVersion: estimate.catalogVersion, at: Date.now(), lapsesAt: null, origin: 'control' }
}

function Chat({ transport, agreed, told }: { transport: DefaultChatTransport<UIMessage<unknown, Data>>; agreed: OptIn; told: (problem: Problem) => void }) {
  const [optIn, setOptIn] = useState<OptIn | null>(null)
  const { messages, sendMessage, regenerate, stop, status, error } = useChat<UIMessage<unknown, Data>>({ transport, onData: part => { if (part.type === 'data-problem') told(part.data) } })
  const body = { sparing: { feature: 'talk', optIn } }
  return (
    <main>
      <button type="button" onClick={() => setOptIn(agreed)}>Agree</button>
      <button type="button" onClick={() => sendMessage({ text: question }, { body })}>Send</button>
      <button type="button" onClick={() => regenerate({ body })}>Again</button>
      <button type="button" onClick={() => stop()}>Stop</button>
      <output aria-label="status">{status}</output>
      <p role="alert">{error?.message}</p>
      {messages.map(message => <Message key={message.id} {...message} />)}
    </main>
  )
}

function Message({ role, parts }: UIMessage<unknown, Data>) {
  const text = parts.map(part => part.type === 'text' ? part.text : '').join('')
  const notes = parts.map(part => {
    switch (part.type) {
      case 'data-receipt': return `${part.data.status}, ${part.data.choice.model}`
      case 'data-conversation': return `, turn ${part.data.turns}`
      default: return ''
    }
  })
  return <article aria-label={role}><p>{text}</p><footer>{notes.join('')}</footer></article>
}

test('useChat shows an answer as it comes, with its receipt, and the conversation\'s turns', async () => {
  let proceed!: () => void
  const gate = new Promise<void>(resolve => proceed = resolve)
  const { screen } = await stage(async function* () {
    yield 'Dear'
    await gate
    yield ' landlord'
    yield { type: 'finish', reason: 'stop' }
  })
  await screen.getByRole('button', { name: 'Agree' }).click()
  await screen.getByRole('button', { name: 'Send' }).click()
  const answer = screen.getByRole('article', { name: 'assistant' })
  await expect.element(answer.getByText('Dear', { exact: true })).toBeVisible()
  await expect.element(screen.getByLabelText('status')).toHaveTextContent('streaming')
  proceed()
  await expect.element(answer.getByText('Dear landlord')).toBeVisible()
  await expect.element(answer.getByText('completed, gpt-4o-mini, turn 1')).toBeVisible()
  await expect.element(screen.getByLabelText('status')).toHaveTextContent('ready')
  await screen.getByRole('button', { name: 'Send' }).click()
  await expect.element(screen.getByText(/turn 2$/)).toBeVisible()
  expect(screen.getByRole('article').elements().map(({ ariaLabel }) => ariaLabel)).toEqual(['user', 'assistant', 'user', 'assistant'])
})

test('useChat shows a refusal as a sentence, keeps no empty answer, and goes on once the person agreed', async () => {
  const { screen, problems, provider } = await stage(['Dear landlord', { type: 'finish', reason: 'stop' }])
  await screen.getByRole('button', { name: 'Send' }).click()
  await expect.element(screen.getByText(/^Nobody opted in to it\./)).toBeVisible()
  expect(screen.getByRole('article').elements()).toHaveLength(1)
  expect(problems).toEqual([expect.objectContaining({ type: 'urn:sparing:opt-in-required', gap: 'missing' })])
  expect(provider.calls).toEqual([])
  await screen.getByRole('button', { name: 'Agree' }).click()
  await screen.getByRole('button', { name: 'Again' }).click()
  await expect.element(screen.getByText('Dear landlord')).toBeVisible()
  await expect.element(screen.getByRole('alert')).toBeEmptyDOMElement()
})

test('useChat has an answer written anew, again and again', async () => {
  let answers = 0
  const { screen, provider } = await stage(async function* () {
    yield `Answer ${++answers}.`
    yield { type: 'finish', reason: 'stop' }
  })
  await screen.getByRole('button', { name: 'Agree' }).click()
  await screen.getByRole('button', { name: 'Send' }).click()
  await expect.element(screen.getByText(/turn 1$/)).toBeVisible()
  for (const turn of [2, 3]) {
    await screen.getByRole('button', { name: 'Again' }).click()
    await expect.element(screen.getByText(new RegExp(`turn ${turn}$`))).toBeVisible()
    expect(screen.getByText(`Answer ${turn}.`).elements()).toHaveLength(1)
  }
  expect(provider.calls).toHaveLength(3)
  expect(screen.getByRole('article').elements()).toHaveLength(2)
})

test('useChat that is stopped stops the model, and what was said is settled', async () => {
  let stopped!: () => void
  const stop = new Promise<void>(resolve => stopped = resolve)
  const { screen, fetch } = await stage(async function* ({ signal }) {
    signal.addEventListener('abort', () => stopped())
    yield 'Dear'
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  await screen.getByRole('button', { name: 'Agree' }).click()
  await screen.getByRole('button', { name: 'Send' }).click()
  await expect.element(screen.getByText('Dear', { exact: true })).toBeVisible()
  await screen.getByRole('button', { name: 'Stop' }).click()
  await stop
  await expect.element(screen.getByLabelText('status')).toHaveTextContent('ready')
  const runs = async () => ((await (await fetch('/v1/budget')).json()) as { budgets: { unit: string; settled: number; held: number }[] }).budgets.find(({ unit }) => unit === 'runs')
  await expect.poll(runs).toMatchObject({ settled: 1, held: 0 })
})

test('useChat shows a budget that is used up', async () => {
  const { screen, problems } = await stage(['Dear landlord'], { budgets: [{ id: 'user', per: 'day', limit: { runs: 0 } }] })
  await screen.getByRole('button', { name: 'Agree' }).click()
  await screen.getByRole('button', { name: 'Send' }).click()
  await expect.element(screen.getByText(/^The allowance for this is used up/)).toBeVisible()
  expect(problems).toEqual([expect.objectContaining({ status: 429, resetsAt: expect.any(Number) })])
})
