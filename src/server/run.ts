import { BudgetExceededError, ceilingAmounts, ceilingCovers, inputBound, isSparingError, SparingError, spentAmounts, tierFits, tiers, toGrains, UpstreamError } from '../core/index.ts'
import { problemOf } from '../core/problem.ts'
import type { Budget, Choice, Claim, Estimate, Receipt, RunStatus, Tier, Unit } from '../core/index.ts'
import type { StreamPart } from '../protocol/index.ts'
import { estimateFor, withinLeft, withoutDearer } from './admission.ts'
import type { Admitted } from './admission.ts'
import { answer } from './answer.ts'
import { finalBill, openBook } from './book.ts'
import type { Book } from './book.ts'
import { claimsFor, limitedUnits, potsOf, visibleBudgets, withBudgets, withOnly } from './budgets.ts'
import { factsOf } from './health.ts'
import { giveBack, settleLater } from './ledger-retries.ts'
import type { Entry, ReserveAnswer } from './ledger/port.ts'
import { released } from './moderate.ts'
import type { Settings } from './options.ts'
import { choiceAtLast } from './over-ceiling.ts'
import { receiptOf } from './receipts.ts'
import { assumedReceipt, isFree, mostAmounts } from './run-context.ts'
import type { RunContext } from './run-context.ts'
import { settledRunOf } from './settled-run.ts'
import { spoken } from './spoken.ts'

export type { RunContext } from './run-context.ts'

/** A run that may go on, or with it what is known of one that ended before under its id. */
export interface Reserved {
  readonly run: RunContext
  readonly ended: Entry | null
}

/**
 * Takes the run's ceiling from every budget that applies, durably: a model is called with it next.
 * @returns `null` where the policy is another by now: nothing was taken, and the run must be admitted anew
 * @throws {SparingError} when a budget, another run or the ledger stands against it
 */
