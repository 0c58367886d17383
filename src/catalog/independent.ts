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
  if (a.low * b.low === 0 || mid === 0) return multiplyRanges(a, b)
  const down = Math.hypot(Math.log(a.mid / a.low), Math.log(b.mid / b.low))
  const up = Math.hypot(Math.log(a.high / a.mid), Math.log(b.high / b.mid))
  return rangeOf(mid * Math.exp(-down), mid, mid * Math.exp(up))
}
