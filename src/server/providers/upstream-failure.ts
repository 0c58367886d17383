import { UpstreamError } from '../../core/index.ts'
import type { UpstreamFacts } from '../../core/index.ts'
import type { Awaited } from './patience.ts'

/** Codes of failures that come before a connection stands: nothing was sent, so nothing was spent. */
const beforeConnection = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EACCES', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ConnectionRefused',
])
/** TLS that fails, which comes before the request as well. */
const handshake = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/

/**
 * Whether a request failed before it was sent. Where the error does not say, it may have been read,
 * and counts as taken.
 */
export function neverSent(error: unknown): boolean {
  for (let cause = error, depth = 0; cause && depth < 5; cause = (cause as Error).cause, depth++) {
    const { code, errors, message } = cause as { code?: unknown; errors?: unknown; message?: unknown }
    // Both addresses of a host were tried.
    if (Array.isArray(errors) && errors.length > 0) return errors.every(neverSent)
    // `fetch` itself refuses some ports, with no code.
    if (message === 'bad port') return true
    if (typeof code === 'string') return beforeConnection.has(code) || handshake.test(code)
  }
  return false
}

const failure = (message: string, facts: UpstreamFacts, cause?: unknown) => new UpstreamError(message, {}, { facts, ...cause !== undefined && { cause } })

/** There was no connection, or none in time. */
export function unreachable(cause: unknown): UpstreamError {
  const late = /CONNECT_TIMEOUT|ETIMEDOUT/.test(String((cause as { code?: unknown } | null)?.code))
  return failure(`The model's server could not be reached. Nothing was spent; try again later.`, { reason: 'unreachable', retryAfter: null, retryable: true, ...late && { awaited: 'connection' } }, cause)
}

type Fault = NonNullable<UpstreamFacts['fault']>

const faults: Readonly<Record<number, Exclude<Fault, 'length'>>> = { 400: 'request', 413: 'request', 414: 'request', 415: 'request', 422: 'request', 404: 'model', 401: 'account', 402: 'account', 403: 'account' }

/** What a server that answers with this status finds fault with; `undefined` where it is its own trouble, which may pass. */
export const faultWith = (httpStatus: number | undefined): Exclude<Fault, 'length'> | undefined => httpStatus === undefined ? undefined : faults[httpStatus]

/** How servers say that a request is longer than the model can hold; each has words of its own and the status of any other fault. */
const lengthWords = /context_length|exceed_context|context[ _-](?:length|size|window)|(?:maximum|max) (?:prompt|input) length|(?:prompt|input) is too long|input token count|too large for model|max_new_tokens`? must be|inputs`? must have less/i

/** What a refusal finds fault with, by its status and its words. */
export function faultOf(httpStatus: number | undefined, words: string): Fault | undefined {
  const fault = faultWith(httpStatus)
  return fault === 'request' && lengthWords.test(words) ? 'length' : fault
}

/** What an error in place of an answer, or of its end, says of itself. */
export interface SaidError {
  readonly httpStatus?: number
  readonly fault?: Fault
}

/** What types and codes find fault with, whatever server writes them. Those of its own trouble are not among them. */
const words: readonly (readonly [RegExp, Fault])[] = [
  [/api_?key|authenti|^permission|^billing|^account|insufficient_(?:quota|credit|fund)/, 'account'],
  [/^(?:model|deployment)_?not/, 'model'],
  [/context_(?:length|size|window)|exceed_context/, 'length'],
  [/content_?(?:filter|policy)|policy_?violation|moderation|inspection|^invalid_(?!response)|^bad_?request|^unsupported_|^unknown_param|^missing_|above_max|too_(?:large|long)|_validate_failed|^tool_use_failed/, 'request'],
]

function faultOfWord(word: unknown): Fault | undefined {
  if (typeof word !== 'string') return undefined
  // Some write them as names of classes.
  const plain = word.replace(/([a-z])(?=[A-Z])/g, '$1_').toLowerCase()
  return words.find(([pattern]) => pattern.test(plain))?.[1]
}

/**
 * What an error finds fault with: its code says it best, then its status, then its type, which for OpenAI
 * is one for many. One that is about the request is no trouble of the server's, whatever it comes under.
 */
export const faultIn = ({ code, type, status }: { readonly code?: unknown; readonly type?: unknown; readonly status?: unknown }, httpStatus?: number): Fault | undefined =>
  faultOfWord(code) ?? (httpStatus === undefined ? faultOfWord(type) ?? faultOfWord(status) : faultWith(httpStatus))

/** The consequence and the remedy. Its own words are not repeated: they may quote the prompt, or the key. */
const remedies: Readonly<Record<Fault | 'none', string>> = {
  request: 'It finds fault with the request itself. Nothing was spent; sending it again as it is will not help, so change it.',
  length: 'The request is longer than this model can hold. Nothing was spent; send a shorter text, or have a model set up that holds more.',
  model: 'It does not have this model, or not at this address. Nothing was spent; whoever runs the model selector has to look at which models it is set up with.',
  account: 'It does not accept the model selector\'s key or account. Nothing was spent; whoever runs the model selector has to look at its key for that server.',
  none: 'Nothing was spent; try again later.',
}

