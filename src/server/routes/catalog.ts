import type { EstimateAnswer } from '../../protocol/index.ts'
import { checkTierOn, estimateFor } from '../admission.ts'
import { noStore, readJson } from '../http.ts'
import { parseEstimate } from '../parse.ts'
import { identified, limitedFor, nobody, standingFor } from '../service.ts'
import type { Service } from '../service.ts'

/** `GET /v1/catalog` */
export async function catalogRoute(service: Service, request: Request): Promise<Response> {
  const { identity, headers: cookie } = await identified(service, request)
  const { catalog } = await standingFor(service, identity)
  const etag = `"${catalog.version}"`
  // It is the person's own: the cookie comes with it, and a feature may be offered to some only. So it
  // is their copy that is kept, and asked about each time.
  const headers = { etag, 'cache-control': 'private, no-cache', ...cookie }
  if (isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  return Response.json(catalog, { headers })
}

/** Proxies that pack an answer mark its tag as weak; it is the same catalog. */
const isKnown = (known: string | null, etag: string) => known?.split(',').some(each => each.trim().replace(/^W\//, '') === etag) ?? false

/** `POST /v1/estimate` */
export async function estimateRoute(service: Service, request: Request): Promise<Response> {
  const ask = parseEstimate(await readJson(request, service.settings.maxBody))
  const identity = await service.identities.of(request)
  const { policy, catalog } = await standingFor(service, identity)
  checkTierOn(ask, policy)
  const draw = { identity: identity ?? nobody, network: null, run: { feature: ask.feature, tier: ask.tier, trigger: 'user' } } as const
  return noStore(estimateFor({ ...ask, need: await service.needs.of(ask) }, catalog, limitedFor(service, draw, policy), { outOfOrder: service.health.outOfOrder(), counts: service.counts }) satisfies EstimateAnswer)
}
