import { countTokens } from '../catalog/count-tokens.ts'
import { leastShare } from '../catalog/estimate-within.ts'
import { CeilingExceededError, UpstreamError } from '../core/index.ts'
import type { Choice, Estimate, OutputShape, SparingError } from '../core/index.ts'
import { allDown } from './admission.ts'
import type { Offer } from './admission.ts'
import { termsFor } from './book.ts'
import type { Book, Call, Wanted } from './book.ts'
import { callModel } from './call-model.ts'
import type { Permitted } from './call-model.ts'
import { factsOf, modelName } from './health.ts'
import { mostTokens } from './most-tokens.ts'
import { readObject } from './output-schema.ts'
import { checkPrompt, messagesBound, promptFor } from './prompts.ts'
import type { PromptMessage, ProviderPart } from './providers/port.ts'
import { isWithheld } from './providers/upstream-failure.ts'
import { reasonOf } from './reasons.ts'
import { outputOf } from './run-context.ts'
import type { RunContext } from './run-context.ts'

/** What is said while a run is answered: what its models say, and what became of it here. */
export type Said =
  | ProviderPart
  /** Another model answers than was said. It comes before the first word. */
  | { readonly type: 'choice'; readonly choice: Choice }
  /** What was said so far is not of the feature's shape, so it is void, and the answer comes anew. */
  | { readonly type: 'repair'; readonly faults: number }
  | { readonly type: 'object'; readonly object: unknown }

/**
 * Answers a reserved run: asks the model that was chosen and, where that fails before it says anything,
 * the next ones; checks the object, where the feature has a shape for it.
 * @throws what the last model failed with, or what stands against calling one
 */
export async function* answer(run: RunContext, book: Book, signal: AbortSignal): AsyncGenerator<readonly Said[]> {
  const { verbatim } = run
  const messages = promptOf(run)
  // What is sent, and not the most that any prompt of the feature adds: a stand-in has to do with what is left. Tools are no messages.
  const inputTokens = verbatim ? run.admitted.inputTokens : Math.min(run.admitted.inputTokens, messagesBound(messages))
  // Tools are bounded by their bytes.
  const beside = verbatim ? Math.max(0, inputTokens - messagesBound(messages)) : 0
  const countedInput = (model: string) => Math.min(inputTokens, run.counts.sent(messages, model) + beside)
  signal.throwIfAborted()
  yield* askInTurn(run, book, offer => ({
    offer, messages, inputTokens, countedInput: () => countedInput(offer.model.id), least: offer.estimate.tokens.output.high,
  }), signal)
  const shape = outputOf(run)
  if (shape) yield* checked(run, book, messages, shape, signal)
}

/** The prompt of this input, as far as it may be sent. */
function promptOf({ ask, settings, draw, verbatim, admitted }: RunContext): readonly PromptMessage[] {
  const messages = verbatim?.messages ?? promptFor(ask.feature, settings)(ask.input, { feature: ask.feature, task: admitted.feature.task, identity: draw.identity.caller })
  const isSent = [admitted, ...admitted.others].some(({ model }) => model.kind === 'generative')
  if (isSent) checkPrompt(ask.feature, messages, admitted.inputTokens)
  return messages
}

/** Asks the models of a run one after another, until one has said something. */
async function* askInTurn(run: RunContext, book: Book, wantedOf: (offer: Offer) => Wanted, signal: AbortSignal): AsyncGenerator<readonly Said[]> {
  const offers = [run.admitted, ...run.admitted.others]
  let failure: unknown
  let unquoted = false
  for (const offer of offers) {
    const call = permitted(book.calls.length > 0 ? standIn(wantedOf(offer)) : wantedOf(offer), run, book)
    if (!call) continue
    // Nobody hears of it otherwise: the person gets an answer.
    if (failure !== undefined) run.settings.onError(failure)
    if (offer !== run.admitted) yield [{ type: 'choice', choice: book.choice = standingIn(offer, unquoted, failure) }]
    try {
      yield* callModel(run, book, call, signal)
      unquoted = isEmptyQuote(offer, book)
      if (!unquoted || signal.aborted) return
    } catch (error) {
      if (signal.aborted) throw error
      const isLast = !mayBeTriedElsewhere(error, failure, book.calls.at(-1)!)
      failure = error
      unquoted = false
      if (isLast) break
    }
  }
  const reason = failure === undefined ? withoutAnswer(run, offers, unquoted) : failureOf(failure, run)
  if (unquoted) book.choice = { ...book.choice, reasons: [...book.choice.reasons, reasonOf('no-quotes')] }
  if (reason) throw reason
}

/** @returns `null` where too little is left for it, or its model is out of order */
function permitted(wanted: Wanted, run: RunContext, book: Book): Permitted | null {
  const terms = termsFor(wanted, run, book)
  const passage = terms && run.health.enter(terms.model, whoAsks(run))
  return passage && { wanted, terms, passage }
}

