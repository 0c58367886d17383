import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { createAI } from 'sparing'
import type { AI, BudgetPolicy } from 'sparing'
import { AIProvider } from 'sparing/react'
import type { AIProviderProps } from 'sparing/react'
import { baseline, createModelSelector, defineFeatures } from 'sparing/server'
import type { ModelSelectorOptions } from 'sparing/server'
import { scriptedProvider } from 'sparing/testing'
import type { ScriptedProviderOptions } from 'sparing/testing'

/** What every story runs: an answer from documents, with a model selector in the page. */
const features = defineFeatures({
  answer: { task: 'answer', baseline: 'search', tier: 'max', effort: 'high', maxInputTokens: 2_000, maxOutputTokens: 300 },
})

export const article = {
  query: 'How do I cancel a request when the component unmounts?',
  text: 'Fetch has built-in support for cancellation through the AbortController API. Pass its signal and call abort() when the work is no longer wanted. '
    + 'The clean-up function runs before the effect runs again, and one last time when the component is removed. Cancel in it whatever the effect began.',
}

export const lookUp = { text: `${article.text} The license of React is MIT.`, query: 'license of react' }

/** A look-up that its text does not answer. */
export const unanswered = { text: article.text, query: 'license of react' }

const words = 'Create an AbortController, pass its signal with the request, and call abort() in the clean-up of the effect. '
  + 'The pending promise then rejects with an AbortError, which you can ignore.'

type Script = ScriptedProviderOptions['script']

export const scripts = {
  writes: words.split(/(?<= )/),
  /** Says half, and then nothing until it is stopped. */
  async *stalls({ signal }) {
    yield words.slice(0, 96)
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  },
  async *thinks({ signal }) {
    yield { type: 'reasoning', text: 'Let me see.' }
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  },
  async *fails() {
    yield 'Create an '
    throw new Error('The upstream broke off.')
  },
  long: Array.from({ length: 8 }, (_, index) => `${index + 1}. ${words}\n\n`),
} satisfies Record<string, Script>

export interface StageProps extends Omit<AIProviderProps, 'ai' | 'children'> {
  readonly script?: Script
  readonly models?: NonNullable<ScriptedProviderOptions['models']>
  /** Whether only quotes can be had. */
  readonly extractive?: boolean
  readonly server?: Partial<ModelSelectorOptions>
  readonly budgets?: readonly BudgetPolicy[]
  /** What the page is told of prices, as a part of the true ones. */
  readonly discount?: number
  /** A server that never answers. */
  readonly silent?: boolean
  readonly theme?: 'light' | 'dark'
  /** Done with the client before anything is shown. */
  readonly prepare?: (ai: AI) => void
  readonly children: ReactNode
}

/** The levels of the stories, with the prices and paces of real models. */
const levels: NonNullable<ScriptedProviderOptions['models']> = { eco: ['gpt-4o-mini'], standard: ['gemini-2.5-flash'], max: ['gpt-5.1'] }

const allowance: readonly BudgetPolicy[] = [{ id: 'mine', per: 'day', limit: { usd: 0.02 } }]

function createStage({ script = scripts.writes, models = levels, extractive, server, budgets = allowance, discount, silent, prepare }: StageProps) {
  const providers = extractive ? [baseline()] : [baseline(), scriptedProvider({ models, script })]
  const selector = createModelSelector({
    features, providers, owner: 'Acme', production: false, identify: () => ({ user: 'story' }),
    budgets: [{ id: 'user', per: 'day', limit: { usd: 1 } }], ...server,
  })
  const fetch = async (request: Request) => {
    if (silent) return new Promise<Response>(() => {})
    const response = await selector.fetch(request)
    return discount && request.url.endsWith('/catalog') ? cheaper(response, discount) : response
  }
  const ai = createAI({ modelSelector: { fetch }, features, budgets, subject: crypto.randomUUID() })
  prepare?.(ai)
  return ai
}

/** A catalog from before its prices rose. */
async function cheaper(response: Response, by: number): Promise<Response> {
  const catalog = await response.json() as { models: { price: Record<string, number> | null }[] }
  for (const { price } of catalog.models) {
    for (const kind in price) price[kind] = Math.round(price[kind]! * by)
  }
  return Response.json(catalog)
}

/** A page around a story, with a client of its own. */
export function Stage({ theme = 'light', children, ...options }: StageProps) {
  const [ai] = useState(() => createStage({ ...options, children }))
  useEffect(() => () => ai.close(), [ai])
  const { script: _, models: _7, extractive: _1, server: _2, budgets: _3, discount: _4, silent: _5, prepare: _6, ...provider } = options
  return (
    <div data-theme={theme} style={{ background: 'var(--sparing-background)', color: 'var(--sparing-text)', font: '16px/24px var(--sparing-font)', padding: 16, maxInlineSize: 656 }}>
      <AIProvider ai={ai} {...provider}>{children}</AIProvider>
    </div>
  )
}

/** Results as they stand under a control. */
export const Results = () => (
  <article>
    <h3 style={{ font: '600 18px/26px var(--sparing-font)', margin: 0, color: 'var(--sparing-link)' }}>Cancellation</h3>
    <p style={{ margin: 0 }}>Fetch (and hence Ky) has built-in support for request cancellation through the AbortController API.</p>
  </article>
)
