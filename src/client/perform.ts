import { AbortedError, BudgetExceededError, ceilingAmounts, inputBound, isReceipt, isSparingError, nothingSpent, SparingError, tierFits, tiers, UpstreamError } from '../core/index.ts'
import { errorOf } from '../core/problem.ts'
import type { Amounts, BudgetNotice, Budget, OptIn, Receipt } from '../core/index.ts'
import { readParts } from '../protocol/parts.ts'
import type { RunRequest } from '../protocol/run.ts'
import { objectReader } from './object-reader.ts'
import type { ObjectReader } from './object-reader.ts'
import { featureOf } from './plan.ts'
import { prepare, stoppedBefore, throwIfStopped } from './prepare.ts'
import type { Prepared, RunStory } from './prepare.ts'
import { reconcile, sinceOf, spentBy } from './reconcile.ts'
import { createRequests } from './requests.ts'
import type { Requests } from './requests.ts'
import type { RunControl, RunState } from './run.ts'

/** How a run ended. One without an error has a receipt. */
interface Ending {
  readonly receipt: Receipt | null
  readonly error: SparingError | null
  /** What it took from the local budgets; `null` where nobody can say yet. */
  readonly spent: Amounts | null
  /** The answer as a checked object, where it is one. */
  readonly object?: unknown
}

/**
 * A run from the click to the receipt: everything that may stand against it first, then the local
 * budgets, then the server. However it ends, the local budgets end at what the server counted.
 */
export async function performRun(story: RunStory, control: RunControl): Promise<void> {
  let prepared: Prepared
  try {
    prepared = await prepare(story, control)
    await hold(story, control, prepared)
  } catch (cause) {
    return conclude(story, control, refusedWith(refusalOf(cause, control)))
  }
  story.emit({ name: 'run-start', feature: story.feature, run: story.id, estimate: prepared.estimate })
  const ending = await converse(story, control, prepared)
  if (isCounted(prepared)) await settle(story, ending)
  story.stores.budget.applyServer(budgetsOf(ending), ending.spent ? story.id : undefined)
  conclude(story, control, ending)
  if (!ending.spent && isCounted(prepared)) story.await({ begun: hasBegun(control), settled: receipt => control.update({ receipt }) })
}

/** A run at tier `baseline` draws on no budget. */
const isCounted = ({ ask }: Prepared): boolean => ask.tier !== 'baseline'

/** Takes the most the run can cost from the local budgets, and shows it in the server's. @throws what stands against it; nothing is held then */
async function hold(story: RunStory, control: RunControl, prepared: Prepared): Promise<void> {
  const { id, feature, trigger, stores: { budget } } = story
  if (!isCounted(prepared)) return
  const most = mostOf(prepared)
  try {
    await budget.reserve(id, most)
    throwIfStopped(control)
    await budget.dispatch(id)
    budget.foresee(id, most, { feature, tier: prepared.ask.tier, trigger })
  } catch (refusal) {
    await budget.release(id)
    throw isSparingError(refusal, 'budget-exceeded') ? withCheaper(refusal as BudgetExceededError, story, prepared) : refusal
  }
}

function mostOf({ ask, estimate, catalog }: Prepared): Amounts {
  const extractive = catalog.models.find(({ id }) => id === estimate.model)?.kind === 'extractive'
  const bound = extractive ? 0 : inputBound(ask.input, featureOf(catalog, ask.feature)!.overhead)
  return ceilingAmounts(estimate.ceiling, bound, catalog.policy.carbon.gco2ePerWh)
}

/** The same refusal with the lower tiers that still fit. */
function withCheaper({ message, budgets }: BudgetExceededError, { feature, trigger, stores, plan, tiers: offered }: RunStory, prepared: Prepared): BudgetExceededError {
  const fits = (tier: Prepared['ask']['tier']) => {
    const ask = { ...prepared.ask, tier, effort: 'none' } as const
    const estimate = plan(ask)
    return estimate.status === 'ready' && stores.budget.exceededBy(mostOf({ ...prepared, ask, estimate }), { feature, tier, trigger }).length === 0
  }
  const lower = tiers.filter(tier => tier !== prepared.ask.tier && tierFits(tier, prepared.ask.tier))
  return new BudgetExceededError(message, { budgets, cheaper: lower.filter(tier => tier === 'baseline' || (offered().includes(tier) && fits(tier))) })
}

