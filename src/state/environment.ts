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
  readonly page: Pick<Window, 'addEventListener' | 'removeEventListener'> & { readonly document?: Pick<Document, 'visibilityState'> } | null
}

/** The page's own, where there is one; on a server nothing is touched, and nothing keeps the process alive. */
export function environmentOf(given: Partial<Environment> = {}): Environment {
  const page = attempt(() => window)
  const ofPage = <T>(get: () => T) => page && attempt(get)
  const factory = ofPage(() => indexedDB)
  return {
    now: () => Date.now(),
    shelf: factory && (name => databaseShelf(factory, name)),
    locks: ofPage(() => navigator.locks),
    channel: ofPage(() => BroadcastChannel) && (name => new BroadcastChannel(name)),
    local: ofPage(() => localStorage),
    session: ofPage(() => sessionStorage),
    page,
    ...given,
  }
}

/** What is not there, or blocked: blocked cookies make the mere mention of a storage throw. */
export function attempt<T>(get: () => T): T | null {
  try {
    return get() ?? null
  } catch {
    return null
  }
}
