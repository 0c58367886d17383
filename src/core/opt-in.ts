import { isAmount } from './amount.ts'
import { ceilingCovers } from './estimate.ts'
import type { Ceiling } from './estimate.ts'
import { effortFits, isEffort, isTier, tierFits } from './tier.ts'
import type { Effort, Tier } from './tier.ts'

/** How long an opt-in stands: for one run, while the page's session lasts, for some days, or until it is taken back. */
export type OptInScope = 'once' | 'session' | 'always' | { readonly days: number }

/** Where the act happened: at the control, in settings, or in the host's own code. */
export type OptInOrigin = 'control' | 'settings' | 'call'

/** A person's explicit act, and what it covers. Times are milliseconds since 1970. */
export interface OptIn {
  readonly id: string
  readonly feature: string
  readonly scope: OptInScope
  readonly tier: Tier
  readonly effort: Effort
  /** The most that one run under it may cost. */
  readonly ceiling: Ceiling
  /** The catalog that the ceiling was worked out from. */
  readonly catalogVersion: string
  readonly at: number
  /** When the feature was last taken back, as the server dates it, where that is known: it was given after that, whatever the clock here said. */
  readonly after?: number | undefined
  readonly lapsesAt: number | null
  readonly origin: OptInOrigin
}

/** What a run asks of an opt-in. */
export interface OptInDemand {
  readonly feature: string
  readonly tier: Tier
  readonly effort: Effort
  readonly ceiling: Ceiling
}

/** Why an opt-in does not cover a run. `revoked` is the server's word: it was taken back, perhaps on another device. */
export type OptInGap = 'missing' | 'malformed' | 'feature' | 'tier' | 'effort' | 'ceiling' | 'lapsed' | 'revoked'

const dayLength = 86_400_000
/** A session ends with its tab; a tab left open for longer asks again. */
export const sessionLength = dayLength / 2
/** How long after the press a single run may still be started. */
export const onceLength = 600_000
/** Clocks of devices differ: an opt-in may be this much ahead of the server's. */
export const clockTolerance = 300_000

/** When an opt-in of this scope given at `at` lapses; `null` is until it is taken back. */
export function lapseOf(scope: OptInScope, at: number): number | null {
  if (scope === 'always') return null
  if (scope === 'session') return at + sessionLength
  return scope === 'once' ? at + onceLength : at + scope.days * dayLength
}

/**
 * Checks a record against a run. Its catalog version says where its ceiling came from; it need not
 * be today's, because the ceiling itself is compared with what the run would cost today.
 * @param record whatever was sent or stored
 * @returns `null` when it covers the run, otherwise the first thing it lacks
 */
export function optInGap(record: unknown, demand: OptInDemand, now: number): OptInGap | null {
  if (record == null) return 'missing'
  if (!isOptIn(record)) return 'malformed'
  if (record.feature !== demand.feature) return 'feature'
  if (hasLapsed(record, now)) return 'lapsed'
  if (!tierFits(demand.tier, record.tier)) return 'tier'
  if (!effortFits(demand.effort, record.effort)) return 'effort'
  return ceilingCovers(record.ceiling, demand.ceiling) ? null : 'ceiling'
}

/** Whether its time is over, by its own word or because its scope cannot last that long, or it claims to come from the future. */
export function hasLapsed({ scope, at, lapsesAt }: OptIn, now: number): boolean {
  const longest = lapseOf(scope, at)
  return at > now + clockTolerance || now >= Math.min(lapsesAt ?? Infinity, longest ?? Infinity)
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length <= 200

export function isCeiling(value: unknown): value is Ceiling {
  const { usd, wh, outputTokens } = (value ?? {}) as Record<keyof Ceiling, unknown>
  return (usd === null || isAmount(usd)) && (wh === null || isAmount(wh)) && Number.isSafeInteger(outputTokens) && isAmount(outputTokens)
}

export function isOptInScope(value: unknown): value is OptInScope {
  if (typeof value === 'string') return value === 'once' || value === 'session' || value === 'always'
  const days = (value as { days?: unknown } | null)?.days
  return isAmount(days) && days > 0 && days <= 3660
}

const isDated = ({ at, after, lapsesAt }: OptIn): boolean => isAmount(at) && (after === undefined || isAmount(after)) && (lapsesAt === null || isAmount(lapsesAt))

/** Whether a value is an opt-in record: for what storage and networks hand over. */
export function isOptIn(value: unknown): value is OptIn {
  if (typeof value !== 'object' || value === null) return false
  const { id, feature, scope, tier, effort, ceiling, catalogVersion, origin } = value as Record<keyof OptIn, unknown>
  return isText(id) && isText(feature) && isText(catalogVersion) && isOptInScope(scope) && isTier(tier) && isEffort(effort)
    && isCeiling(ceiling) && isDated(value as OptIn)
    && (origin === 'control' || origin === 'settings' || origin === 'call')
}
