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
