import type { Range } from '../core/index.ts'

// Figures as people read them in a terminal: two significant digits, in the unit that reads well.

/** A unit with how many of the first it is, smallest first. */
type Steps = readonly (readonly [sign: string, size: number])[]

const energySteps: Steps = [['µWh', 1e-6], ['mWh', 1e-3], ['Wh', 1], ['kWh', 1e3]]
const massSteps: Steps = [['µg', 1e-6], ['mg', 1e-3], ['g', 1], ['kg', 1e3]]

/** Forms a figure; `up` where it must hold, so that it is never less than what it says. */
export type Form = (value: number, up?: boolean) => string

const inSteps = (steps: Steps): Form => (value, up = false) => {
  const [sign, size] = steps.findLast(([, each]) => value >= each) ?? steps[0]!
  return `${digits(value / size, up)} ${sign}`
}

export const energy: Form = inSteps(energySteps)
export const mass: Form = inSteps(massSteps)
export const dollars: Form = (value, up = false) => numbers(up, { style: 'currency', currency: 'USD' }).format(value)
export const seconds: Form = (value, up = false) => `${digits(value, up)} s`
export const tokens: Form = value => value.toLocaleString('en')

/** From its low end to its high one, or once where both read alike; a unit that both have stands once too. */
export function span({ low, high }: Range, form: Form): string {
  const [from, to] = [form(low), form(high)]
  const unit = / \S+$/.exec(to)?.[0] ?? ''
  return from === to ? from : `${from.endsWith(unit) ? from.slice(0, from.length - unit.length) : from} to ${to}`
}

const digits = (value: number, up: boolean) => numbers(up).format(value)

const numbers = (up: boolean, options: Intl.NumberFormatOptions = {}) =>
  new Intl.NumberFormat('en', { ...options, minimumFractionDigits: 0, maximumSignificantDigits: 2, roundingMode: up ? 'ceil' : 'halfExpand' })
