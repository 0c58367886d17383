import { moneyForm, twoFigures, unitFor, wholeFigure } from '../core/figure.ts'
import type { EnergyUnit, Figures, MassUnit, Words } from './words.ts'

/** A currency that people pay in, and how many of it are a dollar: the host's to know and to keep. */
export interface Currency {
  /** ISO 4217, such as `EUR`. */
  readonly code: string
  /** Above 0. */
  readonly perUsd: number
}

/** The form of every figure. */
export interface Forms {
  /** Whole percent. */
  percent(whole: number): string
  /** Any number, to two significant figures. `up`: a bound, which is never rounded below what it bounds. */
  number(value: number, rounding?: 'up'): string
  /** The number of a year, without marks between its digits. */
  year(value: number): string
  /** Dollars as money of the people who pay it. */
  money(usd: number, rounding?: 'up'): string
  /** Watt-hours, or a span of them, in a unit that reads well. @param together all that is read beside it, itself included, which has one unit */
  energy(wh: number | Span, rounding?: 'up', together?: readonly number[]): Figures
  /** Grams, likewise. */
  carbon(grams: number | Span, rounding?: 'up', together?: readonly number[]): Figures
  /** How long, or from how long to how long. */
  seconds(value: number | Span, rounding?: 'up'): string
  time(at: number): string
}

/** From the least to the most that is likely. */
type Span = readonly [low: number, high: number]

const energyUnits: readonly EnergyUnit[] = ['microwattHour', 'milliwattHour', 'wattHour', 'kilowattHour']
const massUnits: readonly MassUnit[] = ['microgram', 'milligram', 'gram', 'kilogram']

type FormWords = Pick<Words, 'unit' | 'span' | 'upTo' | 'lessThan' | 'about' | 'lessThanASecond' | 'atTime' | 'onDay'>

const day = 24 * 3_600_000

/**
 * Figures by `Intl`, with a language's words around them.
 * @throws {RangeError} for a currency whose rate is no number above 0, or whose code is none
 */
export function formsOf(locale: string, words: FormWords, { code, perUsd }: Currency = { code: 'USD', perUsd: 1 }): Forms {
  const numbers = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 })
  const number: Forms['number'] = (value, rounding) => numbers.format(twoFigures(value, rounding))
  const years = new Intl.NumberFormat(locale, { useGrouping: false })
  const whole = new Intl.NumberFormat(locale, { style: 'percent' })
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const date = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' })
  const money = moneyForm(locale, code)
  if (!(perUsd > 0 && perUsd < Infinity)) throw new RangeError(`The currency ${code} has no rate: perUsd is ${perUsd}, and people would be shown a wrong price. Give how many ${code} are a dollar, a number above 0.`)

  return {
    number,
    year: value => years.format(value),
    percent: value => whole.format(value / 100),
    money: (usd, rounding) => money(usd * perUsd, rounding),
    energy: measuredIn(energyUnits, number, words),
    carbon: measuredIn(massUnits, number, words),
    seconds: durationsOf(locale, number, words),
    time: at => at - Date.now() < day ? words.atTime(clock.format(at)) : words.onDay(date.format(at), clock.format(at)),
  }
}

/** Amounts with their unit. What is too little to read well in a unit that it shares is said to be less than what does. */
function measuredIn(units: readonly (EnergyUnit | MassUnit)[], number: Forms['number'], words: FormWords): Forms['energy'] {
  return (value, rounding, together) => {
    const ends: Span = typeof value === 'number' ? [value, value] : value
    const { at, size, least } = unitFor(together ?? ends.map(end => twoFigures(end, rounding)))
    const [low, high] = ends.map(end => twoFigures(end / size, rounding)) as [number, number]
    const one = (count: number) => words.unit(units[at]!, number(count), count)
    const said = (say: (figure: string) => string, [shown, spoken]: Figures): Figures => [say(shown), say(spoken)]
    if (high > 0 && high < least) return rounding ? one(least) : said(words.lessThan, one(least))
    if (low === high) return one(high)
    if (low < least) return said(words.upTo, one(high))
    return words.unit(units[at]!, words.span(number(low), number(high)), [low, high])
  }
}

/** Whole seconds, minutes or hours, because nobody waits for a tenth of a second. */
function durationsOf(locale: string, number: Forms['number'], words: FormWords): Forms['seconds'] {
  const units = ([['second', 1], ['minute', 60], ['hour', 3_600]] as const).map(([unit, size]) => ({ size, form: new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }) }))
  const unitOf = (value: number, rounding?: 'up') => units.find(({ size }) => size === 3_600 || wholeFigure(value / size, rounding) < 120)!
  const one = (value: number, rounding?: 'up'): string => {
    const { size, form } = unitOf(value, rounding)
    return value < 1 ? words.lessThanASecond : form.format(wholeFigure(value / size, rounding))
  }
  const span = (low: number, high: number): string => {
    const { size, form } = unitOf(high)
    const [from, to] = [wholeFigure(low / size), wholeFigure(high / size)]
    const end = one(high)
    if (high < 1) return end
    if (from === to) return words.about(end)
    if (from === 0) return low < 1 ? words.upTo(end) : words.span(one(low), end)
    // Some languages have one word for two of a unit, with no figure that a second one could stand before.
    return words.span(/\p{Nd}/u.test(end) ? number(from) : form.format(from), end)
  }
  return (value, rounding) => typeof value === 'number' ? one(value, rounding) : span(...value)
}
