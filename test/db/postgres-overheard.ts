import type { Pool } from 'pg'
import type { PostgresPool } from '../../src/server/ledger/postgres.ts'

/** The pool, and the codes of what went wrong in it: also of what the ledger got over by itself. */
export function overheard(pool: Pool): PostgresPool & { readonly codes: string[] } {
  const codes: string[] = []
  return {
    codes,
    connect: () => pool.connect(),
    end: () => pool.end(),
    query: query => pool.query(query as { text: string; values: unknown[] }).catch((error: { code?: string }) => {
      codes.push(error.code ?? '')
      throw error
    }),
  }
}

export const deadlock = '40P01'
