import { ceilingAt } from '../catalog/estimate.ts'
import { greatest } from '../catalog/estimate-within.ts'
import { safeAmount } from '../core/amount.ts'
import { spentAmounts } from '../core/index.ts'
import type { Ceiling, Choice, ReachableModel } from '../core/index.ts'
import type { Offer } from './admission.ts'
import { limitedUnits, potsOf } from './budgets.ts'
import type { PromptMessage } from './providers/port.ts'
import { billOf, sumOf } from './receipts.ts'
import type { Bill, Tally, Terms } from './receipts.ts'
import { assumedBill } from './run-context.ts'
import type { RunContext } from './run-context.ts'

/** A call of a model, and what was seen of it. */
export interface Call {
  readonly terms: Terms
  readonly tally: Tally
}

/** The calls a run has made, and what it stands at. */
export interface Book {
  readonly calls: Call[]
  /** Of the model that serves the run, or that was tried last. */
  choice: Choice
}

export const openBook = (choice: Choice): Book => ({ calls: [], choice })

/** What a run's calls come to by now: no more than is reserved, as far as that is for guesses to say. */
export function billOfRun({ calls }: Book, run: RunContext): Bill {
  const bills = new Map<Call, Bill>()
  for (const call of calls) if (!isGuess(call)) bills.set(call, billOf(call.tally, call.terms, run.catalog))
  for (const call of calls) if (isGuess(call)) bills.set(call, guessWithin(leftBeside([...bills.values()], run), call, run))
  return sumOf(calls.map(call => bills.get(call)!))
}

/** A model failed before it said anything, and nobody reported what it had read by then. */
const isGuess = ({ tally: { accepted, events, reported, measuredWh }, terms }: Call): boolean =>
  accepted && events === 0 && !reported && measuredWh === undefined && terms.model.kind === 'generative' && terms.effort === 'none'

/** Such a call counts as having read all of its input, or what is left where that is less. */
function guessWithin(left: Left, { tally, terms }: Call, { catalog }: RunContext): Bill {
  const guessed = (tokens: number) => billOf(tally, { ...terms, countedInput: () => tokens }, catalog)
  const fits = (tokens: number) => {
    const { usage, cost } = guessed(tokens)
    return isWithin({ ...cost, outputTokens: 0 }, left) && usage.input <= left.tokens
  }
  const counted = terms.countedInput()
  const tokens = fits(counted) ? counted : greatest(Math.floor(counted), fits)
  return tokens > 0 ? guessed(tokens) : sumOf([])
}

/**
 * What a run came to. Tokens that cannot be billed are no report: what was counted here stands in for
 * them, or else the whole reservation, so that every run is settled and has its receipt. Whoever runs
 * the server is told.
 */
export function finalBill(book: Book, run: RunContext): Bill {
  return countable(book, run) ?? countable(disbelieved(book), run) ?? assumedBill(run)
}

function countable(book: Book, run: RunContext): Bill | null {
  try {
    const bill = billOfRun(book, run)
    const { input, cached, output, reasoning } = bill.usage
    for (const tokens of [input, cached, output, reasoning]) safeAmount(tokens)
    spentAmounts(bill)
    return bill
  } catch (error) {
    run.settings.onError(error)
    return null
  }
}

/** The calls without the tokens that their models' servers reported. Each figure could be; measured energy is whole by itself. */
function disbelieved(book: Book): Book {
  for (const { tally } of book.calls) tally.reported = null
  return book
}

/** What is wanted of a call. */
export interface Wanted {
  readonly offer: Offer
  readonly messages: readonly PromptMessage[]
  /** Tokens that the messages can be at most by their bytes, and what they count as where nobody reports them. */
  readonly inputTokens: number
  countedInput(): number
  /** Output tokens without which it is not worth making. */
  readonly least: number
}

/**
 * The share of what its input counts as at most that a call is taken to read, where an earlier one is only guessed
 * to have read it too: prose comes to less. So both fit where one was bounded.
 */
const readShare = 0.5

/**
 * What a call may write within what is left of the run's reservation: as much as its offer says, or
 * less where earlier calls consumed something. By itself, and with what is known of the others, it fits
 * whatever its input turns out to be. With guesses at others it fits unless a text comes to more tokens than
 * prose does: then the guess gives way, and no more is counted than was agreed to.
 * @returns `null` where that is less than it needs, or for a model that holds no more than one that the input was too long for
 */
export function termsFor({ offer: { model, choice, estimate }, inputTokens, countedInput, least }: Wanted, run: RunContext, book: Book): Terms | null {
  if (book.calls.some(({ terms, tally }) => tally.tooLong && holdsNoMore(model, terms.model))) return null
  const guessed = book.calls.some(isGuess)
  const left = leftBeside(book.calls.filter(call => !isGuess(call)).map(({ terms, tally }) => billOf(tally, terms, run.catalog)), run)
  const leftByGuess = guessed ? leftBeside([billOfRun(book, run)], run) : left
  const readTokens = guessed ? Math.min(inputTokens, Math.ceil(Math.max(readShare * countedInput(), estimate.tokens.input.high))) : inputTokens
  const isIn = (input: number, output: number, rest: Left) => isWithin(ceilingAt(model, input, output), rest) && (model.kind === 'extractive' || input + output <= rest.tokens)
  const fits = (output: number) => isIn(inputTokens, output, left) && (!guessed || isIn(readTokens, output, leftByGuess))
  const maxOutputTokens = greatest(estimate.ceiling.outputTokens, fits)
  return maxOutputTokens >= least ? { model, effort: choice.effort, countedInput, inputTokens, maxOutputTokens } : null
}

/** What is unknown may be more. */
const holdsNoMore = (one: ReachableModel, other: ReachableModel): boolean => one.context !== null && one.context <= (other.context ?? 0)

interface Left extends Ceiling {
  /** Input and output together, where a budget limits them. */
  readonly tokens: number
}

function leftBeside(bills: readonly Bill[], run: RunContext): Left {
  const { usd, wh, outputTokens } = run.admitted.most
  const { usage, cost } = sumOf(bills)
  const rest = (most: number | null, spent: number | null) => most === null ? null : most - (spent ?? 0)
  const limited = limitedUnits(potsOf(run.draw, run.policy.budgets, run.settings.timeZone))
  const tokens = limited.has('tokens') ? run.admitted.inputTokens + outputTokens - usage.input - usage.output : Infinity
  return { usd: rest(usd, cost.usd), wh: rest(wh, cost.wh), outputTokens: outputTokens - usage.output, tokens }
}

const isWithin = (asked: Ceiling, left: Ceiling): boolean =>
  (left.usd === null || (asked.usd ?? Infinity) <= left.usd) && (left.wh === null || (asked.wh ?? Infinity) <= left.wh) && asked.outputTokens <= left.outputTokens
