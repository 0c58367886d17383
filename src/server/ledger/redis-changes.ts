import type { Account } from '../../core/index.ts'
import type { Change, ChangeAnswer, Engine } from './engine.ts'
import { batched } from './redis-batches.ts'
import type { Connection } from './redis-connection.ts'
import type { RedisKeys } from './redis-keys.ts'
import { changeScript } from './redis-scripts.ts'
import { accountOf, documentOf, nameOf, rowOf, rowText, timeOf } from './redis-values.ts'
import { retell } from './take-steps.ts'

/**
 * Changes that one script carries out. While one script is written to disk the next is on its way,
 * and all else gathers: measured, the best for a hundred callers.
 */
const most = 128
/** Accounts they move together, so that no script keeps Redis from others for long: a rolling window alone has five for each unit. */
const mostSteps = 2_000

/** `Engine.change`. Changes that arrive together share one script, and so one write to disk. */
export function changesOf({ run }: Connection, keys: RedisKeys, patience: number): Engine['change'] {
  return batched(async (changes: readonly Change[]) => {
    const { args, accounts } = asked(changes)
    return answersOf(await run(changeScript, keys.changing, args) as Reply, changes, accounts)
  }, { most, heaviest: mostSteps, weightOf: ({ steps }) => steps.length, lanes: 2, patience })
}

/** Changes as the script takes them: every name once, and then where it stands among its like. */
function asked(changes: readonly Change[]): { args: string[]; accounts: readonly string[] } {
  const [rows, documents, accounts] = [names(), names(), names()]
  const numbers: (number | false)[] = []
  for (const { row, expected, steps, under } of changes) {
    numbers.push(rows.at(nameOf(row)), expected, timeOf(row), under ? documents.at(under.key) : 0, under?.revision ?? 0, steps.length)
    for (const { account, held, settled, guard, ends } of steps) numbers.push(accounts.at(account), held, settled, guard ?? false, ends ?? false)
  }
  const lists = [rows, documents, accounts].map(({ list }) => list())
  const args = [JSON.stringify([...lists.map(({ length }) => length), ...numbers]), ...lists.flat(), ...changes.map(({ row }) => rowText(row))]
  return { args, accounts: lists[2]! }
}

/** Names that are each written once, and referred to by their number from 1. */
function names() {
  const known = new Map<string, number>()
  return {
    at(name: string): number {
      const number = known.get(name) ?? known.size + 1
      known.set(name, number)
      return number
    },
    list: () => [...known.keys()],
  }
}

type Reply = readonly [outcomes: readonly number[], before: readonly (string | null)[], found: (string | null)[]]

const outcomes = ['done', 'exceeded', 'conflict', 'stale'] as const

function answersOf([codes, before, found]: Reply, changes: readonly Change[], keys: readonly string[]): ChangeAnswer[] {
  const accounts = new Map<string, Account>()
  for (const [at, text] of before.entries()) if (text !== null) accounts.set(keys[at]!, accountOf(keys[at]!, text))
  return changes.map(({ row, steps, under }, at) => {
    const outcome = outcomes[codes[at]!]!
    switch (outcome) {
      case 'conflict': return { outcome, row: rowOf(row, found.shift() ?? null) }
      case 'stale': return { outcome, document: documentOf(under!.key, found.shift() ?? null) }
      default: return retell(steps, outcome, accounts)
    }
  })
}
