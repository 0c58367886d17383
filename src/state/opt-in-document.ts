import { hasLapsed, isOptIn, lapseOf, sessionLength } from '../core/opt-in.ts'
import type { OptIn } from '../core/opt-in.ts'
import { attempt } from './environment.ts'

/** Features, and when: of entries rather than an object, so that no name is special. */
export type Times = ReadonlyMap<string, number>

/** What a person did here that the server was not told of yet: what they agreed to, or `null` where they took it back. */
export interface UnsentAct {
  readonly feature: string
  readonly at: number
  readonly record: OptIn | null
}

/** What one storage keeps for one subject. */
export interface OptInDocument {
  readonly records: readonly OptIn[]
  readonly declined: Times
  /** What was taken back, and when: it ends what other tabs' sessions were granted before. */
  readonly revoked: Times
  /** When the server says that features were last taken back: what is given anew names it. */
  readonly told: Times
  readonly aids: readonly string[]
  readonly enabled: boolean
  /** In the order in which they were done: of each feature the last, and before what was given what was taken back. */
  readonly unsent: readonly UnsentAct[]
}

/**
 * Reads what is stored, entry by entry: a bad one is dropped, the others stay. Of another version only
 * what restricts is believed: records are not, the master switch and what was declined are.
 */
export function readOptIns(text: string | null): OptInDocument {
  const stored = attempt(() => JSON.parse(text ?? '{}')) as Partial<Record<keyof OptInDocument | 'version', unknown>> | null
  const { version, records, declined, revoked, told, aids, enabled, unsent } = stored ?? {}
  return {
    records: version === 1 ? listOf(records).filter(isOptIn) : [],
    declined: new Map(listOf(declined).filter(isTime)),
    revoked: new Map(listOf(revoked).filter(isTime)),
    told: new Map(listOf(told).filter(isTime)),
    aids: [...new Set(listOf(aids).filter(aid => typeof aid === 'string'))],
    enabled: enabled !== false,
    unsent: listOf(unsent).filter(isUnsent).filter(({ record }) => version === 1 || !record),
  }
}

/** What is over is not written again. */
export function writeOptIns({ records, declined, revoked, told, unsent, ...rest }: OptInDocument, now: number): string {
  return JSON.stringify({
    version: 1, ...rest, declined: [...declined], told: [...told],
    records: records.filter(record => !hasLapsed(record, now)),
    unsent: unsent.filter(({ record }) => !record || !hasLapsed(record, now)),
    revoked: [...revoked].filter(([, when]) => when + sessionLength > now),
  })
}

/** The record that stands for each feature: of two, the later. */
export function standingRecords({ records, revoked }: OptInDocument, session: readonly OptIn[], now: number): OptIn[] {
  const standing = new Map<string, OptIn>()
  for (const record of [...records, ...session]) {
    if (hasLapsed(record, now) || record.at <= (revoked.get(record.feature) ?? -1)) continue
    if (record.at >= (standing.get(record.feature)?.at ?? 0)) standing.set(record.feature, record)
  }
  return [...standing.values()]
}

/** When a record lapses; `Infinity` where no clock ends it. */
export const lapsesAt = ({ scope, at, lapsesAt: own }: OptIn): number =>
  Math.min(own ?? Infinity, lapseOf(scope, at) ?? Infinity)

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const isTime = (value: unknown): value is [string, number] =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isFinite(value[1])

function isUnsent(value: unknown): value is UnsentAct {
  const { feature, at, record } = (value ?? {}) as Record<keyof UnsentAct, unknown>
  return typeof feature === 'string' && typeof at === 'number' && (record === null || isOptIn(record))
}
