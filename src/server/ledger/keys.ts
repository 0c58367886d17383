import type { BoundClaim } from '../../core/index.ts'
import { isSummed, secondsOf } from '../../core/window.ts'
import type { Row } from './engine.ts'

// Keys of accounts and documents are JSON lists with whose they are in the second place.

/** Where the policy stands. */
export const policyKey = JSON.stringify(['policy', null])

/** Where it stands how far the clock is believed. */
export const clockKey = JSON.stringify(['clock', null])

/** Where an identity's opt-ins stand. */
export const optInsKey = (identity: string): string => JSON.stringify(['opt-ins', identity])

/** Where it stands which outcomes an identity has told. */
export const outcomesKey = (identity: string): string => JSON.stringify(['outcomes', identity])

/** Where the totals of an identity's conversations stand. */
export const chatsKey = (identity: string): string => JSON.stringify(['chats', identity])

/** Where it stands what was learned of a feature's models. */
export const adequacyKey = (feature: string): string => JSON.stringify(['adequacy', null, feature])

/** Where it stands what a feature's runs taught. */
export const lessonsKey = (feature: string): string => JSON.stringify(['lessons', null, feature])

/** Where it stands how fast a model was, and what it drew. */
export const paceKey = ({ provider, id }: { readonly provider: string; readonly id: string }): string => JSON.stringify(['pace', null, provider, id])

/**
 * The key of the total that an account is added to: its own with what says whose it was left out, and, for pots of
 * single runs and of windows that roll, when. Periods that roll overlap: those that hold what others hold
 * already are added up beside it, and are no total.
 */
export function totalKey(account: string): string {
  const [budget, , unit, window, timeZone, start] = JSON.parse(account) as unknown[]
  const when = isSummed(window, Number(start)) ? null : overlapping
  return JSON.stringify([budget, null, unit, window, timeZone, window === 'run' || secondsOf(window) !== null ? when : start])
}

const overlapping = 'overlapping'

/** Whether what is kept under a total's key tells what was settled, each run once. */
export const isTotal = (key: string): boolean => (JSON.parse(key) as unknown[]).at(-1) !== overlapping

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
