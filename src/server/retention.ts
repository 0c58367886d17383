import type { Ledger } from './ledger/port.ts'

const day = 86_400_000
/** Milliseconds between two clearances. */
const pause = 3_600_000

/**
 * Clears away what is older than it need be, now and then: called after runs, because without them
 * nothing grows, and so that no timer keeps a process alive. What budgets need is never cleared: the
 * ledger takes only pots whose period is over.
 */
export function retirement({ ledger, retention, now, onError }: { ledger: Ledger; retention?: { readonly days: number } | undefined; now: () => number; onError: (error: unknown) => void }): () => void {
  let next = -Infinity
  return () => {
    if (!retention || now() < next) return
    next = now() + pause
    ledger.retire(now() - retention.days * day).catch(onError)
  }
}
