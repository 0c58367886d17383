import { isOpen } from '../../core/index.ts'
import type { Account, Receipt, ReservationStatus } from '../../core/index.ts'
import { claimsOf, claimsValues } from './claim-values.ts'
import type { ClaimsValues } from './claim-values.ts'
import type { Row } from './engine.ts'
import type { RunKey, Stored } from './port.ts'

// How rows, documents and accounts are written down. Scripts read what stands first and never the JSON.

export const nameOf = ({ identity, run }: RunKey): string => JSON.stringify([identity, run])
export function keyNamed(name: string): RunKey {
  const [identity, run] = JSON.parse(name) as [string, string]
  return { identity, run }
}

/** "version json"; who and which run is in the name. */
export function rowText({ version, body, at, reservation, receipt }: Row): string {
  const { run, status, expiresAt, claims } = reservation
  return `${version} ${JSON.stringify([body, at, status, expiresAt, claimsValues(claims, run), receipt])}`
}
export function rowOf({ identity, run }: RunKey, text: string | null): Row | null {
  if (text === null) return null
  const [body, at, status, expiresAt, claims, receipt] = jsonOf(text) as [string, number, ReservationStatus, number, ClaimsValues, Receipt | null]
  const reservation = { run, status, claims: claimsOf(claims, run), expiresAt }
  return { identity, run, body, reservation, receipt, at, version: Number.parseInt(text, 10) }
}
/** What a row is found by once its time has come: open ones by when they expire, ended ones by when they began, below zero. */
export const timeOf = ({ reservation, at }: Row): number => isOpen(reservation) ? reservation.expiresAt : -at

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
