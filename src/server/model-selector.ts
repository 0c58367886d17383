import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { SparingError } from '../core/index.ts'
import { policyHeader } from '../protocol/index.ts'
import { coverageOf } from '../catalog/lessons.ts'
import type { FeatureCoverage, ScoredUnit } from '../catalog/scores.ts'
import { keepOutcomes } from './adequacy-keeper.ts'
import { catalogOf, catalogs } from './catalog.ts'
import { addressFinder } from './client-address.ts'
import { completionErrorResponse } from './completions/error.ts'
import { keepHealth } from './health.ts'
import { problemResponse, reportFailure } from './http.ts'
import { checkName, identities, signer, userKey } from './identity.ts'
import { keyring } from './keyring.ts'
import { keepLearned } from './learned.ts'
import { keepLessons } from './lessons-keeper.ts'
import { keepNeeds } from './needs.ts'
import { nameOf } from './names.ts'
import type { Name } from './names.ts'
import { notice } from './notice.ts'
import { settingsOf } from './options.ts'
import type { ModelSelectorOptions, Settings } from './options.ts'
import { keepPolicy } from './policy-keeper.ts'
import { receiptKeys } from './receipt-keys.ts'
import { budgetRoute } from './routes/budget.ts'
import { catalogRoute, estimateRoute } from './routes/catalog.ts'
import { chatRoute, conversationRoute } from './routes/chat.ts'
import { completionsRoute } from './routes/completions.ts'
import { healthRoute } from './routes/health.ts'
import { keysRoute } from './routes/keys.ts'
import { modelRoute, modelsRoute } from './routes/models.ts'
import { keepOptInRoute, readOptInsRoute, revokeOptInsRoute } from './routes/opt-ins.ts'
import { readPolicyRoute, replacePolicyRoute } from './routes/policy.ts'
import { receiptsRoute } from './routes/receipts.ts'
import { runRoute } from './routes/run.ts'
import { outcomeRoute, recordRoute } from './routes/runs.ts'
import { keepRuns } from './runs-under-way.ts'
import type { Service } from './service.ts'
import { smallContexts } from './small-contexts.ts'
import { tokenCounts } from './token-counts.ts'
import { missingFigures } from './unknown-figures.ts'

/** By feature and unit. */
export type Coverage = Readonly<Record<string, { readonly [U in ScoredUnit]?: FeatureCoverage }>>

/** A model selector: a web-standard handler that a server, an edge runtime or a page can hold. */
export interface ModelSelector {
  /** @param request any; paths outside `basePath` are answered with 404 */
  fetch(request: Request): Promise<Response>
  /**
   * Takes a user of `identify` out of the record, whose account is deleted: stops their runs, and keeps
   * what they spent under a name that leads nowhere. The same user would begin with a whole allowance,
   * so it is no route. One that was cut off may be asked for again.
   * @throws {SparingError} `ledger-unavailable`; `invalid-request` for a name that is too long to be anybody's
   * @throws {TypeError} for what is no name
   */
  erase(user: Name): Promise<void>
  /**
   * How often likely ranges held, by feature and unit, whichever server of this ledger ran them: of all
   * runs, and of those of each model, how wide the ranges were, which runs the ceiling cut, and whether
   * ranges are adapted to it, as those of each model are by itself.
   * @throws {SparingError} `ledger-unavailable`
   */
  coverage(): Promise<Coverage>
  /** Stops the runs that go on, settles them, writes what they taught, and lets go of the ledger. */
  close(): Promise<void>
}

/**
 * The server of the product's generative features: checks what is asked against opt-ins, ceilings
 * and budgets, picks the cheapest model that will do, and keeps the ledger.
 * @throws {TypeError} for options that cannot work or would not be safe, naming what to write instead
 */
export function createModelSelector(options: ModelSelectorOptions): ModelSelector {
  const settings = settingsOf(options)
  const service = serviceOf(settings)
  const app = routesOf(service)
  return {
    fetch: request => service.runs.during(Promise.resolve(app.fetch(request))),
    async erase(user) {
      const name = nameOf(user)
      if (!name) throw new TypeError('What was given names no user, so nobody was erased. Give the id that "identify" gives as "user".')
      checkName('user', name)
      const key = userKey(name)
      await service.runs.stop(key)
      await settings.ledger.erase(key)
    },
    async coverage() {
      await service.lessons.flush()
      const reports = Object.keys(settings.features).map(async name => [name, coverageOf(await service.lessons.ofFeature(name))] as const)
      return Object.fromEntries(await Promise.all(reports))
    },
    async close() {
      await service.runs.close()
      await service.lessons.flush()
      await settings.ledger.close()
    },
  }
}

function serviceOf(settings: Settings): Service {
  const sign = signer(settings.secret)
  const base = catalogOf(settings)
  const lessons = keepLessons(settings)
  const outcomes = keepOutcomes(settings)
  for (const sentence of [...missingFigures(base.models, settings), ...smallContexts(base)]) settings.onError(notice(sentence))
  return {
    settings, base, sign, lessons, outcomes, identities: identities(settings, sign), keys: keyring(settings, sign), policy: keepPolicy(settings), catalogs: catalogs(base),
    learned: keepLearned({ base, lessons, outcomes, now: settings.now }), counts: tokenCounts(settings), needs: keepNeeds(settings),
    health: keepHealth(settings), receiptKeys: receiptKeys(settings), runs: keepRuns(), addressOf: addressFinder(settings),
  }
}

