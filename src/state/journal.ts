import { emptyDocument, readDocument } from './budget-document.ts'
import type { BudgetDocument } from './budget-document.ts'

/** A place for one document. */
export interface Shelf {
  /**
   * Reads, changes and writes in one step that excludes all others.
   * @param change what is to be written; `undefined` leaves it. May be called again, when the first try failed.
   */
  update(change: (stored: unknown) => unknown): Promise<void>
}

/** A step from one document to the next. Throws to refuse; done twice, it does what once does. */
export type Change = (document: BudgetDocument) => BudgetDocument

export interface Journal {
  /** The document as last read. */
  read(): BudgetDocument
  /** Resolves once it is written. @throws what the change throws; never because storage fails */
  commit(change: Change): Promise<void>
  /** Whether the document is the one that all tabs see. */
  shared(): boolean
}

interface Entry {
  readonly change: Change
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  /** What its promise is told once all is written. */
  answer?: () => void
}

/**
 * Changes that arrive together share one transaction. When storage fails, the document as last read
 * lives on in memory.
 * @param told after each write of this tab, with the document before and after: what lies between them, no other tab wrote
 */
export function openJournal(shelf: Shelf | null, told: (before: BudgetDocument, after: BudgetDocument) => void): Journal {
  let document = emptyDocument
  const queue: Entry[] = []
  let busy = false

  const write = async (batch: Entry[]) => {
    let before = document
    let after = document
    const apply = (from: BudgetDocument) => {
      before = from
      after = batch.reduce(step, from)
    }
    await shelf?.update(stored => {
      document = readDocument(stored)
      apply(document)
      return after === before ? undefined : after
    }).catch(() => {
      shelf = null
    })
    if (!shelf) apply(document)
    document = after
    for (const { answer } of batch) answer?.()
    // A listener that throws is reported as an unhandled rejection, and stops nobody's budget.
    void (async () => told(before, after))()
  }

  const flush = async () => {
    busy = true
    // Whatever is asked for in the same breath is written in one.
    await Promise.resolve()
    while (queue.length > 0) await write(queue.splice(0))
    busy = false
  }

  return {
    read: () => document,
    shared: () => shelf !== null,
    commit: change => new Promise((resolve, reject) => {
      queue.push({ change, resolve, reject })
      if (!busy) void flush()
    }),
  }
}

function step(document: BudgetDocument, entry: Entry): BudgetDocument {
  try {
    const next = entry.change(document)
    entry.answer = entry.resolve
    return next
  } catch (refusal) {
    entry.answer = () => entry.reject(refusal)
    return document
  }
}
