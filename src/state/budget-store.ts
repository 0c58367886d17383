import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { Amounts } from '../core/amount.ts'
import { available, budgetOf } from '../core/budget.ts'
import type { Budget } from '../core/budget.ts'
import type { BudgetPolicy } from '../core/budget-policy.ts'
import { createAlarm } from './alarm.ts'
import { heartbeat, openRuns } from './budget-document.ts'
import { environmentOf } from './environment.ts'
import type { Environment } from './environment.ts'
import { openJournal } from './journal.ts'
import { keep } from './keep.ts'
import { createLifeline } from './lifeline.ts'
import { createLimits } from './limits.ts'
import { openNews } from './news.ts'
import { keepRuns } from './runs.ts'
import type { Runs } from './runs.ts'
import { applyBudgets, refuses, withForeseen } from './server-budgets.ts'
import type { Foreseen, RunFacts, ServerBudget } from './server-budgets.ts'
import { passedThresholds } from './thresholds.ts'
import type { Passed } from './thresholds.ts'

export interface BudgetState {
  /**
   * This device's own budgets, one per id and unit, as of now; [] until storage answered. `held` are
   * open runs, and those that broke off: what they cost counts in full and is set aside until it is known.
   */
  readonly local: readonly Budget[]
  /** The server's, as last told, with what this tab's runs take that they do not count yet. */
  readonly server: readonly ServerBudget[]
  /** `exact`: agreed between tabs. `advisory`: in memory only, because storage is refused; the server is exact. */
  readonly agreement: 'loading' | 'exact' | 'advisory'
}

export interface BudgetStore extends Runs, Pick<StoreApi<BudgetState>, 'getState' | 'getInitialState' | 'subscribe'> {
  /** Resolves when `agreement` is known; never rejects. */
  readonly ready: Promise<void>
  /** The budgets that these amounts would exceed, as last read: for what is on the screen. `reserve` decides. */
  exceededBy(amounts: Amounts, run?: RunFacts): readonly ServerBudget[]
  /** Sets aside in the server's budgets what a run takes at most, until they count it themselves. */
  foresee(id: string, amounts: Amounts, run: RunFacts): void
  /**
   * Takes in what the server says its budgets are.
   * @param ended the run that is over with it: what was foreseen of it no longer is
   */
  applyServer(budgets: readonly ServerBudget[], ended?: string): void
  /** Stops listening. Runs that are still open can be settled. */
  close(): void
}

/**
 * The budgets of one subject on this device, and the server's as last told.
 * @param options.policies checked already (`checkBudgets`)
 * @param options.onPassed told once, in one of the tabs, of each threshold that a budget passes in its period
 */
export function createBudgetStore({ subject, policies, onPassed = () => {}, environment }: {
  subject: string
  policies: readonly BudgetPolicy[]
  onPassed?: (passed: Passed) => void
  environment?: Partial<Environment>
}): BudgetStore {
  const machine = environmentOf(environment)
  const name = `sparing:budgets:${subject}`
  const store = createStore<BudgetState>(() => ({ local: [], server: [], agreement: 'loading' }))
  const limits = createLimits(policies, subject, machine)
  const journal = openJournal(machine.shelf?.(name) ?? null, (before, after) => {
    keep(store, { local: pots().map(({ claim, account }) => budgetOf(claim, account)), agreement: journal.shared() ? 'exact' : 'advisory' })
    schedule()
    if (after.accounts === before.accounts) return
    news.tell()
    passedThresholds(policies, limits.pots(before), limits.pots(after)).forEach(onPassed)
  })
  const { refresh, open, ...runs } = keepRuns(limits, journal, createLifeline(machine), machine.now)
  const news = openNews(name, machine, said => {
    // What a run came to in another tab, which would be asked for half a minute later.
    if (isTold(said)) takeOver(said)
    void refresh()
  })
  const alarm = createAlarm(machine, () => void refresh())
  const pots = () => limits.pots(journal.read())
  const foreseen = new Map<string, Foreseen>()
  let told: readonly ServerBudget[] = []
  const showServer = () => keep(store, { server: withForeseen(told, [...foreseen.values()]) })
  const takeOver = (budgets: readonly ServerBudget[]) => {
    told = applyBudgets(told, budgets)
    showServer()
  }
  let closed = false

  /** Wakes at the end of a window, and regularly while anybody's run is open; once closed, only for its own. */
  function schedule() {
    const resets = closed ? [] : store.getState().local.map(({ resetsAt }) => resetsAt ?? Infinity)
    const awaited = closed ? open() : openRuns(journal.read()).length
    alarm(Math.min(...resets, awaited > 0 ? machine.now() + heartbeat : Infinity))
  }

  const { getState, getInitialState, subscribe } = store
  return {
    getState, getInitialState, subscribe, ...runs,
    // Once to read, and once more to ask whether the tabs it read of are still there.
    ready: refresh().then(refresh).then(() => {}),
    exceededBy(amounts, run) {
      const local = pots().filter(({ claim, account }) => (amounts[claim.unit] ?? Infinity) > available(account))
      return [...local.map(({ claim, account }) => budgetOf(claim, account)), ...getState().server.filter(budget => refuses(budget, amounts, machine.now(), run))]
    },
    foresee(id, amounts, run) {
      foreseen.set(id, { run, amounts, known: told })
      showServer()
    },
    applyServer(budgets, ended) {
      if (ended) foreseen.delete(ended)
      takeOver(budgets)
      if (ended && budgets.length > 0) news.tell(budgets)
    },
    close() {
      closed = true
      news.close()
      schedule()
    },
  }
}

/** Tabs may be of other versions. */
const isTold = (said: unknown): said is readonly ServerBudget[] => Array.isArray(said) && said.every(line => typeof line?.id === 'string' && 'resetsAt' in line)
