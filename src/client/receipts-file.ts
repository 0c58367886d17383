import type { Receipt } from '../core/index.ts'

/**
 * Receipts as a person takes them away: JSON, each with its signature, which `verifyReceipt` of
 * `sparing/protocol` checks against the keys of `GET /v1/keys`. What each budget stood at when the
 * receipt was told is left out: it is not signed, and long past. The client keeps no receipts itself;
 * hosts keep those of its `run-end` events.
 * @param at when, milliseconds since 1970
 */
export function receiptsFile(receipts: readonly Receipt[], at = Date.now()): string {
  return JSON.stringify({ v: 1, at, receipts: receipts.map(receipt => ({ ...receipt, budgets: [] })) }, null, 2)
}
