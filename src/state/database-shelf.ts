import { promisifyRequest, update } from 'idb-keyval'
import type { UseStore } from 'idb-keyval'
import { tooLate, within } from './deadline.ts'
import type { Shelf } from './journal.ts'

const table = 'documents'

/**
 * A document in IndexedDB. One readwrite transaction reads and writes it, and the browser runs those
 * one after another in all tabs: that is the mutual exclusion, also where there are no Web Locks.
 * (localStorage would not do even under Web Locks: Chromium's renderer processes each have a copy,
 * which may be old when the lock is granted.) Browsers close connections behind one's back
 * (idb-keyval#165), so after a failure it is opened anew, once.
 */
export function databaseShelf(factory: IDBFactory, key: string): Shelf {
  let database: IDBDatabase | undefined
  const forget = () => {
    database?.close()
    database = undefined
  }
  const use: UseStore = async (mode, callback) => {
    database ??= await open(factory, forget)
    return callback(database.transaction(table, mode).objectStore(table))
  }
  const once = (change: (stored: unknown) => unknown) =>
    within(5_000, update(key, stored => orLeave(change(stored)), use)).catch(unlessLeft)
  return {
    update: change => once(change).catch(error => {
      // Safari's `open` may never answer (WebKit 226547): nobody waits for that twice.
      if (error === tooLate && !database) throw error
      forget()
      return once(change)
    }),
  }
}

/** Leaves idb-keyval's updater without a write. */
const unchanged = new Error('unchanged')
function orLeave(document: unknown): unknown {
  if (document === undefined) throw unchanged
  return document
}
function unlessLeft(error: unknown): void {
  if (error !== unchanged) throw error
}

async function open(factory: IDBFactory, closed: () => void): Promise<IDBDatabase> {
  const request = factory.open('sparing')
  request.onupgradeneeded = () => request.result.createObjectStore(table)
  const opening = promisifyRequest(request)
  const database = await within(2_000, opening).catch(error => {
    opening.then(late => late.close(), () => {})
    throw error
  })
  // Whoever deletes the data is not kept waiting for this tab.
  for (const event of ['versionchange', 'close']) database.addEventListener(event, closed)
  return database
}
