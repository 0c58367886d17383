import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { toString } from 'mdast-util-to-string'
import { createIndex } from 'sparing/baseline'
import type { DocumentIndex, SourceDocument } from 'sparing/baseline'
import { readPackages } from './package-facts.ts'
import type { Packages } from './package-facts.ts'
import { readMarkdown } from './read-markdown.ts'
import type { MarkdownFile, Skipped } from './read-markdown.ts'
import { titleOf } from '../shared/title.ts'

export interface LibraryDocument {
  /** Its path in the folder. */
  readonly id: string
  readonly title: string
  readonly place: readonly string[]
  /** Markdown, as it was read, without its front matter. */
  readonly text: string
}

/** Documents that were read and indexed once, at the start. */
export interface Library {
  readonly documents: ReadonlyMap<string, LibraryDocument>
  readonly packages: Packages
  readonly index: DocumentIndex
  /** The documents as they were indexed, by their ids. */
  readonly sources: ReadonlyMap<string, SourceDocument>
  readonly skipped: readonly Skipped[]
  /** Milliseconds that reading and indexing took. */
  readonly took: { readonly read: number; readonly index: number }
}

const ownPackages = fileURLToPath(new URL('../../../node_modules', import.meta.url))

/**
 * Reads and indexes a folder. Of a `node_modules` folder every package is known too.
 * @throws when the folder cannot be read
 */
export async function openLibrary(folder: string = ownPackages): Promise<Library> {
  const start = performance.now()
  const ofPackages = basename(folder.replace(/[\\/]+$/, '')) === 'node_modules'
  const { files, skipped } = await readMarkdown(folder, ofPackages ? isAboutPackage : undefined)
  const packages: Packages = ofPackages ? await readPackages(folder) : new Map()
  const documents = files.map(file => documentOf(file, ofPackages))
  const read = performance.now()
  const sources = documents.map(({ id, title, place, text }) => ({ id, title: ofPackages ? place[0]! : title, text: searched(id, text) }))
  const index = createIndex(sources)
  const end = performance.now()
  return { documents: byId(documents), packages, index, sources: byId(sources), skipped, took: { read: read - start, index: end - read } }
}

const byId = <T extends { readonly id: string }>(all: readonly T[]): ReadonlyMap<string, T> => new Map(all.map(each => [each.id, each]))

/** Legal texts and house rules are in every package and answer nobody's question. */
function isAboutPackage(path: string): boolean {
  return !/^(?:licen[cs]e|copying|notice|third[-_ ]?party|security|code[-_]of[-_]conduct|contributing|governance|threat|incident|agents|claude)/i.test(basename(path))
}

/** Of a history only what is recent is searched: the rest is long and about versions that nobody has. */
function searched(id: string, text: string): string {
  return /^(?:changelog|history|changes)\b/i.test(basename(id)) ? text.slice(0, 20_000) : text
}

function documentOf({ path, text, title: named }: MarkdownFile, ofPackages: boolean): LibraryDocument {
  const place = placeOf(path, ofPackages)
  const isReadme = /^readme\b/i.test(basename(path))
  const title = ofPackages && isReadme ? place[0]! : titleIn(text, named) || place.at(-1)!
  return { id: path, title, place, text }
}

/** The package or folder it is in, and the file without its ending. */
function placeOf(path: string, ofPackages: boolean): string[] {
  const steps = path.replace(/\.(md|markdown)$/i, '').split('/').map(step => /^[A-Z]+$/.test(step) || /^readme$/i.test(step) ? step.toLowerCase() : step)
  return ofPackages && path.startsWith('@') ? [steps.slice(0, 2).join('/'), ...steps.slice(2)] : steps
}

/** Its heading of the first level, its name in front matter, or its first heading. Read from the beginning only, where titles stand. */
function titleIn(text: string, named?: string): string {
  const headings = fromMarkdown(text.slice(0, 3_000)).children.filter(node => node.type === 'heading')
  const main = headings.find(({ depth }) => depth === 1)
  const wordsOf = (heading: typeof main) => heading ? titleOf(toString(heading, { includeImageAlt: false, includeHtml: false })) : ''
  return wordsOf(main) || named || wordsOf(headings[0])
}
