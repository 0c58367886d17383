import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Engine } from './engine.ts'
import { renamedKey, renamedRow } from './keys.ts'
import type { InTurn } from './sqlite-transactions.ts'
import { claimsText, rowOf } from './sqlite-values.ts'
import { textOf } from './texts.ts'

/** Rows or accounts that one transaction looks up, and milliseconds for which it renames them. */
const [pageSize, pageTime] = [100, 2]

/**
 * `Engine.rename`, a page at a time, so that nobody waits for somebody's many runs. First goes what
 * nothing hangs on: runs that ended and accounts of which nothing is held. What is open goes last, all
 * together with what it holds. So wherever it ends half-way, what is held and what was spent add up,
 * under either name, and it may go on under that alias or another.
 */
export function renaming(database: DatabaseSync, inTurn: InTurn): Engine['rename'] {
  const sql = statements(database)

  function renameRows(identity: string, alias: string, rows: readonly Record<string, SQLOutputValue>[], until = Infinity): boolean {
    for (const columns of rows) {
      const row = renamedRow(rowOf(columns)!, identity, alias)
      sql.renameRow.run(textOf(row.identity), row.version, claimsText(row), columns['id']!)
      if (performance.now() > until) break
    }
    return rows.length > 0
  }
  function renameKeys(table: Table, identity: string, alias: string, { most, until = Infinity, where = 'of' }: { most: number; until?: number; where?: 'of' | 'idleOf' }): boolean {
    let found = false
    for (const name of namesIn(table)) {
      for (const { key } of sql[table][where].all(...rangeOf(name, identity), most)) {
        sql[table].move.run(renamedKey(String(key), identity, alias), key!)
        sql[table].drop.run(key!)
        found = true
        if (performance.now() > until) return found
      }
    }
    return found
  }
  /** How the keys of a table begin, each once: `["budget"`. It leaps from one to the next, however many keys there are. */
  function* namesIn(table: Table): Generator<string> {
    for (let after = ''; ;) {
      const { key } = sql[table].next.get(after) ?? {}
      if (key === undefined) return
      const name = /^\["(?:[^"\\]|\\.)*"(?=,)/.exec(String(key))?.[0]
      if (name) yield name
      // The sign after a comma.
      after = name ? `${name}-` : String(key)
    }
  }

  return async (identity, alias) => {
    if (identity === alias) return
    const page = () => ({ most: pageSize, until: performance.now() + pageTime })
    while (await inTurn(() => renameRows(identity, alias, sql.endedRows.all(textOf(identity), pageSize), page().until)));
    while (await inTurn(() => renameKeys('accounts', identity, alias, { ...page(), where: 'idleOf' })));
    await inTurn(() => {
      renameRows(identity, alias, sql.rows.all(textOf(identity)))
      for (const table of ['accounts', 'documents'] as const) renameKeys(table, identity, alias, { most: -1 })
    })
  }
}

type Table = 'accounts' | 'documents'

/** Where keys of a name that have an identity in the second place lie: a comma or a bracket goes on, and nothing else between these. */
const rangeOf = (name: string, identity: string) => [`${name},${JSON.stringify(identity)},`, `${name},${JSON.stringify(identity)}^`] as const

const statements = (database: DatabaseSync) => ({
  endedRows: database.prepare(`SELECT * FROM runs WHERE identity = ? AND status NOT IN ('held', 'dispatched') LIMIT ?`),
  rows: database.prepare('SELECT * FROM runs WHERE identity = ?'),
  renameRow: database.prepare('UPDATE runs SET identity = ?, version = ?, claims = ? WHERE id = ?'),
  accounts: {
    next: database.prepare('SELECT key FROM accounts WHERE key > ? ORDER BY key LIMIT 1'),
    of: database.prepare('SELECT key FROM accounts WHERE key >= ? AND key < ? LIMIT ?'),
    // Not by the index of what may be cleared away, which says nothing of whose it is.
    idleOf: database.prepare('SELECT key FROM accounts WHERE key >= ? AND key < ? AND +held = 0 LIMIT ?'),
    // Under a name that was drawn on already the two are added up.
    move: database.prepare(`
      INSERT INTO accounts SELECT ?, max, settled, held, revision, ends FROM accounts WHERE key = ?
      ON CONFLICT (key) DO UPDATE SET max = excluded.max, settled = settled + excluded.settled, held = held + excluded.held, revision = revision + excluded.revision, ends = excluded.ends`),
    drop: database.prepare('DELETE FROM accounts WHERE key = ?'),
  },
  documents: {
    next: database.prepare('SELECT key FROM documents WHERE key > ? ORDER BY key LIMIT 1'),
    of: database.prepare('SELECT key FROM documents WHERE key >= ? AND key < ? LIMIT ?'),
    idleOf: database.prepare('SELECT key FROM documents WHERE key >= ? AND key < ? LIMIT ?'),
    move: database.prepare('INSERT OR REPLACE INTO documents SELECT ?, value, revision FROM documents WHERE key = ?'),
    drop: database.prepare('DELETE FROM documents WHERE key = ?'),
  },
})
