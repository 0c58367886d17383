import { changeDocument } from './ledger/change-document.ts'
import type { DocumentChange, Documents } from './ledger/change-document.ts'

/** Changes to documents of the ledger that nobody waits for. */
export interface GatheredWrites {
  /** Takes a change in. It throws nothing, and the document has the change a moment later. */
  add(key: string, change: DocumentChange): void
  /** Writes what was taken in until now; never rejects. What cannot be written now is tried again with the next. */
  flush(): Promise<void>
}

interface GatheredOptions {
  readonly ledger: Documents
  /** Told once of a ledger that takes nothing, until it does again. */
  readonly onError: (error: unknown) => void
  /** Milliseconds that a change waits for others. @default 300 */
  readonly pause?: number
  /** Changes that are not waited with. @default 500 */
  readonly most?: number
}

/** Changes of one document that wait for a ledger to work again; the oldest are given up. */
const mostKept = 1_000

/**
 * Gathers changes, so that many runs that end together are one write of each document, and writes
 * each by compare-and-set, so that servers that share a ledger lose nothing of one another's.
 */
export function gatherWrites({ ledger, onError, pause = 300, most = 500 }: GatheredOptions): GatheredWrites {
  let waiting = new Map<string, readonly DocumentChange[]>()
  let count = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let writing: Promise<unknown> = Promise.resolve()
  let failing = false

  async function write(key: string, changes: readonly DocumentChange[]): Promise<void> {
    try {
      if (!await changeDocument(ledger, key, value => changes.reduce((changed, change) => change(changed), value))) throw contended(key)
      failing = false
    } catch (error) {
      waiting.set(key, [...changes, ...waiting.get(key) ?? []].slice(-mostKept))
      if (!failing) onError(error)
      failing = true
    }
  }
  async function writeAll(): Promise<void> {
    const taken = waiting
    waiting = new Map()
    await Promise.all([...taken].map(([key, changes]) => write(key, changes)))
  }
  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    count = 0
    const written = writing.then(writeAll)
    writing = written
    return written
  }
  return {
    flush,
    add(key, change) {
      waiting.set(key, [...waiting.get(key) ?? [], change].slice(-mostKept))
      if (++count >= most) void flush()
      else timer ??= setTimeout(() => void flush(), pause)
    },
  }
}

const contended = (key: string) =>
  new Error(`The document ${key} is another each time it is written, so what this server learned waits. Look for a server that writes it without end.`)
