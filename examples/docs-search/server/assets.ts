import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Answers a path with a file of the built page, or `null`. */
export type Assets = (pathname: string) => Response | null

const built = fileURLToPath(new URL('../dist', import.meta.url))

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml', '.json': 'application/json', '.ico': 'image/x-icon', '.woff2': 'font/woff2',
}

/** Addresses that are all the one page, which reads the rest of its address itself. */
const pages = ['/', '/document']

/**
 * Reads the built page into memory. Only what was read can be asked for, so no path leads anywhere else.
 * @throws {Error} when it was not built
 */
export async function readAssets(folder: string = built): Promise<Assets> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const entry of names.filter(each => each.isFile())) {
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(folder.length).replaceAll('\\', '/'), new Uint8Array(await readFile(path)))
  }
  if (!files.has('/index.html')) throw new Error('The page is not built. Run `npm run demo`, which builds it first.')
  return pathname => {
    const path = pages.includes(pathname) ? '/index.html' : pathname
    const body = files.get(path)
    if (!body) return null
    // Built files are named by their contents; the page itself is not.
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
    return new Response(body, { headers: { 'content-type': types[extname(path)] ?? 'application/octet-stream', 'cache-control': cache } })
  }
}
