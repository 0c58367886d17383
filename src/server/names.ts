import { notice } from './notice.ts'

/** What names somebody or something of theirs: text, or a number, which stands for its digits. Ids of databases often are one. */
export type Name = string | number | bigint

/** A name as text, `null` for what is none. Numbers beyond 2^53 are none: several ids have become one by then. */
export function nameOf(value: unknown): string | null {
  switch (typeof value) {
    case 'string': return value
    case 'bigint': return `${value}`
    case 'number': return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? `${value}` : null
    default: return null
  }
}

/** Who says who somebody is. */
export type Teller = 'identify' | 'apiKeys'

type Labels = Readonly<Record<string, unknown>>

/**
 * The labels of somebody whom the host knows, as it gave them; `null` where it has nobody's name, so that all of
 * those do not share one allowance.
 * @throws {Error} for what cannot be somebody, for the operator: it would switch budgets off, or have everybody share one
 */
export function labelsIn(given: unknown, teller: Teller): Labels | null {
  if (given === null || given === undefined) return null
  if (typeof given !== 'object' || Array.isArray(given)) throw fault(teller, `gave ${kindOf(given)} where an object such as { user: "ada" } is needed`, 'Give such an object, or null for somebody whom nobody knows.')
  if (!('user' in given) && !isEmpty(given)) throw fault(teller, 'gave an object without "user"', 'Name them in "user", or give null for somebody whom nobody knows.')
  const { user } = given as Labels
  return user === undefined || user === null || user === '' ? null : given as Labels
}

const isEmpty = (given: object) => Object.keys(given).length === 0 && [Object.prototype, null].includes(Object.getPrototypeOf(given))

/** @throws {Error} for what names nothing, for the operator */
export function labelName(label: string, value: unknown, teller: Teller): string {
  const name = nameOf(value)
  if (name !== null) return name
  const remedy = typeof value === 'number' && Number.isFinite(value) ? 'Give it as text or as a bigint.' : label === 'user' ? 'Give an id as text or a number.' : 'Give text or a number, or null for somebody who has none.'
  throw fault(teller, `gave ${kindOf(value)} as "${label}", and only text and exact numbers tell one from another`, remedy)
}

/** Values themselves are people's. */
function kindOf(value: unknown): string {
  if (typeof value === 'number' && nameOf(value) === null) return Number.isFinite(value) ? 'a number beyond 2^53' : `${value}`
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'text' : `a ${typeof value}`
}

const fault = (teller: Teller, fact: string, remedy: string): Error => notice(`"${teller}" ${fact}. The request was refused and nothing was run. ${remedy}`)
