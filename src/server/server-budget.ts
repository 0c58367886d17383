import { checkBudgets, defaultBudgets } from '../core/index.ts'
import type { BudgetPolicy } from '../core/index.ts'
import type { Name } from './names.ts'

/** A budget enforced by the server. `scope` says whose pot it is: one per user, per org, per feature, or one for all. */
export interface ServerBudget extends Omit<BudgetPolicy, 'warnAt'> {
  /**
   * `user`, `feature`, `tier`, `trigger`, `all`, `anonymous`, `network`, or a label of `identify` such as `org`, of
   * which callers who lack it share one pot, unless it is `null` for them. @default 'user'
   */
  readonly scope?: string
  /**
   * Applies only to callers with these labels. `feature`, `tier` and `trigger` are the run's own, whatever
   * labels a caller has: `{ tier: 'max' }` is for runs at tier `max`. Numbers are compared as the text of their digits. A label that none of many callers had is told
   * to `onError`: the budget limits nobody then.
   */
  readonly when?: Readonly<Record<string, Name>>
}

export const scopeOf = ({ scope = 'user' }: ServerBudget): string => scope

/**
 * What people whom nobody knows draw on besides, where the host set nothing for that scope: a network
 * has what three people have, all of them together what ten have. Conservative on purpose, because a
 * fresh cookie costs nothing.
 */
const forStrangers: readonly (ServerBudget & { readonly scope: string })[] = [
  { id: 'network', scope: 'network', per: 'day', limit: { usd: 0.30, wh: 60, runs: 150 } },
  { id: 'anonymous', scope: 'anonymous', per: 'day', limit: { usd: 1, wh: 200, runs: 500 } },
]

/**
 * The budgets in use: the host's, or 0.10 USD, 20 Wh and 50 runs a day for each user; and those that
 * bound strangers together.
 * @throws {TypeError} for a budget that cannot work
 */
export function budgetsOr(given: readonly ServerBudget[] = defaultBudgets.map(budget => ({ ...budget, id: 'user', scope: 'user' }))): readonly ServerBudget[] {
  const warning = given.find(budget => 'warnAt' in budget && budget.warnAt !== undefined)
  if (warning) throw new TypeError(`The budget "${warning.id}" has a warnAt, which is told of in pages only. Give it to a budget of createAI.`)
  const ids = new Set(checkBudgets(given).map(({ id }) => id))
  const missing = forStrangers.filter(({ scope }) => given.every(budget => scopeOf(budget) !== scope))
  return [...given, ...missing.map(budget => ids.has(budget.id) ? { ...budget, id: `${budget.id}-default` } : budget)]
}
