import { BudgetExceededError, ceilingAmounts, inputBound, isSparingError, problemOf, SparingError, spentAmounts, tierFits, tiers, toGrains, UpstreamError } from '../core/index.ts'
import type { Catalog, Choice, Claim, Estimate, Receipt, RunStatus, Tier, Unit } from '../core/index.ts'
import type { StreamPart } from '../protocol/index.ts'
import { estimateFor } from './admission.ts'
import type { Admitted, RunAsk } from './admission.ts'
import { claimsFor, limitedUnits, potsOf, visibleBudgets, withBudgets, withOnly } from './budgets.ts'
import type { Draw, RunFacts } from './budgets.ts'
import type { Entry, ReserveAnswer, RunKey } from './ledger/port.ts'
import type { Settings } from './options.ts'
import type { InForce } from './policy.ts'
import { messagesBound, promptFor } from './prompts.ts'
import type { OutputSchema, Passthrough, PromptMessage, Provider, ProviderPart } from './providers/port.ts'
import { emptyTally, overran, receiptOf, usageOf } from './receipts.ts'
import type { Tally } from './receipts.ts'

/** Everything a run goes by. */
export interface RunContext {
  readonly id: string
  readonly ask: RunAsk
  readonly admitted: Admitted
  /** `null` for a baseline run of somebody unknown, which no ledger records. */
  readonly key: RunKey | null
  readonly draw: Draw & { readonly run: RunFacts }
  /** What it was admitted under; the ledger takes no run under another. */
  readonly policy: InForce
  readonly catalog: Catalog
  readonly settings: Settings
  readonly verbatim?: Verbatim
  /** The most runs its identity may have open, where that is not the server's own number. */
  readonly concurrency?: number
}

/** What a caller's own server wrote: sent to the model as it stands, in place of the feature's prompt. */
export interface Verbatim {
  readonly messages: readonly PromptMessage[]
  readonly schema?: OutputSchema
  readonly passthrough: Passthrough
}

/** A run that may go on, or with it what is known of one that ended before under its id. */
export interface Reserved {
  readonly run: RunContext
  readonly ended: Entry | null
}

/**
 * Takes the run's ceiling from every budget that applies.
 * @returns `null` where the policy is another by now: nothing was taken, and the run must be admitted anew
 * @throws {SparingError} when a budget, another run or the ledger stands against it
 */
export async function reserveRun(run: RunContext, body: string): Promise<Reserved | null> {
  const { key, settings, ask } = run
  if (!key) return { run, ended: null }
  const free = isFree(ask)
  const concurrency = free ? Infinity : run.concurrency ?? settings.concurrency
  const request = { ...key, body, claims: claimsOfRun(run), lease: settings.lease, concurrency, policy: run.policy.revision }
  const answer = await settings.ledger.reserve(request).catch((error: unknown) => {
    if (!free) throw error
    // The floor is never taken away, so it stands without its record too.
    settings.onError(error)
    return null
  })
  if (!answer) return { run: { ...run, key: null }, ended: null }
  switch (answer.outcome) {
    case 'reserved': return { run, ended: null }
    case 'ended': return { run, ended: answer.entry }
    case 'running': throw new SparingError('run-in-progress', 'This run is going on already, so it was not started twice. Wait for it, or ask GET /v1/runs/:id.')
    case 'conflict': throw new SparingError('idempotency-conflict', 'This id was used for another request. Nothing was run; send a new id.')
    case 'too-many': throw tooMany(answer)
    case 'stale-policy': return null
    case 'exceeded': throw await budgetExceeded(run, answer)
  }
}

/** A run at tier `baseline` draws on no budget and is dispatched to nobody. */
const isFree = ({ tier }: RunAsk): boolean => tier === 'baseline'

function claimsOfRun({ ask, admitted: { estimate, inputTokens, model }, draw, policy, catalog, settings }: RunContext): Claim[] {
  if (isFree(ask)) return []
  const amounts = ceilingAmounts(estimate.ceiling, model.kind === 'extractive' ? 0 : inputTokens, catalog.policy.carbon.gco2ePerWh)
  return claimsFor(potsOf(draw, policy.budgets, settings.timeZone), amounts, draw.identity, settings.share)
}

