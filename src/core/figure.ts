// The arithmetic of figures that people read: which digits and which unit. Words are others' to find.

/** The sizes of units a thousandfold apart, smallest first: micro, milli, one, kilo. */
const unitSizes = [1e-6, 1e-3, 1, 1e3] as const

/** A unit reads well from this much of it on: "0.06 Wh" does, and "0.000006 Wh" does not. */
const leastRead = 0.01

/** And below this much of it: "1,200 mWh" beside "2.3 mWh" still does. */
const mostRead = 10_000

/** Binary fractions are noisy: 0.0041 / 0.001 is 4.1000000000000005, which is not more than 4.1. */
const withoutNoise = (value: number): number => Number(value.toPrecision(12))

/** To two significant figures. `up`: a bound, which is never rounded below what it bounds. */
export function twoFigures(value: number, rounding?: 'up'): number {
  const exact = withoutNoise(value)
  const nearest = Number(exact.toPrecision(2))
  if (!rounding || nearest >= exact) return nearest
  return Number((nearest + 10 ** (Math.floor(Math.log10(exact)) - 1)).toPrecision(2))
}

/** To a whole number of at most two significant figures. */
export function wholeFigure(value: number, rounding?: 'up'): number {
  if (value >= 10) return twoFigures(value, rounding)
  return rounding ? Math.ceil(withoutNoise(value)) : Math.round(value)
}

/** Which of the four units, how many base units it is, and the least of it that reads well. */
export interface ReadUnit {
  readonly at: number
  readonly size: number
  readonly least: number
}

/** The one unit for figures that are read together: that of the greatest, or the next smaller one where only so the least reads well too. */
export function unitFor(figures: readonly number[]): ReadUnit {
  const shown = figures.filter(figure => figure > 0).map(figure => twoFigures(figure))
  const [low, high] = [Math.min(...shown), Math.max(...shown)]
  const reads = (figure: number, size: number) => figure >= withoutNoise(size * leastRead)
  const usual = Math.max(0, unitSizes.findLastIndex(size => size > 1 ? high >= size : reads(high, size)))
  const smaller = unitSizes[usual - 1]
  const steps = smaller !== undefined && !reads(low, unitSizes[usual]!) && reads(low, smaller) && high < smaller * mostRead
  const at = steps ? usual - 1 : usual
  return { at, size: unitSizes[at]!, least: at === 0 ? 0 : leastRead }
}

/** Money as it is written: hundredths in full ("$1.30"), finer sums to two figures ("$0.0013"), whole ones bare ("$12"). `value` is in the currency. */
export function moneyForm(locale: string, currency: string): (value: number, rounding?: 'up') => string {
  const coins = new Intl.NumberFormat(locale, { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' } as Intl.NumberFormatOptions)
  const fine = new Intl.NumberFormat(locale, { style: 'currency', currency, maximumSignificantDigits: 2 })
  const coin = 10 ** -coins.resolvedOptions().maximumFractionDigits!
  return (value, rounding) => {
    const shown = twoFigures(value, rounding)
    return (Number.isInteger(withoutNoise(shown / coin)) ? coins : fine).format(shown)
  }
}
