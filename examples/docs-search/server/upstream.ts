import { discoverModels, openaiCompatible } from 'sparing/server'
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

const ollama = 'http://127.0.0.1:11434/v1'

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
  const models = levels.some(level => named[level]) ? named : withLight(await discoverModels({ baseURL, fetch: send, ...apiKey && { apiKey } }))
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

async function localOllama(env: Environment, send: typeof fetch): Promise<Upstream | null> {
  const found = withLight(await discoverModels({ baseURL: ollama, fetch: send, timeout: 500 }))
  const named = namedModels(env, {})
  const models = levels.some(level => named[level]) ? named : found
  if (Object.keys(found).length === 0) return null
  return { provider: openaiCompatible({ id: 'ollama', baseURL: ollama, models, fetch: send, timeout: { first: 300_000, idle: 120_000 } }), models }
}

/** Something is Light in any case: it is what an opt-in gets. */
export function withLight(models: ModelsByTier): ModelsByTier {
  const lowest = levels.find(level => models[level])
  if (!lowest || lowest === 'eco') return models
  const { [lowest]: light, ...rest } = models
  return { eco: light!, ...rest }
}
