import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openLibrary } from '../../../examples/docs-search/server/library.ts'
import { search } from '../../../examples/docs-search/server/search.ts'

function libraryOf(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'sparing-library-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return openLibrary(folder)
}

it.each([
  ['---\ntitle: Front\n---\n# Heading\n\nText.', 'Heading'],
  ['---\ntitle: Front\n---\nText.', 'Front'],
  ['---\ntitle: Front\n---\nText.\n\n## Section\n\nText.', 'Front'],
  ['---\nid: a\n---\n## Section\n\nText.', 'Section'],
  ['Text.', 'a'],
])('a document\'s title is its own heading, its name in front matter, its first heading, or its path: %j', async (text, title) => {
  expect((await libraryOf({ 'a.md': text })).documents.get('a.md')!.title).toBe(title)
})

it('nothing of front matter is found', async () => {
  const library = await libraryOf({ 'a.md': '---\ntitle: Birds\nsidebar_label: flamingo\n---\nText about birds.' })
  expect(search('flamingo', library).results).toEqual([])
  expect(search('birds', library).results).toMatchObject([{ title: 'Birds' }])
})

it('a long document hides no other', async () => {
  const sections = Array.from({ length: 2_500 }, (_, n) => `## Flamingo ${n}\n\nThe flamingo eats shrimps, flamingo number ${n} too.\n`)
  const others = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`other-${n}.md`, `# Other ${n}\n\nAmong ${n} many birds of the lake and its long shore a flamingo was seen.\n`]))
  const { results } = search('flamingo', await libraryOf({ 'long.md': sections.join('\n'), ...others }))
  expect(results).toHaveLength(8)
  expect(results.filter(({ document }) => document === 'long.md')).toHaveLength(3)
})