export async function reserveRun(run: RunContext, body: string): Promise<Reserved | null> {
  const { key, settings, ask } = run
  if (!key) return { run, ended: null }
  const free = isFree(ask)
  const concurrency = free ? Infinity : run.concurrency ?? settings.concurrency
  // Dispatched in the same go: it goes to a model at once, and from here on a crash must not give the money back.
  const assumed = free ? undefined : assumedReceipt(run)
  const request = { ...key, body, claims: claimsOfRun(run), lease: settings.lease, concurrency, policy: run.policy.revision, ...assumed && { assumed } }
  const answer = await settings.ledger.reserve(request).catch((error: unknown) => {
    if (assumed) {
      void giveBack(settings.ledger, key, assumed)
      throw error
    }
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
    case 'exceeded': {
      const lesser = lesserOf(run, answer.budgets)
      if (lesser) return reserveRun({ ...run, admitted: lesser }, body)
      throw await budgetExceeded(run, answer)
    }
  }
}

/** The same run for what the budgets that refused it say is left: better with nobody to stand in, or with another model, than not at all. */
function lesserOf({ admitted, catalog }: RunContext, refusing: readonly Budget[]): Admitted | undefined {
  const fits = (each: Admitted) => {
    const amounts = mostAmounts({ admitted: each, catalog })
    return refusing.every(({ unit, available }) => (amounts[unit] ?? Infinity) <= toGrains(unit, available, 'nearest'))
  }
  const alone = ceilingCovers(admitted.estimate.ceiling, admitted.most) ? undefined : withoutDearer(admitted)
  return alone && fits(alone) ? alone : withinLeft(admitted, fits)
}

function claimsOfRun(run: RunContext): Claim[] {
  const { ask, draw, policy, settings } = run
  if (isFree(ask)) return []
  const amounts = mostAmounts(run)
  return claimsFor(potsOf(draw, policy.budgets, settings.timeZone), amounts, draw.identity, settings.share)
}

function tooMany({ running, shares = [] }: Extract<ReserveAnswer, { outcome: 'too-many' }>): SparingError {
  const why = shares.length > 0 ? 'Together they set aside as much of a shared allowance as one person may. ' : ''
  return new SparingError('too-many-runs', `${running} answers are being written for you already. ${why}Wait for one to end, or stop it.`, { running, ...why && { shares } })
}

async function budgetExceeded(run: RunContext, { budgets, resetsAt: reset }: Extract<ReserveAnswer, { outcome: 'exceeded' }>): Promise<BudgetExceededError> {
  const lower = tiers.filter(tier => tier !== run.ask.tier && tierFits(tier, run.ask.tier))
  const fits = await Promise.all(lower.map(tier => fitsAt(tier, run)))
  const cheaper = lower.filter((_, index) => fits[index])
  const told = visibleBudgets(withOnly(budgets, run.policy.budgets, run.draw.run), true)
  if (!isOnlyHeld(budgets, run)) return new BudgetExceededError('The allowance for this is used up or too small for this run. Nothing was spent; wait until it resets, or ask for less.', { budgets: told, cheaper, resetsAt: reset })
  // Whatever holds it ends or is renewed within a lease, long before the allowance resets.
  const resetsAt = Math.min(reset ?? Infinity, run.settings.now() + run.settings.lease)
  return new BudgetExceededError('What is left of the allowance is set aside for answers that are being written. Nothing was spent; wait for one to end, or ask for less.', { budgets: told, cheaper, resetsAt })
}

/** Whether the run would fit if nothing were set aside for others. */
function isOnlyHeld(refusing: readonly Budget[], run: RunContext): boolean {
  const amounts = mostAmounts(run)
  return refusing.every(({ unit, limit, settled }) => toGrains(unit, Math.max(0, limit - settled), 'nearest') >= (amounts[unit] ?? Infinity))
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
function offerAt(tier: Tier, { ask, catalog, health, counts }: RunContext, limited: ReadonlySet<Unit>): { choice: Choice; estimate: Estimate } | null {
  try {
    return estimateFor({ ...ask, tier, effort: 'none' }, catalog, limited, { outOfOrder: health.outOfOrder(), counts })
  } catch (error) {
    if (isSparingError(error)) return null
    throw error
  }
}

/**
 * Makes a reserved run: passes on what the model says as it says it, settles at what was consumed, and
 * ends with the receipt. It does not throw: a failure is a part. When `signal` aborts, the upstream is
 * stopped and what was consumed until then is settled.
 */
export async function* perform(run: RunContext, signal: AbortSignal): AsyncGenerator<readonly StreamPart[]> {
  const { id, admitted, key, settings } = run
  const book = openBook(admitted.choice)
  yield [{ type: 'start', messageId: id }, { type: 'data-choice', data: admitted.choice }]
  let failure: unknown
  const renewal = key && setInterval(() => settings.ledger.renew(key, settings.lease).catch(settings.onError), settings.lease / 3)
  try {
    yield* spoken(released(run, answer(run, book, signal), signal), run.verbatim?.passthrough.tools !== undefined)
  } catch (error) {
    failure = error
  } finally {
    if (renewal) clearInterval(renewal)
  }
  yield await conclude(run, book, statusOf(failure, signal, book), failure)
}

function statusOf(failure: unknown, signal: AbortSignal, { calls }: Book): RunStatus {
  if (signal.aborted) return 'aborted'
  if (failure !== undefined) return 'failed'
  return calls.at(-1)?.tally.cut ? 'ceiling' : 'completed'
}

/** Settles, and says how it ended. */
async function conclude(run: RunContext, book: Book, status: RunStatus, failure: unknown): Promise<readonly StreamPart[]> {
  const { id, admitted: { estimate, optIn }, receiptKeys, settings } = run
  const bill = finalBill(book, run)
  const choice = choiceAtLast(book, bill, run)
  const draft = receiptOf({ id, status, choice, estimate, optIn, bill, at: settings.now() })
  const settled = settleRun(run, draft).catch((error: unknown) => {
    // The answer is there and the person gets it. Where the ledger never hears of it the reservation
    // expires in full: it errs on the safe side.
    settings.onError(error)
    if (run.key) void settleLater(settings.ledger, run.key, spentAmounts(draft), draft)
    return draft
  })
  // Side by side: whoever reads it from the ledger gets it signed there. OpenAI's format has a place for it in its errors only.
  const isTold = !run.verbatim || failure !== undefined
  const [{ signature }, { budgets }] = await Promise.all([isTold ? receiptKeys.sign(draft) : draft, settled])
  const receipt = { ...draft, budgets, signature }
  run.lessons.learn(receipt.feature, settledRunOf(run, book, receipt))
  const told = { type: 'data-receipt', data: receipt } as const
  const { cut = false, finish } = book.calls.at(-1)?.tally ?? {}
  const finishReason = cut ? 'length' : finish
  if (failure === undefined || status === 'aborted') return [told, { type: 'finish', ...finishReason && { finishReason } }]
  const known = failureOf(failure, receipt, settings)
  return [told, { type: 'data-problem', data: problemOf(known) }, { type: 'error', errorText: known.message }]
}

async function settleRun({ key, settings, policy }: RunContext, receipt: Receipt): Promise<Receipt> {
  if (!key) return receipt
  return withBudgets(receipt, await settings.ledger.settle(key, spentAmounts(receipt), receipt), policy.budgets)
}

/** What the person is told of a failure. Whoever runs the server is told more, once. */
function failureOf(failure: unknown, receipt: Receipt, { onError }: Settings): SparingError {
  // What the host refuses it knows of, of models that are out of order it was told when they failed, and what was not agreed to is no fault.
  if (isSparingError(failure, 'refused-by-host') || isSparingError(failure, 'no-model') || isSparingError(failure, 'ceiling-exceeded')) return new SparingError(failure.code, failure.message, { ...failure.details, receipt }, { cause: failure })
  onError(failure)
  if (isSparingError(failure, 'upstream-failed')) return upstreamFailure(failure, receipt)
  if (isSparingError(failure)) return new SparingError(failure.code, failure.message, { ...failure.details, receipt }, { cause: failure })
  return new UpstreamError('Something failed here while the answer was written. What was used until then was counted; try again.', { receipt }, { cause: failure })
}

function upstreamFailure(failure: SparingError, receipt: Receipt): SparingError {
  const fault = factsOf(failure)?.fault
  if (fault === 'length') return new SparingError('input-too-long', failure.message, { receipt }, { cause: failure })
  if (fault === 'request' || fault === 'model') return new SparingError('refused-by-model', failure.message, { receipt }, { cause: failure })
  return new UpstreamError(failure.message, { receipt, ...fault === 'account' && { again: false } }, { cause: failure })
}

/** What a run that ended before is answered with: its receipt and no text, and that it failed where it did. */
export function replay(id: string, receipt: Receipt): StreamPart[] {
  const told = { ...receipt, replayed: true }
  const failure = failureBefore(told)
  return [
    { type: 'start', messageId: id },
    { type: 'data-choice', data: receipt.choice },
    { type: 'data-receipt', data: told },
    ...failure ? [{ type: 'data-problem', data: problemOf(failure) } as const, { type: 'error', errorText: failure.message } as const] : [{ type: 'finish' } as const],
  ]
}

/** What it failed of is not kept. */
function failureBefore(receipt: Receipt): SparingError | null {
  if (receipt.status === 'failed') return new UpstreamError('This was run before and failed, so there is no answer to show. Nothing more was spent; ask anew to try again.', { receipt })
  if (receipt.status === 'expired') return new UpstreamError('This was run before and nobody can say how it ended, so there is no answer to show. Nothing more was spent; ask anew to try again.', { receipt })
  return null
}
