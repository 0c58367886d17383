import type { ReportedUsage } from './port.ts'

// What a model's server reports is believed as far as it can be: anything else is no report.

/** More than any context holds, with room for those to come. */
export const mostReported = 1e9
/** A megawatt-hour: a thousand times what the longest reasoning takes on the largest machines. */
export const mostWattHours = 1e6

/** Whether a value can be tokens of one call, of which there were any. */
export const isTokens = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= mostReported

/** Whether a value can be the watt-hours of one call. */
export const isWattHours = (value: unknown): value is number => typeof value === 'number' && value > 0 && value <= mostWattHours

/** Whether a value can be tokens of one class, of which there may be none. */
const isCount = (value: unknown): value is number => value === 0 || isTokens(value)

/**
 * A report of tokens, as far as it can be: none where its output cannot, since that says what the answer
 * cost. An input that cannot be is 0, for whoever reads it to count; so are parts of the two, which then
 * count at the whole's price.
 */
export function plausibleUsage(usage: Partial<ReportedUsage> = {}): ReportedUsage | null {
  const { input, cached, output, reasoning, written, ...rest } = usage
  if (!isCount(output)) return null
  const known = (tokens: unknown) => isCount(tokens) ? tokens : 0
  return { ...rest, input: known(input), cached: known(cached), output, reasoning: known(reasoning), ...written !== undefined && { written: known(written) } }
}
