import { isOpen } from '../../core/index.ts'
import type { Account } from '../../core/index.ts'
import { createLedger } from './create-ledger.ts'
import type { Engine, Row } from './engine.ts'
import { renamedKey, renamedRow, totalKey } from './keys.ts'
import type { Ledger, RunKey, Stored } from './port.ts'
import { checkedRetention } from './retention.ts'
import type { Retention } from './retention.ts'
import { sorted } from './sorted.ts'
import type { Placed } from './sorted.ts'
import { takeSteps } from './take-steps.ts'

/**
 * A ledger in this process's memory: exact while the process lives, forgotten when it ends. For
 * tests, pages and trials.
 * @param options.now the clock, milliseconds since 1970
 * @throws {RangeError} for a retention that is no time
 */
export const memoryLedger = ({ now = Date.now, ...kept }: { now?: () => number } & Retention = {}): Ledger => createLedger(memoryEngine(now), checkedRetention(kept))

type Pot = Account & { readonly ends: number | null }

export function memoryEngine(now: () => number): Engine {
  const rows = new Map<string, Row>()
  const accounts = new Map<string, Pot>()
  const documents = new Map<string, Stored>()
  const totals = new Map<string, number>()
  // By name; open rows by when they expire; ended rows by when they began; accounts by when they may go.
  const [names, open, ended, idle] = [sorted(), sorted(), sorted(), sorted()]

  function put(name: string, row: Row | null): void {
    const before = rows.get(name)
    if (before) (isOpen(before.reservation) ? open : ended).drop({ at: timeOf(before), name })
    if (row) (isOpen(row.reservation) ? open : ended).add({ at: timeOf(row), name })
    if (row && !before) names.add({ at: 0, name })
    if (!row && before) names.drop({ at: 0, name })
    if (row) rows.set(name, row)
    else rows.delete(name)
  }
  function putAccount(name: string, account: Pot | null): void {
    const [from, to] = [idleFrom(accounts.get(name)), idleFrom(account)]
    if (from !== null && from !== to) idle.drop({ at: from, name })
    if (to !== null && from !== to) idle.add({ at: to, name })
    if (account) accounts.set(name, account)
    else accounts.delete(name)
  }
  function clear(key: string): void {
    const { settled } = accounts.get(key)!
    // Below nothing where a late settlement lowered what was cleared away before.
    if (settled !== 0) totals.set(totalKey(key), (totals.get(totalKey(key)) ?? 0) + settled)
    putAccount(key, null)
  }
  const rowsOf = (found: readonly Placed[]) => found.map(({ name }) => rows.get(name)!)

  return {
    now,
    row: async key => rows.get(nameOf(key)) ?? null,
    rowsNamed: async run => [...rows.values()].filter(row => row.run === run).toSorted((a, b) => a.identity < b.identity ? -1 : 1),
    async change({ row, expected, steps, under }) {
      const name = nameOf(row)
      const current = rows.get(name) ?? null
      if ((current?.version ?? 0) !== expected) return { outcome: 'conflict', row: current }
      const document = under && documents.get(under.key) || null
      if (under && (document?.revision ?? 0) !== under.revision) return { outcome: 'stale', document }
      const answer = takeSteps(steps, key => accounts.get(key))
      if (answer.outcome === 'exceeded') return answer
      const ends = new Map(steps.map(step => [step.account, step.ends]))
      for (const account of answer.accounts) putAccount(account.key, { ...account, ends: ends.get(account.key) ?? null })
      put(name, row)
      return answer
    },
    accounts: async keys => keys.flatMap(key => accounts.get(key) ?? []),
    overdue: async (now, most) => rowsOf(open.after(null, most, ({ at }) => at <= now)),
    rows: async (after, most) => rowsOf(names.after(after && { at: 0, name: nameOf(after) }, most)),
    document: async key => documents.get(key) ?? null,
    async putDocument(key, value, expected) {
      const revision = documents.get(key)?.revision ?? 0
      if (revision !== expected) return false
      if (value === null) documents.delete(key)
      else documents.set(key, { key, value, revision: revision + 1 })
      return true
    },
    async retire(before, most) {
      const over = ended.after(null, most, ({ at }) => at < before)
      for (const { name } of over) put(name, null)
      const pots = idle.after(null, most, ({ at }) => at < before)
      for (const { name } of pots) clear(name)
      return over.length + pots.length
    },
    totals: async () => [...totals].map(([key, settled]) => ({ key, settled })),
    async rename(identity, alias) {
      const first = `${JSON.stringify([identity]).slice(0, -1)},`
      for (const row of rowsOf(names.after({ at: 0, name: first }, Infinity, ({ name }) => name.startsWith(first)))) {
        put(nameOf(row), null)
        const renamed = renamedRow(row, identity, alias)
        put(nameOf(renamed), renamed)
      }
      for (const [key, account] of Array.from(accounts)) {
        const renamed = renamedKey(key, identity, alias)
        if (renamed === key) continue
        putAccount(key, null)
        putAccount(renamed, { ...account, key: renamed })
      }
      for (const [key, stored] of Array.from(documents)) {
        const renamed = renamedKey(key, identity, alias)
        if (renamed === key) continue
        documents.delete(key)
        documents.set(renamed, { ...stored, key: renamed })
      }
    },
    close: async () => {},
  }
}

const nameOf = ({ identity, run }: RunKey) => JSON.stringify([identity, run])

/** Where a row stands among its like. */
const timeOf = ({ reservation, at }: Row) => isOpen(reservation) ? reservation.expiresAt : at

/** From when on an account may be cleared away; `null` while something is held, or for good. */
function idleFrom(account: Pot | null | undefined): number | null {
  if (!account || account.held > 0) return null
  return account.ends ?? (account.settled === 0 ? -Infinity : null)
}
