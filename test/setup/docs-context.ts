/**
 * What the examples of README and of the documentation pages may use without declaring it: the
 * names they share. An example that declares one of them itself means its own.
 */
export const docsContext = `
import { createAI, defineFeatures } from 'sparing'

const declared = defineFeatures({
  summary: { task: 'summarize', baseline: 'extract', tier: 'standard', maxInputTokens: 20_000, maxOutputTokens: 400 },
  answer: { task: 'answer', baseline: 'search', tier: 'max', effort: 'high', maxOutputTokens: 4_000 },
})
const client = createAI({ modelSelector: '/api/ai', features: declared })

declare global {
  /** The product's features, as in features.ts. */
  const features: typeof declared
  /** The product's client. */
  const ai: typeof client
  /** A text to summarise. */
  const article: string
  /** The person who is signed in. */
  const user: { id: string; plan: string }
}
`
