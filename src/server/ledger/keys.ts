import type { BoundClaim } from '../../core/index.ts'
import type { Row } from './engine.ts'

// Keys of accounts and documents are JSON lists with whose they are in the second place.

/** Where the policy stands. */
export const policyKey = JSON.stringify(['policy', null])

/** Where an identity's opt-ins stand. */
export const optInsKey = (identity: string): string => JSON.stringify(['opt-ins', identity])

/** Where the totals of an identity's conversations stand. */
export const chatsKey = (identity: string): string => JSON.stringify(['chats', identity])

/** An account's key with its subject left out. */
export const totalKey = (account: string): string => withSubject(account, () => null)

/** A key as it is once an identity has another name. */
export const renamedKey = (key: string, identity: string, alias: string): string =>
  withSubject(key, subject => subject === identity ? alias : subject)

/** A row as it is once an identity has another name. */
export function renamedRow(row: Row, identity: string, alias: string): Row {
  const claims = row.reservation.claims.map((claim): BoundClaim =>
    ({ ...claim, subject: claim.subject === identity ? alias : claim.subject, account: renamedKey(claim.account, identity, alias) }))
  return { ...row, identity: row.identity === identity ? alias : row.identity, version: row.version + 1, reservation: { ...row.reservation, claims } }
}

function withSubject(key: string, change: (subject: unknown) => unknown): string {
  const [name, subject, ...rest] = JSON.parse(key) as unknown[]
  return JSON.stringify([name, change(subject), ...rest])
}
