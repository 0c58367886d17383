import { SparingError, UpstreamError } from '../../core/index.ts'
import { readEvents } from '../../protocol/index.ts'
import { reachableModels } from './configured-model.ts'
import type { ModelsByTier } from './configured-model.ts'
import type { Provider, ProviderCall, ProviderPart } from './port.ts'

export interface OpenAICompatibleOptions {
  /** Up to and with the version: `https://api.openai.com/v1`, `http://127.0.0.1:11434/v1`. */
  readonly baseURL: string
  readonly apiKey?: string
  readonly models: ModelsByTier
  /** What receipts call it. @default the host's name */
  readonly id?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch?: typeof fetch
  /** Milliseconds until the answer's first byte, and between two bytes of it. @default 60000 each */
  readonly timeout?: { readonly first?: number; readonly idle?: number }
}

/**
 * Any server that speaks OpenAI's chat completions, streamed. Cancelling a run closes its
 * connection, so that the upstream stops too.
 */
export function openaiCompatible(options: OpenAICompatibleOptions): Provider {
  const url = new URL(options.baseURL)
  const id = options.id ?? url.hostname
  return {
    id,
    models: reachableModels(id, options.models, isLoopback(url.hostname)),
    stream: call => streamCompletion(call, options, url),
  }
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127\./.test(host)

async function* streamCompletion(call: ProviderCall, options: OpenAICompatibleOptions, url: URL): AsyncGenerator<ProviderPart> {
  const { first = 60_000, idle = 60_000 } = options.timeout ?? {}
  const watch = watchdog(call.signal, first)
  try {
    const response = await request(call, options, url, watch.signal)
    yield { type: 'accepted' }
    watch.allow(idle)
    for await (const data of readEvents(response.body!)) {
      watch.allow(idle)
      if (data === '[DONE]') return
      yield* partsOf(parse(data))
    }
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason
    if (watch.signal.aborted) throw new UpstreamError(`The model's server was silent for too long, so the answer was given up. Try again later.`)
    throw error instanceof SparingError ? error : new UpstreamError(`The model's server broke off, so the answer is not complete. Try again.`, {}, { cause: error })
  } finally {
    watch.stop()
  }
}

async function request(call: ProviderCall, options: OpenAICompatibleOptions, url: URL, signal: AbortSignal): Promise<Response> {
  const send = options.fetch ?? fetch
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...options.apiKey && { authorization: `Bearer ${options.apiKey}` }, ...options.headers }
  const response = await send(`${options.baseURL.replace(/\/$/, '')}/chat/completions`, { method: 'POST', headers, body: JSON.stringify(bodyOf(call, options, url)), signal })
    .catch((cause: unknown) => {
      throw new UpstreamError(`The model's server could not be reached. Nothing was spent; try again later.`, {}, { cause })
    })
  if (response.ok && response.body) return response
  await response.body?.cancel()
  throw new UpstreamError(`The model's server refused with status ${response.status}. Nothing was spent; try again later.`)
}

/** The request. `max_tokens` is what most servers take; OpenAI's own wants another name for it. */
function bodyOf({ model, messages, maxOutputTokens, effort }: ProviderCall, { models }: OpenAICompatibleOptions, url: URL): Record<string, unknown> {
  const cap = /(^|\.)(openai\.com|openai\.azure\.com)$/.test(url.hostname) ? 'max_completion_tokens' : 'max_tokens'
  const thinks = reachableModels('', models, false).find(({ id }) => id === model)?.efforts.some(each => each !== 'none')
  return { model, messages, [cap]: maxOutputTokens, stream: true, stream_options: { include_usage: true }, ...thinks && { reasoning_effort: effort } }
}

interface Chunk {
  readonly error?: { readonly message?: string }
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null; readonly reasoning_content?: string | null; readonly reasoning?: string | null }
    readonly finish_reason?: string | null
  }[]
  readonly usage?: {
    readonly prompt_tokens?: number
    readonly completion_tokens?: number
    readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null
    readonly completion_tokens_details?: { readonly reasoning_tokens?: number } | null
  } | null
}

function parse(data: string): Chunk {
  const chunk = JSON.parse(data) as Chunk | null
  if (typeof chunk !== 'object' || chunk === null) throw new SyntaxError('A chunk of the stream is no object.')
  if (chunk.error) throw new UpstreamError(`The model's server reported an error, so the answer is not complete. Try again later.`)
  return chunk
}

function* partsOf({ choices = [], usage }: Chunk): Generator<ProviderPart> {
  for (const { delta, finish_reason: reason } of choices) {
    const thought = delta?.reasoning_content ?? delta?.reasoning
    if (thought) yield { type: 'reasoning', text: thought }
    if (delta?.content) yield { type: 'text', text: delta.content }
    if (reason) yield { type: 'finish', reason: reason === 'length' ? 'length' : 'stop' }
  }
  if (usage) yield { type: 'usage', usage: usageOf(usage) }
}

/** Counts from outside are held to what counts can be; parts never exceed their whole. */
function usageOf(usage: NonNullable<Chunk['usage']>) {
  const count = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0 ? value as number : 0
  const input = count(usage.prompt_tokens)
  const output = count(usage.completion_tokens)
  return {
    input, output,
    cached: Math.min(input, count(usage.prompt_tokens_details?.cached_tokens)),
    reasoning: Math.min(output, count(usage.completion_tokens_details?.reasoning_tokens)),
  }
}

/** Aborts when its parent does, or when nothing was allowed for too long. */
function watchdog(parent: AbortSignal, first: number) {
  const controller = new AbortController()
  const stopped = () => controller.abort(parent.reason)
  if (parent.aborted) stopped()
  parent.addEventListener('abort', stopped)
  let timer = setTimeout(() => controller.abort(), first)
  return {
    signal: controller.signal,
    allow(milliseconds: number) {
      clearTimeout(timer)
      timer = setTimeout(() => controller.abort(), milliseconds)
    },
    stop() {
      clearTimeout(timer)
      parent.removeEventListener('abort', stopped)
    },
  }
}
