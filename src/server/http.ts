import { isSparingError, SparingError, utf8Length } from '../core/index.ts'
import { problemOf } from '../core/problem.ts'
import type { Budget, BudgetNotice, Unit } from '../core/index.ts'
import { encodeDone, encodeKeepAlive, encodePart, streamHeaders } from '../protocol/index.ts'
import type { StreamPart } from '../protocol/index.ts'

/**
 * The JSON of a request, read no further than the limit.
 * @throws {SparingError} for another content type, a longer body, or no JSON
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new SparingError('unsupported-media-type', `This takes "application/json", not "${type.slice(0, 80)}". Set the content-type header.`)
  const text = await readText(request, maxBytes)
  try {
    return JSON.parse(text)
  } catch {
    throw new SparingError('invalid-request', 'The body is no valid JSON, so nothing was run. Check for a missing quote or comma.')
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLong = () => new SparingError('input-too-long', `The body is longer than ${maxBytes} bytes, so nothing was run. Send a shorter text.`, { longest: maxBytes })
  const length = Number(request.headers.get('content-length') ?? NaN)
  if (length > maxBytes) throw tooLong()
  // A server's parser holds a body to the length it says, and servers read a whole text faster than a stream.
  if (length >= 0) {
    const text = await wholeOf(request)
    if (utf8Length(text) > maxBytes) throw tooLong()
    return text
  }
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of chunksOf(request)) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLong()
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

// A browser takes an answer for nothing but what it says it is, whatever words of a request it quotes.
const plain = { 'x-content-type-options': 'nosniff' }

/** An answer of this moment, for this caller. */
export const noStore = (body: unknown, { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {}): Response =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store', ...plain, ...headers } })

async function wholeOf(request: Request): Promise<string> {
  try {
    return await request.text()
  } catch (cause) {
    throw brokenOff(cause)
  }
}

async function* chunksOf({ body }: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? []
  } catch (cause) {
    throw brokenOff(cause)
  }
}

/** A sender that goes away in the middle is no failure of ours. */
const brokenOff = (cause: unknown) => new SparingError('aborted', 'The body broke off before its end, so nothing was run. Send it again.', {}, { cause })

/** Tells whoever runs the server of a failure; refusals are part of its work. */
export function reportFailure(error: unknown, onError: (error: unknown) => void): void {
  if (!isSparingError(error) || error.code === 'ledger-unavailable') onError(error)
}

/** A refusal as RFC 9457 problem details, with the headers that tell when to come back. */
export function problemResponse(error: unknown, now: number): Response {
  const problem = problemOf(error)
  const budgets = problem.status === 429 && Array.isArray(problem['budgets']) ? problem['budgets'] as (Budget | BudgetNotice)[] : []
  const allow = typeof problem['allow'] === 'string' ? { allow: problem['allow'] } : {}
  const challenge = /:(admin-token|api-key)-required$/.test(problem.type) ? { 'www-authenticate': 'Bearer' } : {}
  return noStore(problem, { status: problem.status, headers: { 'content-type': 'application/problem+json', ...allow, ...challenge, ...limitHeaders(budgets, problem['resetsAt'], now) } })
}

// The headers take whole numbers only, and budgets of money and energy are fractions.
const wholes: Record<Unit, { readonly name: string; readonly per: number }> = {
  usd: { name: 'micro-usd', per: 1e6 }, wh: { name: 'milli-wh', per: 1e3 }, gco2e: { name: 'milli-gco2e', per: 1e3 },
  tokens: { name: 'tokens', per: 1 }, runs: { name: 'runs', per: 1 },
}

