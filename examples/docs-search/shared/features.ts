import { defineFeatures } from 'sparing'

/** The demo's generative features, for the page and its server alike. */
export const features = defineFeatures({
  answer: { task: 'answer', baseline: 'search', tier: 'max', effort: 'high', maxInputTokens: 4_000, maxOutputTokens: 2_000 },
  summary: { task: 'summarize', baseline: 'extract', tier: 'standard', maxInputTokens: 6_000, maxOutputTokens: 400 },
})
