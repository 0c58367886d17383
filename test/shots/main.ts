import { createServer } from 'node:http'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import type { Browser } from 'playwright'
import { chromiumLaunch, findChromium } from '../setup/chromium.ts'

// Pictures of the stories that people's eyes judge: light and dark, at a desktop's and at a small phone's
// width. Usage: npm run shots [-- folder [part of a story's id]]

const built = fileURLToPath(new URL('../../storybook-static', import.meta.url))
const [folder = fileURLToPath(new URL('../../shots', import.meta.url)), part = ''] = process.argv.slice(2)
const widths = { desktop: 688, phone: 320 }
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' }

interface Index {
  readonly entries: Readonly<Record<string, { readonly id: string; readonly type: string }>>
}

/** Stories that are one of their own in the dark are taken once, in both themes. */
function storiesIn(index: Index): string[] {
  return Object.values(index.entries).filter(({ id, type }) => type === 'story' && id.includes(part) && !/-dark/.test(id)).map(({ id }) => id)
}

const server = createServer((request, response) => {
  const path = join(built, normalize(new URL(request.url ?? '/', 'http://localhost').pathname))
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end()
  response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(readFileSync(path))
})

async function take(browser: Browser, origin: string, id: string): Promise<string[]> {
  const faults: string[] = []
  for (const [device, width] of Object.entries(widths)) {
    for (const theme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height: 480 }, colorScheme: theme, deviceScaleFactor: 2 })
      await page.goto(`${origin}/iframe.html?id=${id}&viewMode=story&args=theme:${theme}`)
      await page.waitForFunction(finished, null, { timeout: 20_000 }).catch(() => faults.push(`${id} (${device}, ${theme}) did not come to its end`))
      // The pointer has left, and what fades has faded.
      await page.mouse.move(0, 0)
      await page.waitForTimeout(300)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      if (wide) faults.push(`${id} (${device}, ${theme}) is wider than the page`)
      await page.screenshot({ path: join(folder, `${id}.${device}.${theme}.png`), fullPage: true })
      await page.close()
    }
  }
  return faults
}

/** In the page: whether the story has been drawn and played. */
function finished(): boolean {
  const channel = (globalThis as unknown as { __STORYBOOK_ADDONS_CHANNEL__?: { last(event: string): unknown } }).__STORYBOOK_ADDONS_CHANNEL__
  return Boolean(channel?.last('storyFinished'))
}

mkdirSync(folder, { recursive: true })
const index = JSON.parse(readFileSync(join(built, 'index.json'), 'utf8')) as Index
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const browser = await chromium.launch({ ...chromiumLaunch, executablePath: await findChromium() })
try {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const faults: string[] = []
  for (const id of storiesIn(index)) faults.push(...await take(browser, origin, id))
  for (const fault of faults) console.error(fault)
  console.log(`${storiesIn(index).length} stories are in ${folder}.`)
  process.exitCode = faults.length > 0 ? 1 : 0
} finally {
  await browser.close()
  server.close()
}
