import { isOpen } from '../../core/index.ts'
import type { Account } from '../../core/index.ts'
import { createLedger } from './create-ledger.ts'
import type { Engine, Row } from './engine.ts'
import { renamedKey, renamedRow, totalKey } from './keys.ts'
import type { Ledger, RunKey, Stored } from './port.ts'
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
  const accounts = new Map<string, Account & { readonly ends: number | null }>()
  const documents = new Map<string, Stored>()
  const totals = new Map<string, number>()
  const nameOf = ({ identity, run }: RunKey) => JSON.stringify([identity, run])

  function put(name: string, row: Row): void {
    rows.set(name, row)
    if (isOpen(row.reservation)) open.set(name, row)
    else open.delete(name)
  }
  function clear(key: string, { settled }: Account): void {
    if (settled > 0) totals.set(totalKey(key), (totals.get(totalKey(key)) ?? 0) + settled)
    accounts.delete(key)
  }

  return {
    now,
    row: async key => rows.get(nameOf(key)) ?? null,
    async change({ row, expected, steps, under }) {
      const name = nameOf(row)
      const current = rows.get(name) ?? null
      if ((current?.version ?? 0) !== expected) return { outcome: 'conflict', row: current }
      const document = under && documents.get(under.key) || null
      if (under && (document?.revision ?? 0) !== under.revision) return { outcome: 'stale', document }
      const answer = takeSteps(steps, key => accounts.get(key))
      if (answer.outcome === 'exceeded') return answer
      const ends = new Map(steps.map(step => [step.account, step.ends]))
      for (const account of answer.accounts) accounts.set(account.key, { ...account, ends: ends.get(account.key) ?? null })
      put(name, row)
      return answer
    },
    accounts: async keys => keys.flatMap(key => accounts.get(key) ?? []),
    overdue: async (at, most) => [...open.values()].filter(({ reservation }) => reservation.expiresAt <= at)
      .sort((a, b) => a.reservation.expiresAt - b.reservation.expiresAt).slice(0, most),
    async rows(after, most) {
      const names = [...rows.keys()].sort()
      return names.filter(name => !after || name > nameOf(after)).slice(0, most).map(name => rows.get(name)!)
    },
    document: async key => documents.get(key) ?? null,
    async putDocument(key, value, expected) {
      const revision = documents.get(key)?.revision ?? 0
      if (revision !== expected) return false
      if (value === null) documents.delete(key)
      else documents.set(key, { key, value, revision: revision + 1 })
      return true
    },
    async retire(before, most) {
      const over = [...rows].filter(([, row]) => !isOpen(row.reservation) && row.at < before).slice(0, most)
      for (const [name] of over) rows.delete(name)
      const ended = [...accounts].filter(([, each]) => each.held === 0 && (each.ends === null ? each.settled === 0 : each.ends < before)).slice(0, most)
      for (const [key, account] of ended) clear(key, account)
      return over.length + ended.length
    },
    totals: async () => [...totals].map(([key, settled]) => ({ key, settled })),
    async rename(identity, alias) {
      for (const [name, row] of Array.from(rows)) {
        if (row.identity !== identity) continue
        const renamed = renamedRow(row, identity, alias)
        rows.delete(name)
        open.delete(name)
        put(nameOf(renamed), renamed)
      }
      for (const [key, account] of Array.from(accounts)) move(accounts, key, renamedKey(key, identity, alias), account)
      for (const [key, stored] of Array.from(documents)) move(documents, key, renamedKey(key, identity, alias), stored)
    },
    close: async () => {},
  }
}

function move<T extends { key: string }>(all: Map<string, T>, from: string, to: string, value: T): void {
  if (from === to) return
  all.delete(from)
  all.set(to, { ...value, key: to })
}
