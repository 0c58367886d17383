import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { cyclesOf, type Import, importsOf, readSources } from '../setup/source-graph.ts'

/**
 * Which folder may import which; itself it always may. DESIGN, "Dependencies point one way".
 * The first folder that a path begins with decides, so the narrower ones come first.
 */
const directions: Record<string, string[]> = {
  core: [],
  catalog: ['core'],
  routing: ['core', 'catalog'],
  protocol: ['core'],
  baseline: ['core'],
  state: ['core'],
  client: ['core', 'catalog', 'routing', 'protocol', 'state'],
  react: ['core', 'state', 'client'],
  analytics: ['core', 'protocol'],
  'insights/report': ['core', 'protocol'],
  insights: ['core', 'protocol'],
  server: ['core', 'catalog', 'routing', 'protocol', 'baseline', 'insights/report'],
  cli: ['core', 'catalog', 'routing', 'protocol', 'baseline', 'state', 'client', 'analytics', 'insights', 'server'],
  testing: ['core', 'catalog', 'routing', 'protocol', 'baseline', 'state', 'client', 'react', 'analytics', 'insights', 'server'],
  // The entry `sparing`: the client and what its callers name.
  index: ['core', 'catalog', 'routing', 'protocol', 'state', 'client'],
}

/** Packages a folder may import; those not listed here may import any dependency. */
const packages: Record<string, string[]> = {
  core: [],
  react: ['react', 'react-dom', 'zustand'],
}

/** Where Node is at home. All else in the package is web-standard: it runs in a page and on the edge. */
const onNode = ['server/node', 'server/ledger/sqlite', 'server/ledger/postgres', 'server/ledger/redis', 'routing/train', 'cli', 'testing']

/** Programs that write the file beside them. They run on Node, with dependencies of development, and nothing is bundled with them. */
const scripts = ['catalog/table/generate']

const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })

const beginsWith = (path: string, folder: string) => new RegExp(`^${folder}(/|-|\\.|$)`).test(path)
const folderOf = (path: string) => Object.keys(directions).find(folder => beginsWith(path, folder))
const packageOf = (specifier: string) => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0]
const isScript = (path: string) => scripts.some(script => beginsWith(path, script))
const isOnNode = (path: string) => isScript(path) || onNode.some(folder => beginsWith(path, folder))

function violationsOf(imports: Import[]): string[] {
  return imports.flatMap(found => {
    const reason = found.inside ? refusalInside(found) : refusalOutside(found)
    return reason ? [`${found.from}:${found.line} imports ${found.to}: ${reason}`] : []
  })
}

function refusalInside({ from, to }: Import): string | undefined {
  const [source, target] = [folderOf(from), folderOf(to)]
  if (!source || !target) return 'not a folder of the design'
  if (source !== target && !directions[source]!.includes(target)) return `${source} may not depend on ${target}`
  if (isScript(to)) return 'it is a script'
  if (isOnNode(to) && !isOnNode(from)) return 'it needs Node, and this file is web-standard'
  return undefined
}

function refusalOutside({ from, to }: Import): string | undefined {
  if (to.startsWith('node:')) return isOnNode(from) ? undefined : 'this file is web-standard'
  const name = packageOf(to)
  if (isScript(from) && name in manifest.devDependencies) return undefined
  if (name === manifest.name) return 'the sources import one another by relative paths'
  const allowed = packages[folderOf(from)!] ?? dependencies
  return allowed.includes(name) ? undefined : `${name} is no dependency of this folder`
}

const graphOf = (files: Record<string, string>) => importsOf(new Map(Object.entries(files)))

describe('the sources', () => {
  const sources = readSources(fileURLToPath(new URL('../../src', import.meta.url)))
  const imports = importsOf(sources)

  test('were read', () => {
    expect(sources.size).toBeGreaterThan(20)
    expect(imports.length).toBeGreaterThan(sources.size)
  })

  test('lie in folders of the design', () => {
    expect([...sources.keys()].filter(path => !folderOf(path))).toEqual([])
  })

  test('depend one way', () => {
    expect(violationsOf(imports)).toEqual([])
  })

  test('import files that exist, by their full name', () => {
    const broken = imports.filter(({ inside, to }) => inside && !sources.has(to) && !/\.(css|json)$/.test(to))
    expect(broken).toEqual([])
  })

  test('have no import cycle, types included', () => {
    expect(cyclesOf(imports)).toEqual([])
  })
})

