import { isSparingError, nothingSpent } from '../core/index.ts'
import type { Amounts, Receipt, SparingError } from '../core/index.ts'
import type { UnsentAct } from '../state/index.ts'
import type { AIEvent } from './events.ts'
import type { RunFeedback } from './feedback.ts'
import type { Stores } from './person.ts'
import { askOnce, sinceOf, spentBy } from './reconcile.ts'
import { createRequests } from './requests.ts'
import type { Requests } from './requests.ts'
import type { Wire } from './wire.ts'

/** A run that ended out of sight: what it came to is still to be learned. */
export interface Awaited {
  readonly feature: string
  /** Whose budgets it counts in. */
  readonly stores: Stores
  /** Whether the server is known to have begun it. */
  readonly begun: boolean
  /** Told its receipt, once it is there. */
  readonly settled: (receipt: Receipt) => void
}

/** What a person did with an answer, on its way to the server. */
export interface Feedback {
  readonly run: string
  readonly feedback: RunFeedback
}

/** What an errand goes by. */
export interface ErrandFacts {
  readonly wire: Wire
  readonly stores: Stores
  readonly emit: (event: AIEvent) => void
  /** Runs that nobody knows the cost of: those of pages that are gone, and those that are awaited here. */
  readonly unsettled: readonly string[]
  readonly awaited: Map<string, Awaited>
  readonly feedback: Feedback[]
  /** Whether the host gave the person a name. */
  readonly named: boolean
  /** Whether the server's opt-ins are asked for. */
  readonly asksOptIns: boolean
  /** Stores of somebody whom the server does not know. */
  readonly strangers: WeakSet<Stores>
}

/** Does what is left to be done, as far as the server answers. @returns whether nothing is left */
export async function runErrands(facts: ErrandFacts): Promise<boolean> {
  const requests = createRequests(facts.wire)
  const settled = await Promise.all(facts.unsettled.map(id => settleRun(id, facts, requests)))
  const done = [...settled, await syncOptIns(facts, requests), await sendFeedback(facts, requests)]
  return done.every(each => each)
}

/** A run that ended out of sight, of this page or of one that was closed over it: the server knows what it came to. */
async function settleRun(id: string, { stores: { budget }, awaited, emit }: ErrandFacts, requests: Requests): Promise<boolean> {
  const mine = awaited.get(id)
  const found = await askOnce(id, requests, mine?.begun ?? false)
  if (found === 'unknown') return false
  const receipt = typeof found === 'string' ? null : found
  await budget.settle(id, countedOf(found))
  if (found !== 'full') budget.applyServer(receipt?.budgets ?? [], id)
  if (receipt) {
    mine?.settled(receipt)
    emit({ name: 'run-end', feature: receipt.feature, run: id, receipt })
  } else {
    emit({ name: 'run-settled', feature: mine?.feature ?? null, run: id, counted: found === 'unseen' ? 'nothing' : 'in-full' })
  }
  awaited.delete(id)
  return true
}

/** What a run counts as; what is left out counts in full. */
function countedOf(found: Receipt | 'unseen' | 'full'): Amounts {
  if (found === 'unseen') return nothingSpent
  return (found !== 'full' && spentBy({ ...found, replayed: false })) || {}
}

/** Sends what the person agreed to and took back, in order, and takes over what the server knows. */
async function syncOptIns(facts: ErrandFacts, requests: Requests): Promise<boolean> {
  const { stores, named, asksOptIns, strangers } = facts
  const { optIns } = stores
  if (strangers.has(stores)) return true
  try {
    for (const act of optIns.unsent()) await sendAct(act, facts, requests)
    if (asksOptIns) optIns.adopt(await requests.optIns())
    return optIns.unsent().length === 0
  } catch (error) {
    if (!isSparingError(error, 'identity-required')) return false
    // It stays on the device: sent later, it might become somebody's who never said it. A "no" of
    // somebody with a name, who may only have been signed out, is sent when they come back.
    strangers.add(stores)
    optIns.letGo(({ record }) => record !== null || !named)
    return true
  }
}

/** @throws {SparingError} where it is to be tried again, or nobody is known */
async function sendAct(act: UnsentAct, { stores: { optIns } }: ErrandFacts, { keepOptIn, revokeOptIn }: Requests): Promise<void> {
  const { feature, record } = act
  try {
    // As it stands now: the answer to an earlier act may have changed it.
    const answer = await (record ? keepOptIn(optIns.recordFor(feature) ?? record) : revokeOptIn(feature))
    optIns.letGo(isSame(act))
    optIns.adopt(answer, record ? undefined : feature)
  } catch (error) {
    if (!isFinal(error as SparingError) || isSparingError(error, 'identity-required')) throw error
    optIns.letGo(isSame(act))
    if (record && isSparingError(error, 'opt-in-required')) optIns.end(record, sinceOf(error))
  }
}

/** Not of one that was done meanwhile in its place. */
const isSame = (act: UnsentAct) => ({ feature, at, record }: UnsentAct): boolean =>
  feature === act.feature && at === act.at && record?.id === act.record?.id

/** A refusal that asking again does not change. */
const isFinal = ({ status }: SparingError) => status < 500 && status !== 429

/** What cannot be told is told again later; what the server does not take is let go. */
async function sendFeedback({ feedback }: ErrandFacts, { outcome }: Requests): Promise<boolean> {
  for (const next of feedback.slice()) {
    const { run, feedback: said } = next
    const isTold = await outcome(run, said).then(() => true, isFinal)
    if (!isTold) return false
    feedback.splice(feedback.indexOf(next), 1)
  }
  return feedback.length === 0
}
