import type { Account, Receipt, ReservationStatus } from '../../core/index.ts'
import type { Row } from './engine.ts'
import { renamedKey, renamedRow, totalKey } from './keys.ts'
import type { RunKey, Stored } from './port.ts'
import { checkedKey, documentLock, nameColumns, whole } from './postgres-values.ts'
import type { Ask, Columns } from './postgres-database.ts'
import { stringOf, textOf } from './texts.ts'

const isOpenRow = `status IN ('held', 'dispatched')`

/** The verbs that are one statement each. */
export function statements(ask: Ask, schema: string) {
  const document = async (key: string) => documentOf((await ask(`SELECT * FROM ${schema}.documents WHERE key = $1`, [checkedKey(key)]))[0])
  return {
    document,
    async row(key: RunKey): Promise<Row | null> {
      const { identity, run } = nameColumns(key)
      const [columns] = await ask(`SELECT * FROM ${schema}.runs WHERE identity = $1 AND run = $2`, [identity, run])
      return columns ? rowOf(columns) : null
    },
    rowsNamed: async (run: string): Promise<readonly Row[]> =>
      (await ask(`SELECT * FROM ${schema}.runs WHERE run = $1 ORDER BY identity`, [nameColumns({ identity: '', run }).run])).map(rowOf),
    async accounts(keys: readonly string[]): Promise<readonly Account[]> {
      if (keys.length === 0) return []
      return (await ask(`SELECT * FROM ${schema}.accounts WHERE key = ANY ($1)`, [keys.map(checkedKey)])).map(accountOf)
    },
    overdue: async (at: number, most: number) =>
      (await ask(`SELECT * FROM ${schema}.runs WHERE ${isOpenRow} AND expires <= $1 ORDER BY expires LIMIT $2`, [at, most])).map(rowOf),
    async rows(after: RunKey | null, most: number): Promise<readonly Row[]> {
      const { identity, run } = after ? nameColumns(after) : {}
      return (await ask(`SELECT * FROM ${schema}.runs ${after ? 'WHERE (identity, run) > ($2, $3)' : ''} ORDER BY identity, run LIMIT $1`, after ? [most, identity, run] : [most])).map(rowOf)
    },
    async putDocument(key: string, value: unknown, expected: number): Promise<boolean> {
      if (value === null && expected === 0) return await document(key) === null
      // Once those are done that go by the document as it is.
      const [documents, locked] = [`${schema}.documents`, '(SELECT pg_advisory_xact_lock(hashtextextended($2, 0))) AS locked']
      const names = [checkedKey(key), documentLock(schema, key)]
      const write = () => {
        if (value === null) return ask(`DELETE FROM ${documents} USING ${locked} WHERE key = $1 AND revision = $3 RETURNING 1`, [...names, expected])
        const text = JSON.stringify(value)
        return expected === 0
          ? ask(`INSERT INTO ${documents} (key, value, revision) SELECT $1, $3, 1 FROM ${locked} ON CONFLICT DO NOTHING RETURNING 1`, [...names, text])
          : ask(`UPDATE ${documents} SET value = $3, revision = revision + 1 FROM ${locked} WHERE key = $1 AND revision = $4 RETURNING 1`, [...names, text, expected])
      }
      return (await write()).length > 0
    },
    totals: async () => (await ask(`SELECT * FROM ${schema}.totals ORDER BY key`)).map(({ key, settled }) => ({ key: key!, settled: whole(settled) })),
  }
}

/** Skips what others hold just now: it is not idle. */
export async function retire(ask: Ask, schema: string, before: number, most: number): Promise<number> {
  const runs = await ask(`
    DELETE FROM ${schema}.runs r USING (
      SELECT identity, run FROM ${schema}.runs WHERE NOT (${isOpenRow}) AND at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
    ) AS over WHERE r.identity = over.identity AND r.run = over.run RETURNING 1`, [before, most])
  const accounts = (await ask(`
    DELETE FROM ${schema}.accounts a USING (
      SELECT key FROM ${schema}.accounts WHERE held = 0 AND (ends < $1 OR (ends IS NULL AND settled = 0)) LIMIT $2 FOR UPDATE SKIP LOCKED
    ) AS over WHERE a.key = over.key RETURNING a.*`, [before, most])).map(accountOf)
  const totals = accounts.filter(({ settled }) => settled !== 0).map(({ key, settled }) => ({ key: totalKey(key), settled }))
  await ask(`
    INSERT INTO ${schema}.totals AS t (key, settled)
    SELECT key, sum(settled) FROM json_to_recordset($1) AS n(key text COLLATE "C", settled bigint) GROUP BY key ORDER BY key
    ON CONFLICT (key) DO UPDATE SET settled = t.settled + excluded.settled`, [JSON.stringify(totals)])
  return runs.length + accounts.length
}

export async function rename(ask: Ask, schema: string, identity: string, alias: string): Promise<void> {
  const rows = await ask(`SELECT * FROM ${schema}.runs WHERE identity = $1 ORDER BY run FOR UPDATE`, [textOf(identity)])
  const renamed = rows.map(rowOf).map(row => renamedRow(row, identity, alias))
  await ask(`
    UPDATE ${schema}.runs r SET identity = n.alias, claims = n.claims, version = n.version
    FROM json_to_recordset($2) AS n(alias text, run text COLLATE "C", claims text, version bigint) WHERE r.identity = $1 AND r.run = n.run`,
    [textOf(identity), JSON.stringify(renamed.map(row => ({ ...nameColumns(row), alias: textOf(row.identity), claims: JSON.stringify(row.reservation.claims), version: row.version })))])
  for (const table of ['accounts', 'documents']) {
    const keys = (await ask(`SELECT key FROM ${schema}.${table} WHERE position($1 IN key) > 0 ORDER BY key FOR UPDATE`, [JSON.stringify(identity)])).map(({ key }) => key!)
    await ask(`UPDATE ${schema}.${table} t SET key = n.alias FROM json_to_recordset($1) AS n(key text COLLATE "C", alias text) WHERE t.key = n.key AND n.alias <> n.key`,
      [JSON.stringify(keys.map(key => ({ key, alias: renamedKey(key, identity, alias) })))])
  }
}

function rowOf({ identity, run, version, body, status, at, expires, claims, receipt }: Columns): Row {
  const name = stringOf(run!)
  return {
    identity: stringOf(identity!), run: name, version: whole(version), body: stringOf(body!), at: whole(at),
    reservation: { run: name, status: status as ReservationStatus, expiresAt: whole(expires), claims: JSON.parse(claims!) },
    receipt: receipt == null ? null : JSON.parse(receipt) as Receipt,
  }
}

const accountOf = ({ key, max, settled, held, revision }: Columns): Account =>
  ({ key: key!, limit: whole(max), settled: whole(settled), held: whole(held), revision: whole(revision) })

const documentOf = (columns: Columns | undefined): Stored | null =>
  columns ? { key: columns['key']!, value: JSON.parse(columns['value']!), revision: whole(columns['revision']) } : null
