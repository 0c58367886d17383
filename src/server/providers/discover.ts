import { factsFromName, findModel } from '../../catalog/index.ts'
import { effortsFromName } from '../../catalog/thinking.ts'
import type { Effort, GenerativeTier } from '../../core/index.ts'
import { addressFor } from './completion-request.ts'
import type { Endpoint } from './completion-request.ts'
import type { ModelConfig, ModelsByTier } from './configured-model.ts'
import { endpointOf } from './endpoint.ts'
import type { EndpointOptions } from './endpoint.ts'
import { isRedirect } from './upstream-failure.ts'

export interface DiscoverOptions extends EndpointOptions {
  /** Milliseconds until the list must be there. @default 3000 */
  readonly timeout?: number
  /** Told why there was no list, or that nothing on it can be used. */
  readonly onError?: (error: unknown) => void
}

/**
 * The models that a server has, by tier, as `openaiCompatible` takes them: from `GET /models`, with the
 * prices, contexts and sizes that it tells, and the catalog's word on the rest. A model of which nobody
 * knows anything is of the dearest tier. A server that does not answer has none, so that starting does
 * not depend on it; ask again whenever the list may have changed.
 * @throws {TypeError} for options that no request can be made with
 */
export async function discoverModels({ timeout = 3_000, onError = () => {}, ...options }: DiscoverOptions): Promise<ModelsByTier> {
  const endpoint = endpointOf(options, 'discoverModels')
  try {
    const listed = await listModels(endpoint, options.fetch ?? fetch, AbortSignal.timeout(timeout))
    const found = new Map(listed.filter(writesText).flatMap(each => modelOf(each) ?? []).map(each => [each.config.id, each]))
    if (found.size === 0) onError(nothingUsable(listed, endpoint.base))
    return Object.fromEntries([...Map.groupBy(found.values(), ({ tier }) => tier)].map(([tier, models]) => [tier, models.map(({ config }) => config)]))
  } catch (error) {
    onError(error)
    return {}
  }
}

type Figure = string | number | null
interface Pricing { readonly prompt?: Figure; readonly completion?: Figure; readonly input?: Figure; readonly output?: Figure; readonly input_cache_read?: Figure }

/** A model as the servers of this world list it; each has some of these fields. */
interface Listed {
  readonly id?: unknown
  /** Ollama's name for the id. */
  readonly name?: unknown
  readonly active?: boolean
  readonly type?: unknown
  readonly capabilities?: { readonly completion_chat?: boolean } | readonly string[]
  readonly architecture?: { readonly output_modalities?: readonly string[] }
  readonly supported_parameters?: readonly string[]
  readonly pricing?: Pricing | null
  /** Hugging Face: those that serve it. */
  readonly providers?: readonly { readonly pricing?: Pricing | null; readonly context_length?: Figure }[]
  readonly context_length?: Figure
  readonly context_window?: Figure
  readonly max_context_length?: Figure
  readonly max_model_len?: Figure
  readonly meta?: { readonly n_ctx_train?: Figure; readonly n_params?: Figure } | null
  readonly details?: { readonly parameter_size?: unknown } | null
}

async function listModels(endpoint: Endpoint, send: typeof fetch, signal: AbortSignal): Promise<readonly Listed[]> {
  // Ollama's own list has sizes, which the other leaves out.
  const url = endpoint.dialect === 'ollama' ? tagsOf(endpoint.base) : addressFor(endpoint, 'models')
  const response = await send(url, { headers: { accept: 'application/json', 'accept-encoding': 'identity', ...endpoint.headers }, signal, redirect: 'manual' })
  if (isRedirect(response)) throw new Error(`The server sends whoever asks for its models to another address, which is not followed: the headers that it was set up with would go there. Put the new address in "baseURL".`)
  if (!response.ok) throw new Error(`The server refused to list its models with status ${response.status}.`)
  const answer = await response.json() as { data?: unknown; models?: unknown } | null
  const list = Array.isArray(answer) ? answer : answer?.data ?? answer?.models
  if (!Array.isArray(list)) throw new Error('The server answered with something else than a list of models.')
  return list.filter(each => typeof each === 'object' && each !== null) as Listed[]
}

