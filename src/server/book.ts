import { ceilingAt } from '../catalog/estimate.ts'
import { greatest } from '../catalog/estimate-within.ts'
import { safeAmount } from '../core/amount.ts'
import { spentAmounts } from '../core/index.ts'
import type { Ceiling, Choice } from '../core/index.ts'
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

/** What a run's calls come to by now. */
export const billOfRun = ({ calls }: Book, { catalog }: RunContext): Bill =>
  sumOf(calls.map(({ terms, tally }) => billOf(tally, terms, catalog)))

/**
 * What a run came to. Figures that cannot be counted with are no report: what was counted here stands in
 * for them, or else the whole reservation, so that every run is settled and has its receipt. Whoever
 * runs the server is told.
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

/** The calls with nothing that their models' servers reported. */
function disbelieved(book: Book): Book {
  for (const { tally } of book.calls) {
    tally.reported = null
    tally.measuredWh = undefined
  }
  return book
}

/** What is wanted of a call. */
export interface Wanted {
  readonly offer: Offer
  readonly messages: readonly PromptMessage[]
  /** Tokens that the messages can be at most, and likely are; those are counted where nobody reports them only. */
  readonly inputTokens: number
  likelyInput(): number
  /** Output tokens without which it is not worth making. */
  readonly least: number
}

/**
 * What a call may write within what is left of the run's reservation: as much as its offer says, or
 * less where earlier calls consumed something.
 * @returns `null` where that is less than it needs
 */
export function termsFor({ offer: { model, choice, estimate }, inputTokens, likelyInput, least }: Wanted, run: RunContext, book: Book): Terms | null {
  const left = leftOf(run, book)
  const fits = (output: number) => isWithin(ceilingAt(model, inputTokens, output), left) && (model.kind === 'extractive' || inputTokens + output <= left.tokens)
  const maxOutputTokens = greatest(estimate.ceiling.outputTokens, fits)
  return maxOutputTokens >= least ? { model, effort: choice.effort, likelyInput, inputTokens, maxOutputTokens } : null
}

interface Left extends Ceiling {
  /** Input and output together, where a budget limits them. */
  readonly tokens: number
}

function leftOf(run: RunContext, book: Book): Left {
  const { usd, wh, outputTokens } = run.admitted.most
  const { usage, cost } = billOfRun(book, run)
  const rest = (most: number | null, spent: number | null) => most === null ? null : most - (spent ?? 0)
  const limited = limitedUnits(potsOf(run.draw, run.policy.budgets, run.settings.timeZone))
  const tokens = limited.has('tokens') ? run.admitted.inputTokens + outputTokens - usage.input - usage.output : Infinity
  return { usd: rest(usd, cost.usd), wh: rest(wh, cost.wh), outputTokens: outputTokens - usage.output, tokens }
}

const isWithin = (asked: Ceiling, left: Ceiling): boolean =>
  (left.usd === null || (asked.usd ?? Infinity) <= left.usd) && (left.wh === null || (asked.wh ?? Infinity) <= left.wh) && asked.outputTokens <= left.outputTokens
