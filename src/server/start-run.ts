import { SparingError } from '../core/index.ts'
import type { Receipt, RunInput } from '../core/index.ts'
import type { StreamPart } from '../protocol/index.ts'
import { admit, checkTierOn } from './admission.ts'
import type { RunAsk } from './admission.ts'
import { withBudgets } from './budgets.ts'
import { checkOrigin } from './http.ts'
import { drawOf } from './identity.ts'
import type { Identity } from './identity.ts'
import type { Entry } from './ledger/port.ts'
import { inputAfter } from './moderate.ts'
import { checkNotRevoked, optInsOf } from './opt-ins.ts'
import type { ParsedRun } from './parse.ts'
import { perform, replay, reserveRun } from './run.ts'
import type { Reserved, RunContext } from './run.ts'
import type { ServerBudget } from './server-budget.ts'
import { limitedFor, nobody, standingFor } from './service.ts'
import type { Service } from './service.ts'
import { traceparentOf } from './tracing.ts'

/** How often a run is admitted anew because the policy changed meanwhile. */
const attempts = 4

/** A run that was let in: what it says, whose it is, and how to stop it. */
export interface Started {
  readonly id: string
  readonly parts: AsyncGenerator<StreamPart>
  /** Knows of it until it is over, so that closing can wait for it. */
  follow<T>(over: Promise<T>): Promise<T>
  stop(): void
}

/**
 * Lets a run in: checks it, has the host look at it, takes its ceiling from every budget. Nothing is
 * asked of a model before its parts are drawn; when `request` is aborted, or it is stopped, the model is too.
 * @throws {SparingError} the first thing that stands against it; nothing was spent then
 */
export async function startRun(service: Service, request: Request, ask: ParsedRun): Promise<Started> {
  const { run, ended } = await reserved(service, request, ask)
  const gone = new AbortController()
  const stop = () => gone.abort(new DOMException('Nobody waits for the answer any longer.', 'AbortError'))
  const signal = AbortSignal.any([gone.signal, request.signal])
  const parts = ended ? replay(run.id, await receiptOfEnded(ended, run)) : perform(run, signal)
  return { id: run.id, parts, stop, follow: over => follow(service, run.key && run.key.identity, over, stop) }
}

function follow<T>({ running, retire }: Service, identity: string | null, over: Promise<T>, stop: () => void): Promise<T> {
  const entry = { identity, stop, over }
  running.add(entry)
  return over.finally(() => {
    running.delete(entry)
    retire()
  })
}

async function reserved(service: Service, request: Request, ask: ParsedRun): Promise<Reserved> {
  const identity = await service.identities.of(request)
  if (service.identities.byCookie(identity)) checkOrigin(request, service.settings.origins)
  // What the host made of the input: asked once, however often the policy changes.
  let input: RunInput | null = null
  for (let attempt = 0; attempt < attempts; attempt++) {
    let prepared = await prepareRun(service, request, ask, identity)
    input ??= await inputAfter(service.settings.onRun.before, prepared)
    if (input !== ask.input) prepared = await prepareRun(service, request, { ...ask, input, rewritten: true }, identity)
    // By what was sent: whoever sends it again is told how it ended.
    const answer = await reserveRun(prepared, await service.sign(bodyOf(ask)))
    if (answer) return answer
    await service.policy.refresh()
  }
  throw new SparingError('ledger-unavailable', 'The policy goes on changing while this is checked, so nothing was run. Try again.')
}

/** Everything that can be decided before money is touched. */
async function prepareRun(service: Service, request: Request, ask: ParsedRun & Pick<RunAsk, 'rewritten'>, identity: Identity | null): Promise<RunContext> {
  const { settings, addressOf, health, receiptKeys, lessons, counts } = service
  const { feature, tier, trigger } = ask
  const { policy, catalog } = await standingFor(service, identity)
  const owner = identity ?? nobody
  const draw = { identity: owner, run: { feature, tier, trigger }, network: tier === 'baseline' ? null : addressOf(request, owner.anonymous) }
  checkTierOn(ask, policy)
  // Where nobody says what became of answers, nothing is learned by trying.
  const trial = catalog.features[feature]?.adequacy && { draw: await drawOf(JSON.stringify(['trial', owner.key, ask.id]), service.sign) }
  const admitted = admit(ask, catalog, limitedFor(service, draw, policy), { now: settings.now(), outOfOrder: health.outOfOrder(), counts, ...trial })
  if (!identity && tier !== 'baseline') throw new SparingError('identity-required', 'Nobody knows yet whose allowance this draws on. GET /v1/budget first and send the cookie it sets.')
  // What people agree to at the press is no standing record: there is nothing to take back.
  if (!owner.anonymous && admitted.optIn && admitted.optIn.scope !== 'once') {
    checkNotRevoked(admitted.optIn, await optInsOf(settings.ledger, owner.key, settings.now()))
  }
  return {
    id: ask.id, ask, admitted, draw, policy, catalog, settings, health, receiptKeys, lessons, counts,
    traceparent: traceparentOf(request), key: identity && { identity: identity.key, run: ask.id },
  }
}

/** What must be the same when an id is sent again. */
const bodyOf = ({ feature, input, tier, effort, ceiling, trigger }: RunAsk): string =>
  JSON.stringify([feature, input, tier, effort, ceiling, trigger])

async function receiptOfEnded(entry: Entry, { receiptKeys, policy }: RunContext): Promise<Receipt> {
  const receipt = await toldReceipt(entry, policy.budgets, { receiptKeys })
  if (receipt) return receipt
  throw new SparingError('idempotency-conflict', 'A run of this id ended without an answer. Send a new id to try again.')
}

/** The receipt of a run that ended as its owner is told it; `null` for one that was never dispatched. */
export async function toldReceipt({ receipt, budgets }: Entry, policy: readonly ServerBudget[], { receiptKeys }: Pick<Service, 'receiptKeys'>): Promise<Receipt | null> {
  if (!receipt) return null
  return withBudgets(await receiptKeys.sign(receipt), budgets, policy)
}
