import type { Cluster, Redis } from 'ioredis'
import { isOpen } from '../../core/index.ts'
import type { Account, Step } from '../../core/index.ts'
import { createLedger } from './create-ledger.ts'
import type { Change, ChangeAnswer, Engine, Row, Stored } from './engine.ts'
import { renamedKey, renamedRow, totalKey } from './keys.ts'
import type { Ledger, RunKey } from './port.ts'
import { serverClock } from './redis-clock.ts'
import { redisConnection } from './redis-connection.ts'
import type { Connection } from './redis-connection.ts'
import { changeScript, putDocumentScript, renameScript, retireScript } from './redis-scripts.ts'
import { hazardsOf } from './redis-hazards.ts'

interface Settings {
  /** Keeps this ledger apart from others on the same server. A budget never spans partitions. @default 'main' */
  readonly partition?: string
  /** Milliseconds to wait for a connection and an answer. @default 5000 */
  readonly patience?: number
  /** Told once of each setting of the server that lets it forget. @default console.warn */
  readonly onWarning?: (message: string) => void
  /** The clock, milliseconds since 1970. @default the server's own */
  readonly now?: () => number
}

/** Where Redis is: an address, or a client that its owner configures and closes. */
export type RedisLedgerOptions = Settings & ({ readonly url: string; readonly client?: never } | { readonly client: Redis | Cluster; readonly url?: never })

/**
 * A ledger in Redis (7 or later) or Valkey, for any number of processes on any number of machines.
 * Every verb is one script. With `appendonly yes` and `appendfsync always` an answer is on disk;
 * with less, what the server forgets when it falls may be spent again.
 *
 * A call whose answer is lost fails, and whether it was done is unknown. To ask again is safe: a
 * reserve that was done already answers `running`. A `client` of your own that repeats commands by
 * itself (`autoResendUnfulfilledCommands`, any cluster) may answer so at the first call.
 * @throws {TypeError} for a partition that is empty or has braces
 */
export function redisLedger({ url, client, partition = 'main', patience = 5_000, onWarning = console.warn, now }: RedisLedgerOptions): Ledger {
  const keys = keysOf(partition)
  const connection = redisConnection(url ?? client, patience)
  connection.ask(client => client.info()).then(info => hazardsOf(info).forEach(onWarning), () => {})
  return createLedger(redisEngine(connection, keys, now ?? serverClock(connection)))
}

type Keys = ReturnType<typeof keysOf>

/** All that a partition keeps, in one slot of a cluster: scripts reach only what lies together. */
function keysOf(partition: string) {
  if (!/^[^{}]+$/.test(partition)) throw new TypeError(`"${partition}" cannot name a partition: a name is not empty and has no braces, which mark what Redis keeps together.`)
  const key = (name: string) => `{sparing:${partition}}:${name}`
  return {
    /** Rows and, in stable order, their names; the names of open ones by expiry, of ended ones by time. */
    runs: key('runs'), names: key('names'), open: key('open'), ended: key('ended'),
    /** Accounts and, by when their period ends, their keys. */
    accounts: key('accounts'), endings: key('endings'),
    documents: key('documents'), totals: key('totals'),
  }
}

function redisEngine({ ask, run, close }: Connection, keys: Keys, now: Engine['now']): Engine {
  const changing = [keys.runs, keys.names, keys.open, keys.ended, keys.accounts, keys.endings, keys.documents]
  const rowsNamed = async (names: readonly string[]) => {
    const found = names.length > 0 ? await ask(client => client.hmget(keys.runs, ...names)) : []
    return found.flatMap(value => rowOf(value) ?? [])
  }
  const accounts = async (names: readonly string[]) => {
    const found = names.length > 0 ? await ask(client => client.hmget(keys.accounts, ...names)) : []
    return found.flatMap((value, at) => value === null ? [] : accountOf(names[at]!, value))
  }
  return {
    now, accounts, close,
    row: async key => rowOf(await ask(client => client.hget(keys.runs, nameOf(key)))),
    change: async change => {
      const named = [...new Set(change.steps.map(({ account }) => account))]
      const answer = await run(changeScript, changing, changeArgs(change, named))
      return answerOf(answer as Reply, named, change)
    },
    overdue: async (now, most) => rowsNamed(await ask(client => client.zrangebyscore(keys.open, '-inf', now, 'LIMIT', 0, most))),
    rows: async (after, most) => rowsNamed(await ask(client => client.zrangebylex(keys.names, after ? `(${nameOf(after)}` : '-', '+', 'LIMIT', 0, most))),
    document: async key => documentOf(key, await ask(client => client.hget(keys.documents, key))),
    putDocument: async (key, value, expected) => {
      const written = value === null ? '' : `${expected + 1} ${JSON.stringify(value)}`
      return await run(putDocumentScript, [keys.documents], [key, expected, written]) === 1
    },
    retire: async (before, most) => {
      const over = await clearable({ ask, accounts }, keys, before, most)
      const args = over.flatMap(account => [account, totalKey(account)])
      return Number(await run(retireScript, [keys.runs, keys.names, keys.ended, keys.accounts, keys.endings, keys.totals], [before, most, ...args]))
    },
    totals: async () => (await pairsOf(ask, keys.totals)).map(([key, settled]) => ({ key, settled: Number(settled) })),
    rename: async (identity, alias) => {
      // What is drawn on while it is being renamed is found by the next pass.
      for (let pass = 0; pass < passes; pass++) {
        const moves = await movesOf(ask, keys, identity, alias)
        if (moves.length === 0) return
        await run(renameScript, changing, moves)
      }
      throw new Error(`"${identity}" went on spending under every one of ${passes} attempts to rename it. Stop its runs and try again.`)
    },
  }
}

