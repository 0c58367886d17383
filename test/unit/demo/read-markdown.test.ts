import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readMarkdown } from '../../../examples/docs-search/server/read-markdown.ts'

let base: string
let root: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'sparing-docs-'))
  root = join(base, 'docs')
  mkdirSync(root)
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

function write(path: string, content: string | Uint8Array = '# Title\n\nText.'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}
const paths = async (...args: Parameters<typeof readMarkdown> extends [string, ...infer Rest] ? Rest : never) =>
  (await readMarkdown(root, ...args)).files.map(file => file.path)

describe('reading Markdown', () => {
  it('finds Markdown at any depth, in the order of names', async () => {
    for (const path of ['b.md', 'a/deep/er.markdown', 'A.MD', 'code.ts', '.hidden/x.md', 'node_modules/pkg/x.md']) write(path)
    expect(await paths()).toEqual(['A.MD', 'a/deep/er.markdown', 'b.md'])
  })

  it('leaves out empty files and what is not wanted', async () => {
    write('empty.md', ' \n')
    write('no.md')
    write('yes.md')
    expect(await paths(path => path !== 'no.md')).toEqual(['yes.md'])
  })

  it('names what is too large, binary or no UTF-8', async () => {
    write('huge.md', 'x'.repeat(2_001))
    write('exact.md', 'x'.repeat(2_000))
    write('picture.md', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]))
    write('utf16.md', new Uint8Array([0xff, 0xfe, 0x41, 0x00]))
    write('latin1.md', new Uint8Array([0x63, 0x61, 0x66, 0xe9]))
    const { files, skipped } = await readMarkdown(root, undefined, { file: 2_000 })
    expect(files.map(file => file.path)).toEqual(['exact.md'])
    expect(skipped).toEqual([
      { path: 'huge.md', reason: 'too large' }, { path: 'latin1.md', reason: 'not UTF-8' },
      { path: 'picture.md', reason: 'binary' }, { path: 'utf16.md', reason: 'binary' },
    ])
  })

  it('drops a byte order mark', async () => {
    write('bom.md', '\uFEFF# Title')
    expect((await readMarkdown(root)).files[0]!.text).toBe('# Title')
  })

  it.each([
    ['---\ntitle: "A \\"guide\\""\ntags: [x]\n---\n\nText.', { title: 'A "guide"', text: '\nText.' }],
    ["---\r\n# for the site\r\nTitle: 'It''s'\r\n...\r\nText.", { title: "It's", text: 'Text.' }],
    ['---\nid: x\ntitle: Plain words # not these\n---\nText.', { title: 'Plain words', text: 'Text.' }],
    ['---\nauthor:\n  title: Dr\n---\nText.', { text: 'Text.' }],
    ['---\n---\nText.', { text: 'Text.' }],
  ])('leaves out front matter, and keeps its title: %j', async (content, read) => {
    write('x.md', content)
    expect((await readMarkdown(root)).files).toEqual([{ path: 'x.md', ...read }])
  })

  it.each(['---\n\nText between rules.\n\n---\n\nMore.', '---\ntitle: never closed', 'Text.\n---\ntitle: x\n---\n', '----\na: b\n----\n'])('leaves text where it is: %j', async content => {
    write('x.md', content)
    expect((await readMarkdown(root)).files).toEqual([{ path: 'x.md', text: content }])
  })

  it('leaves out what is front matter only', async () => {
    write('x.md', '---\ntitle: X\n---\n\n')
    expect(await paths()).toEqual([])
  })

  it('reads a folder once, however links lead to it', async () => {
    write('a/x.md')
    symlinkSync('..', join(root, 'a', 'up'))
    symlinkSync('a', join(root, 'again'))
    symlinkSync('self', join(root, 'self'))
    symlinkSync('nowhere', join(root, 'broken.md'))
    symlinkSync('x.md', join(root, 'a', 'z.md'))
    expect(await paths()).toEqual(['a/x.md'])
  })

  it('follows no link out of the folder', async () => {
    writeFileSync(join(base, 'secret.md'), 'secret')
    mkdirSync(join(base, 'docs-other'))
    writeFileSync(join(base, 'docs-other', 'x.md'), 'secret')
    symlinkSync('../secret.md', join(root, 'link.md'))
    symlinkSync('../docs-other', join(root, 'other'))
    const { files, skipped } = await readMarkdown(root)
    expect(files).toEqual([])
    expect(skipped.map(each => each.reason)).toEqual(['a link out of the folder', 'a link out of the folder'])
  })

  it.skipIf(process.platform === 'win32')('does not wait at a pipe', async () => {
    execFileSync('mkfifo', [join(root, 'pipe.md')])
    write('x.md')
    expect(await paths()).toEqual(['x.md'])
  })

  it('takes a folder named like a file for a folder', async () => {
    write('guide.md/part.md')
    expect(await paths()).toEqual(['guide.md/part.md'])
  })

  it('stops at its limits, and says so', async () => {
    for (const name of ['a', 'b', 'c']) write(`${name}.md`, 'x'.repeat(100))
    write('d/e/f.md')
    expect(await paths(undefined, { files: 2 })).toEqual(['a.md', 'b.md'])
    expect(await paths(undefined, { total: 250, depth: 1 })).toEqual(['a.md', 'b.md'])
    expect((await readMarkdown(root, undefined, { depth: 1 })).skipped).toEqual([{ path: 'd/e', reason: 'beyond the limits' }])
  })

  it('throws for a folder that is not there', async () => {
    await expect(readMarkdown(join(root, 'nowhere'))).rejects.toThrow('ENOENT')
  })
})
