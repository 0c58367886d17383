import { createStore } from 'zustand/vanilla'
import type { BudgetPolicy } from '../core/index.ts'
import { createBudgetStore, createOptInStore } from '../state/index.ts'
import type { BudgetState, BudgetStore, OptInState, OptInStore, Passed } from '../state/index.ts'
import type { Readable } from './readable.ts'
import { switchable } from './switchable.ts'

/** One person's stores. */
export interface Stores {
  readonly budget: BudgetStore
  readonly optIns: OptInStore
}

/** Whoever uses the page now: their stores, and readers that stay when it becomes somebody else. */
export interface Person {
  readonly subject: Readable<string>
  /** Whether the host says who it is. */
  isNamed(): boolean
  readonly budget: Readable<BudgetState>
  readonly optIns: Readable<OptInState>
  stores(): Stores
  /** Runs under way still settle in the stores they began with, which only stop listening. */
  become(subject: string): void
  close(): void
}

/** Whoever it is that the host gives no name. */
export const nobody = 'anonymous'

export function createPerson(first: string, policies: readonly BudgetPolicy[], onPassed: (passed: Passed) => void): Person {
  const open = (name: string): Stores => {
    const budget = createBudgetStore({ subject: name, policies, onPassed })
    return { budget, optIns: createOptInStore({ subject: name }) }
  }
  const subject = createStore(() => first)
  let stores = open(first)
  const budget = switchable(stores.budget)
  const optIns = switchable(stores.optIns)
  return {
    subject, budget, optIns, stores: () => stores, isNamed: () => subject.getState() !== nobody,
    become(name) {
      close(stores)
      stores = open(name)
      budget.follow(stores.budget)
      optIns.follow(stores.optIns)
      subject.setState(name, true)
    },
    close: () => close(stores),
  }
}

function close({ budget, optIns }: Stores): void {
  budget.close()
  optIns.close()
}
