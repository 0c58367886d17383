/** A random id, 128 bits, safe in URLs and headers. Not by `randomUUID`: pages without https lack it. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
