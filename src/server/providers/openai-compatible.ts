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
 * @throws {TypeError} for an address or a key that no request can be made with
 */
export function openaiCompatible(options: OpenAICompatibleOptions): Provider {
  const url = addressOf(options.baseURL)
  checkHeaders(options)
  const id = options.id ?? url.hostname
  return {
    id,
    models: reachableModels(id, options.models, isLoopback(url.hostname)),
    stream: call => streamCompletion(call, options, url),
  }
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)

function addressOf(baseURL: string): URL {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : null
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url
  throw new TypeError('The baseURL of openaiCompatible is no address. Give one such as "https://api.openai.com/v1", without a name and password in it.')
}

/** A key with a line break at its end is refused by `fetch` at each run, with the key in its message. */
function checkHeaders(options: OpenAICompatibleOptions): void {
  if (!areHeaders(headersOf(options))) throw new TypeError('The API key or a header of openaiCompatible holds what no header may, such as a line break. Trim it.')
}

function areHeaders(headers: Record<string, string>): boolean {
  try {
    return Boolean(new Headers(headers))
  } catch {
    return false
  }
}

const headersOf = ({ apiKey, headers }: OpenAICompatibleOptions): Record<string, string> =>
  ({ 'content-type': 'application/json', accept: 'text/event-stream', ...apiKey && { authorization: `Bearer ${apiKey}` }, ...headers })

async function* streamCompletion(call: ProviderCall, options: OpenAICompatibleOptions, url: URL): AsyncGenerator<ProviderPart> {
  const { first = 60_000, idle = 60_000 } = options.timeout ?? {}
  const watch = watchdog(call.signal, first)
  let accepted = false
  try {
    const response = await request(call, options, url, watch.signal)
    yield { type: 'accepted' }
    accepted = true
    yield* completion(readEvents(response.body!, () => watch.allow(idle)))
  } catch (error) {
    // Given up while it was silent: it has the request, and may have read all of it.
    if (!accepted && watch.signal.aborted) yield { type: 'accepted' }
    if (call.signal.aborted) throw call.signal.reason
    if (watch.signal.aborted) throw new UpstreamError(`The model's server was silent for too long, so the answer was given up. Try again later.`)
    throw error instanceof SparingError ? error : brokeOff(error)
  } finally {
    watch.stop()
  }
}

/** Servers that leave out `[DONE]` still say why they finished; one that says neither broke off. */
async function* completion(events: AsyncIterable<string>): AsyncGenerator<ProviderPart> {
  let finished = false
  for await (const data of events) {
    if (data === '[DONE]') return
    for (const part of partsOf(parse(data))) {
      finished ||= part.type === 'finish'
      yield part
    }
  }
  if (!finished) throw brokeOff()
}

const brokeOff = (cause?: unknown) => new UpstreamError(`The model's server broke off, so the answer is not complete. What was used until then was counted; try again.`, {}, { cause })

async function request(call: ProviderCall, options: OpenAICompatibleOptions, url: URL, signal: AbortSignal): Promise<Response> {
  const send = options.fetch ?? fetch
  const response = await send(`${options.baseURL.replace(/\/$/, '')}/chat/completions`, { method: 'POST', headers: headersOf(options), body: JSON.stringify(bodyOf(call, options, url)), signal })
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
  const chunk = chunkOf(data)
  // Its own error would quote what the model wrote, and errors end up in logs.
  if (typeof chunk !== 'object' || chunk === null) throw new UpstreamError(`The model's server sent what is no answer, so the answer is not complete. Try again.`)
  if (chunk.error) throw new UpstreamError(`The model's server reported an error, so the answer is not complete. Try again later.`)
  return chunk
}

function chunkOf(data: string): Chunk | null {
  try {
    return JSON.parse(data) as Chunk | null
  } catch {
    return null
  }
}

function* partsOf({ choices = [], usage }: Chunk): Generator<ProviderPart> {
  for (const { delta, finish_reason: reason } of choices) {
    const thought = delta?.reasoning_content ?? delta?.reasoning
    if (thought) yield { type: 'reasoning', text: thought }
    if (delta?.content) yield { type: 'text', text: delta.content }
    if (reason) yield { type: 'finish', reason: reason === 'length' ? 'length' : 'stop' }
  }
  const counted = usage && usageOf(usage)
  if (counted) yield { type: 'usage', usage: counted }
}

/** Counts from outside are held to what counts can be; parts never exceed their whole. A prompt of no tokens is no report. */
function usageOf(usage: NonNullable<Chunk['usage']>) {
  const count = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0 ? value as number : 0
  const input = count(usage.prompt_tokens)
  const output = count(usage.completion_tokens)
  return input === 0 ? null : {
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
