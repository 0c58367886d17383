import type { Engine } from './engine.ts'
import { totalKey } from './keys.ts'
import { changesOf } from './redis-changes.ts'
import type { Connection } from './redis-connection.ts'
import type { RedisKeys } from './redis-keys.ts'
import { renameInRedis } from './redis-rename.ts'
import { endingWith, pairsOf } from './redis-scan.ts'
import { putDocumentScript, retireScript } from './redis-scripts.ts'
import { accountOf, documentOf, documentText, keyNamed, nameOf, rowOf } from './redis-values.ts'

/** A ledger's engine over one partition. What changes anything is one script, which Redis runs alone. */
export function redisEngine(connection: Connection, keys: RedisKeys, { now, patience }: { readonly now: Engine['now']; readonly patience: number }): Engine {
  const { ask, run, close } = connection
  const fieldsOf = async (key: string, fields: readonly string[]) => fields.length > 0 ? ask(client => client.hmget(key, ...fields)) : []
  const rowsAt = async (names: readonly string[]) => (await fieldsOf(keys.runs, names)).flatMap((text, at) => rowOf(keyNamed(names[at]!), text) ?? [])
  const accounts = async (names: readonly string[]) => (await fieldsOf(keys.accounts, names)).flatMap((text, at) => text === null ? [] : accountOf(names[at]!, text))
  return {
    now, accounts, close,
    row: async key => rowOf(key, await ask(client => client.hget(keys.runs, nameOf(key)))),
    rowsNamed: async run => rowsAt((await endingWith(ask, keys.names, `,${JSON.stringify(run)}]`)).filter(name => keyNamed(name).run === run)),
    change: changesOf(connection, keys, patience),
    overdue: async (now, most) => rowsAt(await ask(client => client.zrangebyscore(keys.times, '(0', now, 'LIMIT', 0, most))),
    rows: async (after, most) => rowsAt(await ask(client => client.zrangebylex(keys.names, after ? `(${nameOf(after)}` : '-', '+', 'LIMIT', 0, most))),
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

const pageSize = 500

/**
 * Accounts that may be cleared away, at most so many: some whose period is over still hold something.
 * With them come those that are gone and left their place in the order behind.
 */
async function clearable({ ask, accounts }: Pick<Connection, 'ask'> & Pick<Engine, 'accounts'>, keys: RedisKeys, before: number, most: number): Promise<string[]> {
  const found: string[] = []
  for (let from = 0; found.length < most; from += pageSize) {
    const page = await ask(client => client.zrangebyscore(keys.endings, '-inf', `(${before}`, 'LIMIT', from, pageSize))
    const held = new Set((await accounts(page)).filter(({ held }) => held !== 0).map(({ key }) => key))
    found.push(...page.filter(key => !held.has(key)))
    if (page.length < pageSize) break
  }
  return found.slice(0, most)
}
