import type { Effort, GenerativeTier, Range, Reasoning, Task, TokenPrices } from '../core/index.ts'
import type { Bounds } from './impact.ts'

/** What is known of a model, and how well. Parameters in billions, prices in nano-dollars per million tokens. */
export interface ModelFacts {
  /** Who serves it at this price; for open weights, who made it. */
  readonly provider: string
  readonly id: string
  readonly aliases?: readonly string[]
  readonly price: TokenPrices | null
  /** When the price was read. */
  readonly priceDate?: string
  /** `low` where another list has another price, or where only a reseller's is known. */
  readonly priceConfidence?: 'high' | 'low'
  /** Tokens of input and output together; `null` where a name says nothing of it. */
  readonly context: number | null
  /** Parameters at work for each token, and all; `by` says whose figure it is. */
  readonly params: { readonly active: Bounds; readonly total: Bounds; readonly source: 'published' | 'estimated'; readonly by?: string }
  readonly sizeClass: SizeClass
  readonly reasoning: Reasoning
  /** The reasoning efforts it takes; without `none` it cannot stop reasoning. */
  readonly efforts: readonly Effort[]
  /** The tasks it is for; any when `null`. */
  readonly tasks: readonly Task[] | null
  /** Output tokens per second and seconds to the first token, where measured. */
  readonly pace?: { readonly tps: number; readonly ttft: number }
  readonly suggestedTier: GenerativeTier
  /** How able it is among others, 0 to 1, and who says so. */
  readonly strength: { readonly value: number; readonly source: 'arena' | 'estimated' }
  /** Joules of an answer's token, at the server, where somebody measured this very model. */
  readonly measured?: { readonly joules: Range; readonly source: string }
  /** Stars that AI Energy Score gave it, for the writing of text. */
  readonly stars?: number
}

/** The classes of AI Energy Score for models that write: up to 20, up to 66, and above 66 billion parameters. */
export type SizeClass = 'small' | 'medium' | 'large'

/** A model's class; one of uncertain size stands where the middle of its bounds does. */
export function sizeClassOf([low, high]: Bounds): SizeClass {
  const billions = Math.sqrt(low * high)
  if (billions <= 20) return 'small'
  return billions <= 66 ? 'medium' : 'large'
}

/** What one pays for a class of token, in dollars per million, as providers print it. Classes left out cost what their wider class does. */
export interface DollarPrices {
  readonly input: number
  readonly output: number
  readonly cached?: number
  readonly written?: number
  readonly reasoning?: number
}

/** Prices from dollars per million tokens, as providers print them. Without a price of its own, cached input costs the same. */
export function tokenPrices(input: number, output: number, cached = input): TokenPrices {
  return pricesFrom({ input, output, cached })
}

/** Whole nano-dollars from dollars, class by class. */
export function pricesFrom({ input, output, cached = input, written, reasoning }: DollarPrices): TokenPrices {
  const nano = (dollars: number) => Math.round(dollars * 1e9)
  return {
    input: nano(input), cached: nano(cached), output: nano(output),
    ...written !== undefined && { written: nano(written) }, ...reasoning !== undefined && { reasoning: nano(reasoning) },
  }
}
