import { renamedKey, renamedRow } from './keys.ts'
import type { Connection } from './redis-connection.ts'
import type { RedisKeys } from './redis-keys.ts'
import { pairsOf } from './redis-scan.ts'
import { renameScript } from './redis-scripts.ts'
import { keyNamed, nameOf, rowOf, rowText, timeOf } from './redis-values.ts'

/** Rows renamed at once. */
const pageSize = 500
const attempts = 20

/**
 * Gives an identity another name. Who has no more runs than fit a page is renamed all at once; of
 * others the ended and open runs go first, a page at a time, and their accounts with the last.
 */
export async function renameInRedis({ ask, run }: Connection, keys: RedisKeys, identity: string, alias: string): Promise<void> {
  if (identity === alias) return
  for (let attempt = 0; attempt < attempts;) {
    const rows = await rowsOf(ask, keys, identity)
    const last = rows.length < pageSize
    // What was drawn on while it was looked for is found by the next look.
    if (last) attempt += 1
    const accounts = last ? await renamed(ask, keys.accounts, identity, alias) : []
    const documents = last ? await renamed(ask, keys.documents, identity, alias) : []
    if (rows.length + accounts.length + documents.length === 0) return
    const rowArgs = rows.flatMap(row => {
      const next = renamedRow(row, identity, alias)
      return [nameOf(row), row.version, nameOf(next), rowText(next), timeOf(next)]
    })
    await run(renameScript, keys.changing, [rows.length, accounts.length, ...rowArgs, ...accounts.flat(), ...documents.flat()])
  }
  throw new Error(`An identity went on spending under every one of ${attempts} attempts to rename it. Stop its runs and try again.`)
}

async function rowsOf(ask: Connection['ask'], keys: RedisKeys, identity: string) {
  const first = `${JSON.stringify([identity]).slice(0, -1)},`
  // All go on with a quotation mark, and the sign after that one is #.
  const names = await ask(client => client.zrangebylex(keys.names, `[${first}`, `(${first}#`, 'LIMIT', 0, pageSize))
  const texts = names.length > 0 ? await ask(client => client.hmget(keys.runs, ...names)) : []
  return texts.flatMap((text, at) => rowOf(keyNamed(names[at]!), text) ?? [])
}

async function renamed(ask: Connection['ask'], hash: string, identity: string, alias: string): Promise<[from: string, to: string][]> {
  const mark = JSON.stringify(identity)
  const pairs = (await pairsOf(ask, hash)).filter(([key]) => key.includes(mark)).map(([key]): [string, string] => [key, renamedKey(key, identity, alias)])
  return pairs.filter(([from, to]) => from !== to)
}
