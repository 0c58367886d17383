import { safeAmount } from '../core/amount.ts'
import type { Amounts } from '../core/amount.ts'
import { assume, dispatch, release, settle } from '../core/budget.ts'
import type { Claim } from '../core/budget.ts'
import { changeRun, leftBehind, marking, openRuns, renewRun, reserveRun, sweep, unsettled } from './budget-document.ts'
import type { BudgetDocument } from './budget-document.ts'
import type { Journal } from './journal.ts'
import type { Lifeline } from './lifeline.ts'
import type { Limits } from './limits.ts'

/** The verbs of a budget. They never fail because storage does: they go on in memory then. */
export interface Runs {
  /**
   * Takes the most a run can cost from every local budget, all or nothing. A run that is open already
   * keeps what it holds.
   * @throws {BudgetExceededError} with the budgets that refuse; nothing is taken then
   * @throws {RangeError} when an amount that a budget limits is unknown
   */
  reserve(run: string, amounts: Amounts): Promise<void>
  /**
   * Durably notes that money may be spent from now on. What another tab gave back meanwhile, because
   * this one seemed gone, is taken again.
   * @throws {BudgetExceededError} when it no longer fits; the run must not start
   * @throws {Error} when the run was never reserved here
   */
  dispatch(run: string): Promise<void>
  /**
   * Replaces the worst case by what the run cost; a unit left out stays at the worst case.
   * @throws {RangeError} for what is no amount
   */
  settle(run: string, actual: Amounts): Promise<void>
  /** Gives back what a run holds that was never dispatched. */
  release(run: string): Promise<void>
  /** Counts a dispatched run in full, because nobody knows what it cost. A later `settle` may lower it. */
  assume(run: string): Promise<void>
  /**
   * Runs dispatched by tabs that are gone, and those assumed in full: whoever has their receipts
   * settles them. The others are assumed in full when their reservation expires.
   */
  orphans(): Promise<readonly string[]>
}

/** `open` counts this tab's own; `refresh` reads again, keeps them alive, and closes those of tabs that are gone. */
export interface RunKeeper extends Runs {
  open(): number
  refresh(): Promise<ReadonlySet<string>>
}

export function keepRuns(limits: Limits, journal: Journal, lifeline: Lifeline, now: () => number): RunKeeper {
  const { mine, take, end, refresh } = holdRuns(limits, journal, lifeline, now)
  return {
    refresh,
    open: () => mine.size,
    async reserve(run, amounts) {
      mine.set(run, limits.claims(amounts))
      await take(run).catch(async refusal => {
        // What a dead tab holds must not refuse anybody.
        if (openRuns(journal.read()).every(each => mine.has(each.run))) throw refusal
        await refresh()
        await take(run)
      }).catch(async refusal => {
        await end(run, release)
        throw refusal
      })
    },
    dispatch: run => take(run, document => changeRun(document, run, marking(dispatch))),
    async settle(run, actual) {
      Object.values(actual).forEach(amount => safeAmount(amount))
      await end(run, (known, accounts) => settle(known, accounts, actual))
    },
    release: run => end(run, release),
    assume: run => end(run, assume),
    async orphans() {
      await refresh() // reads of the tabs that the next one asks about
      const gone = await refresh()
      return leftBehind(journal.read(), gone, now()).filter(({ status }) => status !== 'held').map(({ run }) => run)
    },
  }
}

/** This tab's open runs, and the lock that says they are alive. */
function holdRuns(limits: Limits, journal: Journal, lifeline: Lifeline, now: () => number) {
  /** Each with what it claims. */
  const mine = new Map<string, Claim[]>()
  const claimsOf = (run: string) => {
    const claims = mine.get(run)
    if (!claims) throw new Error(`The run "${run}" holds nothing here. Reserve it before it is dispatched.`)
    return limits.bind(claims, run)
  }
  return {
    mine,
    /** Reserves what is not reserved yet, and goes on from there. */
    async take(run: string, next: (document: BudgetDocument) => BudgetDocument = document => document) {
      claimsOf(run)
      const tab = await lifeline.hold()
      await journal.commit(document => next(reserveRun(document, run, claimsOf(run), tab, now())))
    },
    async end(run: string, verb: Parameters<typeof changeRun>[2]) {
      await journal.commit(document => changeRun(document, run, verb))
      mine.delete(run)
      if (mine.size === 0) lifeline.drop()
    },
    /** @returns the locks that are gone */
    async refresh() {
      // Only tabs read of before: they held their locks by then, so one that holds none now is gone for good.
      const others = unsettled(journal.read()).filter(({ run, tab }) => tab && !mine.has(run))
      const gone = await lifeline.gone(others.map(({ tab }) => tab))
      await journal.commit(document => sweep([...mine.keys()].reduce((each, run) => renewRun(each, run, now()), document), gone, now()))
      return gone
    },
  }
}
