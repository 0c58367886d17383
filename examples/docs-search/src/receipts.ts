import { receiptsFile } from 'sparing'
import { schemas } from 'sparing/protocol'
import type { AI, Receipt } from 'sparing'
import type { Outcome } from 'sparing/react'
import { useSyncExternalStore } from 'react'

/** A receipt with what only this device knows of its run. No answer is kept. */
export interface KeptReceipt {
  readonly receipt: Receipt
  readonly seconds: number | null
  /** The question, or the document's title, to know it by. It never leaves this browser. */
  readonly about?: string
  /** Whether the person said that the answer was enough. */
  readonly enough?: boolean
}

/** With the version of its shape: another version's list is not read. */
const name = 'docs-search:receipts:1'
const most = 50
const none: readonly KeptReceipt[] = []

const listeners = new Set<() => void>()
let written: string | null = null
let receipts = none

/** The receipts that this browser keeps. Read again only when they are written anew: the same text must give the same list. */
export function storedReceipts(): readonly KeptReceipt[] {
  const text = read()
  if (text === written) return receipts
  written = text
  return receipts = parse(text)
}

function read(): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return written
  }
}

function parse(text: string | null): readonly KeptReceipt[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(value) ? value.filter(isKept).slice(0, most) : none
  } catch {
    return none
  }
}

/** The latest time that a date can be of, in milliseconds since 1970. */
const latest = 8.64e15

/** Whether all of it can be shown: other versions of the page, and people, write there too. */
function isKept(value: unknown): value is KeptReceipt {
  const { receipt, seconds, about = '', enough = false } = (value ?? {}) as Partial<KeptReceipt>
  return schemas.receipt.safeParse(receipt).success && receipt!.at <= latest
    && (seconds === null || typeof seconds === 'number') && typeof about === 'string' && typeof enough === 'boolean'
}

function write(next: readonly KeptReceipt[]): void {
  const text = JSON.stringify(next)
  try {
    localStorage.setItem(name, text)
  } catch {
    // Storage is refused or full: the list then lasts as long as the page.
    written = text
    receipts = next
  }
  listeners.forEach(listener => listener())
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    removeEventListener('storage', listener)
  }
}

/** Receipts of this browser, newest first, in every tab. */
export const useReceipts = (): readonly KeptReceipt[] => useSyncExternalStore(subscribe, storedReceipts, () => none)

/** Also of what runs under way are. */
export function forgetReceipts(): void {
  writeNames([])
  write(none)
}

/** Hands them to the person as a file, without what they are of: questions stay in this browser. */
export function downloadReceipts(): void {
  const url = URL.createObjectURL(new Blob([receiptsFile(storedReceipts().map(({ receipt }) => receipt))], { type: 'application/json' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: 'receipts.json' })
  link.click()
  URL.revokeObjectURL(url)
}

/** What runs are of that have not ended yet, newest first: a page may be gone before its run ends, and the next one learns its receipt. */
type Name = readonly [run: string, about: string]
const namesKept = 'docs-search:names'
const mostNames = 20
let names: readonly Name[] = []

function readNames(): readonly Name[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(namesKept) ?? '[]')
    return Array.isArray(value) ? value.filter(isName) : []
  } catch {
    return names
  }
}

const isName = (value: unknown): value is Name => Array.isArray(value) && value.length === 2 && value.every(part => typeof part === 'string')

function writeNames(next: readonly Name[]): void {
  names = next
  try {
    if (next.length > 0) localStorage.setItem(namesKept, JSON.stringify(next))
    else localStorage.removeItem(namesKept)
  } catch {
    // They last as long as the page.
  }
}

/** Says what a run is of, before it ends. */
export const nameRun = (run: string, about: string): void => writeNames([[run, about] as const, ...readNames()].slice(0, mostNames))

/** Takes a run's name, which is needed no longer. */
function takeName(run: string): string | undefined {
  const known = readNames()
  const mine = known.find(([id]) => id === run)
  if (mine) writeNames(known.filter(name => name !== mine))
  return mine?.[1]
}

/** Tells the server what became of an answer, and keeps beside its receipt whether it was enough. */
export function keepOutcome(ai: Pick<AI, 'report'>, { run, ...feedback }: Outcome): void {
  ai.report(run, feedback)
  if (feedback.outcome !== 'rated') return
  const { enough } = feedback
  write(storedReceipts().map(kept => kept.receipt.id === run ? { ...kept, enough } : kept))
}

/** Keeps the receipt of every run that ends. */
export function keepReceipts(ai: Pick<AI, 'on'>): () => void {
  const started = new Map<string, number>()
  return ai.on(event => {
    if (event.name === 'run-start') started.set(event.run, performance.now())
    // Of these no receipt will come.
    if (event.name === 'run-refused' || event.name === 'run-settled') takeName(event.run)
    if (event.name !== 'run-end') return
    const begun = started.get(event.run)
    started.delete(event.run)
    const seconds = begun === undefined ? null : Math.round((performance.now() - begun) / 100) / 10
    const before = storedReceipts().find(({ receipt }) => receipt.id === event.run)
    const about = takeName(event.run)
    write([{ ...before, receipt: event.receipt, seconds, ...about && { about } }, ...storedReceipts().filter(kept => kept !== before)].slice(0, most))
  })
}
