import { SparingError } from '../../core/index.ts'
import type { ReachableModel } from '../../core/index.ts'
import { orAborted } from '../waiting.ts'
import { readAnswer, TooLongError } from './answer-events.ts'
import { answerReader, isToken, noProgress } from './answer-reader.ts'
import type { AnswerFacts, Progress } from './answer-reader.ts'
import { measured, parseChunk } from './completion-chunk.ts'
import { addressFor, bodyFor } from './completion-request.ts'
import type { Endpoint } from './completion-request.ts'
import { reachableModels } from './configured-model.ts'
import type { ModelsByTier } from './configured-model.ts'
import { opensUnseen } from './dialects.ts'
import type { Reasoner } from './dialects.ts'
import { endpointOf, isLoopback } from './endpoint.ts'
import type { EndpointOptions } from './endpoint.ts'
import { checkTimeouts, patience } from './patience.ts'
import type { Patience, Timeouts } from './patience.ts'
import type { Provider, ProviderCall, ProviderPart } from './port.ts'
import { tracedAsHost } from './traced-as.ts'
import { broken, faultWith, isRedirect, isRefusal, moved, neverSent, refused, retryAfterOf, silent, unreachable, unreadable } from './upstream-failure.ts'

export interface OpenAICompatibleOptions extends EndpointOptions {
  readonly models: ModelsByTier
  /** What receipts call it. @default the host's name */
  readonly id?: string
  readonly timeout?: Timeouts
  readonly now?: () => number
}

/** What every call goes by. */
interface Upstream {
  readonly endpoint: Endpoint
  readonly models: readonly ReachableModel[]
  readonly send: typeof fetch
  readonly timeout: Timeouts
  readonly now: () => number
}

/**
 * Any server that speaks OpenAI's chat completions: OpenAI, Azure, Ollama, vLLM, llama.cpp, Hugging
 * Face, OpenRouter, Groq, Mistral, DeepSeek and the like, each in its own dialect. Answers are
 * streamed; cancelling a run closes its connection, so that the upstream stops too.
 * @throws {TypeError} for options that no request can be made with
 */
export function openaiCompatible({ models: byTier, id, timeout = {}, now = Date.now, ...options }: OpenAICompatibleOptions): Provider {
  checkTimeouts(timeout, 'openaiCompatible')
  const endpoint = endpointOf(options, 'openaiCompatible')
  const name = id ?? endpoint.base.hostname
  const models = reachableModels(name, byTier, isLoopback(endpoint.base.hostname))
  // Looked up at each call: tests and instrumentation replace the global one.
  const send: typeof fetch = options.fetch ?? ((...request) => fetch(...request))
  const tracedAs = tracedAsHost(endpoint)
  return { id: name, models, ...tracedAs && { tracedAs }, silence: Infinity, stream: call => complete(call, { endpoint, models, send, timeout, now }) }
}

async function* complete(call: ProviderCall, upstream: Upstream): AsyncGenerator<ProviderPart | readonly ProviderPart[]> {
  call.signal.throwIfAborted()
  const wait = patience(call.signal, upstream.timeout)
  const progress = noProgress()
  try {
    const response = await request(call, upstream, wait.signal)
    progress.answered = true
    const retryAfter = retryAfterOf(response.headers, upstream.now())
    const opened = opensUnseen(upstream.endpoint.dialect, modelOf(call, upstream))
    yield* answer(response, wait, progress, { retryAfter, opened, most: call.maxOutputTokens })
  } catch (error) {
    // Given up or torn before it said anything: it had the request, and may have read all of it.
    if (!progress.accepted && !isRefusal(error) && (progress.answered || !neverSent(error))) yield { type: 'accepted' }
    if (call.signal.aborted) throw call.signal.reason
    throw failureOf(error, wait, progress)
  } finally {
    wait.stop()
  }
}

