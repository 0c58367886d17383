import { SparingError } from '../../core/index.ts'
import type { FoundRun, ReceiptsAnswer } from '../../protocol/index.ts'
import { checkAdmin } from '../admin.ts'
import { noStore } from '../http.ts'
import type { Service } from '../service.ts'
import { toldReceipt } from '../start-run.ts'
import { isRunning } from './runs.ts'

/**
 * `GET /v1/receipts/:id`: for support, which is told the id that stands on a receipt. Ids belong to
 * identities, so that one that a client made up may name runs of several.
 */
export async function receiptsRoute(service: Service, request: Request, id: string): Promise<Response> {
  await checkAdmin(service, request)
  const entries = await service.settings.ledger.entriesNamed(id)
  if (entries.length === 0) throw new SparingError('not-found', 'There is no run of this id: none began, or it is no longer kept. Check the id for a missing letter.')
  const { budgets } = await service.policy.current()
  const runs = await Promise.all(entries.map(async (entry): Promise<FoundRun> => {
    const status = isRunning(entry) ? 'running' : 'ended'
    return { id, identity: entry.identity, status, receipt: await toldReceipt(entry, budgets, service) }
  }))
  return noStore({ runs } satisfies ReceiptsAnswer)
}
