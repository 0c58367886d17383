import type { Step } from '../../core/index.ts'
import type { Change, ChangeAnswer, Engine } from './engine.ts'
import { totalKey } from './keys.ts'
import type { Connection } from './redis-connection.ts'
import type { RedisKeys } from './redis-keys.ts'
import { renameInRedis } from './redis-rename.ts'
import { pairsOf } from './redis-scan.ts'
import { changeScript, putDocumentScript, retireScript } from './redis-scripts.ts'
import { accountOf, documentOf, documentText, nameOf, placeArgs, rowOf, rowText } from './redis-values.ts'

/** A ledger's engine over one partition. What changes anything is one script, which Redis runs alone. */
export function redisEngine(connection: Connection, keys: RedisKeys, now: Engine['now']): Engine {
  const { ask, run, close } = connection
  const fieldsOf = async (key: string, fields: readonly string[]) => fields.length > 0 ? ask(client => client.hmget(key, ...fields)) : []
  const rowsNamed = async (names: readonly string[]) => (await fieldsOf(keys.runs, names)).flatMap(text => rowOf(text) ?? [])
  const accounts = async (names: readonly string[]) => (await fieldsOf(keys.accounts, names)).flatMap((text, at) => text === null ? [] : accountOf(names[at]!, text))
  return {
    now, accounts, close,
    row: async key => rowOf(await ask(client => client.hget(keys.runs, nameOf(key)))),
    change: async change => {
      const named = [...new Set(change.steps.map(({ account }) => account))]
      return answerOf(await run(changeScript, keys.changing, changeArgs(change, named)) as Reply, named, change)
    },
    overdue: async (now, most) => rowsNamed(await ask(client => client.zrangebyscore(keys.open, '-inf', now, 'LIMIT', 0, most))),
    rows: async (after, most) => rowsNamed(await ask(client => client.zrangebylex(keys.names, after ? `(${nameOf(after)}` : '-', '+', 'LIMIT', 0, most))),
    document: async key => documentOf(key, await ask(client => client.hget(keys.documents, key))),
    putDocument: async (key, value, expected) => await run(putDocumentScript, [keys.documents], [key, expected, documentText(value, expected + 1)]) === 1,
    retire: async (before, most) => {
      const over = await clearable({ ask, accounts }, keys, before, most)
      return Number(await run(retireScript, keys.retiring, [before, most, ...over.flatMap(account => [account, totalKey(account)])]))
    },
    totals: async () => (await pairsOf(ask, keys.totals)).map(([key, settled]) => ({ key, settled: Number(settled) })),
    rename: (identity, alias) => renameInRedis(connection, keys, identity, alias),
  }
}

/** `change` as the script takes it. @param accounts of its steps, each once */
function changeArgs({ row, expected, steps, under }: Change, accounts: readonly string[]): (string | number)[] {
  const stepArgs = ({ account, held, settled, guard, ends }: Step) => [accounts.indexOf(account) + 1, held, settled, guard ?? '', ends ?? '-']
  return [
    nameOf(row), expected, rowText(row), ...placeArgs(row), under?.key ?? '', under?.revision ?? '',
    accounts.length, ...accounts, ...steps.flatMap(stepArgs),
  ]
}

type Reply =
  | readonly ['done', readonly string[]]
  | readonly ['exceeded', readonly string[], string[]]
  | readonly ['conflict' | 'stale', string | null]

function answerOf(reply: Reply, names: readonly string[], { under }: Change): ChangeAnswer {
  const accounts = (texts: readonly string[]) => texts.map((text, at) => accountOf(names[at]!, text))
  switch (reply[0]) {
    case 'done': return { outcome: 'done', accounts: accounts(reply[1]) }
    case 'exceeded': return { outcome: 'exceeded', accounts: accounts(reply[1]), refused: reply[2] }
    case 'conflict': return { outcome: 'conflict', row: rowOf(reply[1]) }
    case 'stale': return { outcome: 'stale', document: documentOf(under!.key, reply[1]) }
  }
}

const pageSize = 500

/** Accounts that may be cleared away, at most so many: some whose period is over still hold something. */
async function clearable({ ask, accounts }: Pick<Connection, 'ask'> & Pick<Engine, 'accounts'>, keys: RedisKeys, before: number, most: number): Promise<string[]> {
  const found: string[] = []
  for (let from = 0; found.length < most; from += pageSize) {
    const page = await ask(client => client.zrangebyscore(keys.endings, '-inf', `(${before}`, 'LIMIT', from, pageSize))
    found.push(...(await accounts(page)).filter(({ held }) => held === 0).map(({ key }) => key))
    if (page.length < pageSize) break
  }
  return found.slice(0, most)
}
