import { isOptIn } from '../core/opt-in.ts'
import type { OptIn } from '../core/opt-in.ts'
import type { OptInDocument, Times, UnsentAct } from './opt-in-document.ts'

/** What a change comes to; what is left out stays as it is stored. */
export type Edit = (kept: OptInDocument) => Partial<OptInDocument>

/** What the server keeps of somebody who is signed in. */
export interface ServerOptIns {
  readonly records: readonly OptIn[]
  readonly revoked: readonly { readonly feature: string; readonly at: number }[]
}

/** Undoes what was declined, and a "no" that a clock since put back dated later than this "yes". */
export const granting = (optIn: OptIn): Edit => ({ declined, revoked, unsent }) => ({
  declined: put(declined, optIn.feature),
  revoked: below(revoked, optIn),
  unsent: queued(unsent, { feature: optIn.feature, at: optIn.at, record: optIn }),
})

export const revoking = (feature: string, at: number): Edit => ({ revoked, unsent }) => ({
  revoked: put(revoked, feature, at),
  unsent: queued(unsent, { feature, at, record: null }),
})

/** @param stood whether there was anything to be taken back: if not, the "no" is this device's alone */
export const declining = (feature: string, at: number, stood: boolean): Edit => kept => ({
  ...stood ? revoking(feature, at)(kept) : { revoked: put(kept.revoked, feature, at) },
  declined: put(kept.declined, feature, at),
})

/** Takes back a record by the server's word, which it need not be told. */
export const ending = ({ id, feature }: OptIn, since: number): Edit => ({ revoked, unsent }) => ({
  revoked: put(revoked, feature, Math.max(since, revoked.get(feature) ?? 0)),
  unsent: unsent.filter(({ record }) => record?.id !== id),
})

/**
 * Takes over what the server knows: its copy is the authority, but for what was done here since. A
 * record for a session belongs to the page that made it; it is not taken over, and ends only when it
 * is taken back. What was declined on this device stays declined here.
 */
export const adopting = ({ records, revoked }: ServerOptIns): Edit => kept => {
  const own = new Set(kept.unsent.map(({ feature }) => feature))
  const theirs = records.filter(isOptIn).filter(({ feature, scope }) => !own.has(feature) && scope !== 'session' && !kept.declined.has(feature))
  const ended = revoked.filter(({ feature }) => !own.has(feature))
  const later = ended.reduce((times, { feature, at }) => put(times, feature, Math.max(at, times.get(feature) ?? 0)), kept.revoked)
  return {
    records: [...kept.records.filter(({ feature }) => own.has(feature)), ...theirs],
    revoked: theirs.reduce(below, later),
  }
}

/** The feature's time replaced, or left out. */
export const put = (times: Times, feature: string, at?: number): Times =>
  new Map([...[...times].filter(([name]) => name !== feature), ...(at === undefined ? [] : [[feature, at] as const])])

/** Without what is dated later than a record that is known to stand. */
const below = (revoked: Times, { feature, at }: OptIn): Times => at <= (revoked.get(feature) ?? -1) ? put(revoked, feature) : revoked

const queued = (unsent: readonly UnsentAct[], act: UnsentAct): readonly UnsentAct[] =>
  [...unsent.filter(({ feature }) => feature !== act.feature), act]
