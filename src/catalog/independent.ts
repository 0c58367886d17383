import { multiplyRanges, rangeOf } from '../core/index.ts'
import type { Range } from '../core/index.ts'

// Likely ranges of quantities that have nothing to do with one another: both are seldom at the same
// end, so that their distances from the middle add as squares do. Bound by bound, as for sums of
// estimates, a range that says 80 % would hold in 90.

/** The sum of two quantities that are independent. */
export function addIndependent(a: Range, b: Range): Range {
  const mid = a.mid + b.mid
  return rangeOf(mid - Math.hypot(a.mid - a.low, b.mid - b.low), mid, mid + Math.hypot(a.high - a.mid, b.high - b.mid))
}

/** The product of two quantities that are independent and nowhere negative: their logarithms add. */
export function multiplyIndependent(a: Range, b: Range): Range {
  const mid = a.mid * b.mid
  const outer = multiplyRanges(a, b)
  if (outer.low === 0 || mid === 0) return outer
  const down = Math.hypot(Math.log(a.mid / a.low), Math.log(b.mid / b.low))
  const up = Math.hypot(Math.log(a.high / a.mid), Math.log(b.high / b.mid))
  // Within the bounds also where a factor is beyond what numbers hold.
  return rangeOf(Math.max(outer.low, mid * Math.exp(-down)), mid, Math.min(outer.high, mid * Math.exp(up)))
}
