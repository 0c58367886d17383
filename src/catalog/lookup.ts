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
 * "llama-3.1-8b-instruct"), mixtures also after the share at work ("qwen3-30b-a3b") or after their
 * experts ("mixtral:8x7b", "llama-4-scout-17b-16e"), whose totals are then bounds.
 */
export function factsFromName(id: string): ModelFacts | undefined {
  const params = sizeOf(id)
  return params && {
    provider: 'local', id, params, price: null, context: 32_768, suggestedTier: tierOfSize(params.total[1]),
    efforts: /think|reason|-r1|qwq/i.test(id) ? ['low', 'medium', 'high'] : ['none'],
  }
}

const billionsPer: Record<string, number> = { m: 1e-3, b: 1, t: 1e3 }
/** Fewer millions are a length of context: "glm-4-9b-chat-1m". */
const leastMillions = 14

function sizeOf(id: string): ModelFacts['params'] | undefined {
  const experts = /(?:^|[^a-z0-9.])(\d{1,3})x(\d{1,3}(?:\.\d+)?)b(?![a-z0-9])/i.exec(id)
  if (experts) return mixture(Number(experts[1]), Number(experts[2]))
  const total = billionsIn(id, 'b') || billionsIn(id, 't') || billionsIn(id, 'm')
  if (!total) return undefined
  const width = Number(/\db-(\d{1,3})e(?![a-z0-9])/i.exec(id)?.[1] ?? 0)
  // Named after what one token sees, of which each expert is a part.
  if (width > 1) return { active: [total, total], total: [total, total * width], source: 'estimated' }
  const [, figure, unit = 'b'] = /[^a-z0-9]a(\d{1,3}(?:\.\d+)?)([bm])(?![a-z0-9])/i.exec(id) ?? []
  const working = Math.min(total, Number(figure ?? total) * billionsPer[figure ? unit.toLowerCase() : 'b']!)
  return working > 0 ? { active: [working, working], total: [total, total], source: 'published' } : undefined
}

/** Experts share their attention, so that a whole is less than its parts: 8 of 7 are 47 in Mixtral, 13 of them at work. */
function mixture(experts: number, each: number): ModelFacts['params'] | undefined {
  const total = experts * each
  return total > 0 ? { active: [each, Math.min(2 * each, total)], total: [Math.max(each, 0.75 * total), total], source: 'estimated' } : undefined
}

function billionsIn(id: string, unit: 'm' | 'b' | 't'): number {
  const figure = Number(new RegExp(`(?:^|[^a-z0-9.])(\\d{1,4}(?:\\.\\d+)?)${unit}(?![a-z0-9])`, 'i').exec(id)?.[1] ?? 0)
  return unit === 'm' && figure < leastMillions ? 0 : figure * billionsPer[unit]!
}

// The size classes of AI Energy Score: up to 20, up to 66 and above 66 billion parameters.
function tierOfSize(billions: number): GenerativeTier {
  if (billions <= 20) return 'eco'
  return billions <= 66 ? 'standard' : 'max'
}
