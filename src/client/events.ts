import type { Budget, BudgetNotice, Effort, Estimate, OptInScope, ProblemCode, Receipt, Tier } from '../core/index.ts'
import type { RunFeedback } from './feedback.ts'

/**
 * What happened, for a host that wants to know. No prompt and no output is ever in one. A run that
 * is sent starts; it ends with its receipt, or it failed and is counted in full until somebody knows
 * what it came to: then it ends after all, also when the page that began it is gone, or is settled
 * where there is no receipt. A refused one spent nothing, whether it was sent or not.
 */
export type AIEvent = { readonly feature: string } & (
  | { readonly name: 'opt-in'; readonly scope: OptInScope; readonly tier: Tier; readonly effort: Effort }
  | { readonly name: 'opt-out' | 'decline' | 'undecline' }
  | { readonly name: 'run-start'; readonly run: string; readonly estimate: Estimate }
  | { readonly name: 'run-end'; readonly run: string; readonly receipt: Receipt }
  | { readonly name: 'run-failed' | 'run-refused'; readonly run: string; readonly code: ProblemCode }
) | { readonly name: 'enabled'; readonly enabled: boolean }
  /** A run that failed, and whose receipt nobody has. `feature` is `null` for one that another page began. */
  | { readonly name: 'run-settled'; readonly feature: string | null; readonly run: string; readonly counted: 'nothing' | 'in-full' }
  /** What the person did with an answer. `feature` is `null` for one that another page began. */
  | { readonly name: 'outcome'; readonly feature: string | null; readonly run: string } & RunFeedback
  | { readonly name: 'subject'; readonly subject: string }
  | { readonly name: 'budget-warning'; readonly budget: Budget; readonly share: number }
  | { readonly name: 'budgets'; readonly budgets: readonly (Budget | BudgetNotice)[] }

export type Listener = (event: AIEvent) => void

/** Who listens. One that throws is reported as an unhandled rejection, and stops neither a run nor the others. */
export function createEvents() {
  const listeners = new Set<Listener>()
  return {
    emit: (event: AIEvent) => listeners.forEach(listener => void (async () => listener(event))()),
    on(listener: Listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    clear: () => listeners.clear(),
  }
}
