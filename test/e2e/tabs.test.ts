import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BudgetStore } from '../../src/state/index.ts'
import { launchChromium } from '../setup/launch-chromium.ts'

/** What the page under test puts on its window. */
interface Tab {
  store: BudgetStore
  /** How many of so many overlapping runs get through. `startAt`: milliseconds since 1970. */
  runAll(name: string, count: number, startAt?: number): Promise<number>
  outcome(attempt: Promise<void>): Promise<string>
}
declare global {
  interface Window {
    tab: Tab
  }
}

const script = `
  import { createBudgetStore } from './src/state/index.ts'
  const store = createBudgetStore({ subject: 'ann', policies: [{ id: 'mine', per: 'month', limit: { runs: 60 } }] })
  const wholeRun = async run => {
    await store.reserve(run, { runs: 1 })
    await store.dispatch(run)
    await store.settle(run, { runs: 1 })
  }
  const outcome = attempt => attempt.then(() => 'done', error => error.code ?? String(error))
  // Begun in one breath, all runs of a tab would share a transaction, and the tabs would hardly meet.
  const later = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))
  const runAll = async (name, count, startAt = Date.now()) => {
    const outcomes = await Promise.all(Array.from({ length: count }, async (_, index) => {
      await later(startAt - Date.now() + index * 4)
      return outcome(wholeRun(name + index))
    }))
    const others = outcomes.filter(each => each !== 'done' && each !== 'budget-exceeded')
    if (others.length > 0) throw new Error(others.join())
    return outcomes.filter(each => each === 'done').length
  }
  window.tab = { store, runAll, outcome }
`

let browser: Browser
let server: Server
let address: string
let context: BrowserContext

beforeAll(async () => {
  const bundle = await build({ stdin: { contents: script, resolveDir: process.cwd(), loader: 'ts' }, bundle: true, format: 'esm', write: false })
  server = createServer((request, response) => {
    const isScript = request.url === '/tab.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? bundle.outputFiles[0]!.text : '<!doctype html><title>tab</title><script type="module" src="/tab.js"></script>')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  server?.close()
})
beforeEach(async () => {
  context = await browser.newContext()
})
afterEach(() => context.close())

async function openTab(): Promise<Page> {
  const page = await context.newPage()
  await page.goto(address)
  await page.evaluate(() => window.tab.store.ready)
  return page
}

const figures = (page: Page) => page.evaluate(() => window.tab.store.getState().local.map(({ settled, held, available }) => ({ settled, held, available }))[0])
const agreement = (page: Page) => page.evaluate(() => window.tab.store.getState().agreement)
const reserve = (page: Page, run: string, runs: number) => page.evaluate(([run, runs]) => window.tab.outcome(window.tab.store.reserve(run, { runs })), [run, runs] as const)
const dispatch = (page: Page, run: string) => page.evaluate(run => window.tab.outcome(window.tab.store.dispatch(run)), run)
const hasLocks = (page: Page) => page.evaluate(() => 'locks' in navigator && navigator.locks !== undefined)

async function expectSixtyOf(tabs: readonly Page[]) {
  const startAt = Date.now() + 300
  const passed = await Promise.all(tabs.map((page, index) =>
    page.evaluate(([name, startAt]) => window.tab.runAll(name, 50, startAt), [`tab${index}-`, startAt] as const)))
  expect(passed.reduce((sum, each) => sum + each, 0)).toBe(60)
  for (const page of tabs) {
    expect(await agreement(page)).toBe('exact')
    await expect.poll(() => figures(page)).toEqual({ settled: 60, held: 0, available: 0 })
  }
}

describe('two tabs of 50 runs each against a limit of 60 let exactly 60 through', () => {
  test('with Web Locks', async () => {
    const tabs = await Promise.all([openTab(), openTab()])
    expect(await hasLocks(tabs[0])).toBe(true)
    await expectSixtyOf(tabs)
  })

  test('without', async () => {
    await context.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })
    })
    const tabs = await Promise.all([openTab(), openTab()])
    expect(await hasLocks(tabs[0])).toBe(false)
    await expectSixtyOf(tabs)
  })

  test('without BroadcastChannel', async () => {
    await context.addInitScript(() => {
      Reflect.deleteProperty(window, 'BroadcastChannel')
    })
    await expectSixtyOf(await Promise.all([openTab(), openTab()]))
  })
})

describe('a tab that is closed in the middle of a run', () => {
  test('gives back at once what it had not dispatched', async () => {
    const [closing, staying] = await Promise.all([openTab(), openTab()])
    expect(await reserve(closing, 'r1', 60)).toBe('done')
    expect(await reserve(staying, 'r2', 1)).toBe('budget-exceeded')
    await closing.close()
    await expect.poll(() => reserve(staying, 'r2', 60)).toBe('done')
    expect(await figures(staying)).toEqual({ settled: 0, held: 60, available: 0 })
  })

  test('leaves what it dispatched as an orphan, which its receipt settles', async () => {
    const [closing, staying] = await Promise.all([openTab(), openTab()])
    expect(await reserve(closing, 'r1', 40)).toBe('done')
    expect(await dispatch(closing, 'r1')).toBe('done')
    expect(await staying.evaluate(() => window.tab.store.orphans())).toEqual([])
    await closing.close()
    await expect.poll(() => staying.evaluate(() => window.tab.store.orphans())).toEqual(['r1'])
    expect(await reserve(staying, 'r2', 30)).toBe('budget-exceeded')
    await staying.evaluate(() => window.tab.store.settle('r1', { runs: 4 }))
    expect(await figures(staying)).toEqual({ settled: 4, held: 0, available: 56 })
  })

  test('is the same when it is reloaded', async () => {
    const page = await openTab()
    await reserve(page, 'held', 10)
    await reserve(page, 'sent', 10)
    await dispatch(page, 'sent')
    await page.reload()
    await expect.poll(() => page.evaluate(() => window.tab.store.orphans())).toEqual(['sent'])
    expect(await figures(page)).toEqual({ settled: 0, held: 10, available: 50 })
  })
})

test('contexts of other people begin at zero, and a second tab sees what the first one spends', async () => {
  const [spending, watching] = await Promise.all([openTab(), openTab()])
  expect(await spending.evaluate(() => window.tab.runAll('r', 5))).toBe(5)
  await expect.poll(() => figures(watching)).toEqual({ settled: 5, held: 0, available: 55 })
  const stranger = await browser.newContext()
  const page = await stranger.newPage()
  await page.goto(address)
  await page.evaluate(() => window.tab.store.ready)
  expect(await figures(page)).toEqual({ settled: 0, held: 0, available: 60 })
  await stranger.close()
})
