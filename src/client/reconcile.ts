import { isReceipt } from '../core/index.ts'
import type { Receipt } from '../core/index.ts'
import type { Wire } from './wire.ts'

/** Milliseconds between questions about a run that ended out of sight: about ten seconds in all. */
const patience = [50, 100, 200, 400, 800, 1_600, 3_200, 3_200]

/**
 * Asks the server how a run ended whose stream was cut, by a stop or by the network.
 * @returns its receipt; `unseen` when the server never saw it, so that it cost nothing; `unknown` when
 * nobody can say now, so that it must be counted in full until somebody can
 */
export async function reconcile(id: string, wire: Wire): Promise<Receipt | 'unseen' | 'unknown'> {
  let unseen = 0
  for (const pause of patience) {
    await new Promise(resolve => setTimeout(resolve, pause))
    try {
      const record = await wire.record(id)
      if (isReceipt(record?.receipt)) return record.receipt
      // Twice, because the request may still have been on its way.
      if (!record && ++unseen > 1) return 'unseen'
      if (record?.status === 'ended') break
    } catch {
      // Not reachable now; perhaps a moment later.
    }
  }
  return 'unknown'
}
