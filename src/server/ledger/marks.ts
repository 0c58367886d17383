import { newId } from '../../core/index.ts'

// Some clients of databases send a change again whose answer was lost. It finds what it wrote itself the first time, and
// must not take that for another's. So whoever reserves or dispatches leaves a mark behind what the row knows the request by.

/** Digits of a mark: enough that nobody who asks for the same run meets another's. */
const length = 12
const between = '\0'

/** The hash of a request, with a mark that only this caller knows. */
export const marked = (body: string): string => `${hashIn(body)}${between}${newId().slice(0, length)}`

/** What a row knows its request by: the hash without the mark, which rows of earlier versions do not have. */
export function hashIn(body: string): string {
  const at = body.length - length - between.length
  return at >= 0 && body[at] === between ? body.slice(0, at) : body
}
