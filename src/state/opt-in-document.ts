import { hasLapsed, isOptIn, lapseOf, sessionLength } from '../core/opt-in.ts'
import type { OptIn } from '../core/opt-in.ts'
import { attempt } from './environment.ts'

/** Features, and when: of entries rather than an object, so that no name is special. */
export type Times = ReadonlyMap<string, number>

/** What one storage keeps for one subject. */
export interface OptInDocument {
  readonly records: readonly OptIn[]
  readonly declined: Times
  /** What was taken back, and when: it ends what other tabs' sessions were granted before. */
  readonly revoked: Times
  readonly aids: readonly string[]
  readonly enabled: boolean
}

/**
 * Reads what is stored, entry by entry: a bad one is dropped, the others stay. Of another version only
 * what restricts is believed: records are not, the master switch and what was declined are.
 */
export function readOptIns(text: string | null): OptInDocument {
  const stored = attempt(() => JSON.parse(text ?? '{}')) as Partial<Record<keyof OptInDocument | 'version', unknown>> | null
  const { version, records, declined, revoked, aids, enabled } = stored ?? {}
  return {
    records: version === 1 ? listOf(records).filter(isOptIn) : [],
    declined: new Map(listOf(declined).filter(isTime)),
    revoked: new Map(listOf(revoked).filter(isTime)),
    aids: [...new Set(listOf(aids).filter(aid => typeof aid === 'string'))],
    enabled: enabled !== false,
  }
}

/** What is over is not written again. */
export function writeOptIns({ records, declined, revoked, ...rest }: OptInDocument, now: number): string {
  return JSON.stringify({
    version: 1, ...rest, declined: [...declined],
    records: records.filter(record => !hasLapsed(record, now)),
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
