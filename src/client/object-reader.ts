import { readPartialJson } from '../protocol/partial-json.ts'

/** Characters that are read again with every piece: it takes no time that anybody notices. */
const short = 4_000
/** Milliseconds between readings of what is longer. */
const pause = 250

/** Reads the object of a text that grows: a long one a few times a second, because each reading begins at its start. */
export interface ObjectReader {
  read(text: string): unknown
  /** The object of a text that grows no longer. */
  readWhole(text: string): unknown
}

export function objectReader(now: () => number = () => performance.now()): ObjectReader {
  let latest: unknown
  let at = -Infinity
  const readWhole = (text: string) => {
    at = now()
    return latest = readPartialJson(text)
  }
  return { readWhole, read: text => text.length > short && now() - at < pause ? latest : readWhole(text) }
}
