import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import type { Catalog } from '../../src/core/index.ts'
import { baseline, createModelSelector } from '../../src/server/index.ts'
import type { ModelSelector } from '../../src/server/index.ts'
import tsconfig from '../../tsconfig.json' with { type: 'json' }
import { type Block, blocksOf, checkBlocks } from '../setup/doc-blocks.ts'
import { docsContext, docsPeers } from '../setup/docs-context.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const compiling = 60_000

/** By git's list and not the disk's: a document that git knows and the disk lacks is an error. */
const docs = execFileSync('git', ['ls-files', '-z', 'README.md', 'stories/*.mdx'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)

const read = (doc: string) => blocksOf(doc, readFileSync(`${root}/${doc}`, 'utf8'))

/** Commands such as `npm run demo` that name no script of the package. */
function unknownScripts(blocks: Block[]): string[] {
  const commands = blocks.filter(({ language }) => /^(sh|bash|shell|console)$/.test(language))
  return commands.flatMap(({ doc, line, text }) => {
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)]
    return named.filter(([, script = '']) => !(script in manifest.scripts)).map(([command]) => `${doc}:${line} ${command}`)
  })
}

describe('the documents', () => {
  test('have TypeScript that compiles', { timeout: compiling }, () => {
    expect(checkBlocks(docs.flatMap(read), docsContext, docsPeers)).toEqual([])
  })

  test('name scripts that exist', () => {
    expect(unknownScripts(docs.flatMap(read))).toEqual([])
  })
})

describe('the README\'s recipes run', () => {
  const readme = read('README.md')
  const folder = mkdtempSync(join(tmpdir(), 'sparing-docs-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const modules: Record<string, readonly string[]> = tsconfig.compilerOptions.paths
  /** A block as a module of the sources, which has the names that documents share. */
  const written = (text: string, name: string, known = ''): string => {
    const path = join(folder, name)
    writeFileSync(path, `${known}\n${text.replaceAll(/ from '(sparing[^']*)'/g, (_, entry: string) => ` from '${pathToFileURL(join(root, modules[entry]![0]!)).href}'`)}`)
    return path
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  written(readme.find(({ text }) => text.startsWith('// features.ts'))!.text, 'features.ts')
  const run = (path: string): Promise<Record<string, unknown>> => import(/* @vite-ignore */ pathToFileURL(path).href)

  /** Without what needs a database, a port or an upstream. */
  const offline = (text: string) => text
    .replace(/^(const \{ url \} = )?await listen[\s\S]*$/m, '').replace(/^import (OpenAI|\* as z|\{ trace \}) .*$/m, '').replace(/^  tracer: .*$/m, '').replace(/^  ledger: .*$/m, '')
    .replace(/^const output = .*$/m, "const output = { type: 'object' } as never").replace(/, output }/, ' }')
    .replace(/^(const modelSelector = )?createModelSelector\(/m, 'export const modelSelector = createModelSelector(')

  const servers = readme.filter(({ language, text }) => language === 'ts' && /^(const modelSelector = )?createModelSelector\(/m.test(text))

  test.each(servers)('a server, at line $line', async ({ line, text }) => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { modelSelector } = await run(written(offline(text), `server-${line}.ts`)) as { modelSelector: ModelSelector }
    const base = /basePath: '([^']+)'/.exec(text)?.[1] ?? ''
    const response = await modelSelector.fetch(new Request(`http://localhost${base}/v1/catalog`))
    const { models } = await response.json() as Catalog
    await modelSelector.close()
    expect(models.some(({ kind }) => kind === 'generative')).toBe(true)
    expect(told).not.toHaveBeenCalled()
    told.mockRestore()
  })

  test('there are servers', () => expect(servers.length).toBeGreaterThanOrEqual(4))

  test('a client outside a browser has an estimate to print', async () => {
    const { text, line } = readme.find(block => block.text.includes('console.log(`At most'))!
    const selector = createModelSelector({ features: { summary: { task: 'summarize', baseline: 'extract', tier: 'eco' } }, providers: [baseline()] })
    const said = vi.spyOn(console, 'log').mockImplementation(() => {})
    Object.assign(globalThis, { served: selector })
    await run(written(text.replace(/\/\/ In a click's[\s\S]*$/, '').replace("'/api/ai'", 'globalThis.served'), `client-${line}.ts`, "const [article, user] = ['Leases last a minute. They may be renewed.', { id: 'ada' }]"))
    expect(said.mock.calls.flat()).toEqual([expect.stringMatching(/^At most [\d.e-]+ Wh$/)])
    said.mockRestore()
    await selector.close()
  })
})

describe('a planted mistake is found', () => {
  const markdown = [
    '# Title',
    '```ts',
    '// features.ts: once',
    'export const limit: number = 3',
    '```',
    'Text.',
    '',
    '```tsx',
    "import { limit } from './features.ts'",
    'const wrong: string = limit',
    'export const view = <p lang="en">{shared}</p>',
    '```',
    '```sh',
    'npm ci && npm run nowhere',
    'npm run build',
    '```',
  ].join('\n')
  const blocks = blocksOf('README.md', markdown)

  test('at its line of the document', { timeout: compiling }, () => {
    const problems = checkBlocks(blocks, 'declare global { const shared: string }\nexport {}')
    expect(problems).toEqual(["README.md:10:7 Type 'number' is not assignable to type 'string'."])
  })

  test('in a name that is not shared', { timeout: compiling }, () => {
    const problems = checkBlocks(blocks, '')
    expect(problems).toContain("README.md:11:35 Cannot find name 'shared'.")
  })

  test('in a command', () => {
    expect(unknownScripts(blocks)).toEqual(['README.md:14 npm run nowhere'])
  })
})

test('blocks know their language and line, also inside lists and longer fences', () => {
  const found = blocksOf('a.mdx', 'a\n\n````md\n```ts\nx\n```\n````\n\n- item\n  ```ts\n  const a = 1\n  ```\n')
  expect(found).toEqual([
    { doc: 'a.mdx', language: 'md', line: 4, text: '```ts\nx\n```\n' },
    { doc: 'a.mdx', language: 'ts', line: 11, text: 'const a = 1\n' },
  ])
})