function tooMany({ running, shares = [] }: Extract<ReserveAnswer, { outcome: 'too-many' }>): SparingError {
  const why = shares.length > 0 ? 'Together they set aside as much of a shared allowance as one person may. ' : ''
  return new SparingError('too-many-runs', `${running} answers are being written for you already. ${why}Wait for one to end, or stop it.`, { running, ...why && { shares } })
}

async function budgetExceeded(run: RunContext, { budgets, resetsAt }: Extract<ReserveAnswer, { outcome: 'exceeded' }>): Promise<BudgetExceededError> {
  const lower = tiers.filter(tier => tier !== run.ask.tier && tierFits(tier, run.ask.tier))
  const fits = await Promise.all(lower.map(tier => fitsAt(tier, run)))
  const cheaper = lower.filter((_, index) => fits[index])
  const told = visibleBudgets(withOnly(budgets, run.policy.budgets, run.draw.run), true)
  return new BudgetExceededError('The allowance for this is used up or too small for this run. Nothing was spent; wait until it resets, or ask for less.', { budgets: told, cheaper, resetsAt })
}

/** Whether the same could be run at another tier now, whose pots may be others. */
async function fitsAt(tier: Tier, run: RunContext): Promise<boolean> {
  if (tier === 'baseline') return true
  const { draw, policy, settings, catalog, ask, admitted } = run
  const pots = potsOf({ ...draw, run: { ...draw.run, tier } }, policy.budgets, settings.timeZone)
  const offer = offerAt(tier, run, limitedUnits(pots))
  if (offer?.choice.tier !== tier) return false
  const amounts = ceilingAmounts(offer.estimate.ceiling, inputBound(ask.input, admitted.feature.overhead), catalog.policy.carbon.gco2ePerWh)
  const budgets = await settings.ledger.balance(pots.map(pot => ({ ...pot, amount: 0 })))
  return budgets.every(({ unit, available }) => (amounts[unit] ?? Infinity) <= toGrains(unit, available, 'nearest'))
}

/** What the run would be at another tier; `null` where nothing is set up for it. */
function offerAt(tier: Tier, { ask, catalog }: RunContext, limited: ReadonlySet<Unit>): { choice: Choice; estimate: Estimate } | null {
  try {
    return estimateFor({ ...ask, tier, effort: 'none' }, catalog, limited)
  } catch (error) {
    if (isSparingError(error)) return null
    throw error
  }
}

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
    yield* spoken(callModel(run, signal, tally), run.verbatim?.passthrough.tools !== undefined)
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
  if (key && !isFree(ask) && !await settings.ledger.dispatch(key)) throw new SparingError('run-in-progress', 'This run took too long to start, so its reservation is gone. Nothing was spent; try again.')
  const provider = providerOf(settings.providers, model.provider)
  const call = { run: id, model: model.id, feature: ask.feature, task: feature.task, input: ask.input, maxOutputTokens: estimate.ceiling.outputTokens, effort: choice.effort, signal, ...run.verbatim, messages }
  for await (const part of provider.stream(call)) {
    note(part, tally)
    yield part
    // Leaving the loop stops the upstream: nobody agreed to more than this.
    if (model.kind === 'generative' && overran(tally, call.maxOutputTokens)) {
      tally.cut = true
      return
    }
  }
}

function providerOf(providers: readonly Provider[], id: string): Provider {
  const provider = providers.find(each => each.id === id)
  if (!provider) throw new Error(`The provider "${id}" is in the catalog and not in the options.`)
  return provider
}

/** The prompt of this input. One that outgrew the overhead it was estimated with would break the ceiling, so it is not sent. */
function promptOf({ ask, settings, draw, verbatim, admitted: { feature, inputTokens, model } }: RunContext): readonly PromptMessage[] {
  const messages = verbatim?.messages ?? promptFor(ask.feature, settings)(ask.input, { feature: ask.feature, task: feature.task, identity: draw.identity.caller })
  if (model.kind === 'generative' && messagesBound(messages) > inputTokens) {
    throw new SparingError('internal', `The prompt of "${ask.feature}" is longer than its estimate allowed for. Nothing was spent; make its length depend on the input only once.`)
  }
  return messages
}

