import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where figures to check against are, which the package does not ship: SPARING_DATA, or beside the repository. */
const folder = process.env['SPARING_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))

/** A file of it; `null` where it is not there, which the test's name says. */
export function dataFile<T>(path: string): T | null {
  const text = dataText(path)
  return text === null ? null : JSON.parse(text) as T
}

/** As it stands. */
function dataText(path: string): string | null {
  const file = join(folder, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

export const present = (data: unknown, path: string) => data ? '' : ` (${path} is not there, so nothing is compared)`
