import { tokenPrices } from './facts.ts'
import type { ModelFacts } from './facts.ts'

// Prices: models.dev (MIT), July 2026, in dollars per million tokens. Sizes and paces: mlco2/ecologits
// (MPL-2.0), models of 2026-03-13; a range is that project's estimate of a size that was never published.
// That list has the sizes of their predecessors for Mistral's "latest" models: here they are as Mistral
// published them for Large 3 (2512) and Small 4 (2603).
const priceDate = '2026-07-01'
const always = ['minimal', 'low', 'medium', 'high'] as const
const optional = ['none', 'low', 'medium', 'high'] as const
const never = ['none'] as const

const dense = (low: number, high: number) => ({ active: [low, high], total: [low, high], source: low === high ? 'published' : 'estimated' }) as const
const sparse = (low: number, high: number, total: number) => ({ active: [low, high], total: [total, total], source: 'estimated' }) as const

/** A first dozen. */
export const models: readonly ModelFacts[] = [
  { provider: 'openai', id: 'gpt-5-nano', price: tokenPrices(0.05, 0.4, 0.005), priceDate, context: 400_000, params: dense(5, 18.5), efforts: always, pace: { tps: 91.6, ttft: 4.45 }, suggestedTier: 'eco' },
  { provider: 'openai', id: 'gpt-4o-mini', price: tokenPrices(0.15, 0.6, 0.075), priceDate, context: 128_000, params: dense(8, 28), efforts: never, pace: { tps: 36.8, ttft: 0.49 }, suggestedTier: 'eco' },
  { provider: 'openai', id: 'gpt-5-mini', price: tokenPrices(0.25, 2, 0.025), priceDate, context: 400_000, params: dense(25, 70), efforts: always, pace: { tps: 57, ttft: 7.98 }, suggestedTier: 'standard' },
  { provider: 'openai', id: 'gpt-5.1', price: tokenPrices(1.25, 10, 0.125), priceDate, context: 400_000, params: sparse(30, 90, 300), efforts: optional, pace: { tps: 50.4, ttft: 5.18 }, suggestedTier: 'max' },
  { provider: 'google', id: 'gemini-2.5-flash-lite', price: tokenPrices(0.1, 0.4, 0.01), priceDate, context: 1_048_576, params: dense(8, 28), efforts: optional, pace: { tps: 76.9, ttft: 0.57 }, suggestedTier: 'eco' },
  { provider: 'google', id: 'gemini-2.5-flash', price: tokenPrices(0.3, 2.5, 0.03), priceDate, context: 1_048_576, params: sparse(44, 132, 440), efforts: optional, pace: { tps: 71, ttft: 0.66 }, suggestedTier: 'standard' },
  { provider: 'google', id: 'gemini-2.5-pro', price: tokenPrices(1.25, 10, 0.125), priceDate, context: 1_048_576, params: sparse(200, 600, 2_000), efforts: ['low', 'medium', 'high'], pace: { tps: 92, ttft: 2.67 }, suggestedTier: 'max' },
  { provider: 'mistral', id: 'ministral-8b-latest', price: tokenPrices(0.1, 0.1), priceDate, context: 128_000, params: dense(8.02, 8.02), efforts: never, pace: { tps: 140, ttft: 0.22 }, suggestedTier: 'eco' },
  { provider: 'mistral', id: 'mistral-small-2506', price: tokenPrices(0.1, 0.3), priceDate, context: 128_000, params: dense(23.6, 23.6), efforts: never, pace: { tps: 105.6, ttft: 0.34 }, suggestedTier: 'eco' },
  { provider: 'mistral', id: 'mistral-small-2603', aliases: ['mistral-small-latest'], price: tokenPrices(0.15, 0.6), priceDate, context: 256_000, params: { active: [6, 8], total: [119, 119], source: 'published' }, efforts: ['none', 'high'], suggestedTier: 'eco' },
  { provider: 'mistral', id: 'mistral-large-2512', aliases: ['mistral-large-latest'], price: tokenPrices(0.5, 1.5), priceDate, context: 262_144, params: { active: [41, 41], total: [675, 675], source: 'published' }, efforts: never, pace: { tps: 36.1, ttft: 0.48 }, suggestedTier: 'standard' },
  { provider: 'cohere', id: 'command-r7b-12-2024', price: tokenPrices(0.0375, 0.15), priceDate, context: 128_000, params: dense(8.03, 8.03), efforts: never, pace: { tps: 70.1, ttft: 0.25 }, suggestedTier: 'eco' },
  { provider: 'cohere', id: 'command-a-03-2025', price: tokenPrices(2.5, 10), priceDate, context: 256_000, params: dense(111, 111), efforts: never, pace: { tps: 63, ttft: 0.95 }, suggestedTier: 'max' },
]
