import { errorOf, SparingError, UpstreamError } from '../../core/index.ts'
import type { Choice, Problem, Receipt } from '../../core/index.ts'
import type { RunRecord, RunResult, StreamPart } from '../../protocol/index.ts'
import { admit, checkTierOn, optInRequired } from '../admission.ts'
import type { RunAsk } from '../admission.ts'
import { withBudgets } from '../budgets.ts'
import { checkOrigin, noStore, readJson, streamResponse } from '../http.ts'
import type { Identity } from '../identity.ts'
import type { Entry } from '../ledger/port.ts'
import { checkNotRevoked, optInsOf } from '../opt-ins.ts'
import { parseRun } from '../parse.ts'
import type { ParsedRun } from '../parse.ts'
import type { ServerBudget } from '../server-budget.ts'
import { perform, replay, reserveRun } from '../run.ts'
import type { Reserved, RunContext } from '../run.ts'
import { limitedFor, nobody, standingFor } from '../service.ts'
import type { Service } from '../service.ts'

/** How often a run is admitted anew because the policy changed meanwhile. */
const attempts = 4

/** `POST /v1/run` */
export async function runRoute(service: Service, request: Request): Promise<Response> {
  const ask = parseRun(await readJson(request, service.settings.maxBody))
  const identity = await callerOf(service, request)
  const { parts, stop, run } = begin(await reservedFor(service, request, ask, identity), request)
  if (wantsJson(request)) return follow(service, run, jsonResult(run.id, parts), stop)
  const { response, over } = streamResponse(parts, stop)
  void follow(service, run, over, stop)
  return response
}

/** A run that goes on. `stop` is for when nobody waits for it any longer; its parts must be drawn to their end all the same. */
export interface Begun {
  readonly run: RunContext
  readonly parts: AsyncGenerator<StreamPart>
  stop(): void
}

/** Makes a reserved run, or tells how one ended. */
export function begin({ run, ended }: Reserved, request: Request): Begun {
  const gone = new AbortController()
  const stop = () => gone.abort(new DOMException('Nobody waits for the answer any longer.', 'AbortError'))
  const signal = AbortSignal.any([gone.signal, request.signal])
  return { run, stop, parts: ended ? replay(run.id, receiptOfEnded(ended, run.policy.budgets)) : perform(run, signal) }
}

/** Knows of a run until it is over, so that closing can wait for it. */
export function follow<T>({ running, retire }: Service, { key }: RunContext, over: Promise<T>, stop: () => void): Promise<T> {
  const entry = { identity: key && key.identity, stop, over }
  running.add(entry)
  return over.finally(() => {
    running.delete(entry)
    retire()
  })
}

/** Who asks; where a cookie says so, only from pages that may. */
export async function callerOf({ identities, settings }: Service, request: Request): Promise<Identity | null> {
  const identity = await identities.of(request)
  if (identities.byCookie(identity)) checkOrigin(request, settings.origins)
  return identity
}

/** @throws {SparingError} the first thing that stands against the run */
export async function reservedFor(service: Service, request: Request, ask: ParsedRun, identity: Identity | null): Promise<Reserved> {
  return reserved(service, await service.sign(bodyOf(ask)), () => prepareRun(service, request, ask, identity))
}

/**
 * Prepares a run and takes its ceiling, anew where the policy changed meanwhile.
 * @param body hash of what must be the same when its id is sent again
 */
export async function reserved(service: Service, body: string, prepare: () => Promise<RunContext>): Promise<Reserved> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const answer = await reserveRun(await prepare(), body)
    if (answer) return answer
    await service.policy.refresh()
  }
  throw new SparingError('ledger-unavailable', 'The policy goes on changing while this is checked, so nothing was run. Try again.')
}

/** Everything that can be decided before money is touched. */
async function prepareRun(service: Service, request: Request, ask: ParsedRun, identity: Identity | null): Promise<RunContext> {
  const { settings, addressOf } = service
  const { feature, tier, trigger } = ask
  const { policy, catalog } = await standingFor(service, identity)
  const owner = identity ?? nobody
  const draw = { identity: owner, run: { feature, tier, trigger }, network: tier === 'baseline' ? null : addressOf(request, owner.anonymous) }
  checkTierOn(ask, policy)
  const admitted = admit(ask, catalog, limitedFor(service, draw, policy), settings.now())
  if (!identity && tier !== 'baseline') throw new SparingError('identity-required', 'Nobody knows yet whose allowance this draws on. GET /v1/budget first and send the cookie it sets.')
  // So are receipts marked whose run an API key's owner vouches for.
  if (admitted.optIn?.id === 'caller') throw optInRequired({ gap: 'malformed' })
  // What people agree to at the press is no standing record: there is nothing to take back.
  if (!owner.anonymous && admitted.optIn && admitted.optIn.scope !== 'once') {
    checkNotRevoked(admitted.optIn, await optInsOf(settings.ledger, owner.key, settings.now()))
  }
  return { id: ask.id, ask, admitted, draw, policy, catalog, settings, key: identity && { identity: identity.key, run: ask.id } }
}

/** What must be the same when an id is sent again. */
export const bodyOf = ({ feature, input, tier, effort, ceiling, trigger }: RunAsk): string =>
  JSON.stringify([feature, input, tier, effort, ceiling, trigger])

function receiptOfEnded(entry: Entry, budgets: readonly ServerBudget[]): Receipt {
  if (entry.receipt) return withBudgets(entry.receipt, entry.budgets, budgets)
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

/** `GET /v1/runs/:id` */
export async function recordRoute({ settings, identities, keys, policy }: Service, request: Request, id: string): Promise<Response> {
  const identity = (await keys?.grantOf(request))?.identity ?? await identities.of(request)
  const entry = identity && await settings.ledger.entry({ identity: identity.key, run: id })
  if (!entry) throw new SparingError('not-found', 'There is no run of yours with this id.')
  const running = entry.status === 'held' || entry.status === 'dispatched'
  const receipt = entry.receipt && withBudgets(entry.receipt, entry.budgets, (await policy.current()).budgets)
  return noStore({ id, status: running ? 'running' : 'ended', receipt } satisfies RunRecord)
}
