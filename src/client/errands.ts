import type { AIEvent } from './events.ts'
import type { RunFeedback } from './feedback.ts'
import type { Person, Stores } from './person.ts'
import type { Awaited, Feedback } from './run-errands.ts'
import type { Wire } from './wire.ts'

/** What is left to be done once the server answers: runs to settle, opt-ins and feedback to be sent. */
export interface Errands {
  /** One after another, so that no answer undoes what a later one said. Never rejects. @returns whether nothing is left */
  run(stores: Stores, whole: boolean): Promise<boolean>
  /** Has a run settled whose end was not seen. */
  await(run: string, awaited: Awaited): void
  tell(run: string, feedback: RunFeedback): void
}

/** Feedback that is kept while the server cannot be reached; the oldest goes first. */
const mostFeedback = 100

export function createErrands(wire: Wire, person: Pick<Person, 'isNamed'>, emit: (event: AIEvent) => void): Errands {
  const awaited = new Map<string, Awaited>()
  const feedback: Feedback[] = []
  const strangers = new WeakSet<Stores>()
  let last: Promise<unknown> = Promise.resolve()

  async function run(stores: Stores, whole: boolean): Promise<boolean> {
    const mine = [...awaited].filter(([, run]) => run.stores === stores).map(([id]) => id)
    const unsettled = [...new Set([...await stores.budget.orphans(), ...mine])]
    const { optIns } = stores
    const named = person.isNamed()
    // What strangers agree to stays on their device.
    if (strangers.has(stores)) optIns.letGo(({ record }) => record !== null)
    const hasActs = !strangers.has(stores) && optIns.unsent().length > 0
    // Somebody without a name is hardly known to the server: it is not asked for nothing.
    const asksOptIns = whole && !strangers.has(stores) && (named || hasActs || optIns.getState().records.length > 0)
    if (unsettled.length + feedback.length === 0 && !hasActs && !asksOptIns) return true
    const { runErrands } = await import('./run-errands.ts')
    return runErrands({ wire, stores, emit, unsettled, awaited, feedback, named, asksOptIns, strangers })
  }
  return {
    run(stores, whole) {
      // What could not be loaded now is tried again; until then orphans count in full.
      const next = last.then(() => run(stores, whole)).catch(() => false)
      last = next
      return next
    },
    await: (id, run) => void awaited.set(id, run),
    tell(run, said) {
      feedback.push({ run, feedback: said })
      feedback.splice(0, feedback.length - mostFeedback)
    },
  }
}
