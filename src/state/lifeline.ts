import { newId } from '../core/id.ts'
import { within } from './deadline.ts'
import type { Environment } from './environment.ts'

const prefix = 'sparing:tab:'

/** A lock that a tab holds while it has runs open: when the tab dies, however it dies, the browser lets go of it. */
export interface Lifeline {
  /** The id of the lock, once it is held; '' where there are no locks. */
  hold(): Promise<string>
  drop(): void
  /** Which of these are held no more. An id that was seen once and is gone never comes back. */
  gone(ids: readonly string[]): Promise<ReadonlySet<string>>
}

/**
 * Not held for the tab's whole life, because a page that holds a lock cannot enter the back/forward
 * cache (web-platform-tests, web-locks/bfcache/held): each time runs begin, there is a new one.
 */
export function createLifeline({ locks }: Environment): Lifeline {
  let current: { readonly granted: Promise<string>; readonly drop: () => void } | undefined
  return {
    hold: () => (current ??= acquire(locks)).granted,
    drop() {
      current?.drop()
      current = undefined
    },
    async gone(ids) {
      if (ids.length === 0) return new Set()
      const held = await locks?.query().then(state => state.held?.map(lock => lock.name), () => undefined)
      return new Set(held && ids.filter(id => !held.includes(prefix + id)))
    },
  }
}

/** Dropped before it is granted, it is let go the moment it is. */
function acquire(locks: Environment['locks']) {
  let drop = () => {}
  const dropped = new Promise<void>(resolve => {
    drop = resolve
  })
  const granted = locks && new Promise<string>((resolve, reject) => {
    const id = newId()
    locks.request(prefix + id, () => {
      resolve(id)
      return dropped
    }).catch(reject)
  })
  return { drop, granted: granted ? within(2_000, granted).catch(() => '') : Promise.resolve('') }
}
