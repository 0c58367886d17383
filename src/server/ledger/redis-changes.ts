import type { Change, ChangeAnswer, Engine } from './engine.ts'
import { batched } from './redis-batches.ts'
import type { Connection } from './redis-connection.ts'
import type { RedisKeys } from './redis-keys.ts'
import { changeScript } from './redis-scripts.ts'
import { accountOf, documentOf, nameOf, rowOf, rowText, timeOf } from './redis-values.ts'

/** Changes that one script carries out: so many are no wait for others, and the next are prepared meanwhile. */
const most = 32

/** `Engine.change`. Changes that arrive together share one script, and so one write to disk. */
export function changesOf({ run }: Connection, keys: RedisKeys): Engine['change'] {
  return batched(async (changes: readonly Change[]) => {
    const replies = await run(changeScript, keys.changing, changeArgs(changes)) as readonly Reply[]
    return replies.map((reply, at) => answerOf(reply, changes[at]!))
  }, most)
}

/** Changes as the script takes them: every name once, and then where it stands among its like. */
function changeArgs(changes: readonly Change[]): (string | number)[] {
  const [rows, documents, accounts] = [names(), names(), names()]
  const args: (string | number)[] = []
  for (const { row, expected, steps, under } of changes) {
    args.push(rows.at(nameOf(row)), expected, rowText(row), timeOf(row), under ? documents.at(under.key) : 0, under?.revision ?? 0, steps.length)
    for (const { account, held, settled, guard, ends } of steps) args.push(accounts.at(account), held, settled, guard ?? '', ends ?? '-')
  }
  return [...rows.list(), ...documents.list(), ...accounts.list(), ...args]
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
    list: () => [known.size, ...known.keys()],
  }
}

type Reply =
  | readonly ['done', readonly string[]]
  | readonly ['exceeded', readonly string[], string[]]
  | readonly ['conflict' | 'stale', string | null]

function answerOf(reply: Reply, { row, steps, under }: Change): ChangeAnswer {
  const accounts = (texts: readonly string[]) => {
    const keys = [...new Set(steps.map(({ account }) => account))]
    return texts.map((text, at) => accountOf(keys[at]!, text))
  }
  switch (reply[0]) {
    case 'done': return { outcome: 'done', accounts: accounts(reply[1]) }
    case 'exceeded': return { outcome: 'exceeded', accounts: accounts(reply[1]), refused: reply[2] }
    case 'conflict': return { outcome: 'conflict', row: rowOf(row, reply[1]) }
    case 'stale': return { outcome: 'stale', document: documentOf(under!.key, reply[1]) }
  }
}
