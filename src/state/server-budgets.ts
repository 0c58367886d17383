import { toGrains } from '../core/amount.ts'
import type { Amounts } from '../core/amount.ts'
import type { Budget } from '../core/budget.ts'
import type { BudgetNotice } from '../core/receipt.ts'

/** A budget as the server tells it: with its amounts, or of others' budgets only whether it is used up. */
export type ServerBudget = Budget | BudgetNotice

/** Replaces one by one what is newer; answers overtake one another, so the last to arrive need not be. */
export function applyBudgets(known: readonly ServerBudget[], told: readonly ServerBudget[]): readonly ServerBudget[] {
  const budgets = new Map(known.map(budget => [keyOf(budget), budget]))
  for (const budget of told) {
    const before = budgets.get(keyOf(budget))
    if (!before || replaces(budget, before)) budgets.set(keyOf(budget), budget)
  }
  return [...budgets.values()]
}

/** Whether the budget refuses these amounts. One whose period is over refuses nothing: what it is now, nobody has said yet. */
export function refuses(budget: ServerBudget, amounts: Amounts, now: number): boolean {
  // For some runs only: whether this is one of them the server knows.
  if (budget.only) return false
  if (budget.resetsAt !== null && budget.resetsAt <= now) return false
  if (!('unit' in budget)) return budget.exceeded
  // What is unknown here the server knows.
  return (amounts[budget.unit] ?? 0) > toGrains(budget.unit, budget.available, 'nearest')
}

const keyOf = (budget: ServerBudget) => ('unit' in budget ? `${budget.id} ${budget.unit}` : budget.id)

function replaces(next: ServerBudget, before: ServerBudget): boolean {
  // A notice has no revision; a window that is another now begins its own count.
  if (!('unit' in next && 'unit' in before) || next.window !== before.window || next.timeZone !== before.timeZone) return true
  return next.resetsAt === before.resetsAt ? next.revision >= before.revision : (next.resetsAt ?? 0) > (before.resetsAt ?? 0)
}
