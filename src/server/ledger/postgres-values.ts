import type { RunKey } from './port.ts'
import { textOf } from './texts.ts'

/** The columns that name a run. */
export function nameColumns({ identity, run }: RunKey): { identity: string; run: string } {
  const columns = { identity: textOf(identity), run: textOf(run) }
  bounded(columns.identity + columns.run)
  return columns
}

/** A key of an account or a document. They are JSON, in which nothing is left that PostgreSQL cannot hold. */
export function checkedKey(key: string): string {
  if (!key.includes('\0') && key.isWellFormed()) return bounded(key)
  throw new RangeError(`The key ${JSON.stringify(key)} has a zero byte or half a surrogate pair, which PostgreSQL cannot hold. Write keys as JSON.`)
}

/** The name of the lock of a document, whether it is there or not. Locks are those of the whole database. */
export const documentLock = (schema: string, key: string): string => `sparing document ${schema} ${checkedKey(key)}`

/** A whole number, exactly. JSON would make `null` of what is no number, and `null` guards nothing. */
export function whole(value: number | string | null | undefined): number {
  const number = Number(value ?? NaN)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} cannot be kept exactly: whole numbers up to 2^53 - 1 can.`)
  return number
}

/** Bytes of a key that an index of PostgreSQL surely takes. */
const longestKey = 2_600

function bounded(key: string): string {
  if (key.length * 3 <= longestKey || new TextEncoder().encode(key).length <= longestKey) return key
  throw new RangeError(`The key ${key.slice(0, 40)}… is longer than ${longestKey} bytes, which PostgreSQL cannot index. Use shorter ids.`)
}
