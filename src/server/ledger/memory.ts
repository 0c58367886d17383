import { isOpen } from '../../core/index.ts'
import type { Account } from '../../core/index.ts'
import { createLedger } from './create-ledger.ts'
import type { Engine, Row } from './engine.ts'
import type { Ledger, RunKey } from './port.ts'
import { takeSteps } from './take-steps.ts'

/**
 * A ledger in this process's memory: exact while the process lives, forgotten when it ends. For
 * tests, pages and trials.
 * @param options.now the clock, milliseconds since 1970
 */
export const memoryLedger = ({ now = Date.now }: { now?: () => number } = {}): Ledger => createLedger(memoryEngine(now))

function memoryEngine(now: () => number): Engine {
  const rows = new Map<string, Row>()
  const open = new Map<string, Row>()
  const accounts = new Map<string, Account>()
  const nameOf = ({ identity, run }: RunKey) => JSON.stringify([identity, run])
  return {
    now,
    row: async key => rows.get(nameOf(key)) ?? null,
    async change({ row, expected, steps }) {
      const name = nameOf(row)
      const current = rows.get(name) ?? null
      if ((current?.version ?? 0) !== expected) return { outcome: 'conflict', row: current }
      const answer = takeSteps(steps, key => accounts.get(key))
      if (answer.outcome === 'exceeded') return answer
      for (const account of answer.accounts) accounts.set(account.key, account)
      rows.set(name, row)
      if (isOpen(row.reservation)) open.set(name, row)
      else open.delete(name)
      return answer
    },
    accounts: async keys => keys.flatMap(key => accounts.get(key) ?? []),
    overdue: async (at, most) => [...open.values()].filter(({ reservation }) => reservation.expiresAt <= at).slice(0, most),
    close: async () => {},
  }
}
