import { SparingError } from '../core/index.ts'
import type { Receipt, RunInput } from '../core/index.ts'
import { teaches } from '../routing/index.ts'
import type { StreamPart } from '../protocol/index.ts'
import { admit, checkTierOn, optInRequired } from './admission.ts'
import type { Circumstances, RunAsk } from './admission.ts'
import { withBudgets } from './budgets.ts'
import { checkOrigin } from './http.ts'
import { drawOf, personOf } from './identity.ts'
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

/** A run that goes on. `stop` is for when nobody waits for it any longer; its parts must be drawn to their end all the same. */
export interface Begun {
  readonly run: RunContext
  /** As many at a time as came together. */
  readonly parts: AsyncGenerator<readonly StreamPart[]>
  stop(): void
}

/**
 * Makes a reserved run, or tells how one ended. Nothing is asked of a model before its parts are drawn.
 * @throws {SparingError} for one that ended without an answer
 */
export function begin({ run, ended }: Reserved, request: Request): Begun {
  const gone = new AbortController()
  const stop = () => gone.abort(new DOMException('Nobody waits for the answer any longer.', 'AbortError'))
  // One signal, because a signal of signals costs every run more than its id.
  if (request.signal.aborted) stop()
  else request.signal.addEventListener('abort', stop, { once: true })
  return { run, stop, parts: ended ? told(ended, run) : perform(run, gone.signal) }
}

function told(ended: Entry, run: RunContext): AsyncGenerator<readonly StreamPart[]> {
  if (ended.receipt) return replayed(ended, run)
  throw new SparingError('idempotency-conflict', 'A run of this id ended without an answer. Send a new id to try again.')
}

async function* replayed(ended: Entry, run: RunContext): AsyncGenerator<readonly StreamPart[]> {
  yield replay(run.id, (await toldReceipt(ended, run.policy.budgets, run))!)
}

/** Knows of a run until it is over, so that closing can wait for it. */
export const follow = <T>({ runs }: Service, { key }: RunContext, over: Promise<T>, stop: () => void): Promise<T> =>
  runs.follow({ identity: key && key.identity, stop }, over)

/** Who asks; where a cookie may say so, only from pages that may. */
export async function callerOf(service: Service, request: Request): Promise<Identity | null> {
  const identity = await service.identities.of(request)
  checkPage(service, request, identity)
  return identity
}

/** Refuses pages of other sites where a cookie says who asks, or may: the host may go by one of its own. */
export function checkPage({ identities, settings }: Service, request: Request, identity: Identity | null): void {
  if (identities.byCookie(identity) || request.headers.has('cookie')) checkOrigin(request, settings.origins)
}

/** @throws {SparingError} the first thing that stands against the run; nothing was spent then */
export async function reservedFor(service: Service, request: Request, ask: ParsedRun, identity: Identity | null): Promise<Reserved> {
  // By what was sent: whoever sends it again is told how it ended, whatever the host makes of it.
  return reserved(service, await service.sign(bodyOf(ask)), input => prepareRun(service, request, input ? { ...ask, input, rewritten: true } : ask, identity))
}

/**
 * Prepares a run, has the host look at it, and takes its ceiling, anew where the policy changed meanwhile.
 * @param body hash of what must be the same when its id is sent again
 * @param prepare with what the host put in place of the input; `null` where it is the person's own
 */
export async function reserved(service: Service, body: string, prepare: (input: RunInput | null) => Promise<RunContext>): Promise<Reserved> {
  // Asked once, however often the policy changes.
  let checked: { readonly rewritten: RunInput | null } | null = null
  for (let attempt = 0; attempt < attempts; attempt++) {
    let run = await prepare(checked && checked.rewritten)
    if (!checked) {
      const input = await inputAfter(service.settings.onRun.before, run)
      checked = { rewritten: input === run.ask.input ? null : input }
      // It took its time, in which an opt-in may have been taken back.
      if (service.settings.onRun.before) run = await prepare(checked.rewritten)
    }
    service.runs.checkOpen()
    const answer = await reserveRun(run, body)
    if (answer) return answer
    await service.policy.refresh()
  }
  throw new SparingError('ledger-unavailable', 'The policy goes on changing while this is checked, so nothing was run. Try again.')
}

/** Everything that can be decided before money is touched. */
async function prepareRun(service: Service, request: Request, parsed: ParsedRun & Pick<RunAsk, 'rewritten'>, identity: Identity | null): Promise<RunContext> {
  const { settings, addressOf, health, receiptKeys, lessons, counts } = service
  const { feature, tier, trigger } = parsed
  // The ledger compares policies when it reserves; of a run that it records nothing of this asks it.
  const unrecorded = !identity && tier === 'baseline' ? service.policy.refresh().catch(() => service.policy.current()) : undefined
  const { policy, catalog } = await standingFor(service, identity, unrecorded)
  const owner = identity ?? nobody
  const draw = { identity: owner, run: { feature, tier, trigger }, network: tier === 'baseline' ? null : addressOf(request, owner.anonymous) }
  checkTierOn(parsed, policy)
  const ask = { ...parsed, need: await service.needs.of(parsed) }
  // Where nobody says what became of answers, nothing is learned by trying.
  const trial = catalog.features[feature]?.adequacy && await trialOf(service, feature, owner, ask.id)
  const admitted = admit(ask, catalog, limitedFor(service, draw, policy), { now: settings.now(), outOfOrder: health.outOfOrder(), counts, ...trial })
  if (!identity && tier !== 'baseline') throw new SparingError('identity-required', 'Nobody knows yet whose allowance this draws on. GET /v1/budget first and send the cookie it sets.')
  // So are receipts marked whose run an API key's owner vouches for.
  if (admitted.optIn?.id === 'caller') throw optInRequired({ gap: 'malformed' })
  // What people agree to at the press is no standing record: there is nothing to take back.
  if (!owner.anonymous && admitted.optIn && admitted.optIn.scope !== 'once') {
    checkNotRevoked(admitted.optIn, await optInsOf(settings.ledger, owner.key, settings.now()))
  }
  return {
    id: ask.id, ask, admitted, draw, policy, catalog, settings, health, receiptKeys, lessons, counts,
    traceparent: traceparentOf(request), key: identity && { identity: identity.key, run: ask.id },
  }
}

/** The run's lot, and whether what this person makes of a model would teach anything: what is tried on others is no use. */
async function trialOf({ sign, learned, settings }: Service, feature: string, owner: Identity, run: string): Promise<Pick<Circumstances, 'draw' | 'teaches'>> {
  const [draw, person] = await Promise.all([drawOf(JSON.stringify(['trial', owner.key, run]), sign), personOf(owner, sign)])
  return { draw, teaches: key => teaches(learned.heard(feature), key, person, settings.now()) }
}

/** What must be the same when an id is sent again. */
export const bodyOf = ({ feature, input, tier, effort, ceiling, trigger }: Omit<ParsedRun, 'id'>): string =>
  JSON.stringify([feature, input, tier, effort, ceiling, trigger])

/** The receipt of a run that ended as its owner is told it; `null` for one that was never dispatched. */
export async function toldReceipt({ receipt, budgets }: Entry, policy: readonly ServerBudget[], { receiptKeys }: Pick<Service, 'receiptKeys'>): Promise<Receipt | null> {
  if (!receipt) return null
  return withBudgets(await receiptKeys.sign(receipt), budgets, policy)
}
