// What a model's server reports is believed as far as it can be: anything else is no report.

/** More than any context holds, with room for those to come. */
const mostTokens = 1e9
/** A megawatt-hour: a thousand times what the longest reasoning takes on the largest machines. */
const mostWattHours = 1e6

/** Whether a value can be tokens of one call, of which there were any. */
export const isTokens = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= mostTokens

/** Whether a value can be the watt-hours of one call. */
export const isWattHours = (value: number): boolean => value > 0 && value <= mostWattHours
