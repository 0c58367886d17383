import { isSparingError, SparingError } from '../../core/index.ts'
import type { Ledger } from './port.ts'

/** A ledger that failed: nothing is known, so nothing may be spent. What it said goes to the operator only. */
export const ledgerUnavailable = (cause: unknown): SparingError =>
  new SparingError('ledger-unavailable', 'The record of what was spent cannot be read or written, so nothing may be spent. Try again later.', {}, { cause })

/** Whatever a ledger throws, in whichever way, means the same to those who call it. */
export function guarded(ledger: Ledger): Ledger {
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw isSparingError(error) ? error : ledgerUnavailable(error)
    }
  }
  return {
    reserve: request => guard(() => ledger.reserve(request)),
    dispatch: (key, assumed) => guard(() => ledger.dispatch(key, assumed)),
    renew: (key, lease) => guard(() => ledger.renew(key, lease)),
    settle: (key, actual, receipt) => guard(() => ledger.settle(key, actual, receipt)),
    release: (key, assumed) => guard(() => ledger.release(key, assumed)),
    expire: () => guard(() => ledger.expire()),
    balance: claims => guard(() => ledger.balance(claims)),
    entry: key => guard(() => ledger.entry(key)),
    entriesNamed: run => guard(() => ledger.entriesNamed(run)),
    entries: (after, most) => guard(() => ledger.entries(after, most)),
    document: key => guard(() => ledger.document(key)),
    putDocument: (key, value, expected) => guard(() => ledger.putDocument(key, value, expected)),
    retire: before => guard(() => ledger.retire(before)),
    totals: () => guard(() => ledger.totals()),
    erase: identity => guard(() => ledger.erase(identity)),
    close: () => guard(() => ledger.close()),
  }
}
