/**
 * What a budget can be counted in. `gco2e` is that of the electricity used, by the average of its grid
 * (location-based): the making of the hardware is told apart and is in no budget.
 */
export const units = ['usd', 'wh', 'gco2e', 'tokens', 'runs'] as const
export type Unit = (typeof units)[number]

/**
 * Amounts inside the code: whole grains, so that sums are exact. A grain is a nano-dollar, a
 * micro-watt-hour, a microgram CO2e, a token or a run. A unit that is absent is not known.
 */
export type Amounts = { readonly [U in Unit]?: number }

/** Amounts at the edges: dollars, watt-hours, grams CO2e, tokens, runs. */
export type Decimals = { readonly [U in Unit]?: number | null }

const grainsPerUnit: Record<Unit, number> = { usd: 1e9, wh: 1e6, gco2e: 1e6, tokens: 1, runs: 1 }

/**
 * Whole grains of a decimal amount. `up` is for what may be spent (a cost above zero never becomes
 * zero), `nearest` for what somebody wrote down, such as a limit.
 * @throws {RangeError} when negative, not finite, or beyond `Number.MAX_SAFE_INTEGER` grains
 */
export function toGrains(unit: Unit, decimal: number, rounding: 'up' | 'nearest' = 'up'): number {
  const grains = decimal * grainsPerUnit[unit]
  if (isPlainInteger(grains)) return grains
  if (rounding === 'up' && isPlainFraction(grains)) return Math.ceil(grains)
  // 15 digits drop the noise of binary fractions: 0.07 × 10⁹ is 70000000.00000001. From 10¹⁵ on, fractions are noise.
  const exact = grains < 1e15 ? Number(grains.toPrecision(15)) : Math.round(grains)
  if (exact < 0) return safeAmount(exact) // refused; rounded up, a little less than nothing would be nothing
  return safeAmount(rounding === 'up' ? Math.ceil(exact) : Math.round(exact))
}

/** Whether it has no fraction to round, nor more than 15 digits. */
const isPlainInteger = (grains: number): boolean => grains > 0 && grains < 1e15 && Number.isInteger(grains)

/** Whether no noise of binary fractions can have lifted it over a whole number, or off one: most amounts, and the quick way. */
const isPlainFraction = (grains: number): boolean => grains > 0 && grains < 1e10 && Math.abs(grains - Math.round(grains)) > 1e-3

/** The decimal amount of whole grains. */
export const fromGrains = (unit: Unit, grains: number): number => grains / grainsPerUnit[unit]

/** Decimal amounts as grains; unknown (`null`) and absent ones stay absent. */
export function amountsOf(decimals: Decimals, rounding: 'up' | 'nearest' = 'up'): Amounts {
  const amounts: { [U in Unit]?: number } = {}
  for (const unit of units) {
    const value = decimals[unit]
    if (value != null) amounts[unit] = toGrains(unit, value, rounding)
  }
  return amounts
}

/**
 * What tokens cost at prices in whole nano-dollars per million tokens: multiplied exactly, summed,
 * rounded up once.
 * @returns nano-dollars
 * @throws {RangeError} for a count or price that is no safe whole number, or a sum beyond one
 */
export function priceOf(items: readonly (readonly [tokens: number, nanoPerMillion: number])[]): number {
  const sum = items.reduce((total, [tokens, price]) => total + BigInt(safeAmount(tokens)) * BigInt(safeAmount(price)), 0n)
  return safeAmount(Number((sum + 999_999n) / 1_000_000n))
}

/** @throws {RangeError} unless it is a whole number from 0 to `Number.MAX_SAFE_INTEGER` */
export function safeAmount(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no amount: whole numbers from 0 to 2^53 - 1 are.`)
  return value + 0 // -0 becomes 0
}

/** Whether a value can be a decimal amount: a number, finite, not negative. */
export const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < Infinity
