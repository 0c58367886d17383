import { useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import type { AI, EstimateOptions, Input, NoEstimate, Run, RunState } from '../client/index.ts'
import type { Estimate } from '../core/index.ts'
import type { BudgetState } from '../state/index.ts'
import { pacedRun, stillRun } from './paced-run.ts'
import { useSparing } from './provider.tsx'

/** The provider's client. */
export const useAI = (): AI => useSparing().ai

/** The allowance as it stands, here and on the server; nothing while the server renders. */
export const useBudget = (): BudgetState => useStore(useAI().budget)

const never = () => () => {}

/** `false` on the server and for the first, hydrating render: what only the browser knows must not show yet. */
export const useReady = (): boolean => useSyncExternalStore(never, () => true, () => false)

const loading: NoEstimate = { status: 'loading' }

/** What a run would cost, worked out again when the input, the level or the catalog changes. */
export function useEstimate(feature: string, { input, tier, effort = 'none' }: EstimateOptions): Estimate | NoEstimate {
  const ai = useAI()
  const ready = useReady()
  const kept = useKept(input)
  const catalog = useStore(ai.catalog)
  const budget = useStore(ai.budget)
  return useMemo(
    // What is read is the client's own state, which these follow.
    () => ready && catalog && budget ? ai.estimate(feature, { input: kept, effort, ...tier && { tier } }) : loading,
    [ai, ready, feature, kept, tier, effort, catalog, budget],
  )
}

/** A run as it stands, its text at most four times a second; with `whenFinished` its text once it has ended. */
export function useRun(run: Run | null, { whenFinished = false }: { whenFinished?: boolean } = {}): RunState | null {
  const store = useMemo(() => run ? pacedRun(run, whenFinished ? Infinity : 250) : stillRun, [run, whenFinished])
  return useSyncExternalStore(store.subscribe, store.getState, store.getState)
}

/** The same object while it says the same: hosts write inputs inline. */
export function useKept(input: Input): Input {
  const [kept, keep] = useState(input)
  if (same(kept, input)) return kept
  keep(input)
  return input
}

const same = (a: Input, b: Input) => a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))

/** A value the host may own: `given` wins, and is told of changes; without it the component keeps its own. */
export function useControlled<T>(given: T | undefined, initial: T, onChange: ((value: T) => void) | undefined): [T, (value: T) => void] {
  const [own, setOwn] = useState(initial)
  const set = (value: T) => {
    setOwn(() => value)
    onChange?.(value)
  }
  return [given === undefined ? own : given, set]
}

/** Whether a media query holds; `false` on the server. */
export function useMedia(query: string): boolean {
  const [list] = useState(() => typeof matchMedia === 'undefined' ? null : matchMedia(query))
  return useSyncExternalStore(
    notify => {
      list?.addEventListener('change', notify)
      return () => list?.removeEventListener('change', notify)
    },
    () => list?.matches ?? false,
    () => false,
  )
}

function followConnection(notify: () => void): () => void {
  addEventListener('online', notify)
  addEventListener('offline', notify)
  return () => {
    removeEventListener('online', notify)
    removeEventListener('offline', notify)
  }
}

export const useOnline = (): boolean => useSyncExternalStore(followConnection, () => navigator.onLine, () => true)

/** What a callback should see when it is called later: the newest value. */
export function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value)
  useLayoutEffect(() => {
    latest.current = value
  })
  return latest
}
