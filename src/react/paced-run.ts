import type { Run, RunState } from '../client/index.ts'
import { isActive } from './control-state.ts'

/** A run to follow at a pace that people can read at. */
export interface PacedRun {
  getState(): RunState | null
  subscribe(notify: () => void): () => void
}

export const stillRun: PacedRun = { getState: () => null, subscribe: () => () => {} }

/**
 * Shows new text once per `interval` and every change of status at once. An infinite interval holds
 * the text back until the run has ended.
 */
export function pacedRun(run: Run, interval: number): PacedRun {
  const first = run.getState()
  let shown = isActive(first) && interval === Infinity ? withoutText(first) : first
  let paintedAt = -Infinity
  let timer: ReturnType<typeof setTimeout> | undefined
  const listeners = new Set<() => void>()

  function show(state: RunState) {
    clearTimeout(timer)
    timer = undefined
    paintedAt = performance.now()
    shown = state
    listeners.forEach(listener => listener())
  }
  function follow() {
    const state = run.getState()
    const held = interval === Infinity && isActive(state) ? withoutText(state) : state
    if (held.status !== shown.status || !isActive(state)) return show(held)
    const wait = paintedAt + interval - performance.now()
    if (wait <= 0) show(held)
    else if (interval < Infinity) timer ??= setTimeout(() => show(run.getState()), wait)
  }
  return {
    getState: () => shown,
    subscribe(notify) {
      listeners.add(notify)
      const unsubscribe = run.subscribe(follow)
      follow()
      return () => {
        listeners.delete(notify)
        unsubscribe()
        clearTimeout(timer)
        timer = undefined
      }
    },
  }
}

const withoutText = (state: RunState): RunState => ({ ...state, text: '', object: undefined })
