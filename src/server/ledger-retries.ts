import type { Amounts, Receipt } from '../core/index.ts'
import type { Ledger, RunKey } from './ledger/port.ts'

// What the ledger did not take, or did not say that it took, is told it again while nobody waits for it.

/** Milliseconds between attempts: past a restart of a database, and on to where it is late and lowers what was assumed. */
const pauses = [200, 1_000, 5_000, 20_000, 60_000, 300_000]

/** Keeps no process alive, where there is one. */
const unheld = (timer: unknown) => (timer as { unref?: () => void }).unref?.()

const pass = (milliseconds: number) => new Promise<void>(resolve => unheld(setTimeout(resolve, milliseconds)))

/** Gives back what the ledger may have taken before its answer was lost: no model is called for it, and the person is told so. */
export async function giveBack(ledger: Ledger, key: RunKey, assumed: Receipt): Promise<void> {
  for (const pause of [0, ...pauses.slice(0, 4)]) {
    await pass(pause)
    // It may fail as the reserve did, and the reserve may still arrive.
    await ledger.release(key, assumed).catch(() => {})
  }
}

/** Settles what could not be settled when it was over. A run that never is stands at all that was reserved for it. */
export async function settleLater(ledger: Ledger, key: RunKey, spent: Amounts, receipt: Receipt): Promise<void> {
  for (const pause of pauses) {
    await pass(pause)
    if (await ledger.settle(key, spent, receipt).then(() => true, () => false)) return
  }
}