/** By whom a model is told to be slow: of people whom nobody knows, those of one network are one. */
const whoAsks = ({ draw: { identity, network } }: RunContext): string => (identity.anonymous ? network : null) ?? identity.key

/** In OpenAI's format an answer that was withheld is no failure but says so. */
const failureOf = (failure: unknown, { verbatim }: RunContext): unknown => verbatim && isWithheld(failure) ? undefined : failure

/** Why nobody said anything, where somebody could have: nothing is no answer to somebody who asked for one. */
function withoutAnswer(run: RunContext, offers: readonly Offer[], unquoted: boolean): SparingError | undefined {
  const able = offers.filter(({ model }) => !unquoted || model.kind === 'generative')
  if (able.length > 0) return downNow(run, able)
  return run.admitted.unagreed && nothingQuoted(run.admitted.unagreed)
}

/**
 * Whoever was asked said nothing yet, by their own word and by what was heard. Where two find fault with
 * what is asked, a third would say the same.
 */
const mayBeTriedElsewhere = (error: unknown, before: unknown, { tally }: Call): boolean =>
  factsOf(error)?.retryable === true && !tally.said && !(isUnfit(error) && isUnfit(before))

/** Refused for what is asked, or for the model that is asked, and not for what may pass. */
const isUnfit = (error: unknown): boolean => ['request', 'model'].includes(factsOf(error)?.fault ?? '')

/** Nothing that could be quoted answers it, so what may be written does, as far as that was agreed to. */
const isEmptyQuote = ({ model }: Offer, { calls }: Book): boolean => model.kind === 'extractive' && calls.at(-1)!.tally.answer === ''

/**
 * What was asked before took something, for which the answer may be shorter: by a little, or down to what
 * every other answer does without. One that is cut can be gone on with, and none is nothing at all.
 */
const standIn = (wanted: Wanted): Wanted => ({ ...wanted, least: Math.min(wanted.least * leastShare, wanted.offer.estimate.tokens.output.mid) })

function standingIn({ choice }: Offer, unquoted: boolean, failure: unknown): Choice {
  const why = unquoted ? 'no-quotes' : failure === undefined ? 'out-of-order' : 'failover'
  return { ...choice, reasons: [...choice.reasons.filter(({ code }) => code !== 'out-of-order'), reasonOf(why)] }
}

const nothingQuoted = (estimate: Estimate) =>
  new CeilingExceededError('Nothing that could be quoted answers this, and writing an answer may cost more than the person was shown. Nothing was paid for: show the new estimate and ask again.', { estimate })

/** All went out of order between the choice and the call. */
function downNow({ ask, health, settings }: RunContext, offers: readonly Offer[]): SparingError {
  const until = health.outOfOrder()
  return allDown(ask.feature, Math.min(...offers.map(({ model }) => until[modelName(model)] ?? settings.now() + 1_000)))
}

/**
 * Checks the object of an answer. One that is not of the shape is sent back once with what is wrong,
 * where enough of the ceiling is left for an answer of that length.
 */
async function* checked(run: RunContext, book: Book, messages: readonly PromptMessage[], shape: OutputShape, signal: AbortSignal): AsyncGenerator<readonly Said[]> {
  const first = book.calls.at(-1)!
  let reading = await readObject(first.tally.answer, shape)
  // What the ceiling cut is not wrong but unfinished.
  if (reading.faults && first.tally.cut) return
  if (reading.faults) {
    const call = permitted(repairOf(run, messages, first, reading.faults), run, book)
    if (!call) throw misshapen()
    yield [{ type: 'repair', faults: reading.faults.length }]
    yield* callModel(run, book, call, signal)
    const { tally } = book.calls.at(-1)!
    reading = await readObject(tally.answer, shape)
    if (reading.faults && tally.cut) return
  }
  if (reading.faults) throw misshapen()
  yield [{ type: 'object', object: reading.object }]
}

function repairOf({ admitted }: RunContext, messages: readonly PromptMessage[], { tally, terms }: Call, faults: readonly string[]): Wanted {
  const offer = [admitted, ...admitted.others].find(({ model }) => model === terms.model)!
  const complaint = `That answer does not fit: ${faults.join(' ')} Answer again, with the whole corrected JSON alone.`
  const again: PromptMessage[] = [...messages, { role: 'assistant', content: tally.answer }, { role: 'user', content: complaint }]
  const length = countTokens(tally.answer)
  return {
    offer, messages: again.filter(({ content }) => content !== ''), inputTokens: messagesBound(again),
    countedInput: () => terms.countedInput() + mostTokens(tally.answer) + mostTokens(complaint), least: Math.ceil(length * 1.25) + 8,
  }
}

const misshapen = () => new UpstreamError('The model\'s answer does not have the form that was asked for. What was used was counted; try again.', {}, { facts: { reason: 'unreadable', retryAfter: null, retryable: false } })
