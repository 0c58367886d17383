import { SparingError } from '../core/index.ts'
import { outcomesKey } from './ledger/keys.ts'
import type { Ledger } from './ledger/port.ts'

/** A run whose outcomes were told: when it ended, and which. */
interface Mark {
  readonly run: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly told: readonly string[]
}

/** Which outcomes an identity has told, of its latest runs. */
interface Marks {
  readonly marks: readonly Mark[]
  /** Of runs that ended at this time or before, nobody remembers. */
  readonly forgotten: number
}

/** Runs of one identity that are remembered. */
const most = 200
/** How often a change is worked out anew because another device was first. */
const attempts = 8

/**
 * Notes that an outcome was told of a run.
 * @returns whether it is the first of its kind; never for a run so long ago that nobody remembers
 * @throws {SparingError} `ledger-unavailable`
 */
export async function markOutcome(ledger: Pick<Ledger, 'document' | 'putDocument'>, identity: string, run: { readonly id: string; readonly at: number }, outcome: string): Promise<boolean> {
  const key = outcomesKey(identity)
  for (let attempt = 0; attempt < attempts; attempt++) {
    const stored = await ledger.document(key)
    const changed = withMark(readMarks(stored?.value), run, outcome)
    if (!changed) return false
    if (await ledger.putDocument(key, changed, stored?.revision ?? 0)) return true
  }
  throw new SparingError('ledger-unavailable', 'Your devices are telling of this at the same moment, so it was not kept. Try again.')
}

function withMark({ marks, forgotten }: Marks, { id, at }: { readonly id: string; readonly at: number }, outcome: string): Marks | null {
  const known = marks.find(({ run }) => run === id)
  if (known?.told.includes(outcome) || (!known && at <= forgotten)) return null
  const mark: Mark = { run: id, at, told: [...known?.told ?? [], outcome] }
  const sorted = [...marks.filter(each => each !== known), mark].sort((a, b) => b.at - a.at)
  const dropped = sorted.slice(most)
  return { marks: sorted.slice(0, most), forgotten: Math.max(forgotten, ...dropped.map(each => each.at)) }
}

function readMarks(value: unknown): Marks {
  const { marks, forgotten } = (value ?? {}) as Partial<Marks>
  return { marks: Array.isArray(marks) ? marks as Mark[] : [], forgotten: typeof forgotten === 'number' ? forgotten : -Infinity }
}
