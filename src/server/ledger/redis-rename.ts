import { isOpen } from '../../core/index.ts'
import { renamedKey, renamedRow } from './keys.ts'
import type { RunKey } from './port.ts'
import type { Connection } from './redis-connection.ts'
import type { RedisKeys } from './redis-keys.ts'
import { pairsOf } from './redis-scan.ts'
import { renameScript } from './redis-scripts.ts'
import { keyNamed, nameOf, rowOf, rowText, timeOf } from './redis-values.ts'

/** Rows renamed at once. */
const pageSize = 500
const attempts = 20

/**
 * Gives an identity another name. Who has no more runs than fit a page is renamed all at once; of others
 * the runs that ended go first, a page at a time, and what is open with the last, together with the
 * accounts that it ties down: wherever it ends half-way, it may go on under that name or another.
 */
export async function renameInRedis({ ask, run }: Connection, keys: RedisKeys, identity: string, alias: string): Promise<void> {
  if (identity === alias) return
  /** Passed over on earlier pages, in their order. */
  const open = new Map<string, RunKey>()
  for (let attempt = 0; attempt < attempts;) {
    const page = await rowsOf(ask, keys, identity, [...open.values()].at(-1) ?? null)
    const last = page.length < pageSize
    // Those of pages before are looked at again: they may have ended.
    const rows = last ? [...await rowsAt(ask, keys, [...open.keys()]), ...page] : page.filter(({ reservation }) => !isOpen(reservation))
    for (const row of page) if (isOpen(row.reservation)) open.set(nameOf(row), row)
    const accounts = last ? await renamed(ask, keys.accounts, identity, alias) : []
    const documents = last ? await renamed(ask, keys.documents, identity, alias) : []
    if (last && rows.length + accounts.length + documents.length === 0) return
    const rowArgs = rows.flatMap(row => {
      const next = renamedRow(row, identity, alias)
      return [nameOf(row), row.version, nameOf(next), rowText(next), timeOf(next)]
    })
    const done = await run(renameScript, keys.changing, [rows.length, accounts.length, ...rowArgs, ...accounts.flat(), ...documents.flat()])
    if (done === 1 && !last) continue
    // What was drawn on or changed while it was looked for is found by the next look, from the beginning.
    attempt += 1
    open.clear()
  }
  throw new Error(`An identity went on spending under every one of ${attempts} attempts to rename it. Stop its runs and try again.`)
}

/** A page of an identity's rows, after one. */
async function rowsOf(ask: Connection['ask'], keys: RedisKeys, identity: string, after: RunKey | null) {
  const first = `${JSON.stringify([identity]).slice(0, -1)},`
  // All go on with a quotation mark, and the sign after that one is #.
  return rowsAt(ask, keys, await ask(client => client.zrangebylex(keys.names, after ? `(${nameOf(after)}` : `[${first}`, `(${first}#`, 'LIMIT', 0, pageSize)))
}

async function rowsAt(ask: Connection['ask'], keys: RedisKeys, names: readonly string[]) {
  const texts = names.length > 0 ? await ask(client => client.hmget(keys.runs, ...names)) : []
  return texts.flatMap((text, at) => rowOf(keyNamed(names[at]!), text) ?? [])
}

async function renamed(ask: Connection['ask'], hash: string, identity: string, alias: string): Promise<[from: string, to: string][]> {
  const mark = JSON.stringify(identity)
  const pairs = (await pairsOf(ask, hash)).filter(([key]) => key.includes(mark)).map(([key]): [string, string] => [key, renamedKey(key, identity, alias)])
  return pairs.filter(([from, to]) => from !== to)
}
