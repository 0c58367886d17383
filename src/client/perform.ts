import { AbortedError, BackgroundBlockedError, ceilingAmounts, errorOf, FeatureDisabledError, inputBound, isSparingError, nothingSpent, OptInRequiredError, spentAmounts, SparingError, UpstreamError } from '../core/index.ts'
import type { Amounts, Catalog, Estimate, OptIn, Receipt, Trigger } from '../core/index.ts'
import type { StreamPart } from '../protocol/parts.ts'
import type { BudgetStore, OptInStore } from '../state/index.ts'
import type { CatalogState, NoEstimate } from './ai.ts'
import type { AIEvent } from './events.ts'
import { featureOf } from './plan.ts'
import type { Ask } from './plan.ts'
import type { RunControl } from './run.ts'
import type { Wire } from './wire.ts'

/** One person's stores. */
export interface Stores {
  readonly budget: BudgetStore
  readonly optIns: OptInStore
}

/** All that a run goes by. */
export interface RunStory {
  readonly id: string
  readonly feature: string
  /** What is asked, once the catalog is known: it decides the level where none was given. */
  readonly ask: () => Ask
  readonly trigger: Trigger
  /** The estimate that was on screen, if there was one. */
  readonly shown: Estimate | undefined
  /** The act given with the call, worked out from the estimate that binds. */
  readonly act: ((ask: Ask, estimate: Estimate) => OptIn) | undefined
  readonly stores: Stores
  readonly wire: Wire
  readonly catalog: () => Promise<CatalogState>
  readonly plan: (ask: Ask) => Estimate | NoEstimate
  readonly emit: (event: AIEvent) => void
}

/**
 * A run from the click to the receipt: everything that may stand against it first, then the local
 * budgets, then the server. However it ends, the local budgets end at what the server counted.
 */
export async function performRun(story: RunStory, control: RunControl): Promise<void> {
  const { id, feature } = story
  try {
    const request = await prepare(story, control)
    story.emit({ name: 'run-start', feature, run: id, estimate: request.estimate })
    const { text, receipt } = await spend(story, control, request)
    control.update({ status: receipt.status === 'expired' ? 'failed' : receipt.status, receipt })
    story.emit({ name: 'run-end', feature, run: id, receipt })
    if (receipt.status === 'aborted') throw new AbortedError('The run was stopped; what it had used until then was counted.', { receipt })
    control.finish({ text, object: undefined, choice: receipt.choice, receipt })
  } catch (cause) {
    fail(story, control, asError(cause))
  }
}

function fail({ id, feature, emit }: RunStory, control: RunControl, error: SparingError): void {
  const { status, receipt } = control.run.getState()
  const { code } = error
  // Before a word came there is nothing to have failed: it was refused.
  const refused = status === 'starting' && code !== 'aborted' && code !== 'upstream-failed'
  const ended = receipt ? status : refused ? 'refused' : code === 'aborted' ? 'aborted' : 'failed'
  if (refused) emit({ name: 'run-refused', feature, run: id, code })
  control.update({ status: ended, error })
  control.fail(error)
}

/** What is sent, once nothing stands against it here. */
interface Prepared {
  readonly ask: Ask
  readonly estimate: Estimate
  readonly optIn: OptIn | null
  readonly catalog: Catalog
}

async function prepare(story: RunStory, control: RunControl): Promise<Prepared> {
  const { stores, trigger } = story
  const state = await story.catalog()
  const ask = story.ask()
  control.update({ tier: ask.tier })
  if (ask.tier !== 'baseline' && !stores.optIns.getState().enabled) throw new FeatureDisabledError('AI is switched off in the settings here, so nothing was run.', { by: 'person' })
  throwIfStopped(control)
  const estimate = story.shown ?? story.plan(ask)
  if (estimate.status !== 'ready' || !state.catalog) throw noEstimate(ask.feature, estimate)
  control.update({ estimate })
  const optIn = optInFor(story, ask, estimate)
  if (trigger === 'background' && ask.tier !== 'baseline' && !featureOf(state.catalog, ask.feature)?.background) {
    throw new BackgroundBlockedError(`"${ask.feature}" was not started by a person's act, so it was not run. Call it from a click, or allow "background" in the feature.`)
  }
  return { ask, estimate, optIn, catalog: state.catalog }
}

function optInFor({ act, stores }: RunStory, ask: Ask, estimate: Estimate): OptIn | null {
  if (ask.tier === 'baseline') return null
  const optIn = act?.(ask, estimate) ?? stores.optIns.standing({ ...ask, ceiling: estimate.ceiling })
  if (optIn) return optIn
  const gap = stores.optIns.recordFor(ask.feature) ? 'ceiling' : 'missing'
  throw new OptInRequiredError(`No opt-in covers this run of "${ask.feature}", so nothing was spent. Show the person what it costs at most, and ask.`, { gap })
}

