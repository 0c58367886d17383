import type { BudgetPolicy, Feature, GenerativeTier, Tier, Unit } from '../core/index.ts'

/** The header of every answer under `/v1` that names the revision of the policy it was made under. */
export const policyHeader = 'sparing-policy'

/** What is changed at run time of what the server was configured with. It replaces the policy before it, whole. */
export interface Policy {
  /** By the budget's id: limits that stand in place of its own, or beside them for a unit that it did not limit. */
  readonly limits: Readonly<Record<string, { readonly [U in Unit]?: number }>>
  /** By the feature's name. */
  readonly features: Readonly<Record<string, { readonly mode?: NonNullable<Feature['mode']>; readonly percent?: number }>>
  /** Kill switches: they come before everything else that is said here. */
  readonly off: { readonly everything: boolean; readonly features: readonly string[]; readonly tiers: readonly GenerativeTier[] }
}

/** `PUT /v1/policy`. `revision` is the one it was made on, 0 where there was none; another one in force refuses it. */
export interface PolicyRequest extends Policy {
  readonly revision: number
  /** Who changes it: a name for the record. */
  readonly author: string
}

/** `GET` and `PUT /v1/policy`: what is stored, and what comes of it. */
export interface PolicyAnswer extends Policy {
  readonly revision: number
  /** `null` while none was stored. */
  readonly author: string | null
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number | null
  readonly inForce: {
    readonly budgets: readonly (Pick<BudgetPolicy, 'id' | 'per' | 'limit'> & { readonly scope: string })[]
    readonly features: Readonly<Record<string, { readonly mode: NonNullable<Feature['mode']>; readonly percent: number }>>
    readonly tiersOff: readonly Tier[]
  }
}
