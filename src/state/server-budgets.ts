import { fromGrains, toGrains } from '../core/amount.ts'
import type { Amounts } from '../core/amount.ts'
import type { Budget, Only } from '../core/budget.ts'
import type { BudgetNotice } from '../core/receipt.ts'

/** A budget as the server tells it: with its amounts, or of others' budgets only whether it is used up. */
export type ServerBudget = Budget | BudgetNotice

/** What a run is, as far as budgets go by it. */
export type RunFacts = Required<Only>

/** Replaces one by one what is newer; answers overtake one another, so the last to arrive need not be. */
export function applyBudgets(known: readonly ServerBudget[], told: readonly ServerBudget[]): readonly ServerBudget[] {
  const budgets = new Map(known.map(budget => [keyOf(budget), budget]))
  for (const budget of told) {
    const before = budgets.get(keyOf(budget))
    if (!before || replaces(budget, before)) budgets.set(keyOf(budget), budget)
  }
  return [...budgets.values()]
}

/**
 * Whether the budget refuses these amounts. One whose period is over refuses nothing: what it is now,
 * nobody has said yet.
 * @param run what is to be run, where that is known: without it, a budget for some runs only refuses nothing
 */
export function refuses(budget: ServerBudget, amounts: Amounts, now: number, run?: RunFacts): boolean {
  if (!isFor(budget, run)) return false
  if (budget.resetsAt !== null && budget.resetsAt <= now) return false
  if (!('unit' in budget)) return budget.exceeded
  // What is unknown here the server knows.
  return (amounts[budget.unit] ?? 0) > toGrains(budget.unit, budget.available, 'nearest')
}

/** Whether it is a budget that such a run draws on. */
export function isFor({ only }: ServerBudget, run: RunFacts | undefined): boolean {
  if (!only) return true
  const { feature = run?.feature, tier = run?.tier, trigger = run?.trigger } = only
  return run !== undefined && feature === run.feature && tier === run.tier && trigger === run.trigger
}

/** What a run takes of the server's budgets, for as long as the server has not told of it. */
export interface Foreseen {
  readonly run: RunFacts
  readonly amounts: Amounts
  /** The server's budgets as they were known then. */
  readonly known: readonly ServerBudget[]
}

/** The server's budgets with what runs take that they do not count yet. */
export const withForeseen = (told: readonly ServerBudget[], foreseen: readonly Foreseen[]): readonly ServerBudget[] =>
  told.map(line => foreseen.reduce(setAside, line))

function setAside(line: ServerBudget, { run, amounts, known }: Foreseen): ServerBudget {
  // The pot of one run is no other's.
  if (!('unit' in line) || line.window === 'run' || !isFor(line, run) || isLaterThan(known, line)) return line
  const { unit, held, available } = line
  const amount = amounts[unit] ?? 0
  const grains = (decimal: number) => toGrains(unit, decimal, 'nearest')
  return { ...line, held: fromGrains(unit, grains(held) + amount), available: fromGrains(unit, Math.max(0, grains(available) - amount)) }
}

/** Whether the line moved on since: with the next change the server counts the run. One that nobody has drawn on counts none. */
function isLaterThan(known: readonly ServerBudget[], line: Budget): boolean {
  const before = known.find(budget => keyOf(budget) === keyOf(line)) as Budget | undefined
  return line.revision > (before?.revision ?? 0) || (before !== undefined && before.resetsAt !== line.resetsAt)
}

/** A budget of each tier, say, has one pot for each: they are told of under one id. */
function keyOf(budget: ServerBudget): string {
  const { id, only: { feature, tier, trigger } = {} } = budget
  return JSON.stringify([id, 'unit' in budget ? budget.unit : null, feature, tier, trigger])
}

function replaces(next: ServerBudget, before: ServerBudget): boolean {
  // A notice has no revision; a window that is another now begins its own count.
  if (!('unit' in next && 'unit' in before) || next.window !== before.window || next.timeZone !== before.timeZone) return true
  return next.resetsAt === before.resetsAt ? next.revision >= before.revision : (next.resetsAt ?? 0) > (before.resetsAt ?? 0)
}
