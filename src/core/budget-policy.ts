import { isAmount, toGrains, units } from './amount.ts'
import type { Unit } from './amount.ts'
import type { Claim } from './budget.ts'
import { isWindow, periodAt, windows } from './window.ts'
import type { Window } from './window.ts'

/** A limit that a team or a person sets, in decimal amounts per unit. All of its units must hold. */
export interface BudgetPolicy {
  readonly id: string
  /** A calendar window, or seconds that roll on: `'3600s'` bounds any hour, whenever it begins. */
  readonly per: Window
  readonly limit: { readonly [U in Unit]?: number }
  /** An IANA name. @default the device's own on the client, UTC on the server */
  readonly timeZone?: string
  /** Shares of the limit, 0 to 1, at which a `budget-warning` event is raised. */
  readonly warnAt?: readonly number[]
}

/** Conservative on purpose, for products that set none: 0.10 USD, 20 Wh and 50 runs a day. */
export const defaultBudgets: readonly BudgetPolicy[] = [{ id: 'default', per: 'day', limit: { usd: 0.10, wh: 20, runs: 50 } }]

/** What one subject's pots are under a policy: a claim for each unit it limits, still without an amount. */
export function claimsOf(policy: BudgetPolicy, scope: string, subject: string, timeZone: string): Omit<Claim, 'amount'>[] {
  return units.flatMap(unit => {
    const limit = policy.limit[unit]
    if (limit === undefined) return []
    return [{ budget: policy.id, scope, subject, unit, window: policy.per, timeZone: policy.timeZone ?? timeZone, limit: toGrains(unit, limit, 'nearest') }]
  })
}

/**
 * Checks what somebody wrote down, at the start rather than at the first run.
 * @throws {TypeError} naming the budget and what to write instead
 */
export function checkBudgets<P extends BudgetPolicy>(policies: readonly P[]): readonly P[] {
  const ids = new Set<string>()
  for (const policy of policies) {
    const { id } = policy ?? {}
    const fault = ids.has(id) ? 'another one has the same id.' : faultOf(policy ?? {})
    if (fault) throw new TypeError(`The budget "${id}" cannot be used: ${fault}`)
    ids.add(id)
  }
  return policies
}

// Sums of these stay far from where whole numbers stop being exact.
const most: Record<Unit, number> = { usd: 1e6, wh: 1e9, gco2e: 1e9, tokens: 1e12, runs: 1e12 }

function faultOf({ id, per, limit, timeZone = 'UTC', warnAt = [] }: BudgetPolicy): string | undefined {
  if (typeof id !== 'string' || !/^[\w.:-]{1,64}$/.test(id)) return 'its id must be 1 to 64 letters, digits, ".", "_", ":" or "-".'
  if (!isWindow(per)) return `its "per" must be one of ${windows.join(', ')}, or seconds such as "3600s", a year at most.`
  const limits = Object.entries(limit ?? {})
  if (limits.length === 0) return `it limits nothing. Give it a limit in one or more of ${units.join(', ')}.`
  if (limits.some(([unit, value]) => !units.includes(unit as Unit) || !isAmount(value) || value > most[unit as Unit])) {
    return `its limit must be amounts of at most ${Object.entries(most).map(([unit, value]) => `${value} ${unit}`).join(', ')}.`
  }
  if (!Array.isArray(warnAt) || warnAt.some(share => !isAmount(share) || share === 0 || share > 1)) return 'its warnAt must be shares between 0 and 1.'
  try {
    periodAt('day', timeZone, 0)
  } catch {
    return `nobody knows the time zone "${timeZone}". Use a name such as "Europe/Paris".`
  }
}
