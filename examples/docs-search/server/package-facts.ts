import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fact, PackageFacts } from '../shared/api.ts'

/** What every package says of itself in its `package.json`, by its name. */
export type Packages = ReadonlyMap<string, PackageFacts>

/** Reads the packages of a `node_modules` folder. One that cannot be read is left out. */
export async function readPackages(folder: string): Promise<Packages> {
  const names = await packageNames(folder)
  const read = await Promise.all(names.map(async name => {
    const facts = await readFile(join(folder, name, 'package.json'), 'utf8').then(text => factsOf(name, JSON.parse(text))).catch(() => null)
    return facts ? [[name, facts] as const] : []
  }))
  return new Map(read.flat())
}

async function packageNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  const plain = names.filter(name => !/^[.@]/.test(name))
  const scoped = names.filter(name => name.startsWith('@')).map(async scope => (await readdir(join(folder, scope)).catch(() => [])).map(name => `${scope}/${name}`))
  return [...plain, ...(await Promise.all(scoped)).flat()]
}

/** The facts of a `package.json`, whatever shape its fields have. */
export function factsOf(name: string, manifest: unknown): PackageFacts {
  const { version, license, homepage, repository, author, engines, description } = (manifest ?? {}) as Record<string, unknown>
  const facts: Fact[] = [
    fact('version', version), fact('license', nameIn(license, 'type')), fact('homepage', webAddress(homepage)),
    fact('repository', repositoryAddress(repository)), fact('author', plainAuthor(nameIn(author, 'name'))), fact('engines', enginesOf(engines)),
  ].filter(each => each !== null)
  return { name, description: text(description) ?? '', facts }
}

function fact(name: Fact['name'], value: unknown): Fact | null {
  const known = text(value)
  return known ? { name, value: known } : null
}

const text = (value: unknown): string | null => typeof value === 'string' && value.trim() ? value.trim().slice(0, 300) : null
const nameIn = (value: unknown, key: string): unknown => typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : value
const plainAuthor = (author: unknown) => text(author)?.replace(/\s*[<(].*$/, '')

/** Only what a link may safely lead to. */
function webAddress(value: unknown): string | null {
  const address = text(value)
  return address && URL.canParse(address) && /^https?:$/.test(new URL(address).protocol) ? address : null
}

/** `git+ssh://git@github.com/a/b.git`, `github:a/b` and `a/b` all lead to one page. */
function repositoryAddress(value: unknown): string | null {
  const written = text(nameIn(value, 'url'))
  const short = written && /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(written)?.[1]
  if (short) return `https://github.com/${short}`
  return webAddress(written?.replace(/^git\+/, '').replace(/^(?:ssh:\/\/git@|git:\/\/|git@)([^/:]+)[/:]/, 'https://$1/').replace(/\.git$/, ''))
}

function enginesOf(engines: unknown): string | null {
  if (typeof engines !== 'object' || engines === null) return null
  return Object.entries(engines).filter(([, range]) => text(range)).map(([engine, range]) => `${engine} ${range as string}`).join(', ')
}

const properties: Record<Fact['name'], readonly string[]> = {
  version: ['version', 'versions', 'release', 'latest'],
  license: ['license', 'licence', 'licensed', 'licensing'],
  homepage: ['homepage', 'website', 'site', 'url'],
  repository: ['repository', 'repo', 'source', 'github'],
  author: ['author', 'authors', 'maintainer'],
  engines: ['engine', 'engines'],
}

const fillers = new Set(['a', 'an', 'the', 'of', 'for', 'to', 'in', 'on', 'by', 'what', 'whats', 'which', 'who', 'is', 'are', 'under', 'does', 'do', 'has', 'have', 'use', 'its', 'it', 'me', 'my', 'show', 'find', 'tell', 'current', 'installed', 'package', 'npm', 'code', 'page', 'home', 'info', 'information', 'about'])

/**
 * The package that a query asks about, when it names one package and nothing but its properties:
 * "license of react", "zod version", "react". The asked facts come first.
 */
export function factsFor(query: string, packages: Packages): PackageFacts | null {
  const words = query.toLowerCase().replaceAll(/['’]s\b/g, '').split(/[\s,;:?!"'()]+/).filter(Boolean)
  const asked = new Set(words.flatMap(word => propertyOf(word) ?? []))
  const rest = words.filter(word => !propertyOf(word))
  const named = rest.filter(word => packages.has(word))
  // A filler can be a package's name too ("about"), but only when nothing else is one.
  const name = named.find(word => !fillers.has(word)) ?? named[0]
  const found = name === undefined ? undefined : packages.get(name)
  if (!found || rest.some(word => word !== name && !fillers.has(word))) return null
  return { ...found, facts: [...found.facts.filter(each => asked.has(each.name)), ...found.facts.filter(each => !asked.has(each.name))], asked: [...asked] }
}

const propertyOf = (word: string) => (Object.keys(properties) as Fact['name'][]).find(property => properties[property].includes(word))
