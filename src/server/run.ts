import { BudgetExceededError, ceilingAmounts, claimAmounts, inputBound, isSparingError, problemOf, SparingError, spentAmounts, tierFits, tiers, toGrains, UpstreamError } from '../core/index.ts'
import type { Budget, Catalog, Claim, Receipt, RunStatus, Tier } from '../core/index.ts'
import type { StreamPart } from '../protocol/index.ts'
import { estimateFor } from './admission.ts'
import type { Admitted, RunAsk } from './admission.ts'
import { claimsFor, visibleBudgets } from './budgets.ts'
import type { Draw } from './budgets.ts'
import type { Entry, RunKey } from './ledger/port.ts'
import type { Settings } from './options.ts'
import { builtInPrompt, messagesBound } from './prompts.ts'
import type { PromptMessage, Provider, ProviderPart } from './providers/port.ts'
import { emptyTally, receiptOf, usageOf, withBudgets } from './receipts.ts'
import type { Tally } from './receipts.ts'

/** Everything a run goes by. */
export interface RunContext {
  readonly id: string
  readonly ask: RunAsk
  readonly admitted: Admitted
  /** `null` for a baseline run of somebody unknown, which no ledger records. */
  readonly key: RunKey | null
  readonly draw: Draw
  readonly catalog: Catalog
  readonly settings: Settings
}

/**
 * Takes the run's ceiling from every budget that applies.
 * @returns `null` when the run may go on, or what is known of a run that ended before under this id
 * @throws {SparingError} when a budget, another run or the ledger stands against it
 */
export async function reserveRun(run: RunContext, body: string): Promise<Entry | null> {
  const { key, settings, ask } = run
  if (!key) return null
  const answer = await settings.ledger.reserve({ ...key, body, claims: claimsOfRun(run), lease: settings.lease, concurrency: settings.concurrency })
  switch (answer.outcome) {
    case 'reserved': return null
    case 'ended': return answer.entry
    case 'running': throw new SparingError('run-in-progress', 'This run is going on already, so it was not started twice. Wait for it, or ask GET /v1/runs/:id.')
    case 'conflict': throw new SparingError('idempotency-conflict', 'This id was used for another request. Nothing was run; send a new id.')
    case 'too-many': throw new SparingError('too-many-runs', `${answer.running} answers are being written for you already. Wait for one to end, or stop it.`, { running: answer.running })
    case 'exceeded': throw await budgetExceeded(run, answer.budgets, ask)
  }
}

/** A run at tier `baseline` draws on no budget: the floor is never taken away. */
function claimsOfRun(run: RunContext): Claim[] {
  if (run.ask.tier === 'baseline') return []
  return claimAmounts(claimsFor(run.draw, run.settings), amountsAt(run, run.admitted))
}

function amountsAt({ catalog }: RunContext, { estimate, inputTokens, model }: Pick<Admitted, 'estimate' | 'inputTokens' | 'model'>) {
  return ceilingAmounts(estimate.ceiling, model.kind === 'extractive' ? 0 : inputTokens, catalog.policy.carbon.gco2ePerWh)
}

async function budgetExceeded(run: RunContext, exceeded: readonly Budget[], ask: RunAsk): Promise<BudgetExceededError> {
  const all = await run.settings.ledger.balance(claimsOfRun(run))
  const cheaper = tiers.filter(tier => tier !== ask.tier && tierFits(tier, ask.tier) && fitsAt(tier, run, all))
  const ids = new Set(exceeded.map(({ id }) => id))
  const budgets = visibleBudgets(all.filter(({ id }) => ids.has(id)), ids)
  return new BudgetExceededError('The allowance for this is used up or too small for this run. Nothing was spent; wait until it resets, or ask for less.', { budgets, cheaper })
}

function fitsAt(tier: Tier, run: RunContext, budgets: readonly Budget[]): boolean {
  if (tier === 'baseline') return true
  const { choice, estimate } = estimateFor({ ...run.ask, tier, effort: 'none' }, run.catalog, moneyLimited(budgets))
  if (choice.tier !== tier) return false
  const amounts = amountsAt(run, { estimate, inputTokens: run.admitted.inputTokens, model: run.admitted.model })
  return budgets.every(({ unit, available }) => (amounts[unit] ?? Infinity) <= toGrains(unit, available, 'nearest'))
}

export const moneyLimited = (limits: readonly { readonly unit: string }[]): boolean => limits.some(({ unit }) => unit === 'usd')

/**
 * Makes a reserved run: marks it dispatched, passes on what the model says as it says it, settles
 * at what was consumed, and ends with the receipt. It does not throw: a failure is a part. When
 * `signal` aborts, the upstream is stopped and what was consumed until then is settled.
 */
export async function* perform(run: RunContext, signal: AbortSignal): AsyncGenerator<StreamPart> {
  const { id, admitted, key, settings } = run
  const tally = emptyTally()
  yield { type: 'start', messageId: id }
  yield { type: 'data-choice', data: admitted.choice }
  let failure: unknown
  const renewal = key && setInterval(() => settings.ledger.renew(key, settings.lease).catch(settings.onError), settings.lease / 3)
  const since = performance.now()
  try {
    yield* spoken(callModel(run, signal, tally))
  } catch (error) {
    failure = error
  } finally {
    if (renewal) clearInterval(renewal)
    tally.seconds = (performance.now() - since) / 1_000
  }
  yield* conclude(run, tally, statusOf(failure, signal, tally), failure)
}

