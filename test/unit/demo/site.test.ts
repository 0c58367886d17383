import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { classify } from '../../../src/routing/index.ts'
import { readAssets } from '../../../examples/docs-search/server/assets.ts'
import { openDataFolder } from '../../../examples/docs-search/server/data-folder.ts'
import { openLibrary } from '../../../examples/docs-search/server/library.ts'
import { openSelector } from '../../../examples/docs-search/server/selector.ts'
import { createSite, questions } from '../../../examples/docs-search/server/site.ts'
import type { Site } from '../../../examples/docs-search/server/site.ts'
import type { SearchAnswer } from '../../../examples/docs-search/shared/api.ts'

let base: string
let site: Site
let close: () => Promise<void>

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'sparing-site-'))
  for (const [path, content] of Object.entries({
    'node_modules/aborter/README.md': '# Aborter\n\nCall `abort()` on the controller to cancel a request.\n\n## Time-outs\n\nA time-out cancels the request too.\n',
    'node_modules/aborter/package.json': '{"version":"1.2.3","license":"MIT"}',
    'node_modules/@scope/other/readme.md': '# Other\n\nNothing to do with it.\n',
    'node_modules/@scope/other/package.json': 'no json',
    'node_modules/aborter/LICENSE.md': 'Permission to cancel a request.',
    'dist/index.html': '<!doctype html>', 'dist/assets/a.js': '1', 'secret.txt': 'secret',
  })) {
    mkdirSync(join(base, path, '..'), { recursive: true })
    writeFileSync(join(base, path), content)
  }
  symlinkSync('..', join(base, 'dist', 'up'))
  const library = await openLibrary(join(base, 'node_modules'))
  const selector = openSelector({ library, data: await openDataFolder(join(base, 'data')), upstream: null, runs: 3 })
  site = createSite({ library, selector, assets: await readAssets(join(base, 'dist')) })
  close = () => selector.close()
})
afterAll(async () => {
  await close()
  rmSync(base, { recursive: true, force: true })
})

const get = (path: string, init?: RequestInit) => site.fetch(new Request(`http://127.0.0.1:4321${path}`, init))
const find = async (query: string) => await (await get(`/api/search?q=${encodeURIComponent(query)}`)).json() as SearchAnswer

describe('the demo\'s server', () => {
  it('finds passages with the words that were asked for', async () => {
    const { results } = await find('how do I cancel a request?')
    expect(results[0]).toMatchObject({ n: 1, document: 'aborter/README.md', place: ['aborter', 'readme'] })
    expect(results[0]!.quote.filter(({ mark }) => mark).map(({ text }) => text)).toContain('request')
    expect(results.map(({ document }) => document)).not.toContain('aborter/LICENSE.md')
  })

  it('answers a look-up with the package\'s own facts', async () => {
    expect((await find('license of aborter')).facts).toMatchObject({ name: 'aborter', asked: ['license'], facts: [{ name: 'license', value: 'MIT' }, { name: 'version', value: '1.2.3' }], document: 'aborter/README.md' })
  })

  it.each(['', ' ', '?', '\u0000', 'x'.repeat(10_000), '__proto__', '𝔘'])('takes any query, such as %j', async query => {
    expect((await find(query)).results).toBeInstanceOf(Array)
  })

  it('opens documents by their id only', async () => {
    expect(await (await get('/api/document?id=aborter/README.md')).json()).toMatchObject({ title: 'aborter', place: ['aborter', 'readme'] })
    for (const id of ['', '../secret.txt', '/etc/passwd', 'aborter/package.json', 'constructor']) {
      expect((await get(`/api/document?id=${encodeURIComponent(id)}`)).status).toBe(404)
    }
  })

  it.each(['/secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/up/secret.txt', '/assets/', '/dist/index.html', '/index.html/x'])('gives nothing for %s', async path => {
    expect((await get(path)).status).toBe(404)
  })

  it('gives the page at its addresses, guarded', async () => {
    for (const path of ['/', '/?q=x', '/document?id=y']) {
      const response = await get(path)
      expect(response.headers.get('content-type')).toContain('text/html')
      expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    }
    expect((await get('/assets/a.js')).headers.get('cache-control')).toContain('immutable')
    expect((await get('/', { method: 'POST' })).status).toBe(405)
  })

  it('has the model selector under its path, with the allowance', async () => {
    expect((await get('/api/ai/healthz')).status).toBe(200)
    const { budgets } = await (await get('/api/ai/v1/budget')).json() as { budgets: { id: string; unit?: string; limit?: number }[] }
    expect(budgets).toContainEqual(expect.objectContaining({ id: 'allowance', unit: 'runs', limit: 3 }))
    expect(budgets.find(({ id }) => id === 'everyone')).not.toHaveProperty('limit')
  })
})

it.skipIf(process.platform === 'win32')('keeps its secret to its owner, and keeps it', async () => {
  const folder = join(base, 'kept')
  const { secret } = await openDataFolder(folder)
  expect((await openDataFolder(folder)).secret).toBe(secret)
  expect(statSync(join(folder, 'secret')).mode & 0o777).toBe(0o600)
  writeFileSync(join(folder, 'secret'), 'short')
  await expect(openDataFolder(folder)).rejects.toThrow('Delete it')
})

it('says what to do where the page was not built', async () => {
  await expect(readAssets(join(base, 'nowhere'))).rejects.toThrow('npm run demo')
})

it('begins with questions that an answer is offered for, and with two look-ups', () => {
  expect(questions.map(question => classify(question).need)).toEqual(['generate', 'generate', 'generate', 'generate', 'none', 'none'])
})
