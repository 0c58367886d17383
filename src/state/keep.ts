import type { StoreApi } from 'zustand/vanilla'

/** Sets what differs, and only that, so that a snapshot stays the same object while nothing changes. */
export function keep<S extends object>(store: StoreApi<S>, next: Partial<S>): void {
  const before = store.getState()
  const changed = Object.entries(next).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof S]))
  if (changed.length > 0) store.setState(Object.fromEntries(changed) as Partial<S>)
}
