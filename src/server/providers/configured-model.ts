import { energyProfile, factsFromName, findModel, tokenPrices } from '../../catalog/index.ts'
import type { ModelFacts } from '../../catalog/index.ts'
import { exactly, rangeOf } from '../../core/index.ts'
import type { Effort, GenerativeTier, Provenance, ReachableModel, Task } from '../../core/index.ts'

/** A model by its id, or with facts that the catalog lacks or has otherwise. */
export type ModelConfig = string | {
  readonly id: string
  /** Dollars per million tokens. */
  readonly price?: { readonly input: number; readonly output: number; readonly cached?: number }
  /** Billions of parameters: those at work for each token, and all. */
  readonly params?: { readonly active: number; readonly total: number }
  readonly efforts?: readonly Effort[]
  readonly context?: number
  /** The tasks it is for; any when absent. */
  readonly tasks?: readonly Task[]
}

export type ModelsByTier = Partial<Record<GenerativeTier, readonly ModelConfig[]>>

/** What a provider's configured models are, from the configuration first and the catalog second. */
export function reachableModels(provider: string, byTier: ModelsByTier, local: boolean): ReachableModel[] {
  return Object.entries(byTier).flatMap(([tier, configs]) =>
    configs.map(config => reachableModel(provider, tier as GenerativeTier, typeof config === 'string' ? { id: config } : config, local)))
}

function reachableModel(provider: string, tier: GenerativeTier, config: Exclude<ModelConfig, string>, local: boolean): ReachableModel {
  const facts = findModel(config.id) ?? factsFromName(config.id)
  const { price, provenance } = priceOf(config, facts, local)
  return {
    id: config.id, provider, tier, kind: 'generative', tasks: config.tasks ?? null,
    context: config.context ?? facts?.context ?? 8_192, efforts: config.efforts ?? facts?.efforts ?? ['none'],
    price, ...drawOf(config, facts), stars: null, provenance: { usd: provenance, wh: config.params || facts ? 'modelled' : 'unknown' },
  }
}

/** What it draws and how fast it writes, from its size. */
function drawOf(config: Exclude<ModelConfig, string>, facts: ModelFacts | undefined): Pick<ReachableModel, 'energy' | 'pace'> {
  const params: ModelFacts['params'] | undefined = config.params
    ? { active: [config.params.active, config.params.active], total: [config.params.total, config.params.total], source: 'published' }
    : facts?.params
  const pace = facts?.pace
  return {
    energy: params ? energyProfile({ params, ...pace && { pace } }) : null,
    pace: pace ? { first: spread(pace.ttft), each: spread(1 / pace.tps) } : null,
  }
}

function priceOf({ price }: Exclude<ModelConfig, string>, facts: ModelFacts | undefined, local: boolean): { price: ReachableModel['price']; provenance: Provenance } {
  if (price) return { price: tokenPrices(price.input, price.output, price.cached), provenance: 'measured' }
  // One's own machine sends no bill; its energy still counts.
  if (local) return { price: tokenPrices(0, 0), provenance: 'local' }
  return facts?.price ? { price: facts.price, provenance: 'class' } : { price: null, provenance: 'unknown' }
}

// Paces of public deployments differ by about this much through a day.
const spread = (seconds: number) => seconds === 0 ? exactly(0) : rangeOf(seconds * 0.6, seconds, seconds * 2.5)
