import { budgetOf } from '../core/budget.ts'
import type { Budget, Pot } from '../core/budget.ts'
import type { BudgetPolicy } from '../core/budget-policy.ts'

/** A share of a limit, 0 to 1, that a budget has passed by what was settled. */
export interface Passed {
  readonly budget: Budget
  readonly share: number
}

/**
 * The thresholds (`warnAt`) between two states of the same pots. Whoever wrote the change is the only
 * one to see both sides of it, so that among all tabs, and through reloads, each is told of once.
 */
export function passedThresholds(policies: readonly BudgetPolicy[], before: readonly Pot[], after: readonly Pot[]): Passed[] {
  return after.flatMap(({ claim, account }, at) => {
    const { warnAt = [] } = policies.find(({ id }) => id === claim.budget) ?? {}
    const earlier = before[at]!.account.settled
    const passed = warnAt.filter(share => earlier < share * claim.limit && account.settled >= share * claim.limit)
    return passed.map(share => ({ budget: budgetOf(claim, account), share }))
  })
}