/** Beside the version that its other addresses end in, also below a proxy's path. */
function tagsOf(base: URL): URL {
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/+$/, '').replace(/\/v\d+$/, '')}/api/tags`
  return url
}

/** What the list's owner should hear: a list that is read wrongly must not look like a server without models. */
function nothingUsable(listed: readonly Listed[], { host }: URL): Error {
  const [first] = listed
  if (!first) return new Error(`${host} lists no models, so none of its can be chosen. Load one there, or name them in "models".`)
  const named = idOf(first) || JSON.stringify(first).slice(0, 60)
  return new Error(`${host} lists models, and none of them is known to write text through chat completions (the first is "${named}"), so none of its can be chosen. Name those that do in "models".`)
}

const otherwise = /embed|bge-|minilm|rerank|whisper|\btts\b|dall-e|-image\b|chatgpt-image|imagen|moderation|transcri|realtime|\bsora|\bveo-|lyria|gpt-(?:4o-)?(?:mini-)?audio|native-audio|\blive\b|\baqa\b|babbage-002|davinci-002|gpt-3\.5-turbo-instruct/i

/** OpenAI's own that it answers by another address only; where others serve them, the maker's name stands before a slash. */
const unchatted = /^(?:(?:o\d|gpt-\d(?:\.\d)?)-pro|gpt-\d(?:\.\d)?-codex|codex-|computer-use|o\d(?:-mini)?-deep-research)/i

/** Kinds that write no text. What else lists call them is no reason to leave one out: Anthropic has "model", LM Studio "llm", Mistral "base". */
const otherTypes = /embed|rerank|image|audio|speech|video|moderation|transcri/i

function writesText(model: Listed): boolean {
  const { active, type, capabilities, architecture } = model
  if (active === false || typeof type === 'string' && otherTypes.test(type)) return false
  if (capabilities && (Array.isArray(capabilities) ? !capabilities.includes('completion') : (capabilities as { completion_chat?: boolean }).completion_chat === false)) return false
  return (architecture?.output_modalities ?? ['text']).includes('text') && !otherwise.test(idOf(model)) && !unchatted.test(idOf(model))
}

const idOf = ({ id, name }: Listed): string => typeof id === 'string' ? id : typeof name === 'string' ? name : ''

function modelOf(listed: Listed): { tier: GenerativeTier; config: Exclude<ModelConfig, string> } | null {
  const id = idOf(listed)
  if (!id) return null
  const known = findModel(id) ?? factsFromName(id)
  const billions = known ? null : billionsOf(listed)
  // A name that says no size is read with the one that its server tells.
  const sized = billions === null ? known : factsFromName(`${id}-${billions}b`)
  const efforts = findModel(id) ? null : effortsOf(listed, id)
  const price = priceOf(listed)
  const context = contextOf(listed)
  return {
    tier: sized?.suggestedTier ?? 'max',
    config: { id, ...efforts && { efforts }, ...price && { price }, ...context && { context }, ...billions !== null && { params: { active: billions, total: billions } } },
  }
}

const optional = ['none', 'low', 'medium', 'high'] as const satisfies readonly Effort[]

/** Families of open weights that can reason, and be told not to, are known by their names; so are those that cannot be told, whatever a list says. */
function effortsOf({ supported_parameters: takes }: Listed, id: string): readonly Effort[] | null {
  if (!effortsFromName(id).includes('none')) return null
  return takes?.includes('reasoning') || /qwen3(?!.*(?:instruct|coder|vl))|deepseek-v3/i.test(id) ? optional : null
}

const figure = (value: unknown): number | null => {
  const number = typeof value === 'string' && value.trim() ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null
}

/** Dollars per million tokens; of several servers the dearest, for any may be the one that answers. */
function priceOf({ pricing, providers = [] }: Listed) {
  const prices = [pricing, ...providers.map(each => each.pricing)].flatMap(each => each && dollars(each) || [])
  return prices.length > 0 ? { input: Math.max(...prices.map(({ input }) => input)), output: Math.max(...prices.map(({ output }) => output)), ...prices.length === 1 && prices[0]!.cached !== null && { cached: prices[0]!.cached } } : null
}

/** OpenRouter's prices are per token, the others' per million. */
function dollars({ prompt, completion, input, output, input_cache_read: cached }: Pricing) {
  const perToken = { input: figure(prompt), output: figure(completion), cached: figure(cached) }
  if (perToken.input !== null && perToken.output !== null) {
    const million = (price: number) => Number((price * 1e6).toPrecision(12))
    return { input: million(perToken.input), output: million(perToken.output), cached: perToken.cached === null ? null : million(perToken.cached) }
  }
  const perMillion = { input: figure(input), output: figure(output) }
  return perMillion.input !== null && perMillion.output !== null ? { input: perMillion.input, output: perMillion.output, cached: null } : null
}

/** Tokens; of several servers the least. */
function contextOf({ context_length, context_window, max_context_length, max_model_len, meta, providers = [] }: Listed): number | null {
  const own = [context_length, context_window, max_context_length, max_model_len, meta?.n_ctx_train].map(figure).find(each => each !== null && each > 0)
  const theirs = providers.map(each => figure(each.context_length)).filter(each => each !== null && each > 0)
  return own ?? (theirs.length > 0 ? Math.min(...theirs as number[]) : null)
}

/** Ollama writes "4.0B" or "596M", llama.cpp the number itself. */
function billionsOf({ details, meta }: Listed): number | null {
  const parameters = figure(meta?.n_params)
  if (parameters) return Number((parameters / 1e9).toPrecision(3))
  const size = typeof details?.parameter_size === 'string' ? /^([\d.]+)\s*([BM])$/i.exec(details.parameter_size.trim()) : null
  return size ? Number(size[1]) / (size[2]!.toUpperCase() === 'M' ? 1_000 : 1) : null
}