function failureOf(error: unknown, { gaveUp }: Patience, { answered, said }: Progress): SparingError {
  if (error instanceof SparingError) return error
  if (gaveUp) return silent(gaveUp)
  if (error instanceof TooLongError) return unreadable(said)
  return !answered && neverSent(error) ? unreachable(error) : broken(said, error)
}

const modelOf = (call: ProviderCall, { models }: Upstream): Reasoner => models.find(({ id }) => id === call.model) ?? { id: call.model, efforts: ['none'] }

async function request(call: ProviderCall, upstream: Upstream, signal: AbortSignal): Promise<Response> {
  const { endpoint, send, timeout, now } = upstream
  const sent = send(addressFor(endpoint, 'chat/completions', call.model), {
    method: 'POST',
    headers: { ...call.headers, 'content-type': 'application/json', accept: 'text/event-stream', ...unpacked, ...endpoint.headers },
    body: JSON.stringify(bodyFor(call, endpoint.dialect, modelOf(call, upstream))),
    // Whoever answers with another address would be sent the prompt there, and the host's own headers.
    signal, redirect: 'manual', ...connectWithin(timeout),
  })
  const response = await orAborted(sent, signal)
  if (response.ok && response.body) return response
  if (isRedirect(response)) {
    await response.body?.cancel()
    throw moved(response.status)
  }
  const words = faultWith(response.status) === 'request' ? await openingOf(response, signal) : await response.body?.cancel()
  throw refused(response.status, retryAfterOf(response.headers, now()), words ?? '')
}

/** Characters of a refusal that are read, and milliseconds that they are waited for. */
const [longestRefusal, refusalTime] = [8_000, 1_000]

/** The first words of a refusal, as far as they come. */
async function openingOf({ body }: Response, signal: AbortSignal): Promise<string> {
  if (!body) return ''
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(refusalTime)])
  let words = ''
  try {
    for (let next = await orAborted(reader.read(), inTime); !next.done; next = await orAborted(reader.read(), inTime)) {
      words += next.value
      if (words.length > longestRefusal) break
    }
  } catch {
    // What there is has to do.
  }
  void reader.cancel().catch(() => {})
  return words
}

/** Pieces as they are written: packed ones would wait for one another, and not every transport unpacks them. */
const unpacked = { 'accept-encoding': 'identity' }

/** For transports that know when they are connected; `fetch` itself looks at no such field. */
const connectWithin = ({ connect = 10_000 }: Timeouts): RequestInit => ({ connect } as RequestInit)

/**
 * Servers that leave out `[DONE]` still say why they finished; one that says neither broke off. One that
 * said either and then holds its connection open, or tears it, has answered all the same.
 */
async function* answer(response: Response, wait: Patience, progress: Progress, facts: AnswerFacts): AsyncGenerator<ProviderPart | readonly ProviderPart[]> {
  const reader = answerReader(progress, facts)
  const asides: ProviderPart[] = []
  const comment = (text: string) => asides.push(...energyIn(text))
  const stage = () => progress.marked && progress.counted ? 'over' : progress.marked || progress.finished ? 'whole' : 'open'
  for await (const events of readAnswer(response.body!, { heard: wait.heard, comment, signal: wait.signal, stage })) {
    const wasAccepted = progress.accepted
    const { parts, failure } = reader.read(events)
    if (progress.accepted && !wasAccepted) yield { type: 'accepted' }
    // Tokens that came together are one sign of life.
    if (parts.some(isToken)) wait.token()
    if (parts.length > 0) yield parts
    if (failure) throw failure
  }
  yield [...reader.end(stage() === 'open'), ...asides]
  if (stage() === 'open') throw broken(progress.said)
}

/** Neuralwatt reports a stream's energy in a comment at its end. */
function energyIn(comment: string): ProviderPart[] {
  const report = /^\s*energy\s+(\{.*\})/.exec(comment)?.[1]
  const wh = report ? measured(parseChunk(report)) : null
  return wh === null ? [] : [{ type: 'energy', wh }]
}