function statusOf(failure: unknown, signal: AbortSignal, tally: Tally): RunStatus {
  if (signal.aborted) return 'aborted'
  if (failure !== undefined) return 'failed'
  return tally.cut ? 'ceiling' : 'completed'
}

async function* callModel(run: RunContext, signal: AbortSignal, tally: Tally): AsyncGenerator<ProviderPart> {
  const { id, ask, admitted: { model, choice, estimate, feature }, key, settings } = run
  const messages = promptOf(run)
  signal.throwIfAborted()
  // Durable before the upstream is called: from here on a crash must not give the money back.
  if (key && !await settings.ledger.dispatch(key)) throw new SparingError('run-in-progress', 'This run took too long to start, so its reservation is gone. Nothing was spent; try again.')
  const provider = providerOf(settings.providers, model.provider)
  const call = { run: id, model: model.id, feature: ask.feature, task: feature.task, input: ask.input, messages, maxOutputTokens: estimate.ceiling.outputTokens, effort: choice.effort, signal }
  for await (const part of provider.stream(call)) {
    note(part, tally)
    yield part
  }
}

function providerOf(providers: readonly Provider[], id: string): Provider {
  const provider = providers.find(each => each.id === id)
  if (!provider) throw new Error(`The provider "${id}" is in the catalog and not in the options.`)
  return provider
}

/** The prompt of this input. One that outgrew the overhead it was estimated with would break the ceiling, so it is not sent. */
function promptOf({ ask, settings, draw, admitted: { feature, inputTokens, model } }: RunContext): readonly PromptMessage[] {
  const messages = (settings.prompts[ask.feature] ?? builtInPrompt)(ask.input, { feature: ask.feature, task: feature.task, identity: draw.identity.caller })
  if (model.kind === 'generative' && messagesBound(messages) > Math.max(inputTokens, inputBound(ask.input, feature.overhead))) {
    throw new SparingError('internal', `The prompt of "${ask.feature}" is longer than its estimate allowed for. Nothing was spent; make its length depend on the input only once.`)
  }
  return messages
}

function note(part: ProviderPart, tally: Tally): void {
  switch (part.type) {
    case 'accepted': tally.accepted = true; break
    case 'text':
    case 'reasoning': tally.text += part.text; tally.events++; break
    case 'usage': tally.reported = part.usage; break
    case 'energy': tally.measuredWh = part.wh; break
    case 'finish': tally.cut = part.reason === 'length'
  }
}

/** What a model says as parts of the stream: text and reasoning each between a start and an end. */
async function* spoken(parts: AsyncIterable<ProviderPart>): AsyncGenerator<StreamPart> {
  let open: { kind: 'text' | 'reasoning'; id: string } | null = null
  let count = 0
  for await (const part of parts) {
    if (part.type !== 'text' && part.type !== 'reasoning') continue
    if (open && open.kind !== part.type) {
      yield { type: `${open.kind}-end`, id: open.id }
      open = null
    }
    if (!open) {
      open = { kind: part.type, id: String(count++) }
      yield { type: `${open.kind}-start`, id: open.id }
    }
    yield { type: `${open.kind}-delta`, id: open.id, delta: part.text }
  }
  if (open) yield { type: `${open.kind}-end`, id: open.id }
}

/** Settles, and says how it ended. */
async function* conclude(run: RunContext, tally: Tally, status: RunStatus, failure: unknown): AsyncGenerator<StreamPart> {
  const { id, ask, admitted, catalog, settings } = run
  const usage = usageOf(tally, admitted, ask.input)
  const draft = receiptOf(admitted, catalog, { id, status, usage, tally, at: settings.now() })
  const receipt = await settleRun(run, draft).catch((error: unknown) => {
    // The reservation stays dispatched and expires in full: the ledger errs on the safe side.
    settings.onError(error)
    failure ??= error
    return draft
  })
  yield { type: 'data-receipt', data: receipt }
  if (failure === undefined || status === 'aborted') return yield { type: 'finish' }
  const known = failureOf(failure, receipt, settings)
  yield { type: 'data-problem', data: problemOf(known) }
  yield { type: 'error', errorText: known.message }
}

async function settleRun({ key, settings }: RunContext, receipt: Receipt): Promise<Receipt> {
  if (!key) return receipt
  return withBudgets(receipt, await settings.ledger.settle(key, spentAmounts(receipt), receipt))
}

function failureOf(failure: unknown, receipt: Receipt, { onError }: Settings): SparingError {
  if (isSparingError(failure, 'upstream-failed')) return new UpstreamError(failure.message, { receipt }, { cause: failure })
  if (isSparingError(failure)) return failure
  onError(failure)
  return new UpstreamError('Something failed here while the answer was written. What was used until then was counted; try again.', { receipt }, { cause: failure })
}

/** What a run that ended before is answered with: its receipt, and no text. */
export async function* replay(id: string, receipt: Receipt): AsyncGenerator<StreamPart> {
  yield { type: 'start', messageId: id }
  yield { type: 'data-choice', data: receipt.choice }
  yield { type: 'data-receipt', data: { ...receipt, replayed: true } }
  yield { type: 'finish' }
}
