import { factsFromName, findModel } from 'sparing/catalog'
import { openaiCompatible } from 'sparing/server'
import type { ModelConfig, ModelsByTier, Provider } from 'sparing/server'

type Level = keyof ModelsByTier
type Environment = Readonly<Record<string, string | undefined>>

/** A server of generative models, and what of it each level uses. */
export interface Upstream {
  readonly provider: Provider
  readonly models: ModelsByTier
}

const levels: readonly Level[] = ['eco', 'standard', 'max']

/** What each level uses where nothing else is said, by the end of the host's name. */
const hosts: Readonly<Record<string, Partial<Record<Level, string>>>> = {
  'api.openai.com': { eco: 'gpt-4o-mini', standard: 'gpt-5-mini', max: 'gpt-5.1' },
  'openrouter.ai': { eco: 'openai/gpt-4o-mini', standard: 'openai/gpt-5-mini', max: 'openai/gpt-5.1' },
  'generativelanguage.googleapis.com': { eco: 'gemini-2.5-flash-lite', standard: 'gemini-2.5-flash', max: 'gemini-2.5-pro' },
  'api.mistral.ai': { eco: 'ministral-8b-latest', standard: 'mistral-small-latest', max: 'mistral-large-latest' },
  'api.cohere.ai': { eco: 'command-r7b-12-2024', max: 'command-a-03-2025' },
}

const ollama = 'http://127.0.0.1:11434'

/**
 * The server that the environment names, otherwise an Ollama on this machine.
 * @returns `null` when there is neither: then answers are quotes
 */
export async function findUpstream(env: Environment, send: typeof fetch = fetch): Promise<Upstream | null> {
  const baseURL = env['OPENAI_BASE_URL'] || (env['OPENAI_API_KEY'] ? 'https://api.openai.com/v1' : '')
  if (!baseURL) return localOllama(env, send)
  if (!URL.canParse(baseURL)) throw new TypeError(`OPENAI_BASE_URL is "${baseURL}". Give it an address with its version, such as https://api.openai.com/v1.`)
  const apiKey = env['OPENAI_API_KEY']
  const named = namedModels(env, hosts[new URL(baseURL).hostname] ?? {})
  const models = levels.some(level => named[level]) ? named : leveled(await listModels(baseURL, apiKey, send))
  return { provider: openaiCompatible({ baseURL, models, fetch: send, ...apiKey && { apiKey } }), models }
}

/** `SPARING_ECO` and so on first, then the host's. An empty one leaves its level out. */
function namedModels(env: Environment, defaults: Partial<Record<Level, string>>): ModelsByTier {
  return Object.fromEntries(levels.flatMap(level => {
    const variable = `SPARING_${level.toUpperCase()}`
    const id = env[variable] ?? defaults[level]
    return id ? [[level, [priced(id, env[`${variable}_PRICE`])]]] : []
  }))
}

function priced(id: string, price: string | undefined): ModelConfig {
  if (!price) return id
  const [input, output] = price.split('/').map(Number)
  if (!(input! >= 0 && output! >= 0)) throw new TypeError(`The price of ${id} is "${price}". Write dollars per million tokens in and out, such as 0.10/0.40.`)
  return { id, price: { input: input!, output: output! } }
}

async function listModels(baseURL: string, apiKey: string | undefined, send: typeof fetch): Promise<Found[]> {
  const headers: Record<string, string> = apiKey ? { authorization: `Bearer ${apiKey}` } : {}
  const answer = await ask(`${baseURL.replace(/\/$/, '')}/models`, { headers }, 3_000, send) as { data?: { id?: unknown }[] } | null
  return (Array.isArray(answer?.data) ? answer.data : []).flatMap(({ id }) => typeof id === 'string' ? [{ id, billions: sizeOf(id) }] : [])
}

/** A model that a server has, and its size where that is known. */
interface Found {
  readonly id: string
  readonly billions: number | null
  readonly thinks?: boolean
}

async function localOllama(env: Environment, send: typeof fetch): Promise<Upstream | null> {
  const answer = await ask(`${ollama}/api/tags`, {}, 500, send) as { models?: { name?: unknown; details?: { parameter_size?: unknown } }[] } | null
  const found = (Array.isArray(answer?.models) ? answer.models : []).flatMap(({ name, details }) =>
    typeof name === 'string' ? [{ id: name, billions: billionsIn(details?.parameter_size) ?? sizeOf(name) }] : [])
  const own = namedModels(env, {})
  const models = levels.some(level => own[level]) ? own : leveled(found)
  if (found.length === 0 || Object.keys(models).length === 0) return null
  return { provider: openaiCompatible({ id: 'ollama', baseURL: `${ollama}/v1`, models, fetch: send, timeout: { first: 300_000, idle: 120_000 } }), models }
}

const sizeOf = (id: string) => factsFromName(id)?.params.total[1] ?? null

/** "4.0B", "596M" */
function billionsIn(size: unknown): number | null {
  const match = typeof size === 'string' ? /^([\d.]+)\s*([BM])$/i.exec(size.trim()) : null
  return match ? Number(match[1]) / (match[2]!.toUpperCase() === 'M' ? 1_000 : 1) : null
}

/** Models of one's own machine are smaller than a provider's; up to this many billions is Light, then Standard. */
const bounds = { eco: 5, standard: 16 }

/** Sorts models into levels by size. Something is Light in any case: it is what an opt-in gets. */
export function leveled(found: readonly Found[]): ModelsByTier {
  const able = found.filter(({ id }) => !/embed|bge-|minilm|rerank|whisper|tts|dall-e|moderation/i.test(id)).sort((a, b) => (a.billions ?? Infinity) - (b.billions ?? Infinity))
  const byLevel = Map.groupBy(able, ({ billions }, i): Level => i === 0 || billions !== null && billions <= bounds.eco ? 'eco' : billions !== null && billions <= bounds.standard ? 'standard' : 'max')
  // Of each level the largest: the level is the bound, and within it better is not dearer by much.
  return Object.fromEntries([...byLevel].map(([level, models]) => [level, [configOf(models.at(-1)!)]]))
}

/** Facts that the catalog cannot read from the name. Families that can think, and be told not to, are known by theirs. */
function configOf({ id, billions }: Found): ModelConfig {
  const efforts = /qwen3(?!.*(?:instruct|coder|vl))|deepseek-v3|magistral/i.test(id) ? { efforts: ['none', 'low', 'medium', 'high'] as const } : {}
  const params = billions !== null && !findModel(id) && !factsFromName(id) ? { params: { active: billions, total: billions } } : {}
  return { id, ...efforts, ...params }
}

/** JSON, or `null` when there was no answer in time. */
async function ask(url: string, init: RequestInit, patience: number, send: typeof fetch): Promise<unknown> {
  try {
    const response = await send(url, { ...init, signal: AbortSignal.timeout(patience) })
    return response.ok ? await response.json() : null
  } catch {
    return null
  }
}
