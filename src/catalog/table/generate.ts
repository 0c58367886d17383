import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findProvider } from '@pydantic/genai-prices'
import type { ConditionalPrice, ModelPrice } from '@pydantic/genai-prices'
import type { ClassPrices, TokenPrices } from '../../core/index.ts'
import { models } from '../models.ts'
import type { ModelFacts } from '../facts.ts'
import { pricesRead } from './prices.ts'

// Writes prices.ts, the prices of the models in ../models.ts, from @pydantic/genai-prices (MIT):
//   node src/catalog/table/generate.ts            as of today
//   node src/catalog/table/generate.ts --check    says whether what is written is what that package has
// Where models.dev's list lies at SPARING_DATA or beside the repository, prices it has otherwise are
// marked low in confidence; where it does not, the marks that are written stay. This file is never
// bundled, and nothing imports it but its test.

type Priced = { readonly price: TokenPrices; readonly confidence: 'high' | 'low' }

/** How that package calls the providers of this table, where their own prices are in it. */
const listedAs: Record<string, string> = { xai: 'x-ai', amazon: 'aws' }

/** Where a price stands under another name, or only with whoever resells the model. */
const standsAt: Record<string, string> = {
  'openai/gpt-oss-120b': 'groq:openai/gpt-oss-120b',
  'openai/gpt-oss-20b': 'groq:openai/gpt-oss-20b',
  'amazon/amazon.nova-2-lite-v1:0': 'aws:global.amazon.nova-2-lite-v1:0',
  'cohere/command-a-plus-05-2026': 'cohere:command-a',
  'cohere/command-a-reasoning-08-2025': 'cohere:command-a',
  'cohere/command-a-vision-07-2025': 'cohere:command-a',
  'cohere/command-a-translate-08-2025': 'cohere:command-a',
  'cohere/command-a-03-2025': 'cohere:command-a',
  'cohere/command-r-plus-08-2024': 'cohere:command-r-plus',
  'cohere/command-r-08-2024': 'cohere:command-r',
  'cohere/command-r7b-12-2024': 'cohere:command-r7b',
  'mistral/mistral-medium-2604': 'mistral:mistral-medium-3-5',
  'mistral/mistral-medium-2508': 'mistral:mistral-medium-3-1',
  'mistral/mistral-small-2506': 'mistral:mistral-small-latest',
  'mistral/ministral-8b-2410': 'mistral:ministral-8b',
  'mistral/magistral-medium-2509': 'mistral:magistral-medium',
  'mistral/magistral-small-2509': 'mistral:magistral-small',
  'mistral/mistral-large-2411': 'mistral:mistral-large',
  'mistral/pixtral-large-2411': 'mistral:pixtral-large',
  'google/gemma-4-31b-it': 'openrouter:google/gemma-4-31b-it',
  'google/gemma-4-26b-a4b-it': 'google:gemma-4-26b-a4b-it-maas',
  'google/gemma-3-27b-it': 'openrouter:google/gemma-3-27b-it',
  'google/gemma-3-12b-it': 'openrouter:google/gemma-3-12b-it',
  'google/gemma-3-4b-it': 'openrouter:google/gemma-3-4b-it',
  'google/gemma-3n-e4b-it': 'openrouter:google/gemma-3n-e4b-it',
  'deepseek/deepseek-v3.1': 'openrouter:deepseek/deepseek-chat-v3.1',
  'deepseek/deepseek-r1-0528': 'openrouter:deepseek/deepseek-r1-0528',
  'deepseek/deepseek-r1-distill-llama-70b': 'groq:deepseek-r1-distill-llama-70b',
  'moonshotai/kimi-k2-0905': 'moonshotai:kimi-k2-0905-preview',
  'minimax/minimax-m2.7': 'minimax:MiniMax-M2.7',
  'zai/glm-5.1': 'openrouter:z-ai/glm-5.1',
  'zai/glm-5': 'openrouter:z-ai/glm-5',
  'zai/glm-4.7': 'openrouter:z-ai/glm-4.7',
  'zai/glm-4.7-flash': 'openrouter:z-ai/glm-4.7-flash',
  'zai/glm-4.6': 'openrouter:z-ai/glm-4.6',
  'zai/glm-4.5-air': 'openrouter:z-ai/glm-4.5-air',
  'zai/glm-4.5v': 'openrouter:z-ai/glm-4.5v',
  'meta/llama-4-maverick': 'groq:meta-llama/llama-4-maverick-17b-128e-instruct',
  'meta/llama-4-scout': 'groq:meta-llama/llama-4-scout-17b-16e-instruct',
  'meta/llama-3.1-405b-instruct': 'together:meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo',
  'meta/llama-3.1-70b-instruct': 'together:meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo',
  'meta/llama-3.1-8b-instruct': 'together:meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo',
  'meta/llama-3.3-70b-instruct': 'together:meta-llama/Llama-3.3-70B-Instruct-Turbo',
  'qwen/qwen3-235b-a22b-instruct-2507': 'openrouter:qwen/qwen3-235b-a22b-2507',
  'qwen/qwen3-coder-480b-a35b-instruct': 'openrouter:qwen/qwen3-coder',
  'qwen/qwen2.5-72b-instruct': 'openrouter:qwen/qwen-2.5-72b-instruct',
  'qwen/qwen2.5-coder-32b-instruct': 'openrouter:qwen/qwen-2.5-coder-32b-instruct',
  'qwen/qwen2.5-7b-instruct': 'openrouter:qwen/qwen-2.5-7b-instruct',
  'ibm/granite-4.0-h-micro': 'openrouter:ibm-granite/granite-4.0-h-micro',
  'ibm/granite-4.1-8b': 'openrouter:ibm-granite/granite-4.1-8b',
  'arcee/trinity-mini': 'openrouter:arcee-ai/trinity-mini',
}

