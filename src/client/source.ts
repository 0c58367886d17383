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
  /** Asks for all of it again; never rejects. */
  refresh(): Promise<void>
}

/** @param asked called after each time the server answered, with the stores it was asked for */
export function createSource(snapshot: Catalog | undefined, wire: Wire, stores: () => Stores, asked: (of: Stores) => void): Source {
  const catalog = createStore<CatalogState>(() => snapshot ? { status: 'ready', catalog: snapshot } : { status: 'loading', catalog: null })
  let loading: Promise<void> | undefined

  const load = () => loading = wire.catalog().then(
    found => catalog.setState({ status: 'ready', catalog: found }),
    () => {
      // What is known goes on serving; without anything known there is nothing to offer.
      if (!catalog.getState().catalog) catalog.setState({ status: 'unreachable', catalog: null })
      loading = undefined
    },
  )
  return {
    catalog,
    async known() {
      if (!catalog.getState().catalog) await (loading ?? load())
      return catalog.getState()
    },
    async refresh() {
      const mine = stores()
      // First the catalog: with it comes the cookie that says whose budgets they are.
      await load()
      if (catalog.getState().status !== 'ready') return
      await wire.budgets().then(budgets => {
        mine.budget.applyServer(budgets)
        asked(mine)
      }, () => {})
    },
  }
}
