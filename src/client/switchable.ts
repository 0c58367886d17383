import { createStore } from 'zustand/vanilla'
import type { Readable } from './readable.ts'

/** A store that follows another one, and may be told to follow a different one: readers stay subscribed. */
export function switchable<S>(first: Readable<S>): Readable<S> & { follow(next: Readable<S>): void } {
  const store = createStore<S>(() => first.getState())
  const copy = (state: S) => store.setState(state, true)
  let unfollow = first.subscribe(copy)
  return {
    getState: store.getState, getInitialState: first.getInitialState, subscribe: store.subscribe,
    follow(next) {
      unfollow()
      unfollow = next.subscribe(copy)
      copy(next.getState())
    },
  }
}
