import { reasoningOf } from '../core/index.ts'
import type { GenerativeTier } from '../core/index.ts'
import { sizeClassOf } from './facts.ts'
import type { ModelFacts } from './facts.ts'
import { models } from './models.ts'
import { strengthOf } from './strength.ts'
import { effortsFromName } from './thinking.ts'

const byName = new Map(models.flatMap(model => [model.id, ...model.aliases ?? []].map(name => [name, model])))

/**
 * The facts of a model by its id or an alias of it, with or without its provider's name before a
 * slash, its size before a hyphen or a colon, and whatever was done to its weights: "Qwen/Qwen3-30B-A3B",
 * "llama3.1:8b-instruct-q4_K_M", "gpt-oss:20b-cloud", "Llama-3.2-3B-Instruct-Q8_0.gguf".
 */
export function findModel(id: string): ModelFacts | undefined {
  const name = id.toLowerCase()
  const bare = name.slice(name.lastIndexOf('/') + 1)
  const whole = unquantised(bare)
  return [name, bare, ...[...new Set([whole, untagged(whole)])].flatMap(spellings)].map(each => byName.get(each)).find(model => model !== undefined)
}

const spellings = (name: string) => [name, name.replace(/-(?:instruct|it|chat)$/, ''), `${name}-instruct`]

/** Ollama's tag as part of the name: "gpt-oss:20b" is "gpt-oss-20b" elsewhere, and what is newest or runs elsewhere is the same model. */
const untagged = (name: string) => name.replace(/[:-](?:latest|cloud)$/, '').replace(':', '-')

/** A name without what it says of the weights' format: GGUF, FP8, AWQ, 4 bits. */
function unquantised(name: string): string {
  const parts = name.split(/[-.:](?=(?:gguf|i?q\d|(?:mx)?fp\d|bf16|f16|awq|gptq|int\d|bnb|\dbit|nvfp4|unsloth)(?:$|[-_.:]))/)
  // What follows the first of them is of the format too.
  return parts[0]!
}

/**
 * What a model's name gives away: open weights are called after their size ("qwen3:4b",
 * "llama-3.1-8b-instruct"), mixtures also after the share at work ("qwen3-30b-a3b") or after their
 * experts ("mixtral:8x7b", "llama-4-scout-17b-16e"), whose totals are then bounds.
 */
export function factsFromName(id: string): ModelFacts | undefined {
  const params = sizeOf(id)
  if (!params) return undefined
  const efforts = effortsFromName(id)
  return {
    provider: 'local', id, params, price: null, context: null, sizeClass: sizeClassOf(params.total), suggestedTier: tierOfSize[sizeClassOf(params.total)],
    efforts, reasoning: reasoningOf(efforts), tasks: null, strength: strengthOf(params.total),
  }
}

const tierOfSize: Record<ModelFacts['sizeClass'], GenerativeTier> = { small: 'eco', medium: 'standard', large: 'max' }

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