/** Headers that pages of other origins may read. */
const exposed = ['retry-after', 'ratelimit', 'ratelimit-policy', 'etag', policyHeader]

function routesOf(service: Service): Hono {
  const { settings } = service
  const app = new Hono().basePath(settings.basePath)
  if (settings.origins.length > 0) app.use(cors({ origin: [...settings.origins], credentials: true, exposeHeaders: exposed }))
  // Open pages learn from any answer that the policy, and with it their catalog, is another by now.
  app.use('/v1/*', async (context, next) => {
    await next()
    const revision = service.policy.revision()
    if (revision !== null) context.res.headers.set(policyHeader, String(revision))
  })
  app.post('/v1/run', ({ req }) => runRoute(service, req.raw))
  app.get('/v1/runs/:id', ({ req }) => recordRoute(service, req.raw, req.param('id')))
  app.post('/v1/runs/:id/outcome', ({ req }) => outcomeRoute(service, req.raw, req.param('id')))
  app.post('/v1/chat', ({ req }) => chatRoute(service, req.raw))
  // Where a page asks to go on reading an answer: no text is kept, so there is none to go on with.
  app.get('/v1/chat/:id/stream', () => new Response(null, { status: 204 }))
  app.get('/v1/chats/:id', ({ req }) => conversationRoute(service, req.raw, req.param('id')))
  app.post('/v1/estimate', ({ req }) => estimateRoute(service, req.raw))
  app.get('/v1/catalog', ({ req }) => catalogRoute(service, req.raw))
  app.get('/v1/budget', ({ req }) => budgetRoute(service, req.raw))
  app.get('/v1/opt-ins', ({ req }) => readOptInsRoute(service, req.raw))
  app.put('/v1/opt-ins', ({ req }) => keepOptInRoute(service, req.raw))
  app.delete('/v1/opt-ins', ({ req }) => revokeOptInsRoute(service, req.raw))
  app.delete('/v1/opt-ins/:feature', ({ req }) => revokeOptInsRoute(service, req.raw, req.param('feature')))
  app.get('/v1/keys', () => keysRoute(service))
  app.get('/healthz', () => healthRoute(service))
  const paths: Record<string, string> = {
    '/v1/run': 'POST', '/v1/estimate': 'POST', '/v1/runs/:id': 'GET', '/v1/runs/:id/outcome': 'POST', '/v1/catalog': 'GET', '/v1/budget': 'GET', '/v1/keys': 'GET', '/healthz': 'GET',
    '/v1/opt-ins': 'GET, PUT, DELETE', '/v1/opt-ins/:feature': 'DELETE', '/v1/chat': 'POST', '/v1/chat/:id/stream': 'GET', '/v1/chats/:id': 'GET',
  }
  if (settings.adminToken !== undefined) {
    app.get('/v1/policy', ({ req }) => readPolicyRoute(service, req.raw))
    app.put('/v1/policy', ({ req }) => replacePolicyRoute(service, req.raw))
    app.get('/v1/receipts/:id', ({ req }) => receiptsRoute(service, req.raw, req.param('id')))
    Object.assign(paths, { '/v1/policy': 'GET, PUT', '/v1/receipts/:id': 'GET' })
  }
  if (service.keys) Object.assign(paths, keyedRoutes(app, service))
  refusing(app, settings, paths)
  return app
}

/** What clients of OpenAI's format may ask for besides. */
const notServed = ['/v1/completions', '/v1/embeddings', '/v1/responses', '/v1/responses/*']

/** Those for clients of OpenAI's format. */
function keyedRoutes(app: Hono, service: Service): Record<string, string> {
  app.post('/v1/chat/completions', ({ req }) => completionsRoute(service, req.raw))
  app.get('/v1/models', ({ req }) => modelsRoute(service, req.raw))
  app.get('/v1/models/:id', ({ req }) => modelRoute(service, req.raw, req.param('id')))
  // Their clients read errors in one shape only.
  for (const path of notServed) app.all(path, ({ req }) => completionErrorResponse(new SparingError('not-found', `This server has no ${req.path.slice(0, 200)}. Use /v1/chat/completions.`), service.settings.now()))
  return { '/v1/chat/completions': 'POST', '/v1/models': 'GET', '/v1/models/:id': 'GET' }
}

/** What no route answers, and what one throws. */
function refusing(app: Hono, { now, onError }: Settings, paths: Readonly<Record<string, string>>): void {
  const refuse = (error: unknown) => problemResponse(error, now())
  for (const [path, allow] of Object.entries(paths)) app.all(path, ({ req }) => refuse(otherMethod(req.path, req.method, allow)))
  app.notFound(({ req }) => refuse(new SparingError('not-found', `There is nothing at ${req.path.slice(0, 200)}. Check the address, and "basePath" on the server.`)))
  app.onError(error => {
    reportFailure(error, onError)
    return refuse(error)
  })
}

const otherMethod = (path: string, method: string, allow: string) =>
  new SparingError('method-not-allowed', `${path.slice(0, 200)} does not take ${method}. Use ${allow}.`, { allow })
