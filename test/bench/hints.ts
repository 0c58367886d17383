import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright'
import type { Page } from 'playwright'
import { chromiumLaunch, findChromium } from '../setup/chromium.ts'

// A thousand hints on a page, worked out again at each keystroke, in a real browser: the longest frame that
// a person would see. Usage: node test/bench/hints.ts

type Print = (figure: Record<string, unknown>) => void

const name = 'hints'
const keys = 20
const lengths = [450, 4_000]
/** Of these an estimate is timed beside English, and of a length too at which bytes are most of the work. */
const scripts = ['English', 'Arabic', 'Chinese'] as const
const estimated = [2_000, 20_000]
const kinds = { same: 'one text', own: 'a text each' } as const

/** Prints milliseconds of the longest frame and of a usual keystroke's, beside a frame of the idle page, and microseconds of an estimate in that browser. */
export async function bench(print: Print): Promise<void> {
  const browser = await chromium.launch({ ...chromiumLaunch, executablePath: await findChromium() })
  try {
    const page = await open(await browser.newPage())
    for (const script of scripts) for (const length of [...lengths, ...estimated]) {
      const times = () => page.evaluate(([length, script]) => window.estimates(length, script), [length, script] as const)
      await times()
      print({ bench: name, what: 'ai.estimate in the browser', script, characters: length, unit: 'µs', ...quantiles(await times()), target: 50 })
    }
    for (const length of lengths) {
      for (const [how, what] of Object.entries(kinds)) await typeInto(page, print, { how: how as keyof typeof kinds, what, length })
    }
  } finally {
    await browser.close()
  }
}

async function open(page: Page): Promise<Page> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('hints-page.tsx', import.meta.url))], bundle: true, write: false, minify: true, format: 'esm', platform: 'browser', target: 'es2023', jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' }, loader: { '.css': 'empty' }, logLevel: 'error',
  })
  // A secure origin, so that storage and locks are there; nothing is asked of the network.
  await page.route('http://localhost/**', route => route.fulfill(new URL(route.request().url()).pathname === '/page.js'
    ? { contentType: 'text/javascript', body: outputFiles[0]!.text }
    : { contentType: 'text/html', body: '<!doctype html><html lang="en"><meta charset="utf-8"><body><script type="module" src="/page.js"></script>' }))
  await page.goto('http://localhost/')
  await page.waitForFunction(() => 'show' in window)
  return page
}

async function typeInto(page: Page, print: Print, { how, what, length }: { how: keyof typeof kinds; what: string; length: number }): Promise<void> {
  await page.evaluate(([how, length]) => window.show(how, length), [how, length] as const)
  await page.locator('textarea').focus()
  await page.keyboard.type('warm up')
  const idle = await framesDuring(page, () => page.waitForTimeout(300))
  const longest: number[] = []
  for (let key = 0; key < keys; key++) longest.push(Math.max(...await framesDuring(page, () => page.keyboard.press('a'))))
  longest.sort((a, b) => a - b)
  print({ bench: name, what: `1,000 hints of ${what}`, characters: length, unit: 'ms', keys, longest: rounded(longest.at(-1)!), usual: rounded(longest[keys / 2]!), idle: rounded(idle.toSorted((a, b) => a - b)[Math.floor(idle.length / 2)]!) })
}

/** Milliseconds from each frame to the next while something is done, and for a few frames after. */
async function framesDuring(page: Page, act: () => Promise<unknown>): Promise<number[]> {
  await page.evaluate(() => {
    const times: number[] = []
    Object.assign(window, { frameTimes: times, watching: true })
    const look = (now: number) => {
      times.push(now)
      if ((window as unknown as { watching: boolean }).watching) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await act()
  await page.waitForTimeout(300)
  const times = await page.evaluate(() => {
    Object.assign(window, { watching: false })
    return (window as unknown as { frameTimes: number[] }).frameTimes
  })
  return times.slice(1).map((time, i) => time - times[i]!)
}

function quantiles(values: readonly number[]): { readonly p50: number; readonly p90: number } {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number) => rounded(sorted[Math.floor(part * sorted.length)]!)
  return { p50: at(0.5), p90: at(0.9) }
}

const rounded = (value: number) => Number(value.toPrecision(3))

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bench(figure => console.log(JSON.stringify(figure)))
