import { SparingError } from '../../core/index.ts'
import type { RunStatus } from '../../core/index.ts'
import type { RunRecord } from '../../protocol/index.ts'
import { noStore, readJson } from '../http.ts'
import { personOf } from '../identity.ts'
import type { Identity } from '../identity.ts'
import type { Entry } from '../ledger/port.ts'
import { markOutcome } from '../outcome-marks.ts'
import { parseOutcome } from '../parse.ts'
import type { Service } from '../service.ts'
import { checkPage, toldReceipt } from '../start-run.ts'

/** `POST /v1/runs/:id/outcome`: what was made of an answer. Each kind counts once; telling it again changes nothing. */
export async function outcomeRoute(service: Service, request: Request, id: string): Promise<Response> {
  const { settings, outcomes, sign } = service
  const identity = await ownerOf(service, request)
  checkPage(service, request, identity)
  const { outcome, enough = null } = parseOutcome(await readJson(request, settings.maxBody))
  const entry = await entryOf(service, request, id)
  if (isRunning(entry)) throw new SparingError('run-in-progress', 'This run goes on still, so nothing was made of its answer yet. Tell it once it has ended.')
  const { receipt } = entry
  if (!receipt) throw new SparingError('not-found', 'This run ended without an answer, so there is nothing to tell of it.')
  // What failed is not the answer's doing.
  if (answered.has(receipt.status) && await markOutcome(settings.ledger, entry.identity, receipt, outcome)) {
    const { feature, choice: { provider, model, effort }, estimate: { tier } } = receipt
    await outcomes.note({ feature, provider, model, effort, tier, person: await personOf({ anonymous: identity?.anonymous ?? false, key: entry.identity }, sign), outcome, enough, at: settings.now() })
  }
  return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })
}

const answered: ReadonlySet<RunStatus> = new Set(['completed', 'ceiling'])

/** `GET /v1/runs/:id` */
export async function recordRoute(service: Service, request: Request, id: string): Promise<Response> {
  const entry = await entryOf(service, request, id)
  if (isRunning(entry)) return noStore({ id, status: 'running', receipt: null } satisfies RunRecord)
  const { budgets } = await service.policy.current()
  return noStore({ id, status: 'ended', receipt: await toldReceipt(entry, budgets, service) } satisfies RunRecord)
}

export const isRunning = ({ status }: Entry): boolean => status === 'held' || status === 'dispatched'

/** @throws {SparingError} `not-found`, also for another's run: nobody learns that it exists */
async function entryOf(service: Service, request: Request, id: string): Promise<Entry> {
  const identity = await ownerOf(service, request)
  const entry = identity && await service.settings.ledger.entry({ identity: identity.key, run: id })
  if (entry) return entry
  throw new SparingError('not-found', 'There is no run of yours with this id.')
}

/** Whose runs are asked for: those of an API key, where one is sent. */
const ownerOf = async ({ identities, keys }: Service, request: Request): Promise<Identity | null> =>
  (await keys?.grantOf(request))?.identity ?? await identities.of(request)
