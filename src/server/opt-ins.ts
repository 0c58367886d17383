import { hasLapsed, isOptIn, SparingError } from '../core/index.ts'
import type { OptIn } from '../core/index.ts'
import type { OptInsAnswer } from '../protocol/index.ts'
import { optInRequired } from './admission.ts'
import { optInsKey } from './ledger/keys.ts'
import type { Ledger } from './ledger/port.ts'

/** When a feature's opt-ins were taken back. */
interface Revocation {
  readonly feature: string
  /** Milliseconds since 1970, by the server's clock, and never the same twice: what is given anew names it. */
  readonly at: number
}

/** What is kept of an identified person: one record and one revocation for each feature, at most. */
export interface OptInDocument {
  readonly records: readonly OptIn[]
  /** For as long as a device may still hold what was taken back: for good. */
  readonly revoked: readonly Revocation[]
}

/** How often a change is worked out anew because another device was first. */
const attempts = 8

/** What stands in the ledger, without what has lapsed. */
function readOptIns(value: unknown, now: number): OptInDocument {
  const { records, revoked } = (value ?? {}) as Partial<Record<keyof OptInDocument, unknown>>
  return { records: listOf(records).filter(isOptIn).filter(record => !hasLapsed(record, now)), revoked: listOf(revoked).filter(isRevocation) }
}

/** Whether a record was taken back. One that was given anew names the last time that this was done; no clock of a device is believed. */
const isRevoked = ({ feature, after }: OptIn, { revoked }: OptInDocument): boolean =>
  revoked.some(each => each.feature === feature && each.at !== after)

/** With the record in place of the feature's earlier one. */
export const withRecord = ({ records, revoked }: OptInDocument, record: OptIn): OptInDocument =>
  ({ revoked, records: [...records.filter(({ feature }) => feature !== record.feature), record] })

/** Without the records of these features, and with the time since when. */
export function withoutFeatures({ records, revoked }: OptInDocument, features: readonly string[], at: number): OptInDocument {
  const last = (name: string) => revoked.find(({ feature }) => feature === name)?.at ?? 0
  const taken = features.map((feature): Revocation => ({ feature, at: Math.max(at, last(feature) + 1) }))
  const others = <T extends { readonly feature: string }>(all: readonly T[]) => all.filter(({ feature }) => !features.includes(feature))
  return { records: others(records), revoked: [...others(revoked), ...taken] }
}

export const optInsAnswer = ({ records, revoked }: OptInDocument): OptInsAnswer =>
  ({ records, revoked: revoked.map(({ feature, at }) => ({ feature, at })) })

/** @throws {SparingError} `ledger-unavailable` */
export async function optInsOf(ledger: Ledger, identity: string, now: number): Promise<OptInDocument> {
  return readOptIns((await ledger.document(optInsKey(identity)))?.value, now)
}

/**
 * Changes what is stored now, which another device may have changed since it was read.
 * @throws {SparingError} `ledger-unavailable`, and what `change` throws
 */
export async function changeOptIns(ledger: Ledger, identity: string, now: number, change: (stored: OptInDocument) => OptInDocument): Promise<OptInDocument> {
  const key = optInsKey(identity)
  for (let attempt = 0; attempt < attempts; attempt++) {
    const stored = await ledger.document(key)
    const changed = change(readOptIns(stored?.value, now))
    if (await ledger.putDocument(key, changed, stored?.revision ?? 0)) return changed
  }
  throw new SparingError('ledger-unavailable', 'Your devices are changing this at the same moment, so this change was not kept. Try again.')
}

/** @throws {OptInRequiredError} for an opt-in that was taken back, perhaps on another device */
export function checkNotRevoked(optIn: OptIn, stored: OptInDocument): void {
  if (isRevoked(optIn, stored)) throw optInRequired({ gap: 'revoked', since: stored.revoked.find(({ feature }) => feature === optIn.feature)!.at })
}

const listOf = (value: unknown): unknown[] => Array.isArray(value) ? value : []

function isRevocation(value: unknown): value is Revocation {
  const { feature, at } = (value ?? {}) as Record<keyof Revocation, unknown>
  return typeof feature === 'string' && typeof at === 'number'
}
