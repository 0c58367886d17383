/** A count given by a host: a positive whole number, else a RangeError that says what to write instead. */
export function positiveInteger(name: string, value: unknown): number {
  if (typeof value !== 'number') {
    throw new RangeError(`${name} is ${describe(value)}, so no limit can be kept. Pass a whole number of at least 1, or leave it out.`)
  }
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${name} is ${value}, so nothing could be returned within it. Pass a whole number of at least 1, or leave it out.`)
  }
  return value
}

/** A text given by a host. */
export function requireText(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError(`${name} is ${describe(value)}, so there is nothing to read. Pass a string.`)
}

const describe = (value: unknown) => value === null ? 'null' : `of type ${typeof value}`
