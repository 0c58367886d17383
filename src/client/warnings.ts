import type { Budget, BudgetPolicy } from '../core/index.ts'

/** Tells once for each threshold of a period that a budget has passed it, by what was settled. */
export function watchBudgets(policies: readonly BudgetPolicy[], warn: (budget: Budget, share: number) => void): (budgets: readonly Budget[]) => void {
  const told = new Set<string>()
  const check = (budget: Budget, share: number) => {
    const key = [budget.id, budget.unit, budget.resetsAt, share].join()
    if (budget.settled === 0 || budget.settled < share * budget.limit || told.has(key)) return
    told.add(key)
    warn(budget, share)
  }
  return budgets => {
    for (const budget of budgets) policies.find(({ id }) => id === budget.id)?.warnAt?.forEach(share => check(budget, share))
  }
}
