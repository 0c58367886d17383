import type { Budget, BudgetNotice, Effort, Estimate, OptInScope, ProblemCode, Receipt, Tier } from '../core/index.ts'

/** What happened, for a host that wants to know. No prompt and no output is ever in one. */
export type AIEvent = { readonly feature: string } & (
  | { readonly name: 'opt-in'; readonly scope: OptInScope; readonly tier: Tier; readonly effort: Effort }
  | { readonly name: 'opt-out' | 'decline' | 'undecline' }
  | { readonly name: 'run-start'; readonly run: string; readonly estimate: Estimate }
  | { readonly name: 'run-end'; readonly run: string; readonly receipt: Receipt }
  | { readonly name: 'run-refused'; readonly run: string; readonly code: ProblemCode }
) | { readonly name: 'enabled'; readonly enabled: boolean }
  | { readonly name: 'subject'; readonly subject: string }
  | { readonly name: 'budget-warning'; readonly budget: Budget; readonly share: number }
  | { readonly name: 'budgets'; readonly budgets: readonly (Budget | BudgetNotice)[] }
