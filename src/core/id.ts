/** A random id, 128 bits, safe in URLs and headers. Not by `randomUUID`: pages without https lack it. */
export function newId(): string {
  if (next === pool.length) {
    crypto.getRandomValues(pool)
    next = 0
  }
  let id = ''
  for (const end = next + idBytes; next < end; next++) id += hex[pool[next]!]!
  return id
}

const idBytes = 16
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
// Asking for random bytes costs the same for one id as for many.
const pool = new Uint8Array(64 * idBytes)
let next = pool.length
