import { SparingError, tierFits } from '../../core/index.ts'
import type { ReachableModel } from '../../core/index.ts'
import { offeredTiers } from '../../routing/index.ts'
import { neededUnder } from '../admission.ts'
import type { Draw } from '../budgets.ts'
import { nothingHidden } from '../catalog.ts'
import { completionErrorResponse } from '../completions/error.ts'
import { noStore, reportFailure } from '../http.ts'
import type { Grant } from '../keyring.ts'
import { limitedFor } from '../service.ts'
import type { Service, Standing } from '../service.ts'

/** A model as OpenAI's clients list it. */
interface ListedModel {
  readonly id: string
  readonly object: 'model'
  /** Nobody knows when it was made. */
  readonly created: 0
  readonly owned_by: string
}

/** Answers in OpenAI's shape, also where it refuses. */
export async function inTheirShape({ settings: { onError, now } }: Service, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer()
  } catch (error) {
    reportFailure(error, onError)
    return completionErrorResponse(error, now())
  }
}

/** The catalog that a key's requests are served from. Shares of people that a feature is offered to are no matter of keys. */
export async function catalogFor({ policy, catalogs, learned }: Service): Promise<Standing> {
  const [inForce, facts] = await Promise.all([policy.current(), learned.current()])
  return { policy: inForce, catalog: await catalogs.under(inForce, nothingHidden, facts) }
}

/** What a request of a key draws on. */
export const drawOf = ({ identity, feature, tier }: Grant): Draw & { readonly run: NonNullable<Draw['run']> } => ({ identity, network: null, run: { feature, tier, trigger: 'user' } })

/** The models that a key may name: none of which nobody knows what its budgets limit. Quotes are no completion. */
export function reachableBy(grant: Grant, service: Service, { catalog: { features, models }, policy }: Standing): readonly ReachableModel[] {
  const { feature: name, tier } = grant
  if (!Object.hasOwn(features, name)) return []
  // A request may ask for as little output as it likes.
  const feature = { ...features[name]!, maxOutputTokens: 1 }
  const needed = neededUnder(limitedFor(service, drawOf(grant), policy))
  return models.filter(model => tierFits(model.tier, tier) && offeredTiers(feature, { models: [model] }, needed).length > 0)
}

export const unknownModel = (name: string, { tier }: Grant) =>
  new SparingError('unknown-model', `This key reaches no model "${name.slice(0, 100)}". Use "${tier}", which picks the cheapest that is good enough, or one of GET /v1/models.`)

/** `GET /v1/models`: the tier, by which the model selector picks one, and every model by its own name; nothing where none can be reached. */
export function modelsRoute(service: Service, request: Request): Promise<Response> {
  return inTheirShape(service, async () => noStore({ object: 'list', data: await listed(service, await service.keys!.required(request)) }))
}

/** `GET /v1/models/:id` */
export function modelRoute(service: Service, request: Request, id: string): Promise<Response> {
  return inTheirShape(service, async () => {
    const grant = await service.keys!.required(request)
    const model = (await listed(service, grant)).find(each => each.id === id)
    if (!model) throw unknownModel(id, grant)
    return noStore(model)
  })
}

async function listed(service: Service, grant: Grant): Promise<ListedModel[]> {
  const models = reachableBy(grant, service, await catalogFor(service))
  const named = new Map(models.map(({ id, provider }) => [id, provider]))
  const tier = models.length > 0 ? [[grant.tier, 'sparing'] as const] : []
  return [...tier, ...named].map(([id, owner]) => ({ id, object: 'model', created: 0, owned_by: owner }))
}
