import { problemOf, SparingError } from '../core/index.ts'
import type { Budget, BudgetNotice } from '../core/index.ts'
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
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLong()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLong()
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** A refusal as RFC 9457 problem details, with the headers that tell when to come back. */
export function problemResponse(error: unknown): Response {
  const problem = problemOf(error)
  const budgets = problem.status === 429 && Array.isArray(problem['budgets']) ? problem['budgets'] as (Budget | BudgetNotice)[] : []
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...limitHeaders(budgets, problem['resetsAt']) }
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}

/** `Retry-After`, and `RateLimit` with its policy (draft-ietf-httpapi-ratelimit-headers) for budgets whose amounts the caller may know. */
function limitHeaders(budgets: readonly (Budget | BudgetNotice)[], resetsAt: unknown): Record<string, string> {
  const seconds = (until: number | null) => Math.max(1, Math.ceil(((until ?? Date.now() + 86_400_000) - Date.now()) / 1_000))
  const own = budgets.filter((budget): budget is Budget => 'limit' in budget && Number.isInteger(budget.limit))
  return {
    ...typeof resetsAt === 'number' && { 'retry-after': String(seconds(resetsAt)) },
    ...own.length > 0 && {
      ratelimit: own.map(({ id, unit, available, resetsAt: at }) => `"${id}-${unit}";r=${Math.floor(available)};t=${seconds(at)}`).join(', '),
      'ratelimit-policy': own.map(({ id, unit, limit }) => `"${id}-${unit}";q=${limit}`).join(', '),
    },
  }
}

const keepAliveEvery = 15_000

/**
 * Parts as a response that streams. When the reader goes away, `stop` is called and the parts are
 * still drawn to their end, because at their end stands the settlement.
 */
export function streamResponse(parts: AsyncGenerator<StreamPart>, stop: () => void, headers: Record<string, string> = {}): Response {
  const encoder = new TextEncoder()
  let next: Promise<IteratorResult<StreamPart>> | null = null
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      next ??= parts.next()
      const result = await within(next, keepAliveEvery)
      if (result === 'quiet') return controller.enqueue(encoder.encode(encodeKeepAlive()))
      next = null
      if (!result.done) return controller.enqueue(encoder.encode(encodePart(result.value)))
      controller.enqueue(encoder.encode(encodeDone()))
      controller.close()
    },
    async cancel() {
      stop()
      await next
      await drain(parts)
    },
  }, { highWaterMark: 0 })
  return new Response(body, { headers: { ...streamHeaders, ...headers } })
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | 'quiet'> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const quiet = new Promise<'quiet'>(resolve => { timer = setTimeout(() => resolve('quiet'), milliseconds) })
  return Promise.race([promise, quiet]).finally(() => clearTimeout(timer))
}

/** Draws what is left, so that a generator runs to its end. */
export async function drain(parts: AsyncIterable<unknown>): Promise<void> {
  for await (const part of parts) void part
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
