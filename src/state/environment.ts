import { databaseShelf } from './database-shelf.ts'
import type { Shelf } from './journal.ts'

/** What the stores touch of the machine. What is `null` is absent or refused: that part lives in memory. */
export interface Environment {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Where a document is kept that all tabs agree upon. */
  readonly shelf: ((name: string) => Shelf) | null
  readonly locks: Pick<LockManager, 'request' | 'query'> | null
  readonly channel: ((name: string) => Pick<BroadcastChannel, 'postMessage' | 'close' | 'addEventListener'>) | null
  readonly local: Pick<Storage, 'getItem' | 'setItem'> | null
  readonly session: Pick<Storage, 'getItem' | 'setItem'> | null
  /** What raises `storage`, `focus`, `pageshow` and `visibilitychange`. Without it there are no timers either. */
  readonly page: Pick<Window, 'addEventListener' | 'removeEventListener'> | null
}

/** The page's own, where there is one; on a server nothing is touched, and nothing keeps the process alive. */
export function environmentOf(given: Partial<Environment> = {}): Environment {
  return { ...(typeof window === 'undefined' ? nothing : pageEnvironment()), ...given }
}

const now = () => Date.now()
const nothing: Environment = { now, shelf: null, locks: null, channel: null, local: null, session: null, page: null }

/** Blocked cookies make the mere mention of a storage throw. */
export function attempt<T>(get: () => T): T | null {
  try {
    return get() ?? null
  } catch {
    return null
  }
}

function pageEnvironment(): Environment {
  const factory = attempt(() => indexedDB)
  return {
    now,
    shelf: factory && (name => databaseShelf(factory, name)),
    locks: attempt(() => navigator.locks),
    channel: typeof BroadcastChannel === 'undefined' ? null : name => new BroadcastChannel(name),
    local: attempt(() => localStorage),
    session: attempt(() => sessionStorage),
    page: window,
  }
}