/** `Retry-After`, and `RateLimit` with its policy (draft-ietf-httpapi-ratelimit-headers) for budgets whose amounts the caller may know. */
function limitHeaders(budgets: readonly (Budget | BudgetNotice)[], resetsAt: unknown, now: number): Record<string, string> {
  const seconds = (until: number) => Math.max(1, Math.ceil((until - now) / 1_000))
  const own = budgets.filter((budget): budget is Budget => 'limit' in budget)
  const left = ({ id, unit, available, resetsAt: at }: Budget) => `"${id}-${unit}";r=${Math.floor(available * wholes[unit].per)}${at === null ? '' : `;t=${seconds(at)}`}`
  const policy = ({ id, unit, limit }: Budget) => `"${id}-${unit}";q=${Math.round(limit * wholes[unit].per)};qu="${wholes[unit].name}"`
  return {
    ...typeof resetsAt === 'number' && { 'retry-after': String(seconds(resetsAt)) },
    ...own.length > 0 && { ratelimit: own.map(left).join(', '), 'ratelimit-policy': own.map(policy).join(', ') },
  }
}

/** How parts are written down. */
interface StreamForm {
  /** A part as server-sent events, or nothing. @default the AI SDK's UI message stream */
  readonly encode?: (part: StreamPart) => string
  readonly headers?: Readonly<Record<string, string>>
  /** Parts that were drawn already. */
  readonly opening?: readonly (readonly StreamPart[])[]
}

const keepAliveEvery = 15_000

/** After everything that is at hand now; a page has no better clock for that. */
const soon: (task: () => void) => void = globalThis.setImmediate ?? (task => setTimeout(task, 0))

/**
 * Parts as a response that streams. A run goes at its model's pace, not its reader's: one that
 * stalls holds up nothing but its own copy, which the ceiling bounds. When the reader goes away
 * `stop` is called, and the parts are still drawn to their end, because there stands the settlement.
 * @returns the response, and when the parts are at their end
 */
export function streamResponse(parts: AsyncIterable<readonly StreamPart[]>, stop: () => void, { encode = encodePart, headers = streamHeaders, opening = [] }: StreamForm = {}): { response: Response; over: Promise<void> } {
  const encoder = new TextEncoder()
  let outlet!: ReadableStreamDefaultController<Uint8Array>
  let open = true
  let quiet = true
  let waiting = ''
  const body = new ReadableStream<Uint8Array>({
    start: controller => { outlet = controller },
    cancel() {
      open = false
      stop()
    },
  })
  const flush = () => {
    if (open && waiting) outlet.enqueue(encoder.encode(waiting))
    waiting = ''
  }
  // What came from the model at once goes out at once: a write for every token costs more than the rest.
  const write = (text: string) => {
    quiet = false
    if (!waiting && text) soon(flush)
    waiting += text
  }
  const pulse = setInterval(() => {
    if (quiet) write(encodeKeepAlive())
    quiet = true
  }, keepAliveEvery)
  for (const parts of opening) write(parts.map(encode).join(''))
  const over = forward(parts, encode, write).finally(() => {
    clearInterval(pulse)
    flush()
  }).then(
    () => { if (open) outlet.close() },
    (error: unknown) => { if (open) outlet.error(error) })
  return { response: new Response(body, { headers: { ...headers, ...plain } }), over }
}

async function forward(said: AsyncIterable<readonly StreamPart[]>, encode: (part: StreamPart) => string, write: (text: string) => void): Promise<void> {
  for await (const parts of said) write(parts.map(encode).join(''))
  write(encodeDone())
}

/**
 * Refuses what another site's page may have sent with somebody's cookie. Browsers name the page's
 * origin on every POST; a request without one does not come from a page.
 */
export function checkOrigin(request: Request, allowed: readonly string[]): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  if (origin === null && (site === null || site === 'same-origin')) return
  if (origin !== null && (allowed.includes(origin) || isSameHost(origin, request))) return
  throw new SparingError('origin-not-allowed', `Pages of "${origin ?? 'another site'}" may not call this with a person's cookie. Add the origin to "origins" on the server if they should.`)
}

/** By host, because a proxy may have taken the encryption off. */
function isSameHost(origin: string, request: Request): boolean {
  const host = request.headers.get('host') ?? new URL(request.url).host
  return URL.canParse(origin) && new URL(origin).host === host
}
