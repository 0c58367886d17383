import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
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