/** Makers whose models others serve: their names at OpenRouter. */
const resold: Record<string, string> = { meta: 'meta-llama', qwen: 'qwen', nvidia: 'nvidia', allenai: 'allenai', xiaomi: 'xiaomi', stepfun: 'stepfun', tencent: 'tencent', ai21: 'ai21', liquid: 'liquid' }

/** Who charges half for what may wait, by their price lists: OpenAI, Anthropic, Google, Mistral, Groq and Bedrock. */
const halfForBatches = ['openai', 'anthropic', 'google', 'mistral', 'groq', 'amazon']

/**
 * The source of prices.ts as of a day.
 * @param day in UTC, as 2026-11-26: prices that begin later are not in force
 */
export function pricesSource(day: string): string {
  const lines = models.flatMap(model => {
    const priced = pricedOf(model, day)
    return priced ? [`  '${keyOf(model)}': ${printed(priced)},`] : []
  })
  return `${header(day)}${lines.join('\n')}\n}\n`
}

const header = (day: string) => `import type { TokenPrices } from '../../core/index.ts'

// Written by generate.ts from @pydantic/genai-prices (MIT): do not edit. Nano-dollars per million tokens.
// Low confidence: another list has another price, or only a reseller's is known.

/** When the prices were in force. */
export const pricesRead = '${day}'

export const prices: Readonly<Record<string, { readonly price: TokenPrices; readonly confidence: 'high' | 'low' } | undefined>> = {
`

const keyOf = ({ provider, id }: ModelFacts) => `${provider}/${id}`

function pricedOf(model: ModelFacts, day: string): Priced | undefined {
  const [provider, id] = placeOf(model)
  const found = findProvider({ providerId: provider })?.models.find(listed => listed.id.toLowerCase() === id.toLowerCase())
  const price = found && priceOn(found.prices, day)
  if (!price) return undefined
  const discounted = halfForBatches.includes(model.provider) && halfForBatches.includes(provider === 'aws' ? 'amazon' : provider)
  return { price: discounted ? { ...price, batch: 50 } : price, confidence: confidenceOf(model, price, provider) }
}

function placeOf(model: ModelFacts): [provider: string, id: string] {
  const place = standsAt[keyOf(model)]
  if (place) return [place.slice(0, place.indexOf(':')), place.slice(place.indexOf(':') + 1)]
  const maker = resold[model.provider]
  if (maker) return ['openrouter', `${maker}/${model.id}`]
  return [model.provider === 'microsoft' ? 'azure' : listedAs[model.provider] ?? model.provider, model.id]
}

