import { isOpen } from '../../core/index.ts'
import type { Account } from '../../core/index.ts'
import type { Row, Stored } from './engine.ts'
import type { RunKey } from './port.ts'

// How rows, documents and accounts are written down. Scripts read what stands first and never the JSON.

export const nameOf = ({ identity, run }: RunKey): string => JSON.stringify([identity, run])

/** "version json" */
export const rowText = (row: Row): string => `${row.version} ${JSON.stringify(row)}`
export const rowOf = (text: string | null): Row | null => text === null ? null : jsonOf(text) as Row
/** A row's place in the order it belongs to: open ones by when they expire, ended ones by when they began. */
export const placeArgs = ({ reservation, at }: Row): [score: number, openMark: string] => isOpen(reservation) ? [reservation.expiresAt, '1'] : [at, '']

/** "revision json", or nothing for what is to be deleted */
export const documentText = (value: unknown, revision: number): string => value === null ? '' : `${revision} ${JSON.stringify(value)}`
export const documentOf = (key: string, text: string | null): Stored | null =>
  text === null ? null : { key, value: jsonOf(text), revision: Number.parseInt(text, 10) }

/** Of "limit settled held revision ends". */
export function accountOf(key: string, text: string): Account {
  const [limit, settled, held, revision] = text.split(' ').map(Number) as [number, number, number, number]
  return { key, limit, settled, held, revision }
}

const jsonOf = (text: string): unknown => JSON.parse(text.slice(text.indexOf(' ') + 1))
