import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { Catalog } from '../core/index.ts'
import type { CatalogState } from './ai.ts'
import type { Stores } from './person.ts'
import type { Wire } from './wire.ts'

/** What the model selector says of itself: its catalog, and the budgets of whoever asks. */
export interface Source {
  readonly catalog: StoreApi<CatalogState>
  /** The catalog, once it is known whether it can be had. */
  known(): Promise<CatalogState>
  /** Asks for all of it again; never rejects. @returns whether it was answered, and nothing is left to be done */
  refresh(): Promise<boolean>
  /** Asks whether anything changed, and only then for the rest. @returns as `refresh` */
  look(): Promise<boolean>
  /** Takes note of the policy that an answer was made under. Another one than the catalog's: it is old. */
  heard(revision: number): void
}

/**
 * @param errands what there is to be done once the server answers, for the stores it was asked for;
 * `whole` where all was asked for. Resolves to whether nothing is left; never rejects.
 */
export function createSource(snapshot: Catalog | undefined, wire: Wire, stores: () => Stores, errands: (of: Stores, whole: boolean) => Promise<boolean>): Source {
  const catalog = createStore<CatalogState>(() => snapshot ? { status: 'ready', catalog: snapshot } : { status: 'loading', catalog: null })
  const version = () => catalog.getState().catalog?.version
  let loading: Promise<boolean> | undefined
  let asking = 0
  // Answers overtake one another: one that was asked for earlier replaces nothing.
  let [asked, told] = [0, 0]

  async function load(): Promise<boolean> {
    const turn = ++asked
    try {
      const found = await wire.catalog(version())
      if (found && turn > told) catalog.setState({ status: 'ready', catalog: found })
      told = Math.max(turn, told)
      return true
    } catch {
      // What is known goes on serving; without anything known there is nothing to offer.
      if (!version()) catalog.setState({ status: 'unreachable', catalog: null })
      loading = undefined
      return false
    }
  }
  const again = () => loading = load()

  async function ask(whole: boolean): Promise<boolean> {
    const mine = stores()
    const before = version()
    // First the catalog: with it comes the cookie that says whose budgets they are.
    if (!await again()) return false
    const isAnswered = whole || version() !== before ? await wire.budgets().then(budgets => {
      mine.budget.applyServer(budgets)
      return true
    }, () => false) : true
    return isAnswered && errands(mine, whole)
  }
  /** What is heard meanwhile is of these very answers. */
  const asks = (whole: boolean) => {
    asking++
    return ask(whole).finally(() => asking--)
  }
  const refresh = () => asks(true)
  return {
    catalog, refresh, look: () => asks(false),
    async known() {
      if (!version()) await (loading ?? again())
      return catalog.getState()
    },
    heard(revision) {
      const known = catalog.getState().catalog
      if (known && asking === 0 && known.policy.revision !== revision) void refresh()
    },
  }
}
