import { open, readdir, realpath, stat } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { withoutFrontMatter } from './front-matter.ts'
import type { Body } from './front-matter.ts'

/** A file as it was read, without its front matter. `path` is relative to the folder, with slashes. */
export interface MarkdownFile extends Body {
  readonly path: string
}

/** What was left out, and why. */
export interface Skipped {
  readonly path: string
  readonly reason: 'too large' | 'binary' | 'not UTF-8' | 'unreadable' | 'a link out of the folder' | 'beyond the limits'
}

export interface MarkdownFolder {
  readonly files: readonly MarkdownFile[]
  readonly skipped: readonly Skipped[]
}

export interface ReadLimits {
  /** Bytes of one file. @default 1000000 */
  readonly file?: number
  /** Bytes of all files: what an index can be made of in a few seconds. @default 12000000 */
  readonly total?: number
  /** Files at most. @default 20000 */
  readonly files?: number
  /** Folders within folders. @default 16 */
  readonly depth?: number
}

interface Walk {
  /** Without links, so that "inside the folder" can be told from its path. */
  readonly root: string
  readonly limits: Required<ReadLimits>
  readonly wanted: (path: string) => boolean
  /** Real paths, once each: links may form loops. */
  readonly seen: Set<string>
  readonly files: MarkdownFile[]
  readonly skipped: Skipped[]
  bytes: number
}

/**
 * Reads the Markdown of a folder, in the order of its names. Hostile files do no harm: what is
 * huge, binary, broken or links elsewhere is left out and named.
 * @param wanted says of a relative path whether to read it
 * @throws when the folder itself cannot be read
 */
export async function readMarkdown(folder: string, wanted: (path: string) => boolean = () => true, limits: ReadLimits = {}): Promise<MarkdownFolder> {
  const root = await realpath(folder)
  const walk: Walk = {
    root, wanted, seen: new Set([root]), files: [], skipped: [], bytes: 0,
    limits: { file: 1_000_000, total: 12_000_000, files: 20_000, depth: 16, ...limits },
  }
  await visit(walk, root, '', await readdir(root, { withFileTypes: true }), 0)
  return { files: walk.files, skipped: walk.skipped }
}

async function visit(walk: Walk, folder: string, path: string, entries: Dirent[], depth: number): Promise<void> {
  for (const entry of entries.sort(byName)) {
    const below = path ? `${path}/${entry.name}` : entry.name
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const place = await placeOf(walk, entry, join(folder, entry.name), below)
    if (place?.kind === 'folder') await enter(walk, place.real, below, depth + 1)
    if (place?.kind === 'file' && isMarkdown(entry.name) && walk.wanted(below)) await take(walk, place.real, below)
  }
}

// Not by locale: the same folder is read in the same order on every machine.
const byName = (a: Dirent, b: Dirent) => a.name < b.name ? -1 : 1
const isMarkdown = (name: string) => /\.(md|markdown)$/i.test(name)

async function enter(walk: Walk, real: string, path: string, depth: number): Promise<void> {
  if (walk.seen.has(real)) return
  walk.seen.add(real)
  if (depth > walk.limits.depth) return skip(walk, path, 'beyond the limits')
  const entries = await readdir(real, { withFileTypes: true }).catch(() => null)
  if (entries) await visit(walk, real, path, entries, depth)
  else skip(walk, path, 'unreadable')
}

/** What an entry is, links followed as far as they stay inside. Pipes, sockets and devices are nothing. */
async function placeOf(walk: Walk, entry: Dirent, at: string, path: string): Promise<{ kind: 'file' | 'folder'; real: string } | null> {
  if (entry.isDirectory()) return { kind: 'folder', real: at }
  if (entry.isFile()) return { kind: 'file', real: at }
  if (!entry.isSymbolicLink()) return null
  const real = await realpath(at).catch(() => null)
  const found = real && await stat(real).catch(() => null)
  if (!real || !found || !(found.isDirectory() || found.isFile())) return null
  if (!isInside(walk.root, real)) {
    if (found.isDirectory() || isMarkdown(basename(at))) skip(walk, path, 'a link out of the folder')
    return null
  }
  return { kind: found.isDirectory() ? 'folder' : 'file', real }
}

function isInside(root: string, path: string): boolean {
  const steps = relative(root, path).split(sep)
  return steps[0] !== '..'
}

async function take(walk: Walk, real: string, path: string): Promise<void> {
  if (walk.seen.has(real)) return
  walk.seen.add(real)
  const bytes = await readBytes(real, walk.limits.file)
  if (typeof bytes === 'string') return skip(walk, path, bytes)
  if (walk.files.length >= walk.limits.files || walk.bytes + bytes.length > walk.limits.total) return skip(walk, path, 'beyond the limits')
  const text = textOf(bytes)
  if (text === 'binary' || text === 'not UTF-8') return skip(walk, path, text)
  walk.bytes += bytes.length
  const body = withoutFrontMatter(text.content)
  if (body.text.trim()) walk.files.push({ path, ...body })
}

const skip = ({ skipped }: Walk, path: string, reason: Skipped['reason']): void => void skipped.push({ path, reason })

/** No more than is allowed, also of a file that grows while it is read. */
async function readBytes(path: string, most: number): Promise<Uint8Array | 'too large' | 'unreadable'> {
  const file = await open(path, 'r').catch(() => null)
  if (!file) return 'unreadable'
  try {
    const buffer = new Uint8Array(Math.min(most, (await file.stat()).size) + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
      if (bytesRead === 0) return buffer.subarray(0, length)
      length += bytesRead
    }
    return length > most ? 'too large' : buffer.subarray(0, length)
  } catch {
    return 'unreadable'
  } finally {
    await file.close()
  }
}

function textOf(bytes: Uint8Array): { content: string } | 'binary' | 'not UTF-8' {
  if (bytes.includes(0)) return 'binary'
  try {
    return { content: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return 'not UTF-8'
  }
}
