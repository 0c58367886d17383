import { StrictMode } from 'react'
import type { ReactNode } from 'react'
import { render } from 'vitest-browser-react'
import type { AI, AIOptions } from '../../../../src/client/index.ts'
import { defineFeatures } from '../../../../src/core/index.ts'
import { AIProvider } from '../../../../src/react/index.ts'
import type { AIProviderProps } from '../../../../src/react/index.ts'
import '../../../../src/react/styles.css'
import { baseline } from '../../../../src/server/index.ts'
import type { ModelSelectorOptions } from '../../../../src/server/index.ts'
import { createHarness, scriptedProvider } from '../../../../src/testing/index.ts'
import type { ScriptedProviderOptions } from '../../../../src/testing/index.ts'

export const features = defineFeatures({
  answer: { task: 'answer', baseline: 'search', tier: 'max', effort: 'high', maxInputTokens: 2_000, maxOutputTokens: 300 },
})

export const input = { text: 'Fetch can cancel a request: pass a signal, and call abort() when the component unmounts. The promise then rejects.', query: 'How do I cancel a request when the component unmounts?' }
export const lookUp = { text: `${input.text} The license of React is MIT.`, query: 'license of react' }

/** A look-up that its text does not answer. */
export const unanswered = { text: input.text, query: 'license of react' }

/** Says a little, and goes on when told to; ends at once when it is stopped. */
export function pausing() {
  let proceed!: () => void
  const gate = new Promise<void>(resolve => proceed = resolve)
  const script: ScriptedProviderOptions['script'] = async function* ({ signal }) {
    yield 'First, '
    await Promise.race([gate, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))])
    yield 'then the rest.'
  }
  return { script, proceed: () => proceed() }
}

export interface StageOptions {
  readonly script?: ScriptedProviderOptions['script']
  readonly extractive?: boolean
  readonly server?: Partial<ModelSelectorOptions>
  readonly client?: Partial<AIOptions>
  readonly provider?: Omit<AIProviderProps, 'ai'>
  readonly theme?: 'light' | 'dark'
}

/** A client and a server in the page, and a provider around what is to be tested: in StrictMode, as a host may have it. */
export async function stage({ script = ['Use an AbortController.'], extractive, server, client, provider: providerProps, theme = 'light' }: StageOptions = {}) {
  const provider = scriptedProvider({ models: { eco: ['gpt-4o-mini'], standard: ['gemini-2.5-flash'], max: ['gpt-5.1'] }, script })
  const { ai } = await createHarness({
    features,
    server: { providers: extractive ? [baseline()] : [baseline(), provider], owner: 'Acme', budgets: [{ id: 'user', per: 'day', limit: { usd: 1 } }], ...server },
    client: { subject: crypto.randomUUID(), budgets: [{ id: 'mine', per: 'day', limit: { usd: 0.02 } }], ...client as object },
  })
  await settled(ai)
  const wrapped = (children: ReactNode) => (
    <StrictMode>
      <div data-theme={theme} style={{ background: 'var(--sparing-background)', color: 'var(--sparing-text)', padding: 16 }}>
        <AIProvider ai={ai as AI} {...providerProps}>{children}</AIProvider>
      </div>
    </StrictMode>
  )
  const show = async (children: ReactNode) => {
    const screen = await render(wrapped(children))
    return { screen, rerender: (next: ReactNode) => screen.rerender(wrapped(next)) }
  }
  return { ai: ai as AI, provider, show, wrapped }
}

/** Budgets are read from storage. */
async function settled(ai: { budget: AI['budget'] }): Promise<void> {
  while (ai.budget.getState().agreement === 'loading') await pause(5)
}

export const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Until a press counts again after a change. */
export const calm = (): Promise<void> => pause(620)
