import { SparingError } from '../../core/index.ts'
import type { RunRecord } from '../../protocol/index.ts'
import { noStore } from '../http.ts'
import type { Entry } from '../ledger/port.ts'
import type { Service } from '../service.ts'
import { toldReceipt } from '../start-run.ts'

/** `GET /v1/runs/:id` */
export async function recordRoute(service: Service, request: Request, id: string): Promise<Response> {
  const entry = await entryOf(service, request, id)
  if (isRunning(entry)) return noStore({ id, status: 'running', receipt: null } satisfies RunRecord)
  const { budgets } = await service.policy.current()
  return noStore({ id, status: 'ended', receipt: await toldReceipt(entry, budgets, service) } satisfies RunRecord)
}

const isRunning = ({ status }: Entry): boolean => status === 'held' || status === 'dispatched'

/** @throws {SparingError} `not-found`, also for another's run: nobody learns that it exists */
async function entryOf({ settings, identities }: Service, request: Request, id: string): Promise<Entry> {
  const identity = await identities.of(request)
  const entry = identity && await settings.ledger.entry({ identity: identity.key, run: id })
  if (entry) return entry
  throw new SparingError('not-found', 'There is no run of yours with this id.')
}
