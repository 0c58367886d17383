import { reasoningOf, rangeOf, tasks } from '../../core/index.ts'
import type { Effort, GenerativeTier, Task } from '../../core/index.ts'
import { sizeClassOf } from '../facts.ts'
import type { ModelFacts } from '../facts.ts'
import type { Bounds } from '../impact.ts'
import { strengthOf } from '../strength.ts'
import { prices, pricesRead } from './prices.ts'

/** A model as a line of the table has it: what cannot be worked out from the rest. */
export interface Row {
  readonly id: string
  /** Other names for it. */
  readonly aka?: readonly string[]
  readonly context: number
  readonly size: ModelFacts['params']
  /** The reasoning efforts it takes. */
  readonly takes: readonly Effort[]
  /** The tasks it is for; without it, all that text alone is enough for. */
  readonly for?: readonly Task[] | null
  readonly tier: GenerativeTier
  /**
   * Its score on Arena's text board, overall, of 2 October 2026 (https://arena.ai/leaderboard/text), at
   * the least effort that is on it: the newest are there at their highest only, and do less at none.
   */
  readonly arena?: number
  /** Output tokens per second and seconds to the first token. */
  readonly pace?: readonly [tps: number, ttft: number]
  /** Joules of an answer's token: the 10th, 50th and 90th percentile of the configurations measured. */
  readonly joules?: readonly [low: number, mid: number, high: number]
  readonly stars?: number
}

/** Parameters as whoever made the model published them. */
export const published = (active: number, total = active): ModelFacts['params'] => ({ active: [active, active], total: [total, total], source: 'published', by: 'its maker' })

/** Parameters that were never published, as EcoLogits estimates them. */
export const ecologits = (active: Bounds, total?: number): ModelFacts['params'] => ({ active, total: total === undefined ? active : [total, total], source: 'estimated', by: 'EcoLogits, models of 2026-03-13' })

/** Parameters that nobody estimates: those of the model it took the place of, where it costs about as much. */
export const likeLast = (active: Bounds, total: Bounds = active): ModelFacts['params'] => ({ active, total, source: 'estimated', by: 'EcoLogits, for the model before it' })

/** Parameters that nobody estimates: the bounds of models that cost about as much and do about as well. */
export const likePeers = (active: Bounds, total: Bounds = active): ModelFacts['params'] => ({ active, total, source: 'estimated', by: 'models of its price and strength' })

// Which efforts there are, by families: never, on or off, by degrees, and those that cannot stop.
export const never: readonly Effort[] = ['none']
export const switched: readonly Effort[] = ['none', 'high']
export const graded: readonly Effort[] = ['none', 'low', 'medium', 'high']
export const deep: readonly Effort[] = ['none', 'low', 'medium', 'high', 'xhigh']
export const always: readonly Effort[] = ['low', 'medium', 'high']
export const least: readonly Effort[] = ['minimal', 'low', 'medium', 'high']
export const deepAlways: readonly Effort[] = ['low', 'medium', 'high', 'xhigh']

/** It also takes images. */
export const anything = null
export const coding: readonly Task[] = ['code']
export const translating: readonly Task[] = ['translate']
const writing = tasks.filter(task => task !== 'describe')

const mlEnergy = 'ML.ENERGY v3, its chat runs on H100 and B200 (Apache-2.0), with 150 W of server beside each GPU'

/** The facts of a provider's models, from its lines of the table and its prices. */
export function modelsOf(provider: string, rows: readonly Row[]): ModelFacts[] {
  return rows.map(({ id, aka, context, size, takes, for: given = writing, tier, arena, pace, joules, stars }) => {
    const priced = prices[`${provider}/${id}`]
    return {
      provider, id, ...aka && { aliases: aka }, context, params: size, sizeClass: sizeClassOf(size.total),
      price: priced?.price ?? null, ...priced && { priceDate: pricesRead, priceConfidence: priced.confidence },
      reasoning: reasoningOf(takes), efforts: takes, tasks: given, suggestedTier: tier, strength: strengthOf(size.total, arena),
      ...pace && { pace: { tps: pace[0], ttft: pace[1] } },
      ...joules && { measured: { joules: rangeOf(...joules), source: mlEnergy } },
      ...stars !== undefined && { stars },
    }
  })
}
