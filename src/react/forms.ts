import type { EnergyUnit, Figures, MassUnit, Words } from './words.ts'

/** A currency that people pay in, and how many of it are a dollar: the host's to know and to keep. */
export interface Currency {
  /** ISO 4217, such as `EUR`. */
  readonly code: string
  readonly perUsd: number
}

/** The form of every figure. */
export interface Forms {
  /** Whole percent. */
  percent(whole: number): string
  /** Any number, to two significant figures. `up`: a bound, which is never rounded below what it bounds. */
  number(value: number, rounding?: 'up'): string
  /** Dollars as money of the people who pay it. */
  money(usd: number, rounding?: 'up'): string
  /** Watt-hours, or a span of them, in a unit that reads well. */
  energy(wh: number | Span, rounding?: 'up'): Figures
  /** Grams, likewise. */
  carbon(grams: number | Span, rounding?: 'up'): Figures
  seconds(value: number): string
  time(at: number): string
}

/** From the least to the most that is likely. */
export type Span = readonly [low: number, high: number]

const energyUnits: readonly EnergyUnit[] = ['microwattHour', 'milliwattHour', 'wattHour', 'kilowattHour']
const massUnits: readonly MassUnit[] = ['microgram', 'milligram', 'gram', 'kilogram']

/** A unit is used from this much of it on: "0.06 Wh" reads well, and "0.000006 Wh" does not. */
const leastShown = 0.01

type Form = (value: number, rounding?: 'up') => string

const day = 24 * 3_600_000

/** Figures by `Intl`, with a language's words around them. */
export function formsOf(locale: string, words: Pick<Words, 'unit' | 'span' | 'lessThanASecond' | 'atTime' | 'onDay'>, { code, perUsd }: Currency = { code: 'USD', perUsd: 1 }): Forms {
  const figures = (options: Intl.NumberFormatOptions): Form => {
    const usual = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2, ...options })
    const upward = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2, roundingMode: 'ceil', ...options } as Intl.NumberFormatOptions)
    return (value, rounding) => (rounding ? upward : usual).format(value)
  }
  const whole = new Intl.NumberFormat(locale, { style: 'percent' })
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const date = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' })
  // Nobody waits for a tenth of a second.
  const unit = (name: string) => figures({ style: 'unit', unit: name, unitDisplay: 'long', maximumFractionDigits: 0, roundingPriority: 'lessPrecision' })
  const [seconds, minutes, hours] = ['second', 'minute', 'hour'].map(unit) as [Form, Form, Form]
  const number = figures({})
  const money = figures({ style: 'currency', currency: code })
  const measured = (value: number | Span, units: readonly (EnergyUnit | MassUnit)[], rounding?: 'up') => {
    const [low, high] = typeof value === 'number' ? [value, value] : value
    const { name, size } = stepOf([low, high], units)
    return words.unit(name, words.span(number(low / size, rounding), number(high / size, rounding)), high / size)
  }

  return {
    number,
    percent: value => whole.format(value / 100),
    money: (usd, rounding) => money(usd * perUsd, rounding),
    energy: (wh, rounding) => measured(wh, energyUnits, rounding),
    carbon: (grams, rounding) => measured(grams, massUnits, rounding),
    seconds: value => value < 1 ? words.lessThanASecond : value < 120 ? seconds(value) : value < 7_200 ? minutes(value / 60) : hours(value / 3_600),
    time: at => at - Date.now() < day ? words.atTime(clock.format(at)) : words.onDay(date.format(at), clock.format(at)),
  }
}

/** The unit that a span reads well in, and how many base units it is: by its high end, or a step less where its low end would not and both then do. */
function stepOf<Unit>([low, high]: Span, units: readonly Unit[]): { name: Unit; size: number } {
  const sizes = units.map((_, at) => 10 ** (3 * (at - 2)))
  const fits = (size: number) => high >= size * (size > 1 ? 1 : leastShown)
  const whole = Math.max(0, sizes.findLastIndex(fits))
  const isSmall = low < sizes[whole]! * leastShown && high < sizes[whole]!
  const at = isSmall ? Math.max(0, whole - 1) : whole
  return { name: units[at]!, size: sizes[at]! }
}
