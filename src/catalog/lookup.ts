import type { GenerativeTier } from '../core/index.ts'
import type { ModelFacts } from './facts.ts'
import { models } from './models.ts'

/** The facts of a model by its id or an alias of it, with or without its provider's name before a slash. */
export function findModel(id: string): ModelFacts | undefined {
  const name = id.toLowerCase()
  const bare = name.slice(name.lastIndexOf('/') + 1)
  return models.find(model => [model.id, ...model.aliases ?? []].some(known => known === name || known === bare))
}

/**
 * What a model's name gives away: open weights are called after their size ("qwen3:4b",
 * "llama-3.1-8b-instruct", "qwen3-30b-a3b" with 3 billion active).
 */
export function factsFromName(id: string): ModelFacts | undefined {
  const total = /(?:^|[^a-z0-9.])(\d{1,4}(?:\.\d+)?)b(?![a-z0-9])/i.exec(id)?.[1]
  if (!total) return undefined
  const active = /[^a-z0-9]a(\d{1,3}(?:\.\d+)?)b(?![a-z0-9])/i.exec(id)?.[1]
  const billions = Number(total)
  const working = Math.min(billions, Number(active ?? total))
  if (!(working > 0)) return undefined
  return {
    provider: 'local', id, price: null, context: 32_768, suggestedTier: tierOfSize(billions),
    params: { active: [working, working], total: [billions, billions], source: 'published' },
    efforts: /think|reason|-r1|qwq/i.test(id) ? ['low', 'medium', 'high'] : ['none'],
  }
}

// The size classes of AI Energy Score: up to 20, up to 66 and above 66 billion parameters.
function tierOfSize(billions: number): GenerativeTier {
  if (billions <= 20) return 'eco'
  return billions <= 66 ? 'standard' : 'max'
}
