import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { errorOf, isSparingError, SparingError, UpstreamError } from '../core/index.ts'
import type { Catalog, Choice, Problem, Receipt } from '../core/index.ts'
import type { BudgetAnswer, EstimateAnswer, RunRecord, RunResult, StreamPart } from '../protocol/index.ts'
import { admit, estimateFor } from './admission.ts'
import { claimsFor, limitedUnits, visibleBudgets } from './budgets.ts'
import { catalogOf, versioned } from './catalog.ts'
import { checkOrigin, noStore, problemResponse, readJson, streamResponse } from './http.ts'
import { identities, signer } from './identity.ts'
import type { Identities, Identity, Signer } from './identity.ts'
import { settingsOf } from './options.ts'
import type { ModelSelectorOptions, Settings } from './options.ts'
import { parseEstimate, parseRun } from './parse.ts'
import { perform, replay, reserveRun } from './run.ts'
import type { RunContext } from './run.ts'
import type { Entry } from './ledger/port.ts'
import { withBudgets } from './receipts.ts'

/** A model selector: a web-standard handler that a server, an edge runtime or a page can hold. */
export interface ModelSelector {
  /** @param request any; paths outside `basePath` are answered with 404 */
  fetch(request: Request): Promise<Response>
  /** Stops the runs that go on, settles them, and lets go of the ledger. */
  close(): Promise<void>
}

/** What every route goes by. */
interface Service {
  readonly settings: Settings
  readonly catalog: Catalog
  readonly identities: Identities
  readonly sign: Signer
  readonly running: Set<Running>
}

/** A run that goes on: how to stop it, and when it is settled. */
interface Running {
  stop(): void
  readonly over: Promise<unknown>
}

/**
 * The server of the product's generative features: checks what is asked against opt-ins, ceilings
 * and budgets, picks the cheapest model that will do, and keeps the ledger.
 * @throws {TypeError} for options that cannot work or would not be safe, naming what to write instead
 */
export function createModelSelector(options: ModelSelectorOptions): ModelSelector {
  const settings = settingsOf(options)
  const sign = signer(settings.secret)
  const running = new Set<Running>()
  const ready = versioned(catalogOf(settings)).then((catalog): Service => ({ settings, catalog, sign, identities: identities(settings, sign), running }))
  const app = new Hono().basePath(settings.basePath)
  if (settings.origins.length > 0) app.use(cors({ origin: [...settings.origins], credentials: true, exposeHeaders: ['retry-after', 'ratelimit', 'ratelimit-policy', 'etag'] }))
  app.post('/v1/run', async ({ req }) => runRoute(await ready, req.raw))
  app.get('/v1/runs/:id', async ({ req }) => recordRoute(await ready, req.raw, req.param('id')))
  app.post('/v1/estimate', async ({ req }) => estimateRoute(await ready, req.raw))
  app.get('/v1/catalog', async ({ req }) => catalogRoute(await ready, req.raw))
  app.get('/v1/budget', async ({ req }) => budgetRoute(await ready, req.raw))
  app.get('/healthz', async () => healthRoute(await ready))
  for (const path of ['/v1/run', '/v1/estimate']) app.all(path, ({ req }) => refuse(otherMethod(req.path, req.method, 'POST')))
  for (const path of ['/v1/runs/:id', '/v1/catalog', '/v1/budget', '/healthz']) app.all(path, ({ req }) => refuse(otherMethod(req.path, req.method, 'GET')))
  const refuse = (error: unknown) => problemResponse(error, settings.now())
  app.notFound(({ req }) => refuse(new SparingError('not-found', `There is nothing at ${req.path.slice(0, 200)}. Check the address, and "basePath" on the server.`)))
  app.onError(error => {
    if (!isSparingError(error) || error.code === 'ledger-unavailable') settings.onError(error)
    return refuse(error)
  })
  return {
    fetch: async request => app.fetch(request),
    async close() {
      for (const { stop } of running) stop()
      await Promise.allSettled([...running].map(({ over }) => over))
      await settings.ledger.close()
    },
  }
}

const otherMethod = (path: string, method: string, allow: string) =>
  new SparingError('method-not-allowed', `${path.slice(0, 200)} does not take ${method}. Use ${allow}.`, { allow })

async function runRoute(service: Service, request: Request): Promise<Response> {
  const prepared = await prepareRun(service, request)
  const { run, ended } = await reserveRun(prepared, await service.sign(bodyOf(prepared)))
  const gone = new AbortController()
  const stop = () => gone.abort(new DOMException('Nobody waits for the answer any longer.', 'AbortError'))
  const signal = AbortSignal.any([gone.signal, request.signal])
  const parts = ended ? replay(run.id, receiptOfEnded(ended)) : perform(run, signal)
  if (wantsJson(request)) return follow(service, jsonResult(run.id, parts), stop)
  const { response, over } = streamResponse(parts, stop)
  void follow(service, over, stop)
  return response
}

/** Knows of a run until it is over, so that closing can wait for it. */
function follow<T>({ running }: Service, over: Promise<T>, stop: () => void): Promise<T> {
  const entry = { stop, over }
  running.add(entry)
  return over.finally(() => running.delete(entry))
}

