import { SparingError } from '../core/index.ts'
import type { Effort, Tier } from '../core/index.ts'
import type { OutcomeKind } from '../protocol/index.ts'
import { evidenceKey, isAdequacyState, observe } from '../routing/index.ts'
import type { AdequacyState } from '../routing/index.ts'
import { changeDocument } from './ledger/change-document.ts'
import type { Documents } from './ledger/change-document.ts'
import { adequacyKey } from './ledger/keys.ts'

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

/** Where outcomes are told, and what they come to is asked. */
export interface Outcomes {
  /** @throws {SparingError} `ledger-unavailable`, and then it is not noted */
  note(note: OutcomeNote): Promise<void>
  /** @throws {SparingError} `ledger-unavailable` */
  ofFeature(feature: string): Promise<AdequacyState>
}

/**
 * Keeps what is learned in the ledger's engine, a document for each feature. Notes that come while
 * one is being written share the next write, so that a busy server does not contend with itself.
 */
export function keepOutcomes({ ledger }: { readonly ledger: Documents }): Outcomes {
  const pending = new Map<string, { readonly notes: OutcomeNote[]; readonly written: Promise<void> }>()
  const last = new Map<string, Promise<unknown>>()

  async function write(feature: string, notes: readonly OutcomeNote[]): Promise<void> {
    if (await changeDocument(ledger, adequacyKey(feature), value => notes.reduce(withNote, stateIn(value)))) return
    throw new SparingError('ledger-unavailable', 'Too many outcomes came at the same moment, so this one was not kept. Nothing else is wrong.')
  }
  return {
    ofFeature: async feature => stateIn((await ledger.document(adequacyKey(feature)))?.value),
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

/** What nobody can read is begun anew. */
const stateIn = (value: unknown): AdequacyState => isAdequacyState(value) ? value : {}

function withNote(state: AdequacyState, { outcome, enough, person, at, ...ran }: OutcomeNote): AdequacyState {
  return observe(state, { key: evidenceKey(ran), person, outcome: outcome === 'rated' ? { kind: outcome, rating: Number(enough) } : { kind: outcome } }, at)
}
