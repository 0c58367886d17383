import { moneyForm, twoFigures, unitFor } from '../core/figure.ts'
import type { Range } from '../core/index.ts'

// Figures as people read them in a terminal: two significant digits, in the unit that reads well.

/** Forms a figure; `up` where it must hold, so that it is never less than what it says. */
export type Form = (value: number, up?: boolean) => string

/** A form in the one unit that all of what is read together has. */
const formIn = (signs: readonly [micro: string, milli: string, one: string, kilo: string]) => (...together: readonly number[]): Form => {
  const { at, size, least } = unitFor(together)
  return (value, up = false) => {
    const figure = value / size
    if (figure > 0 && twoFigures(figure) < least) return `${up ? '' : 'less than '}${least} ${signs[at]}`
    return `${digits(figure, up)} ${signs[at]}`
  }
}

export const energyBeside = formIn(['µWh', 'mWh', 'Wh', 'kWh'])
export const massBeside = formIn(['µg', 'mg', 'g', 'kg'])
export const seconds: Form = (value, up = false) => `${digits(value, up)} s`
export const tokens: Form = value => value.toLocaleString('en')

const usd = moneyForm('en', 'USD')
export const dollars: Form = (value, up = false) => usd(value, roundingOf(up))

/** From its low end to its high one, or once where both read alike; a unit that both have stands once too. */
export function span({ low, high }: Range, form: Form): string {
  const [from, to] = [form(low), form(high)]
  const unit = / \S+$/.exec(to)?.[0] ?? ''
  if (from === to) return from
  if (from.startsWith('less than')) return `up to ${to}`
  return `${from.endsWith(unit) ? from.slice(0, from.length - unit.length) : from} to ${to}`
}

const numbers = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })
const digits = (value: number, up: boolean) => numbers.format(twoFigures(value, roundingOf(up)))
const roundingOf = (up: boolean) => up ? 'up' : undefined
