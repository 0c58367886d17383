import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ownFolder = fileURLToPath(new URL('../.data', import.meta.url))

export interface DataFolder {
  readonly ledger: string
  /** Signs the cookies by which an allowance is somebody's: it outlives a restart. */
  readonly secret: string
}

/**
 * The folder that keeps what must survive a restart, made on first use and readable by its owner only.
 * @throws when it cannot be written, or holds a secret that is none
 */
export async function openDataFolder(folder: string = ownFolder): Promise<DataFolder> {
  const path = resolve(folder)
  await mkdir(path, { recursive: true, mode: 0o700 })
  const file = join(path, 'secret')
  const fresh = randomBytes(32).toString('base64url')
  // Of two that start at once, one writes and both read.
  await writeFile(file, fresh, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const secret = (await readFile(file, 'utf8')).trim()
  if (secret.length < 16) throw new Error(`${file} holds no usable secret. Delete it; everybody then gets a new allowance.`)
  return { ledger: join(path, 'ledger.db'), secret }
}
