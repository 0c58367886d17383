import { isReceipt, nothingSpent, spentAmounts } from '../core/index.ts'
import type { Amounts, Receipt, SparingError } from '../core/index.ts'
import type { Requests } from './requests.ts'

/**
 * How a run ended: its receipt; `unseen` when the server never saw it, so that it cost nothing;
 * `full` when the server counted it in full, because whoever made it is gone; `unknown` when nobody
 * can say now, so that it counts in full until somebody can.
 */
export type Found = Receipt | 'unseen' | 'full' | 'unknown'

/** Milliseconds before each question about a run that the server may be ending this moment. */
const patience = [50, 100, 200, 400, 800]

/**
 * Asks the server how a run ended whose stream was cut, by a stop or by the network. A server that
 * does not answer is not waited for.
 * @param begun whether something of the run was seen: a server that does not know it has lost it
 */
export async function reconcile(id: string, requests: Requests, begun: boolean): Promise<Found> {
  let unseen = 0
  for (const pause of patience) {
    await new Promise(resolve => setTimeout(resolve, pause))
    const found = await ask(id, requests, begun)
    // Twice, because the request may still have been on its way.
    if (found === 'unseen' && ++unseen < 2) continue
    if (found !== 'running') return found
  }
  return 'unknown'
}

/** Asks once. A run that goes on is `unknown` yet. */
export async function askOnce(id: string, requests: Requests, begun: boolean): Promise<Found> {
  const found = await ask(id, requests, begun)
  return found === 'running' ? 'unknown' : found
}

async function ask(id: string, { record }: Requests, begun: boolean): Promise<Found | 'running'> {
  try {
    const found = await record(id)
    if (!found) return begun ? 'full' : 'unseen'
    if (isReceipt(found.receipt)) return found.receipt
    return found.status === 'ended' ? 'full' : 'running'
  } catch {
    return 'unknown'
  }
}

/** A run that was over already is not counted again. A receipt with amounts that are none says nothing of them. */
export function spentBy(receipt: Receipt): Amounts | null {
  try {
    return receipt.replayed ? nothingSpent : spentAmounts(receipt)
  } catch {
    return null
  }
}

/** When the server says that an opt-in was taken back, milliseconds since 1970. */
export const sinceOf = ({ details }: SparingError): number | undefined => typeof details['since'] === 'number' ? details['since'] : undefined