/** Everything that can be decided before money is touched, cheapest first. */
async function prepareRun({ settings, catalog, identities }: Service, request: Request): Promise<RunContext> {
  const ask = parseRun(await readJson(request, settings.maxBody))
  const admitted = admit(ask, catalog, limitedUnits(settings), settings.now())
  const identity = await identities.of(request)
  if (identities.byCookie(identity)) checkOrigin(request, settings.origins)
  if (!identity && ask.tier !== 'baseline') throw new SparingError('identity-required', 'Nobody knows yet whose allowance this draws on. GET /v1/budget first and send the cookie it sets.')
  const draw = { identity: identity ?? nobody, feature: ask.feature, tier: ask.tier, trigger: ask.trigger, network: settings.address?.(request) ?? null }
  return { id: ask.id, ask, admitted, draw, catalog, settings, key: identity && { identity: identity.key, run: ask.id } }
}

const nobody: Identity = { key: '', anonymous: true, caller: { user: '' } }

/** What must be the same when an id is sent again. */
function bodyOf({ ask: { feature, input, tier, effort, ceiling, trigger } }: RunContext): string {
  return JSON.stringify([feature, input, tier, effort, ceiling, trigger])
}

function receiptOfEnded(entry: Entry): Receipt {
  if (entry.receipt) return withBudgets(entry.receipt, entry.budgets)
  throw new SparingError('idempotency-conflict', 'A run of this id ended without an answer. Send a new id to try again.')
}

/** A client that asks for JSON and not for a stream gets one object. */
function wantsJson(request: Request): boolean {
  const accept = request.headers.get('accept') ?? ''
  return /application\/json/.test(accept) && !/text\/event-stream/.test(accept)
}

async function jsonResult(id: string, parts: AsyncIterable<StreamPart>): Promise<Response> {
  let text = ''
  let choice: Choice | null = null
  let receipt: Receipt | null = null
  let problem: Problem | null = null
  for await (const part of parts) {
    if (part.type === 'text-delta') text += part.delta
    if (part.type === 'data-choice') choice = part.data
    if (part.type === 'data-receipt') receipt = part.data
    if (part.type === 'data-problem') problem = part.data
  }
  if (problem) throw errorOf(problem)
  if (!choice || !receipt) throw new UpstreamError('The run ended without a receipt. Ask GET /v1/runs/:id for it.')
  return noStore({ id, text, choice, receipt } satisfies RunResult)
}

async function recordRoute({ settings, identities }: Service, request: Request, id: string): Promise<Response> {
  const identity = await identities.of(request)
  const entry = identity && await settings.ledger.entry({ identity: identity.key, run: id })
  if (!entry) throw new SparingError('not-found', 'There is no run of yours with this id.')
  const running = entry.status === 'held' || entry.status === 'dispatched'
  const receipt = entry.receipt && withBudgets(entry.receipt, entry.budgets)
  return noStore({ id, status: running ? 'running' : 'ended', receipt } satisfies RunRecord)
}

async function estimateRoute({ settings, catalog }: Service, request: Request): Promise<Response> {
  const ask = parseEstimate(await readJson(request, settings.maxBody))
  return noStore(estimateFor(ask, catalog, limitedUnits(settings)) satisfies EstimateAnswer)
}

async function catalogRoute(service: Service, request: Request): Promise<Response> {
  const { catalog } = service
  const etag = `"${catalog.version}"`
  // The cookie comes with it, so it is the person's own copy that is kept, and asked about each time.
  const headers = { etag, 'cache-control': 'private, no-cache', ...await cookieHeader(service, request) }
  if (isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  return Response.json(catalog, { headers })
}

/** Proxies that pack an answer mark its tag as weak; it is the same catalog. */
const isKnown = (known: string | null, etag: string) => known?.split(',').some(each => each.trim().replace(/^W\//, '') === etag) ?? false

async function budgetRoute(service: Service, request: Request): Promise<Response> {
  const { settings, identities } = service
  const identity = await identities.of(request)
  const cookie = await cookieHeader(service, request)
  const draw = { identity: identity ?? nobody, feature: '', tier: 'baseline', trigger: 'user', network: settings.address?.(request) ?? null } as const
  // Pots of features, tiers and triggers are a run's, not a person's.
  const claims = claimsFor(draw, settings).filter(({ scope }) => !['feature', 'tier', 'trigger'].includes(scope))
  const budgets = await settings.ledger.balance(claims.map(claim => ({ ...claim, amount: 0 })))
  return noStore({ budgets: visibleBudgets(budgets) } satisfies BudgetAnswer, { headers: cookie })
}

/** An identity for somebody who has none. It comes before a run that costs, never with it. */
async function cookieHeader({ identities }: Service, request: Request): Promise<Record<string, string>> {
  return await identities.of(request) ? {} : { 'set-cookie': await identities.issue(request) }
}

async function healthRoute({ settings, catalog }: Service): Promise<Response> {
  const state = { catalog: catalog.version, models: catalog.models.length }
  try {
    await settings.ledger.expire()
    return noStore({ ready: true, ...state })
  } catch (error) {
    settings.onError(error)
    return noStore({ ready: false, why: whyOf(error), ...state }, { status: 503 })
  }
}

/** For whoever looks after the server: what the ledger itself said. */
function whyOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
