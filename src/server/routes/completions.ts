import { effortCaps, lowestEffort, newId } from '../../core/index.ts'
import { errorOf } from '../../core/problem.ts'
import type { Catalog, Ceiling, Effort, OptIn, ReachableFeature, ReachableModel, RunInput } from '../../core/index.ts'
import type { Problem } from '../../core/problem.ts'
import { ceilingOf } from '../../catalog/index.ts'
import type { StreamPart } from '../../protocol/index.ts'
import { admit, checkTierOn } from '../admission.ts'
import { chunkWriter, wholeAnswer } from '../completions/answer.ts'
import { checkLength, readCompletion, withConversation } from '../completions/request.ts'
import type { CompletionRequest } from '../completions/request.ts'
import { noStore, readJson, streamResponse } from '../http.ts'
import type { Grant } from '../keyring.ts'
import type { RunContext } from '../run-context.ts'
import { limitedFor } from '../service.ts'
import type { Service } from '../service.ts'
import { begin, follow, reserved } from '../start-run.ts'
import type { Begun } from '../start-run.ts'
import { traceparentOf } from '../tracing.ts'
import { catalogFor, drawOf, inTheirShape, reachableBy, unknownModel } from './models.ts'

/**
 * `POST /v1/chat/completions`: OpenAI's format, for whoever holds an API key. Their messages, with the
 * instructions in them, take the place of the feature's prompt; its limits, the key's tier and every
 * budget hold.
 */
export function completionsRoute(service: Service, request: Request): Promise<Response> {
  return inTheirShape(service, async () => {
    const grant = await service.keys!.required(request)
    const asked = readCompletion(await readJson(request, service.settings.maxBody))
    // Every request is a run of its own: clients that ask again want the text, which is not kept.
    const id = `chatcmpl-${newId()}`
    const begun = begin(await reserved(service, id, input => prepare(service, request, id, grant, input ? withConversation(asked, input) : asked)), request)
    return asked.stream ? streamed(service, begun, asked) : whole(service, begun)
  })
}

function whole(service: Service, { run, parts, stop }: Begun): Promise<Response> {
  return follow(service, run, wholeAnswer(headOf(run), parts), stop).then(answer => noStore(answer))
}

const headOf = ({ id, settings }: RunContext) => ({ id, created: Math.floor(settings.now() / 1_000) })

const eventHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' }

/** Begins to answer with the first token, so that what fails before it has a status of its own and clients may try again. */
async function streamed(service: Service, { run, parts, stop }: Begun, { includeUsage }: CompletionRequest): Promise<Response> {
  const opening = await follow(service, run, openingOf(parts), stop)
  const { response, over } = streamResponse(parts, stop, { encode: chunkWriter(headOf(run), includeUsage), headers: eventHeaders, opening })
  void follow(service, run, over, stop)
  return response
}

/**
 * The parts up to the first that says something.
 * @throws {SparingError} what the run failed of before it
 */
async function openingOf(said: AsyncGenerator<readonly StreamPart[]>): Promise<(readonly StreamPart[])[]> {
  const opening: (readonly StreamPart[])[] = []
  let problem: Problem | null = null
  for (let next = await said.next(); !next.done; next = await said.next()) {
    opening.push(next.value)
    if (next.value.some(({ type }) => /-(delta|start)$/.test(type))) return opening
    problem ??= next.value.find(part => part.type === 'data-problem')?.data ?? null
  }
  if (problem) throw errorOf(problem)
  return opening
}

/** Everything that can be decided before money is touched. */
async function prepare(service: Service, request: Request, id: string, grant: Grant, asked: CompletionRequest): Promise<RunContext> {
  const { settings, health, receiptKeys, lessons, counts } = service
  const { feature, tier, identity, concurrency } = grant
  const standing = await catalogFor(service)
  const { policy, catalog } = standing
  checkTierOn({ tier }, policy)
  const narrowed = catalogOf(grant, asked, catalog, reachableBy(grant, service, standing))
  const { input, verbatim } = asked
  const effort = effortFor(asked, grant, narrowed)
  const ceiling = mostOf(narrowed.features[feature], narrowed.models, input)
  const now = settings.now()
  const ask = { feature, input, tier, effort, ceiling, need: 'generate', trigger: 'user', optIn: vouched(grant, effort, ceiling, catalog.version, now) } as const
  const draw = drawOf(grant)
  const admitted = admit(ask, narrowed, limitedFor(service, draw, policy), { now, outOfOrder: health.outOfOrder(), counts })
  checkLength(asked, feature, admitted.feature.maxInputTokens)
  return {
    id, ask, admitted, draw, policy, catalog: narrowed, settings, health, receiptKeys, lessons, counts, verbatim,
    traceparent: traceparentOf(request), key: { identity: identity.key, run: id }, ...concurrency !== undefined && { concurrency },
  }
}

/**
 * The catalog as far as the request may use it: the models that it names, the key's reasoning, no more
 * output than it asks for, and in place of the feature's prompt what it sends besides its conversation.
 * @throws {SparingError} `unknown-model`
 */
function catalogOf(grant: Grant, { model: name, overhead, maxOutputTokens }: CompletionRequest, catalog: Catalog, reachable: readonly ReachableModel[]): Catalog {
  const { feature: of, tier, effort = 'none' } = grant
  const models = reachable.filter(({ id }) => name === tier || id === name)
  if (models.length === 0 && name !== tier) throw unknownModel(name, grant)
  const feature = Object.hasOwn(catalog.features, of) ? catalog.features[of] : undefined
  const most = Math.min(feature?.maxOutputTokens ?? 0, maxOutputTokens ?? Infinity)
  return { ...catalog, models, features: feature ? { [of]: { ...feature, effort: lowestEffort(feature.effort, effort), overhead, maxOutputTokens: most } } : {} }
}

/** As hard as the request asks for, or as its key and tier allow: clients write an effort whatever a model knows. */
function effortFor({ effort }: CompletionRequest, { feature: of, tier }: Grant, { features }: Catalog): Effort {
  const allowed = Object.hasOwn(features, of) ? features[of]!.effort : 'none'
  return lowestEffort(lowestEffort(effort, allowed), effortCaps[tier])
}

/** The most that the request may cost: what any model it may have comes to. */
function mostOf(feature: ReachableFeature | undefined, models: readonly ReachableModel[], input: RunInput): Ceiling {
  if (!feature) return { usd: null, wh: null, outputTokens: 0 }
  const ceilings = models.map(model => ceilingOf(feature, model, input))
  const most = (unit: 'usd' | 'wh') => ceilings.reduce<number | null>((sum, each) => each[unit] === null ? sum : Math.max(sum ?? 0, each[unit]), null)
  return { usd: most('usd'), wh: most('wh'), outputTokens: feature.maxOutputTokens }
}

/** The word of the key's owner, in place of a person's. */
const vouched = ({ feature, tier }: Grant, effort: Effort, ceiling: Ceiling, catalogVersion: string, now: number): OptIn =>
  ({ id: 'caller', feature, scope: 'once', tier, effort, ceiling, catalogVersion, at: now, lapsesAt: null, origin: 'call' })
