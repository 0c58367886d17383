import { checkBudgets, resolveFeature, SparingError } from '../core/index.ts'
import type { Features, Tier } from '../core/index.ts'
import { schemas } from '../protocol/index.ts'
import type { Policy, PolicyAnswer } from '../protocol/index.ts'
import { scopeOf } from './server-budget.ts'
import type { ServerBudget } from './server-budget.ts'

/** What the server was started with, as far as a policy may change it. */
export interface Configured {
  readonly features: Features
  readonly budgets: readonly ServerBudget[]
}

/** The configuration as it stands under the policy of now. */
export interface InForce extends Configured {
  /** 0 where no policy was ever stored. */
  readonly revision: number
  readonly tiersOff: ReadonlySet<Tier>
}

export const noPolicy: Policy = { limits: {}, features: {}, off: { everything: false, features: [], tiers: [] } }

/** The configuration under a policy. What it names that is not configured here, perhaps on a newer server, changes nothing. */
export function applyPolicy({ features, budgets }: Configured, { limits, features: changes, off }: Policy, revision: number): InForce {
  const isOff = (name: string) => off.everything || off.features.includes(name)
  return {
    revision, tiersOff: new Set(off.tiers),
    features: Object.fromEntries(Object.entries(features).map(([name, feature]) =>
      [name, { ...feature, ...own(changes, name), ...isOff(name) && { mode: 'off' as const } }])),
    budgets: budgets.map(budget => ({ ...budget, limit: { ...budget.limit, ...own(limits, budget.id) } })),
  }
}

/** By its own name, and by nothing that objects have by themselves. */
const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined => Object.hasOwn(record, name) ? record[name] : undefined

/**
 * Refuses a policy that would not do what it says.
 * @throws {SparingError} `invalid-request`, naming what is not there or cannot be
 */
export function checkPolicy(policy: Policy, configured: Configured): void {
  const features = [...Object.keys(policy.features), ...policy.off.features]
  const stray = features.find(name => !Object.hasOwn(configured.features, name))
  if (stray !== undefined) throw refused(`There is no feature "${stray}" here.`)
  const budget = Object.keys(policy.limits).find(id => configured.budgets.every(each => each.id !== id))
  if (budget !== undefined) throw refused(`There is no budget "${budget}" here.`)
  try {
    checkBudgets(applyPolicy(configured, policy, 0).budgets)
  } catch (fault) {
    throw refused((fault as TypeError).message)
  }
}

const refused = (why: string) => new SparingError('invalid-request', `${why} The policy stands as it was; correct it and send it again.`)

/** A policy as it is kept. */
export interface StoredPolicy extends Policy {
  readonly author: string
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number
}

/** What stands in the ledger; `null` where it is no policy. */
export function readPolicy(value: unknown): StoredPolicy | null {
  const policy = schemas.policy.safeParse(value)
  const { author, at } = (value ?? {}) as Partial<StoredPolicy>
  return policy.success && typeof author === 'string' && typeof at === 'number' ? { ...policy.data, author, at } : null
}

/** A policy that nobody can read may have switched off anything. */
export const unreadable: StoredPolicy = { ...noPolicy, off: { everything: true, features: [], tiers: [] }, author: 'nobody', at: 0 }

export function policyAnswer(stored: StoredPolicy | null, { revision, budgets, features, tiersOff }: InForce): PolicyAnswer {
  const { author, at, ...policy } = stored ?? { ...noPolicy, author: null, at: null }
  return {
    revision, author, at, ...policy,
    inForce: {
      budgets: budgets.map(budget => ({ id: budget.id, scope: scopeOf(budget), per: budget.per, limit: budget.limit })),
      features: Object.fromEntries(Object.entries(features).map(([name, feature]) => {
        const { mode, percent } = resolveFeature(feature)
        return [name, { mode, percent }]
      })),
      tiersOff: [...tiersOff],
    },
  }
}