/** What was thrown before anything was sent. */
function refusalOf(cause: unknown, { signal }: RunControl): SparingError {
  if (isSparingError(cause)) return cause
  if (signal.aborted) return stoppedBefore()
  // A budget limits what is not known of the model: that model cannot serve here.
  if (cause instanceof RangeError) return new SparingError('no-model', cause.message, {}, { cause })
  return new SparingError('internal', 'Something failed here before the run was sent, so nothing was spent. Try again.', {}, { cause })
}

/** Sends the run, and reads how it ends: from its stream or, where that broke, from its record. */
async function converse(story: RunStory, control: RunControl, prepared: Prepared): Promise<Ending> {
  const requests = createRequests(story.wire)
  // The server would not know of it, and need not.
  if (control.signal.aborted) return refusedWith(stoppedBefore())
  const { id, trigger } = story
  const { ask, estimate: { id: estimate, ceiling }, optIn, catalog } = prepared
  const reader = featureOf(catalog, ask.feature)?.structured ? objectReader() : null
  let broken: SparingError
  try {
    const { receipt, problem, object } = await read(await send(requests, story, { id, ...ask, ceiling, optIn, trigger, estimate }, control.signal), control, reader)
    if (receipt) return { ...endedWith(receipt, problem ?? failureIn(receipt)), object }
    broken = problem ?? brokenOff()
  } catch (error) {
    broken = isSparingError(error) ? error : brokenOff(error)
    if (isRefusal(broken)) return refusedBy(broken, story, prepared)
  }
  return isCounted(prepared) ? recover(id, requests, control, broken) : refusedWith(control.signal.aborted ? new AbortedError('The run was stopped.') : broken)
}

/**
 * A server that does not know who asks gives them a name with their budgets; then the run is sent once more.
 * So is one under an opt-in that was given anew while the server was told that the earlier one was taken back.
 */
async function send(requests: Requests, { wire, stores: { budget, optIns } }: RunStory, request: RunRequest, signal: AbortSignal): ReturnType<Requests['run']> {
  try {
    return await requests.run(request, signal)
  } catch (refusal) {
    const anew = isRevoked(refusal) ? givenAnew(request, refusal, optIns) : null
    if (isSparingError(refusal, 'identity-required')) await wire.budgets().then(budget.applyServer, () => {})
    else if (!anew) throw refusal
    return requests.run(anew ? { ...request, optIn: anew } : request, signal)
  }
}

const isRevoked = (error: unknown): error is SparingError => isSparingError(error) && error.details['gap'] === 'revoked'

/** The record as it stands here since the request was made, or after what is still to be taken back here; `null` where it was taken back elsewhere. */
function givenAnew({ optIn }: RunRequest, refusal: SparingError, { recordFor, unsent }: RunStory['stores']['optIns']): OptIn | null {
  const known = optIn && recordFor(optIn.feature)
  if (!known || known.id !== optIn.id) return null
  if (known.after !== optIn.after) return known
  return unsent().some(({ feature, record }) => feature === known.feature && !record) ? { ...known, after: sinceOf(refusal) } : null
}

interface Heard {
  readonly receipt: Receipt | null
  readonly problem: SparingError | null
  readonly object: unknown
}

/** A failure that comes as a part has its receipt before it: what was consumed is known. */
async function read(body: ReadableStream<Uint8Array>, control: RunControl, reader: ObjectReader | null): Promise<Heard> {
  let receipt: Receipt | null = null
  let problem: SparingError | null = null
  let object: unknown
  try {
    for await (const part of readParts(body)) {
      switch (part.type) {
        case 'data-choice': control.update({ choice: part.data }); break
        case 'reasoning-start': control.update({ status: 'thinking' }); break
        case 'text-delta': control.write(part.delta, reader?.read); break
        case 'data-repair': control.update({ text: '', object: undefined }); break
        case 'data-object': control.update({ object: object = part.data }); break
        case 'data-receipt': receipt = isReceipt(part.data) ? part.data : null; break
        case 'data-problem': problem = errorOf(part.data)
      }
    }
  } finally {
    // Of one that was cut or broke off, as much as came.
    if (reader && object === undefined && control.run.text) control.update({ object: reader.readWhole(control.run.text) })
  }
  return { receipt, problem, object }
}

