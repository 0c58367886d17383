/** A random id, 128 bits, safe in URLs and headers. */
export const newId = (): string => crypto.randomUUID()