function note(part: ProviderPart, tally: Tally): void {
  switch (part.type) {
    case 'accepted': tally.accepted = true; break
    case 'text':
    case 'reasoning':
    case 'tool-call':
      tally.text += part.type === 'tool-call' ? part.arguments : part.text
      tally.events++
      // A report from before this says nothing of it.
      tally.reported = null
      break
    case 'usage': tally.reported = part.usage; break
    case 'energy': tally.measuredWh = part.wh; break
    case 'finish':
      tally.cut = part.reason === 'length'
      tally.finish = part.reason
  }
}

/**
 * What a model says as parts of the stream: text and reasoning each between a start and an end, also
 * where it breaks off. Tools are called only where there are any: a model may imagine some.
 */
async function* spoken(parts: AsyncIterable<ProviderPart>, hasTools: boolean): AsyncGenerator<StreamPart> {
  const calls = new Map<number, string>()
  let open: { kind: 'text' | 'reasoning'; id: string } | null = null
  let count = 0
  try {
    for await (const part of parts) {
      if (part.type === 'tool-call' && hasTools) yield* called(part, calls)
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
  } finally {
    if (open) yield { type: `${open.kind}-end`, id: open.id }
  }
}

/** A piece of a tool's call. @param calls ids by index; some servers number every call 0 and tell them apart by id and name */
function* called({ index, id, name, arguments: text }: Extract<ProviderPart, { type: 'tool-call' }>, calls: Map<number, string>): Generator<StreamPart> {
  const known = calls.get(index)
  const toolCallId = known !== undefined && !(id && name && id !== known) ? known : id ?? `call-${index}`
  if (toolCallId !== known) yield { type: 'tool-input-start', toolCallId, toolName: name ?? '' }
  calls.set(index, toolCallId)
  if (text) yield { type: 'tool-input-delta', toolCallId, inputTextDelta: text }
}

/** Settles, and says how it ended. */
async function* conclude(run: RunContext, tally: Tally, status: RunStatus, failure: unknown): AsyncGenerator<StreamPart> {
  const { id, ask, admitted, catalog, settings } = run
  const usage = usageOf(tally, admitted, ask.input)
  const draft = receiptOf(admitted, catalog, { id, status, usage, tally, at: settings.now() })
  const receipt = await settleRun(run, draft).catch((error: unknown) => {
    // The answer is there and the person gets it. The reservation stays and expires in full: the
    // ledger errs on the safe side.
    settings.onError(error)
    return draft
  })
  yield { type: 'data-receipt', data: receipt }
  const finishReason = tally.cut ? 'length' : tally.finish
  if (failure === undefined || status === 'aborted') return yield { type: 'finish', ...finishReason && { finishReason } }
  const known = failureOf(failure, receipt, settings)
  yield { type: 'data-problem', data: problemOf(known) }
  yield { type: 'error', errorText: known.message }
}

async function settleRun({ key, settings, policy }: RunContext, receipt: Receipt): Promise<Receipt> {
  if (!key) return receipt
  return withBudgets(receipt, await settings.ledger.settle(key, spentAmounts(receipt), receipt), policy.budgets)
}

/** What the person is told of a failure. Whoever runs the server is told more, once. */
function failureOf(failure: unknown, receipt: Receipt, { onError }: Settings): SparingError {
  if (isSparingError(failure, 'run-in-progress')) return failure
  onError(failure)
  if (isSparingError(failure, 'upstream-failed')) return new UpstreamError(failure.message, { receipt }, { cause: failure })
  if (isSparingError(failure)) return failure
  return new UpstreamError('Something failed here while the answer was written. What was used until then was counted; try again.', { receipt }, { cause: failure })
}

/** What a run that ended before is answered with: its receipt, and no text. */
export async function* replay(id: string, receipt: Receipt): AsyncGenerator<StreamPart> {
  yield { type: 'start', messageId: id }
  yield { type: 'data-choice', data: receipt.choice }
  yield { type: 'data-receipt', data: { ...receipt, replayed: true } }
  yield { type: 'finish' }
}
