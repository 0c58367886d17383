/** The 10th percentile, the median and the 90th percentile of what is likely. */
export interface Range {
  readonly low: number
  readonly mid: number
  readonly high: number
}

export const rangeOf = (low: number, mid: number, high: number): Range => ({ low, mid, high })
/** What spans orders of magnitude: its middle is the geometric one. */
export const spanning = (low: number, high: number): Range => rangeOf(low, Math.sqrt(low * high), high)
export const exactly = (value: number): Range => rangeOf(value, value, value)

/** Bound by bound: sums of ranges are wider than they need be, never too narrow. */
export const addRanges = (...all: readonly Range[]): Range => combine(all, (a, b) => a + b, exactly(0))

/** The product of ranges that are nowhere negative. */
export const multiplyRanges = (...all: readonly Range[]): Range => combine(all, (a, b) => a * b, exactly(1))

export const scaleRange = (range: Range, by: number): Range => multiplyRanges(range, exactly(by))

function combine(all: readonly Range[], join: (a: number, b: number) => number, start: Range): Range {
  return all.reduce((sum, each) => rangeOf(join(sum.low, each.low), join(sum.mid, each.mid), join(sum.high, each.high)), start)
}
