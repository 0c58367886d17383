import type { Ledger } from './port.ts'

/** Closes once what was asked before is answered: a verb may take several steps. */
export function orderly(ledger: Ledger): Ledger {
  const pending = new Set<Promise<unknown>>()
  const noted = <A extends unknown[], T>(verb: (...args: A) => Promise<T>) => (...args: A) => {
    const answer = verb(...args)
    pending.add(answer)
    const over = () => pending.delete(answer)
    answer.then(over, over)
    return answer
  }
  const { reserve, dispatch, renew, settle, release, expire, balance, entry, entriesNamed, entries, document, putDocument, retire, totals, erase } = ledger
  return {
    reserve: noted(reserve), dispatch: noted(dispatch), renew: noted(renew), settle: noted(settle), release: noted(release),
    expire: noted(expire), balance: noted(balance), entry: noted(entry), entriesNamed: noted(entriesNamed),
    entries: noted(entries), document: noted(document), putDocument: noted(putDocument), retire: noted(retire), totals: noted(totals), erase: noted(erase),
    async close() {
      await Promise.allSettled(pending)
      await ledger.close()
    },
  }
}
