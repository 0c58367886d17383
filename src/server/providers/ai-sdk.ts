import { findModel, factsFromName } from '../../catalog/index.ts'
import { SparingError } from '../../core/index.ts'
import type { GenerativeTier, ReachableModel } from '../../core/index.ts'
import { orAborted } from '../waiting.ts'
import { refusalIn, sdkReader } from './ai-sdk-answer.ts'
import type { SdkPart, SdkProgress } from './ai-sdk-answer.ts'
import { callOptions } from './ai-sdk-request.ts'
import type { AiSdkModel } from './ai-sdk-request.ts'
import { isToken } from './answer-reader.ts'
import { reachableModels } from './configured-model.ts'
import type { ModelConfig } from './configured-model.ts'
import { checkTimeouts, patience } from './patience.ts'
import type { Patience, Timeouts } from './patience.ts'
import type { Provider, ProviderCall, ProviderPart } from './port.ts'
import { tracedAsSdk } from './traced-as.ts'
import { broken, isRefusal, neverSent, refused, silent, unreachable } from './upstream-failure.ts'

export type AiSdkOptions = Omit<Exclude<ModelConfig, string>, 'id'> & {
  /** @default what the catalog suggests; needed for models that it does not know */
  readonly tier?: GenerativeTier
  /** What receipts call it. @default the provider's name and the model's, such as `anthropic:claude-haiku-4-5` */
  readonly id?: string
  /** Connecting is the model's own affair and part of `first`. */
  readonly timeout?: Omit<Timeouts, 'connect'>
  readonly now?: () => number
}

/**
 * Any language model of the AI SDK: Anthropic, Google, Bedrock and the rest. It retries nothing by
 * itself; what a run may cost bounds what it asks for, thinking included.
 * @throws {TypeError} for what is no model of these specifications; for a model that neither the catalog nor the options give a tier, or a time-out that is none
 */
export function aiSdk(model: AiSdkModel, { tier, id, timeout = {}, now = Date.now, ...config }: AiSdkOptions = {}): Provider {
  checkTimeouts(timeout, 'aiSdk')
  checkModel(model)
  const { modelId, provider } = model
  const suggested = tier ?? (findModel(modelId) ?? factsFromName(modelId))?.suggestedTier
  if (!suggested) throw new TypeError(`The catalog does not know "${modelId}", so nobody can say how costly it is. Give aiSdk a "tier", and a "price" if it has one.`)
  const name = id ?? `${provider.split('.')[0]}:${modelId}`
  const models = reachableModels(name, { [suggested]: [{ id: modelId, ...config }] }, false)
  const tracedAs = tracedAsSdk(provider)
  return { id: name, models, ...tracedAs && { tracedAs }, silence: Infinity, stream: call => complete(call, { model, reachable: models[0]!, timeout, now }) }
}

/** Those who write JavaScript have no compiler to tell them, and other specifications tell the end and the usage otherwise. */
function checkModel(model: unknown): void {
  const remedy = 'Give what a provider of AI SDK 6 or 7 makes (specification v3 or v4), such as anthropic("claude-haiku-4-5") of @ai-sdk/anthropic.'
  if (typeof model === 'string') throw new TypeError(`aiSdk was given the name "${model.slice(0, 100)}" and no model, so nothing could be asked. ${remedy}`)
  const { specificationVersion: version, modelId, provider, doStream } = (model ?? {}) as Partial<Record<keyof AiSdkModel, unknown>>
  if (typeof modelId !== 'string' || typeof provider !== 'string' || typeof doStream !== 'function') throw new TypeError(`aiSdk was given what is no language model, so nothing could be asked. ${remedy}`)
  if (version !== 'v3' && version !== 'v4') throw new TypeError(`The model "${modelId}" (${provider}) is of the AI SDK's specification ${String(version).slice(0, 20)}, whose usage and ends would not be read, so runs would be counted wrongly. ${remedy}`)
}

interface Upstream {
  readonly model: AiSdkModel
  readonly reachable: ReachableModel
  readonly timeout: Timeouts
  readonly now: () => number
}

interface Progress extends SdkProgress {
  /** There is a stream, if only of an error. */
  answered: boolean
}

async function* complete(call: ProviderCall, { model, reachable, timeout, now }: Upstream): AsyncGenerator<ProviderPart> {
  call.signal.throwIfAborted()
  const wait = patience(call.signal, timeout)
  // Leaving early must reach the model's own request as well.
  const gone = new AbortController()
  const progress: Progress = { answered: false, accepted: false, said: false }
  try {
    const options = { ...callOptions(call, model, reachable.efforts), abortSignal: AbortSignal.any([wait.signal, gone.signal]) }
    const { stream } = await orAborted(model.doStream(options as never), wait.signal)
    progress.answered = true
    for await (const part of saidIn(readAll(stream as ReadableStream<SdkPart>, wait), progress, now)) {
      if (isToken(part)) wait.token()
      yield part
    }
  } catch (error) {
    if (!progress.accepted && !isFree(error, progress)) yield { type: 'accepted' }
    if (call.signal.aborted) throw call.signal.reason
    throw failureOf(error, wait, progress, now())
  } finally {
    wait.stop()
    gone.abort()
  }
}

/** Whether a call that was not accepted has cost nothing: it was refused, or never sent. */
const isFree = (error: unknown, { answered }: Progress): boolean =>
  isRefusal(error) || !answered && (refusalIn(error, 0)[0] !== undefined || neverSent(error))

function failureOf(error: unknown, { gaveUp }: Patience, { answered, said }: Progress, now: number): SparingError {
  if (error instanceof SparingError) return error
  if (gaveUp) return silent(gaveUp)
  const [httpStatus, retryAfter, words] = refusalIn(error, now)
  if (!answered && httpStatus !== undefined) return refused(httpStatus, retryAfter, words)
  return !answered && neverSent(error) ? unreachable(withoutWords(error)) : broken(said, withoutWords(error))
}

async function* saidIn(stream: AsyncIterable<SdkPart>, progress: Progress, now: () => number): AsyncGenerator<ProviderPart> {
  const read = sdkReader(progress, now)
  let finished = false
  for await (const sdkPart of stream) {
    for (const part of read(sdkPart)) {
      finished ||= part.type === 'finish'
      yield part
    }
  }
  if (!finished) throw broken(progress.said)
}

/** The parts of a stream, also of one that does not heed the signal that its model was given. */
async function* readAll<T>(stream: ReadableStream<T>, { signal, heard }: Patience): AsyncGenerator<T> {
  const reader = stream.getReader()
  const cancel = () => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener('abort', cancel)
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      heard()
      yield next.value
    }
    signal.throwIfAborted()
  } finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}

/** Errors of the AI SDK hold the request and what was answered, some in their message, and errors end up in logs. */
function withoutWords(error: unknown): Error {
  const codes: unknown[] = []
  for (let cause = error as Error | undefined, depth = 0; cause && depth < 5; cause = cause.cause as Error | undefined, depth++) codes.push((cause as { code?: unknown }).code)
  const code = codes.find(each => typeof each === 'string')
  return Object.assign(new Error(`The AI SDK failed: ${error instanceof Error ? error.name : typeof error}.`), code !== undefined && { code })
}