const passes = 50
const pageSize = 500

const nameOf = ({ identity, run }: RunKey) => JSON.stringify([identity, run])
const written = (row: Row) => `${row.version} ${JSON.stringify(row)}`
const scoreOf = ({ reservation, at }: Row) => isOpen(reservation) ? reservation.expiresAt : at
const openMark = ({ reservation }: Row) => isOpen(reservation) ? '1' : ''

function changeArgs({ row, expected, steps, under }: Change, accounts: readonly string[]): (string | number)[] {
  const stepArgs = ({ account, held, settled, guard, ends }: Step) => [accounts.indexOf(account) + 1, held, settled, guard ?? '', ends ?? '-']
  return [
    nameOf(row), expected, written(row), scoreOf(row), openMark(row), under?.key ?? '', under?.revision ?? '',
    accounts.length, ...accounts, ...steps.flatMap(stepArgs),
  ]
}

type Reply =
  | readonly ['done', readonly string[]]
  | readonly ['exceeded', readonly string[], readonly string[]]
  | readonly ['conflict' | 'stale', string | null]

function answerOf(reply: Reply, accounts: readonly string[], { under }: Change): ChangeAnswer {
  switch (reply[0]) {
    case 'done': return { outcome: 'done', accounts: reply[1].map((value, at) => accountOf(accounts[at]!, value)) }
    case 'exceeded': return { outcome: 'exceeded', accounts: reply[1].map((value, at) => accountOf(accounts[at]!, value)), refused: reply[2] }
    case 'conflict': return { outcome: 'conflict', row: rowOf(reply[1]) }
    case 'stale': return { outcome: 'stale', document: documentOf(under!.key, reply[1]) }
  }
}

const jsonOf = (value: string): unknown => JSON.parse(value.slice(value.indexOf(' ') + 1))
const rowOf = (value: string | null) => value ? jsonOf(value) as Row : null
const documentOf = (key: string, value: string | null): Stored | null => value ? { key, value: jsonOf(value), revision: Number.parseInt(value, 10) } : null

function accountOf(key: string, value: string): Account {
  const [limit, settled, held, revision] = value.split(' ').map(Number) as [number, number, number, number]
  return { key, limit, settled, held, revision }
}

/** Accounts that may be cleared away, at most so many. Some whose period is over still hold something. */
async function clearable({ ask, accounts }: Pick<Connection, 'ask'> & Pick<Engine, 'accounts'>, keys: Keys, before: number, most: number): Promise<string[]> {
  const found: string[] = []
  for (let from = 0; found.length < most; from += pageSize) {
    const page = await ask(client => client.zrangebyscore(keys.endings, '-inf', `(${before}`, 'LIMIT', from, pageSize))
    found.push(...(await accounts(page)).filter(({ held }) => held === 0).map(({ key }) => key))
    if (page.length < pageSize) break
  }
  return found.slice(0, most)
}

/** What is still to be renamed, as `renameScript` takes it; empty where nothing is. */
async function movesOf(ask: Connection['ask'], keys: Keys, identity: string, alias: string): Promise<(string | number)[]> {
  const first = `${JSON.stringify([identity]).slice(0, -1)},`
  // All go on with a quotation mark, and the sign after that one is #.
  const names = await ask(client => client.zrangebylex(keys.names, `[${first}`, `(${first}#`, 'LIMIT', 0, pageSize))
  const rows = (names.length > 0 ? await ask(client => client.hmget(keys.runs, ...names)) : []).flatMap(value => rowOf(value) ?? [])
  const rowArgs = rows.flatMap(row => {
    const next = renamedRow(row, identity, alias)
    return [nameOf(row), row.version, nameOf(next), written(next), scoreOf(next), openMark(next)]
  })
  const renamed = async (key: string) => (await pairsOf(ask, key)).map(([name]) => [name, renamedNameOf(name, identity, alias)] as const).filter(([from, to]) => from !== to)
  const [accounts, documents] = [await renamed(keys.accounts), await renamed(keys.documents)]
  if (rows.length + accounts.length + documents.length === 0) return []
  return [rows.length, accounts.length, ...rowArgs, ...accounts.flat(), ...documents.flat()]
}

/** Reading every key would take long; most do not even contain the identity. */
const renamedNameOf = (name: string, identity: string, alias: string) => name.includes(JSON.stringify(identity)) ? renamedKey(name, identity, alias) : name

/** All of a hash, a little at a time. Each name comes once. */
async function pairsOf(ask: Connection['ask'], key: string): Promise<[string, string][]> {
  const found = new Map<string, string>()
  let cursor = '0'
  do {
    const [next, page] = await ask(client => client.hscan(key, cursor, 'COUNT', pageSize))
    for (let at = 0; at < page.length; at += 2) found.set(page[at]!, page[at + 1]!)
    cursor = next
  } while (cursor !== '0')
  return [...found]
}
