import { isOpen } from '../../core/index.ts'
import type { Account } from '../../core/index.ts'
import { balanceIn, dispatchIn, entryIn, expireIn, releaseIn, renewIn, reserveIn, settleIn } from './books.ts'
import type { Books, Row } from './books.ts'
import type { Ledger, RunKey } from './port.ts'

/**
 * A ledger in this process's memory: exact while the process lives, forgotten when it ends. For
 * tests, pages and trials.
 * @param options.now the clock, milliseconds since 1970
 */
export function memoryLedger({ now = Date.now }: { now?: () => number } = {}): Ledger {
  const books = memoryBooks(now)
  return {
    reserve: async request => reserveIn(books, request),
    dispatch: async key => dispatchIn(books, key),
    renew: async (key, lease) => renewIn(books, key, lease),
    settle: async (key, actual, receipt) => settleIn(books, key, actual, receipt),
    release: async key => releaseIn(books, key),
    expire: async () => expireIn(books),
    balance: async claims => balanceIn(books, claims),
    entry: async key => entryIn(books, key),
    close: async () => {},
  }
}

function memoryBooks(now: () => number): Books {
  const rows = new Map<string, Row>()
  const open = new Map<string, Row>()
  const accounts = new Map<string, Account>()
  const nameOf = ({ identity, run }: RunKey) => JSON.stringify([identity, run])
  return {
    now,
    row: key => rows.get(nameOf(key)),
    putRow: row => {
      rows.set(nameOf(row), row)
      if (isOpen(row.reservation)) open.set(nameOf(row), row)
      else open.delete(nameOf(row))
    },
    account: key => accounts.get(key),
    putAccount: account => void accounts.set(account.key, account),
    overdue: at => [...open.values()].filter(row => row.reservation.expiresAt <= at),
    open: identity => [...open.values()].filter(row => row.identity === identity).length,
  }
}