/** What the server knows of a run whose stream ended without a receipt. */
async function recover(id: string, requests: Requests, control: RunControl, broken: SparingError): Promise<Ending> {
  const { signal } = control
  const found = await reconcile(id, requests, hasBegun(control))
  if (found === 'unseen') return refusedWith(signal.aborted ? stoppedBefore() : broken)
  if (typeof found === 'string') return { receipt: null, error: signal.aborted ? stopped(null) : countedInFull(broken), spent: null }
  return endedWith(found, signal.aborted ? stopped(found) : broken.code === 'run-in-progress' ? broken : brokenOff(broken, found))
}

/** Whether the server is known to have begun the run: only then has it anything to say of it. */
const hasBegun = ({ run }: RunControl): boolean => run.getState().choice !== null

/** The same failure of a run that may have cost all that was set aside for it. */
function countedInFull(broken: SparingError): SparingError {
  const message = 'The answer broke off and nobody can say yet what it cost, so it counts as the most it may have, until the server says better. Try again.'
  return broken.code === 'upstream-failed' ? new UpstreamError(message, {}, { cause: broken }) : new SparingError(broken.code, message, broken.details, { cause: broken })
}

/** A problem instead of a stream: the server refused before it spent anything. */
const isRefusal = ({ code }: SparingError) => !['upstream-failed', 'aborted', 'model-selector-unreachable', 'internal', 'run-in-progress'].includes(code)

/** An opt-in that was taken back, perhaps on another device, is over here too: the next press asks. */
function refusedBy(refusal: SparingError, { stores }: RunStory, { optIn }: Prepared): Ending {
  if (optIn && isRevoked(refusal)) stores.optIns.end(optIn, sinceOf(refusal))
  return refusedWith(refusal)
}

const refusedWith = (error: SparingError): Ending => ({ receipt: null, error, spent: nothingSpent })

const endedWith = (receipt: Receipt, error: SparingError | null): Ending => ({ receipt, error, spent: spentBy(receipt) })

/** What a receipt says went wrong. */
function failureIn(receipt: Receipt): SparingError | null {
  if (receipt.status === 'aborted') return stopped(receipt)
  return receipt.status === 'failed' || receipt.status === 'expired' ? brokenOff(undefined, receipt) : null
}

const stopped = (receipt: Receipt | null) => new AbortedError('The run was stopped; what it had used until then was counted.', { receipt })
const brokenOff = (cause?: unknown, receipt: Receipt | null = null) =>
  new UpstreamError('The answer broke off. What was used until then was counted; try again.', { receipt }, { cause })

/** Ends a run in the local budgets. */
async function settle({ id, stores: { budget } }: RunStory, { spent }: Ending): Promise<void> {
  await (spent ? budget.settle(id, spent) : budget.assume(id))
}

/** The budgets that the server told with the ending. */
function budgetsOf({ receipt, error }: Ending): readonly (Budget | BudgetNotice)[] {
  return receipt?.budgets ?? (error instanceof BudgetExceededError ? error.budgets : [])
}

/** Tells everybody how it ended. */
function conclude({ id: run, feature, emit }: RunStory, control: RunControl, ending: Ending): void {
  const { receipt, error } = ending
  control.update({ status: statusOf(ending), receipt, error })
  if (receipt) emit({ name: 'run-end', feature, run, receipt })
  else if (error) emit({ name: ending.spent ? 'run-refused' : 'run-failed', feature, run, code: error.code })
  if (error) control.fail(error)
  else if (receipt) control.finish({ text: control.run.text, object: ending.object, choice: receipt.choice, receipt })
}

function statusOf({ receipt, error, spent }: Ending): RunState['status'] {
  if (!error && (receipt?.status === 'completed' || receipt?.status === 'ceiling')) return receipt.status
  if (error?.code === 'aborted') return 'aborted'
  return receipt || !spent ? 'failed' : 'refused'
}
