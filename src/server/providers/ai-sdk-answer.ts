import type { SparingError } from '../../core/index.ts'
import { isToken } from './answer-reader.ts'
import { measured } from './completion-chunk.ts'
import { isTokens } from './plausible.ts'
import type { FinishReason, ProviderPart, ReportedUsage } from './port.ts'
import { broken, faultIn, faultOf, refusedLate, reported, retryAfterOf, unreadable } from './upstream-failure.ts'
import type { SaidError } from './upstream-failure.ts'

type Count = number | undefined

interface SdkUsage {
  readonly inputTokens?: { readonly total?: Count; readonly cacheRead?: Count; readonly cacheWrite?: Count }
  readonly outputTokens?: { readonly total?: Count; readonly text?: Count; readonly reasoning?: Count }
  readonly raw?: Readonly<Record<string, unknown>>
}

/** The parts of the AI SDK's stream that say something here; others are passed over. */
export type SdkPart =
  | { readonly type: 'text-delta' | 'reasoning-delta'; readonly delta: string }
  | { readonly type: 'tool-input-start'; readonly id: string; readonly toolName: string }
  | { readonly type: 'tool-input-delta'; readonly id: string; readonly delta: string }
  | { readonly type: 'tool-call'; readonly toolCallId: string; readonly toolName: string; readonly input: string }
  | { readonly type: 'finish'; readonly usage: SdkUsage; readonly finishReason: { readonly unified: string; readonly raw?: string | undefined } }
  | { readonly type: 'error'; readonly error: unknown }

/** What is known of an answer: its server took the request, and said something. */
export interface SdkProgress {
  accepted: boolean
  said: boolean
}

/**
 * Reads an answer part by part, after `accepted` at the first that says anything but an error.
 * @throws UpstreamError for a part that says that it failed or broke off
 */
export function sdkReader(progress: SdkProgress, now: () => number): (part: SdkPart) => Generator<ProviderPart> {
  const read = partReader()
  return function* (part) {
    if (part.type === 'error') throw failureOf(part.error, progress, now())
    const parts = read(part)
    if ((part.type === 'finish' || parts.length > 0) && !progress.accepted) {
      progress.accepted = true
      yield { type: 'accepted' }
    }
    progress.said ||= parts.some(isToken)
    yield* parts
    if (part.type === 'finish') yield { type: 'finish', reason: finishOf(part.finishReason, progress) }
  }
}

/** An error of the server's with nothing before it is a refusal; what the AI SDK could not read is not the server's word. */
function failureOf(error: unknown, { accepted, said }: SdkProgress, now: number): SparingError {
  const [httpStatus, retryAfter, words] = refusalIn(error, now)
  if (httpStatus === undefined && (error as Error | null)?.name?.startsWith('AI_')) return unreadable(said)
  const found = foundIn(error, httpStatus, words)
  return accepted ? reported(said, found, retryAfter) : refusedLate(found, retryAfter)
}

/** What an error says of itself: some models' providers hand on their server's own, others hold it in theirs. */
function foundIn(error: unknown, httpStatus: number | undefined, words: string): SaidError {
  const { data } = (error ?? {}) as { data?: { error?: unknown } | null }
  const said = faultIn((data?.error ?? error ?? {}) as object, httpStatus)
  const fault = faultOf(httpStatus, words) === 'length' ? 'length' : said
  return { ...httpStatus !== undefined && { httpStatus }, ...fault && { fault } }
}

function partReader(): (part: Exclude<SdkPart, { type: 'error' }>) => ProviderPart[] {
  const calls: string[] = []
  return part => {
    switch (part.type) {
      case 'text-delta': return part.delta ? [{ type: 'text', text: part.delta }] : []
      case 'reasoning-delta': return part.delta ? [{ type: 'reasoning', text: part.delta }] : []
      case 'tool-input-start': return [{ type: 'tool-call', index: calls.push(part.id) - 1, id: part.id, name: part.toolName, arguments: '' }]
      case 'tool-input-delta': return [{ type: 'tool-call', index: calls.indexOf(part.id), arguments: part.delta }]
      // Whole, after its pieces or in place of them.
      case 'tool-call': return calls.includes(part.toolCallId) ? [] : [{ type: 'tool-call', index: calls.push(part.toolCallId) - 1, id: part.toolCallId, name: part.toolName, arguments: part.input }]
      case 'finish': return usageParts(part.usage)
      default: return []
    }
  }
}

const finishes: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length', 'tool-calls': 'tool-calls', 'content-filter': 'content-filter' }

/** An answer with no reason of the server's own was cut: providers then end the stream by themselves. */
function finishOf({ unified, raw }: { readonly unified: string; readonly raw?: string | undefined }, { said }: SdkProgress): FinishReason {
  if (unified === 'error') throw reported(said)
  if (unified === 'interrupted' || unified === 'other' && raw === undefined) throw broken(said)
  return Object.hasOwn(finishes, unified) ? finishes[unified]! : 'stop'
}

const count = (value: Count) => isTokens(value) ? value : 0

function usageParts({ inputTokens = {}, outputTokens = {}, raw }: SdkUsage): ProviderPart[] {
  const wh = measured(raw)
  const usage = usageOf(inputTokens, outputTokens)
  return [...usage ? [{ type: 'usage', usage } as const] : [], ...wh === null ? [] : [{ type: 'energy', wh } as const]]
}

/** Parts never exceed their whole. A report of nothing is none. */
function usageOf(read: NonNullable<SdkUsage['inputTokens']>, written: NonNullable<SdkUsage['outputTokens']>): ReportedUsage | null {
  const input = count(read.total)
  const reasoning = count(written.reasoning)
  const output = Math.max(count(written.total), reasoning, count(written.text) + reasoning)
  const stored = count(read.cacheWrite)
  return input + output === 0 ? null : { input, output, cached: Math.min(input, count(read.cacheRead)), reasoning, ...stored > 0 && { written: Math.min(input, stored) } }
}

/** The status of an error of the AI SDK, how long its server wants to be left alone, where it says so, and its words. */
export function refusalIn(error: unknown, now: number): [httpStatus: number | undefined, retryAfter: number | null, words: string] {
  const { statusCode, responseHeaders, responseBody, message } = (error ?? {}) as { statusCode?: unknown; responseHeaders?: Record<string, string>; responseBody?: unknown; message?: unknown }
  return [typeof statusCode === 'number' && statusCode >= 400 ? statusCode : undefined, responseHeaders ? retryAfterOf(new Headers(responseHeaders), now) : null, `${message} ${responseBody}`]
}
