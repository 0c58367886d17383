import { embodiedOf } from '../../catalog/index.ts'
import { inputBound } from '../../core/index.ts'
import type { ReachableFeature } from '../../core/index.ts'
import type { EstimateAnswer, EstimateRequest } from '../../protocol/index.ts'
import { checkTierOn, estimateFor } from '../admission.ts'
import { noStore, readJson } from '../http.ts'
import type { Identity } from '../identity.ts'
import type { Settings } from '../options.ts'
import { parseEstimate } from '../parse.ts'
import { checkPrompt, promptFor } from '../prompts.ts'
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
  const { model, choice, estimate } = estimateFor({ ...ask, need: await service.needs.of(ask) }, catalog, limitedFor(service, draw, policy), { outOfOrder: service.health.outOfOrder(), counts: service.counts })
  if (choice.tier !== 'baseline') checkSent(ask, catalog.features[ask.feature]!, draw.identity, service.settings)
  const gco2e = embodiedOf(model, estimate.tokens.output)
  return noStore({ estimate, ...gco2e && { embodied: { gco2e } }, choice } satisfies EstimateAnswer)
}

/** Nobody is told the price of a run whose prompt would not be sent. */
function checkSent({ feature, input }: EstimateRequest, { task, overhead }: ReachableFeature, { caller }: Identity, settings: Settings): void {
  const messages = promptFor(feature, settings)(input, { feature, task, identity: caller })
  try {
    checkPrompt(feature, messages, inputBound(input, overhead))
  } catch (error) {
    // Refusals are for whoever asks; this one is for whoever wrote the prompt.
    settings.onError(error)
    throw error
  }
}
