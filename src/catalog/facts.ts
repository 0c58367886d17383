import type { Effort, GenerativeTier, TokenPrices } from '../core/index.ts'
import type { Bounds } from './impact.ts'

/** What is known of a model, and how well. Parameters in billions, prices in nano-dollars per million tokens. */
export interface ModelFacts {
  readonly provider: string
  readonly id: string
  readonly aliases?: readonly string[]
  readonly price: TokenPrices | null
  /** When the price was read. */
  readonly priceDate?: string
  /** Tokens of input and output together. */
  readonly context: number
  readonly params: { readonly active: Bounds; readonly total: Bounds; readonly source: 'published' | 'estimated' }
  /** The reasoning efforts it takes; without `none` it cannot stop reasoning. */
  readonly efforts: readonly Effort[]
  /** Output tokens per second and seconds to the first token, where measured. */
  readonly pace?: { readonly tps: number; readonly ttft: number }
  readonly suggestedTier: GenerativeTier
}

/** Prices from dollars per million tokens, as providers print them. Without a price of its own, cached input costs the same. */
export function tokenPrices(input: number, output: number, cached = input): TokenPrices {
  const nano = (dollars: number) => Math.round(dollars * 1e9)
  return { input: nano(input), cached: nano(cached), output: nano(output) }
}
