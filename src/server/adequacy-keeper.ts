import { SparingError } from '../core/index.ts'
import type { Effort, Tier } from '../core/index.ts'
import type { OutcomeKind } from '../protocol/index.ts'
import { adequacyKey } from './ledger/keys.ts'
import type { Ledger } from './ledger/port.ts'

/** What a person did with an answer, as far as anything is learned from it. */
export interface OutcomeNote {
  readonly feature: string
  readonly provider: string
  readonly model: string
  readonly effort: Effort
  /** The tier that was asked for. */
  readonly tier: Tier
  /** A keyed hash of the identity: tells people apart and says of nobody who they are. */
  readonly person: string
  readonly outcome: OutcomeKind
  /** Of `rated`: whether it was good enough. */
  readonly enough: boolean | null
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number
}

/** Where outcomes are told. */
export interface Outcomes {
  /** @throws {SparingError} `ledger-unavailable`, and then it is not noted */
  note(note: OutcomeNote): Promise<void>
}

/** How a feature's knowledge of its models grows with an outcome: pure, and of bounded size. */
export interface Learner<State> {
  /** What stands in the ledger, or the beginning where that is nothing of the kind. */
  read(value: unknown): State
  observe(state: State, note: OutcomeNote): State
}

/** How often a change is worked out anew because another server was first. */
const attempts = 16

/**
 * Keeps what is learned in the ledger's engine, a document for each feature. Notes that come while
 * one is being written share the next write, so that a busy server does not contend with itself.
 */
export function keepOutcomes<State>({ ledger, learner }: { readonly ledger: Pick<Ledger, 'document' | 'putDocument'>; readonly learner: Learner<State> }): Outcomes {
  const pending = new Map<string, { readonly notes: OutcomeNote[]; readonly written: Promise<void> }>()
  const last = new Map<string, Promise<unknown>>()

  async function write(feature: string, notes: readonly OutcomeNote[]): Promise<void> {
    const key = adequacyKey(feature)
    for (let attempt = 0; attempt < attempts; attempt++) {
      const stored = await ledger.document(key)
      const learned = notes.reduce((state, note) => learner.observe(state, note), learner.read(stored?.value))
      if (await ledger.putDocument(key, learned, stored?.revision ?? 0)) return
    }
    throw new SparingError('ledger-unavailable', 'Too many outcomes came at the same moment, so this one was not kept. Nothing else is wrong.')
  }
  return {
    note(note) {
      const { feature } = note
      const joined = pending.get(feature)
      if (joined) {
        joined.notes.push(note)
        return joined.written
      }
      const notes = [note]
      const written = (last.get(feature) ?? Promise.resolve()).then(() => {
        pending.delete(feature)
        return write(feature, notes)
      })
      pending.set(feature, { notes, written })
      last.set(feature, written.catch(() => {}))
      return written
    },
  }
}

/** By model, how many outcomes of each kind there were. */
export type OutcomeCounts = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Counts and concludes nothing. The server's own models bound what it counts. */
export const counting: Learner<OutcomeCounts> = {
  read: value => typeof value === 'object' && value !== null && !Array.isArray(value) ? value as OutcomeCounts : {},
  observe(counts, { provider, model, effort, outcome, enough }) {
    const name = effort === 'none' ? `${provider}/${model}` : `${provider}/${model}@${effort}`
    const kind = enough === null ? outcome : `${outcome}:${enough ? 'enough' : 'not enough'}`
    const known = Object.hasOwn(counts, name) ? counts[name]! : {}
    return { ...counts, [name]: { ...known, [kind]: (known[kind] ?? 0) + 1 } }
  },
}
