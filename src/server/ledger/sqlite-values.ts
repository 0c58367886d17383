import type { SQLOutputValue } from 'node:sqlite'
import type { Account, Receipt, Reservation, ReservationStatus } from '../../core/index.ts'
import { claimsOf, claimsValues } from './claim-values.ts'
import type { ClaimsValues } from './claim-values.ts'
import type { Row } from './engine.ts'
import type { RunKey, Stored } from './port.ts'
import { stringOf, textOf } from './texts.ts'

// How rows, documents and accounts are read from columns, and written to them.

/** The columns that name a run. */
export const nameOf = ({ identity, run }: RunKey) => [textOf(identity), textOf(run)] as const

export const claimsText = ({ reservation: { claims, run } }: Pick<Row, 'reservation'>) => JSON.stringify(claimsValues(claims, run))

export type Columns = Record<string, SQLOutputValue> | undefined

export function rowOf(columns: Columns): Row | null {
  if (!columns) return null
  const { identity, version, body, status, at, expires, claims, receipt } = columns as Record<string, string>
  const run = stringOf(columns['run'] as string)
  const reservation: Reservation = { run, status: status as ReservationStatus, expiresAt: Number(expires), claims: claimsOf(JSON.parse(claims!) as ClaimsValues, run) }
  return { identity: stringOf(identity!), run, version: Number(version), body: stringOf(body!), at: Number(at), reservation, receipt: receipt ? JSON.parse(receipt) as Receipt : null }
}

export function accountOf(columns: Columns): Account | undefined {
  if (!columns) return undefined
  const { key, max, settled, held, revision } = columns
  return { key: String(key), limit: Number(max), settled: Number(settled), held: Number(held), revision: Number(revision) }
}

export function documentOf(columns: Columns): Stored | null {
  return columns ? { key: String(columns['key']), value: JSON.parse(String(columns['value'])), revision: Number(columns['revision']) } : null
}