/** The price in force on a day; of prices by the hour, the dearest of each class. */
function priceOn(listed: ModelPrice | ConditionalPrice[], day: string): TokenPrices | undefined {
  if (!Array.isArray(listed)) return classesOf(listed)
  const begun = listed.filter(({ constraint }) => constraint?.type !== 'start_date' || constraint.start_date <= day)
  const last = begun.findLast(({ constraint }) => constraint?.type !== 'time_of_date')
  const hourly = begun.filter(({ constraint }) => constraint?.type === 'time_of_date')
  const all = [...last ? [last] : [], ...hourly].map(({ prices }) => classesOf(prices)).filter(price => price !== undefined)
  return all.length > 0 ? all.reduce(dearer) : undefined
}

function dearer(a: TokenPrices, b: TokenPrices): TokenPrices {
  return { ...a, input: Math.max(a.input, b.input), cached: Math.max(a.cached, b.cached), output: Math.max(a.output, b.output) }
}

/** Whole nano-dollars per class; nothing where input or output has no price, or where each request has one of its own besides. */
function classesOf(price: ModelPrice): TokenPrices | undefined {
  if (price['requests_kcount'] || !price['input_mtok'] || !price['output_mtok']) return undefined
  const starts = [...new Set(Object.values(price).flatMap(each => typeof each === 'object' ? each.tiers.map(({ start }) => start) : []))].sort((a, b) => a - b)
  const long = starts.map(above => ({ above, ...classesAt(price, above + 1) }))
  return { ...classesAt(price, 0), ...long.length > 0 && { long } }
}

function classesAt(price: ModelPrice, inputTokens: number): ClassPrices {
  const nano = (key: string) => {
    const listed = price[key]
    const dollars = typeof listed === 'object' ? listed.tiers.findLast(({ start }) => inputTokens > start)?.price ?? listed.base : listed
    return dollars === undefined ? undefined : Math.round(dollars * 1e9)
  }
  const [input, written, reasoning] = [nano('input_mtok')!, nano('cache_write_mtok'), nano('output_reasoning_mtok')]
  return { input, cached: nano('cache_read_mtok') ?? input, output: nano('output_mtok')!, ...written !== undefined && { written }, ...reasoning !== undefined && { reasoning } }
}

interface Listed { readonly p: string; readonly id: string; readonly in_: number | null; readonly out: number | null; readonly cr: number | null }
const folder = process.env['SPARING_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))
const file = `${folder}/prices/models_dev_9providers.json`
const other = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Listed[] : undefined

function confidenceOf(model: ModelFacts, price: TokenPrices, provider: string): 'high' | 'low' {
  // What is written stays where there is nothing to compare with.
  if (!other) return model.priceConfidence ?? 'low'
  if (provider !== (listedAs[model.provider] ?? model.provider)) return 'low'
  const names = [model.id, ...model.aliases ?? []]
  const found = other.find(({ p, id, in_ }) => p === model.provider && in_ !== null && names.includes(id.toLowerCase()))
  return found && !agrees(found, price) ? 'low' : 'high'
}

function agrees({ in_, out, cr }: Listed, { input, cached, output }: TokenPrices): boolean {
  const same = (dollars: number | null, nano: number) => dollars === null || Math.round(dollars * 1e9) === nano
  // A price for cached input that one list leaves out is no disagreement.
  return same(in_, input) && same(out, output) && (cached === input || same(cr, cached))
}

const printed = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/"(\w+)":/g, ' $1: ').replaceAll(/"(\w+)"/g, "'$1'").replaceAll(/,\s*/g, ', ').replaceAll('}', ' }')
    .replaceAll(/\d{5,}/g, digits => digits.replaceAll(/\B(?=(\d{3})+$)/g, '_'))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(new URL('prices.ts', import.meta.url))
  const check = process.argv.includes('--check')
  const source = pricesSource(check ? pricesRead : new Date().toISOString().slice(0, 10))
  if (!check) writeFileSync(path, source)
  else if (readFileSync(path, 'utf8') !== source) {
    console.error('src/catalog/table/prices.ts is not what @pydantic/genai-prices has. Run node src/catalog/table/generate.ts, and read the difference.')
    process.exitCode = 1
  }
}