function noEstimate(feature: string, estimate: Estimate | NoEstimate): SparingError {
  const reason = estimate.status === 'unavailable' ? estimate.reason : 'unreachable'
  switch (reason) {
    case 'unreachable': return new SparingError('model-selector-unreachable', 'The model selector could not be reached, so nothing was run. Check the connection.')
    case 'unknown-feature': return new SparingError('unknown-feature', `The server knows no feature "${feature}", so nothing was run. Declare it there too.`)
    case 'disabled': return new FeatureDisabledError(`"${feature}" is turned off on the server, so nothing was run.`, { by: 'policy' })
    case 'input-too-long': return new SparingError('input-too-long', `The text is too long for "${feature}", so nothing was run. Send a shorter one.`)
    case 'no-model': return new SparingError('no-model', `No model is set up that can do "${feature}", so nothing was run.`)
  }
}

/** Reserves here, sends, reads, and settles here as the server did. */
async function spend(story: RunStory, control: RunControl, prepared: Prepared): Promise<{ text: string; receipt: Receipt }> {
  const { id, stores: { budget } } = story
  const { ask } = prepared
  const counted = ask.tier !== 'baseline'
  if (counted) {
    await budget.reserve(id, mostOf(prepared))
    if (control.signal.aborted) await budget.release(id)
    throwIfStopped(control)
    await budget.dispatch(id)
  }
  const receipt = await converse(story, control, prepared)
  if (counted) await budget.settle(id, spentAmounts(receipt))
  budget.applyServer(receipt.budgets)
  return { text: control.run.text, receipt }
}

function mostOf({ ask, estimate, catalog }: Prepared): Amounts {
  const extractive = catalog.models.find(({ id }) => id === estimate.model)?.kind === 'extractive'
  const bound = extractive ? 0 : inputBound(ask.input, featureOf(catalog, ask.feature)!.overhead)
  return ceilingAmounts(estimate.ceiling, bound, catalog.policy.carbon.gco2ePerWh)
}

/** @returns the receipt, from the stream or, where that broke, from the record of the run */
async function converse(story: RunStory, control: RunControl, { ask, estimate, optIn }: Prepared): Promise<Receipt> {
  const { id, trigger, wire } = story
  const request = { id, ...ask, ceiling: estimate.ceiling, optIn, trigger, estimate: estimate.id }
  let refusal: SparingError
  try {
    const receipt = await readRun(await wire.run(request, control.signal), control)
    if (receipt) return receipt
    refusal = new UpstreamError('The answer broke off before its receipt came. What was used until then was counted; try again.')
  } catch (error) {
    refusal = asError(error)
    if (isRefusal(refusal)) return await refused(story, ask, refusal)
  }
  if (ask.tier === 'baseline') throw refusal
  const receipt = await reconcile(story)
  if (!receipt) throw refusal
  if (receipt.status === 'failed') {
    control.update({ receipt, status: 'failed' })
    await story.stores.budget.settle(id, spentAmounts(receipt))
    throw refusal
  }
  return receipt
}

/** A failure that came as a part has its receipt before it: what was consumed is known. */
async function readRun(parts: AsyncIterable<StreamPart>, control: RunControl): Promise<Receipt | null> {
  let receipt: Receipt | null = null
  for await (const part of parts) {
    switch (part.type) {
      case 'data-choice': control.update({ choice: part.data }); break
      case 'reasoning-start': control.update({ status: 'thinking' }); break
      case 'text-delta': control.write(part.delta); break
      case 'data-receipt': receipt = part.data; break
      case 'data-problem': throw errorOf(part.data)
    }
  }
  return receipt
}

/** A problem instead of a stream: the server refused before it spent anything. */
const isRefusal = ({ code }: SparingError) => !['upstream-failed', 'aborted', 'model-selector-unreachable', 'internal'].includes(code)

async function refused({ id, stores: { budget } }: RunStory, ask: Ask, refusal: SparingError): Promise<never> {
  if (ask.tier !== 'baseline' && refusal.code !== 'run-in-progress') await budget.settle(id, nothingSpent)
  if (refusal.code === 'budget-exceeded') budget.applyServer((refusal as unknown as { budgets: Receipt['budgets'] }).budgets)
  throw refusal
}

/** Milliseconds between questions about a run that ended out of sight: about ten seconds in all. */
const patience = [50, 100, 200, 400, 800, 1_600, 3_200, 3_200]

/**
 * Asks the server how a run ended whose stream was cut, by a stop or by the network. A run that the
 * server never saw cost nothing; one that cannot be asked about is counted in full until it can.
 */
export async function reconcile({ id, stores: { budget }, wire }: Pick<RunStory, 'id' | 'stores' | 'wire'>): Promise<Receipt | null> {
  for (const pause of patience) {
    await new Promise(resolve => setTimeout(resolve, pause))
    try {
      const record = await wire.record(id)
      if (record?.receipt) return record.receipt
      if (!record) {
        await budget.settle(id, nothingSpent)
        return null
      }
      if (record.status === 'ended') break
    } catch {
      // Not reachable now; perhaps a moment later.
    }
  }
  await budget.assume(id)
  return null
}

function throwIfStopped({ signal }: RunControl): void {
  if (signal.aborted) throw new AbortedError('The run was stopped before it began. Nothing was spent.')
}

function asError(error: unknown): SparingError {
  if (isSparingError(error)) return error
  if ((error as { name?: unknown } | null)?.name === 'AbortError') return new AbortedError('The run was stopped.')
  return new UpstreamError('The answer broke off. What was used until then was counted; try again.', {}, { cause: error })
}