describe('a planted violation is found', () => {
  test.each([
    ['core imports anything', { 'core/budget.ts': "import { z } from 'zod/mini'" }, 'zod is no dependency of this folder'],
    ['core imports a folder', { 'core/budget.ts': "import { models } from '../catalog/models.ts'" }, 'core may not depend on catalog'],
    ['of a type', { 'core/budget.ts': "import type { Run } from '../client/run.ts'" }, 'core may not depend on client'],
    ['re-exported', { 'protocol/index.ts': "export * from '../server/index.ts'" }, 'protocol may not depend on server'],
    ['dynamic', { 'client/create-ai.ts': "const load = () => import('../analytics/index.ts')" }, 'client may not depend on analytics'],
    ['in a type expression', { 'state/budget.ts': "type T = import('../client/run.ts').Run" }, 'state may not depend on client'],
    ['testing', { 'cli/main.ts': "import { harness } from '../testing/index.ts'" }, 'cli may not depend on testing'],
    ['the entry imports the server', { 'index.ts': "export * from './server/index.ts'" }, 'index may not depend on server'],
    ['Node in a page', { 'server/create.ts': "import { createHmac } from 'node:crypto'" }, 'this file is web-standard'],
    ['Node by a detour', { 'server/index.ts': "export { listen } from './node/listen.ts'" }, 'it needs Node'],
    ['a script', { 'cli/catalog.ts': "import { pricesSource } from '../catalog/table/generate.ts'" }, 'it is a script'],
    ['SQLite by a detour', { 'server/index.ts': "import { sqliteLedger } from './ledger/sqlite.ts'" }, 'it needs Node'],
    ['a dependency of development', { 'client/a.ts': "import fc from 'fast-check'" }, 'fast-check is no dependency'],
    ['React and a fetcher', { 'react/hooks.ts': "import ky from 'ky'" }, 'ky is no dependency of this folder'],
    ['the package itself', { 'cli/main.ts': "import 'sparing/server'" }, 'by relative paths'],
    ['an unknown folder', { 'utils/a.ts': "import '../core/amount.ts'" }, 'not a folder of the design'],
  ])('%s', (_, files, reason) => {
    expect(violationsOf(graphOf(files))).toEqual([expect.stringContaining(reason)])
  })

  test('and what the design allows is not', () => {
    const allowed = graphOf({
      'server/node/listen.ts': "import { createServer } from 'node:http'\nimport { create } from '../create.ts'",
      'server/ledger/sqlite.ts': "import { DatabaseSync } from 'node:sqlite'",
      'catalog/table/generate.ts': "import { writeFileSync } from 'node:fs'\nimport { findProvider } from '@pydantic/genai-prices'",
      'server/routes.ts': "import { report } from '../insights/report.ts'\nimport { Hono } from 'hono'",
      'react/hooks.ts': "import { useStore } from 'zustand'\nimport type { AI } from '../client/create-ai.ts'",
    })
    expect(violationsOf(allowed)).toEqual([])
  })

  test('with its place', () => {
    const [violation] = violationsOf(graphOf({ 'core/a.ts': "// first\n\nimport 'ky'" }))
    expect(violation).toContain('core/a.ts:3 imports ky')
  })
})

describe('a planted cycle is found', () => {
  test('of two files, one importing only a type', () => {
    const files = { 'core/a.ts': "import { b } from './b.ts'", 'core/b.ts': "import type { A } from './a.ts'" }
    expect(cyclesOf(graphOf(files))).toEqual([['core/a.ts', 'core/b.ts']])
  })

  test('through several', () => {
    const files = { 'a.ts': "import './b.ts'", 'b.ts': "export * from './c.ts'", 'c.ts': "import('./a.ts')", 'd.ts': "import './a.ts'" }
    expect(cyclesOf(graphOf(files))).toEqual([['a.ts', 'b.ts', 'c.ts']])
  })

  test('of a file with itself', () => {
    expect(cyclesOf(graphOf({ 'a.ts': "import './a.ts'" }))).toEqual([['a.ts']])
  })

  test('and a diamond is none', () => {
    const files = { 'a.ts': "import './b.ts'\nimport './c.ts'", 'b.ts': "import './d.ts'", 'c.ts': "import './d.ts'", 'd.ts': '' }
    expect(cyclesOf(graphOf(files))).toEqual([])
  })
})
