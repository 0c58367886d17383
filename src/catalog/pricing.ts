import { priceOf } from '../core/index.ts'
import type { ClassPrices, TokenPrices, Usage } from '../core/index.ts'

/** Every class by a price of its own. */
type Bill = Required<ClassPrices>

const bill = ({ input, cached, output, written = input, reasoning = output }: ClassPrices): Bill => ({ input, cached, output, written, reasoning })

/** What each class of token costs in a request with so many tokens of input: all of them by the tier it reaches. */
export function pricesAt(price: TokenPrices, inputTokens: number): Bill {
  return bill(price.long?.findLast(({ above }) => inputTokens > above) ?? price)
}

/**
 * The dearest that a token of input and one of output can be, in a request of so many tokens of input
 * or fewer: nobody knows beforehand what will be read from a cache or written to it, nor which tier a
 * shorter count reaches.
 */
export function dearest(price: TokenPrices, inputTokens: number): Dearest {
  const tiers = price.long?.filter(({ above }) => inputTokens > above) ?? []
  if (tiers.length > 0) return dearestOf([price, ...tiers])
  // It is the same for every request, and asked of every model at every estimate.
  const known = base.get(price) ?? dearestOf([price])
  base.set(price, known)
  return known
}

interface Dearest {
  readonly input: number
  readonly output: number
}

const base = new WeakMap<TokenPrices, Dearest>()

function dearestOf(prices: readonly ClassPrices[]): Dearest {
  const reached = prices.map(bill)
  return {
    input: Math.max(...reached.flatMap(({ input, cached, written }) => [input, cached, written])),
    output: Math.max(...reached.flatMap(({ output, reasoning }) => [output, reasoning])),
  }
}

/** Prices of what may wait, of which a part of a nano-dollar is rounded up. */
function waiting(each: Bill, percent = 100): Bill {
  const share = (nano: number) => Math.ceil(nano * percent / 100)
  return { input: share(each.input), cached: share(each.cached), output: share(each.output), written: share(each.written), reasoning: share(each.reasoning) }
}

/** What a run's tokens cost, in nano-dollars: each class at its own price, rounded up once. */
export function spentOn(usage: Usage, price: TokenPrices): number {
  const { input, output } = usage
  const each = usage.batch ? waiting(pricesAt(price, input), price.batch) : pricesAt(price, input)
  const { cached, written } = cacheOf(usage, each)
  // Some upstreams count what was reasoned apart from the whole.
  const reasoning = Math.min(usage.reasoning, output)
  return priceOf([
    [input - cached - written, each.input], [cached, each.cached], [written, each.written],
    [output - reasoning, each.output], [reasoning, each.reasoning],
  ])
}

/**
 * Of the input, what was read from a cache and what was put into one. Some upstreams count more of the
 * two than there was input: then the dearer one counts whole, so that the bill is never below the truth.
 */
function cacheOf({ input, cached, written = 0 }: Usage, each: Bill): { readonly cached: number; readonly written: number } {
  const [read, stored] = [Math.min(cached, input), Math.min(written, input)]
  return each.written >= each.cached ? { cached: Math.min(read, input - stored), written: stored } : { cached: read, written: Math.min(stored, input - read) }
}