function refusal(sentence: string, httpStatus: number | undefined, retryAfter: number | null, fault: Fault | undefined): UpstreamError {
  return failure(`${sentence} ${remedies[fault ?? 'none']}`, { reason: 'refused', retryAfter, retryable: true, ...httpStatus !== undefined && { httpStatus }, ...fault && { fault } })
}

/** It answered with an error instead of taking the request. @param words its own, which say whether it is the length */
export const refused = (httpStatus: number, retryAfter: number | null, words = ''): UpstreamError =>
  refusal(`The model's server refused with status ${httpStatus}.`, httpStatus, retryAfter, faultOf(httpStatus, words))

/** It said that all is well and reported an error in place of an answer, which is a refusal too. */
export const refusedLate = ({ httpStatus, fault }: SaidError, retryAfter: number | null): UpstreamError =>
  refusal('The model\'s server reported an error in place of an answer.', httpStatus, retryAfter, fault)

/** It has another address by now, where neither the prompt nor the headers are sent: nobody named it. */
export const moved = (httpStatus: number): UpstreamError =>
  failure('The model\'s server sends whoever asks it to another address, which is not followed: the prompt and the headers that it was set up with would go there. Nothing was spent; whoever runs the model selector has to put the new address in its "baseURL".', { reason: 'refused', retryAfter: null, retryable: true, fault: 'account', ...httpStatus > 0 && { httpStatus } })

/** Whether a response says that something has another address: in browsers its status is hidden. */
export const isRedirect = ({ status, type }: Response): boolean => type === 'opaqueredirect' || status >= 300 && status < 400 && status !== 304

/** Whether a failure says that the request was not taken, so that it cost nothing. */
export const isRefusal = (error: unknown): boolean => error instanceof UpstreamError && error.facts?.reason === 'refused'

/** It took the request and reported an error in the middle. Its own words may quote the prompt, so they are not repeated. */
export function reported(said: boolean, { httpStatus, fault }: SaidError = {}, retryAfter: number | null = null): UpstreamError {
  const facts = { reason: 'refused', retryAfter, retryable: !said, ...httpStatus !== undefined && { httpStatus } } as const
  if (fault === 'request') return failure(`The model's server found fault with the request while it answered, so the answer is not complete. What was used until then was counted; sending it again as it is will not help, so change it.`, { ...facts, fault })
  return failure(`The model's server reported an error, so the answer is not complete. Try again later.`, facts)
}

/** It answered with nothing. */
export const empty = (): UpstreamError =>
  failure('The model answered with nothing. What was used until then was counted; try again, or ask in other words.', { reason: 'empty', retryAfter: null, retryable: true })

/** It answered with nothing because a filter of its server's kept the answer. */
export const withheld = (): UpstreamError =>
  failure('The model\'s filter withheld the answer. What was used until then was counted; sending it again as it is will not help, so ask for something else.', { reason: 'withheld', retryAfter: null, retryable: true, fault: 'request' })

/** Whether a filter kept the answer, and nothing else went wrong. */
export const isWithheld = (error: unknown): boolean => error instanceof UpstreamError && error.facts?.reason === 'withheld'

export const silent = (awaited: Awaited): UpstreamError =>
  failure(`The model's server was silent for too long, so the answer was given up. Try again later.`, { reason: 'silent', awaited, retryAfter: null, retryable: awaited === 'first token' })

export const broken = (said: boolean, cause?: unknown): UpstreamError =>
  failure(`The model's server broke off, so the answer is not complete. What was used until then was counted; try again.`, { reason: 'broken', retryAfter: null, retryable: !said }, cause)

/** It sent what is no answer. The parser's own error would quote what the model wrote, and errors end up in logs. */
export const unreadable = (said: boolean): UpstreamError =>
  failure(`The model's server sent what is no answer, so the answer is not complete. Try again.`, { reason: 'unreadable', retryAfter: null, retryable: !said })

/** A server that asks for more is asked again after this long: a wrong clock must not shut it out for days. */
const longestWait = 3_600_000

/**
 * Milliseconds that a server wants to be left alone: `retry-after-ms`, as OpenAI and Azure send it,
 * or `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
 */
export function retryAfterOf(headers: Headers, now: number): number | null {
  const precise = Number.parseFloat(headers.get('retry-after-ms') ?? '')
  if (precise >= 0) return Math.min(longestWait, Math.ceil(precise))
  const value = headers.get('retry-after')?.trim()
  if (!value) return null
  // A date has a month's name; `Date.parse` makes years of bare numbers.
  const milliseconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(/[a-z]/i.test(value) ? value : '') - now
  return Number.isNaN(milliseconds) ? null : Math.min(longestWait, Math.max(0, Math.ceil(milliseconds)))
}
