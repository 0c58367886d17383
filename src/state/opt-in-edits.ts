import { isOptIn } from '../core/opt-in.ts'
import type { OptIn } from '../core/opt-in.ts'
import type { OptInDocument, Times } from './opt-in-document.ts'

/** What a change comes to; what is left out stays as it is stored. */
export type Edit = (kept: OptInDocument) => Partial<Omit<OptInDocument, 'unsent'>>

/** What the server keeps of somebody who is signed in. */
export interface ServerOptIns {
  readonly records: readonly OptIn[]
  readonly revoked: readonly { readonly feature: string; readonly at: number }[]
}

/** Undoes what was declined, and a "no" that a clock since put back dated later than this "yes". */
export const granting = (optIn: OptIn): Edit => ({ declined, revoked }) => ({ declined: put(declined, optIn.feature), revoked: below(revoked, optIn) })

export const revoking = (feature: string, at: number): Edit => ({ revoked }) => ({ revoked: put(revoked, feature, at) })

export const declining = (feature: string, at: number): Edit => ({ revoked, declined }) => ({ revoked: put(revoked, feature, at), declined: put(declined, feature, at) })

/** @param since when the server says that it was taken back */
export const ending = (feature: string, since: number): Edit => ({ revoked, told }) =>
  ({ revoked: put(revoked, feature, Math.max(since, revoked.get(feature) ?? 0)), told: put(told, feature, since) })

/**
 * Takes over what the server knows: its copy is the authority, but for what was done here since. A
 * record for a session belongs to the page that made it; it is not taken over, and ends only when it
 * is taken back. What was declined on this device stays declined here.
 * @param own features of which the server does not know the last word
 */
export const adopting = ({ records, revoked }: ServerOptIns, own: ReadonlySet<string>): Edit => kept => {
  const theirs = records.filter(isOptIn).filter(({ feature, scope }) => !own.has(feature) && scope !== 'session' && !kept.declined.has(feature))
  const ended = revoked.filter(({ feature }) => !own.has(feature))
  const later = ended.reduce((times, { feature, at }) => put(times, feature, Math.max(at, times.get(feature) ?? 0)), kept.revoked)
  return {
    records: [...kept.records.filter(({ feature }) => own.has(feature)), ...theirs],
    revoked: theirs.reduce(below, later),
    told: revoked.reduce((times, { feature, at }) => put(times, feature, at), kept.told),
  }
}

/** The feature's time replaced, or left out. */
export const put = (times: Times, feature: string, at?: number): Times =>
  new Map([...[...times].filter(([name]) => name !== feature), ...(at === undefined ? [] : [[feature, at] as const])])

/** Without what is dated later than a record that is known to stand. */
const below = (revoked: Times, { feature, at }: OptIn): Times => at <= (revoked.get(feature) ?? -1) ? put(revoked, feature) : revoked
