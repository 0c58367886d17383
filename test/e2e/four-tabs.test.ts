import type { BrowserContext, Page } from 'playwright'
import { describe, expect, test } from 'vitest'
import type { AI } from '../../src/index.ts'
import { openaiCompatible } from '../../src/server/index.ts'
import { startUpstream } from '../fixtures/upstream.ts'
import type { Upstream } from '../fixtures/upstream.ts'
import { inChromium } from './support/in-chromium.ts'
import { startSite } from './support/site.ts'
import type { Site } from './support/site.ts'
import { randomFrom } from '../../src/routing/train/random.ts'

// Judged by what was sent to the upstream and by its own log, not by any record of ours.

const limit = 40
const features = { summary: { task: 'summarize', baseline: 'extract', tier: 'eco', maxInputTokens: 500, maxOutputTokens: 20 } } as const
const user = { id: 'user', scope: 'user', per: 'month' } as const
const local = (runs: number) => [{ id: 'mine', per: 'month', limit: { runs } }]

interface TestPage {
  ai: AI
  start(count: number): void
  /** How many that this page started have ended, and of those how many a budget refused. */
  counts(): { started: number; ended: number; refused: number }
}

const script = (budgets: object) => `
  import { createAI } from './src/index.ts'
  const ai = createAI({ modelSelector: '/api/ai', features: ${JSON.stringify(features)}, budgets: ${JSON.stringify(budgets)} })
  const counts = { started: 0, ended: 0, refused: 0 }
  function start(count) {
    counts.started += count
    for (let i = 0; i < count; i++) {
      const input = 'The council met. It approved a budget. Nobody objected.'
      ai.run('summary', { input, optIn: 'once', trigger: 'user' }).then(() => {}, error => { if (error.code === 'budget-exceeded') counts.refused++ }).then(() => counts.ended++)
    }
  }
  await ai.refresh()
  window.page = { ai, start, counts: () => ({ ...counts }) }
`

const { closing, newContext } = inChromium()
let context: BrowserContext
let upstream: Upstream
/** Requests that left for the upstream. Those of tabs that died at that very moment may never have been read there, which nobody can know: they count. */
let sent: number
let site: Site

async function setUp(budgets: { local: number; server: number }, prepare?: () => void): Promise<void> {
  upstream = closing(await startUpstream({ deltas: ['One', ' two', ' three', ' four.'], paused: true }))
  sent = 0
  const send: typeof fetch = (...request) => {
    sent++
    return fetch(...request)
  }
  const provider = openaiCompatible({ id: 'fixture', baseURL: upstream.url, fetch: send, models: { eco: [{ id: 'small', params: { active: 4, total: 4 } }] } })
  site = closing(await startSite({
    script: script(local(budgets.local)),
    server: { features, providers: [provider], budgets: [{ ...user, limit: { runs: budgets.server } }], concurrency: 1_000, onError: () => {} },
  }))
  context = await newContext()
  if (prepare) await context.addInitScript(prepare)
}

async function open(): Promise<Page> {
  const page = await context.newPage()
  await page.goto(site.url)
  await loaded(page)
  return page
}
const loaded = (page: Page) => page.waitForFunction(() => 'page' in window)
const start = (page: Page, count: number) => page.evaluate(count => (window as unknown as { page: TestPage }).page.start(count), count)
const counts = (page: Page) => page.evaluate(() => (window as unknown as { page: TestPage }).page.counts())
const line = (page: Page) => page.evaluate(() => {
  const { local: [mine] } = (window as unknown as { page: TestPage }).page.ai.budget.getState()
  return { settled: mine!.settled, held: mine!.held }
})
const agreement = (page: Page) => page.evaluate(() => (window as unknown as { page: TestPage }).page.ai.budget.getState().agreement)
const refresh = (page: Page) => page.evaluate(() => (window as unknown as { page: TestPage }).page.ai.refresh())


/** A page cannot load while answers that wait take all the connections that a browser has to one address. */
async function whileAnswering<T>(loading: Promise<T>): Promise<T> {
  const trickle = setInterval(() => upstream.release(), 20)
  return loading.finally(() => clearInterval(trickle))
}

/** Four tabs that start runs, while any of them is closed or reloaded at any moment. */
async function turmoil(seed: number): Promise<void> {
  const roll = randomFrom(seed)
  const tabs = await Promise.all(Array.from({ length: 4 }, open))
  for (let step = 0; step < 36; step++) {
    const at = Math.floor(roll() * 4)
    await start(tabs[at]!, 1 + Math.floor(roll() * 4))
    upstream.release(Math.floor(roll() * 12))
    const event = roll()
    if (event < 0.2) {
      await tabs[at]!.close()
      tabs[at] = await whileAnswering(open())
    } else if (event < 0.4) {
      await whileAnswering(tabs[at]!.reload())
      await whileAnswering(loaded(tabs[at]!))
    }
  }
  // Now everything goes on to its end.
  upstream.release(1_000_000)
  for (const tab of tabs) await expect.poll(async () => (await counts(tab)).started - (await counts(tab)).ended, { timeout: 30_000 }).toBe(0)
  for (const tab of tabs) await tab.close()
}

/** Starts runs, one after the other, until a budget refuses one. */
async function exhaust(page: Page): Promise<void> {
  for (let i = 0; i <= limit && (await counts(page)).refused === 0; i++) {
    await start(page, 1)
    await expect.poll(async () => (await counts(page)).ended).toBe(i + 1)
  }
}

describe('four tabs, closed and reloaded at random while they run, never pass the limit', () => {
  test.each([1, 2, 3])('with Web Locks, seed %i', async seed => {
    await setUp({ local: limit, server: 100_000 })
    await turmoil(seed)
    const last = await open()
    // Runs of tabs that are gone are settled by what the server knows of them.
    await expect.poll(async () => {
      await refresh(last)
      return (await line(last)).held
    }, { timeout: 30_000 }).toBe(0)
    await exhaust(last)
    expect(await agreement(last)).toBe('exact')
    expect(await line(last)).toEqual({ settled: limit, held: 0 })
    expect(sent).toBe(limit)
    expect(upstream.log.length).toBeLessThanOrEqual(limit)
    expect(upstream.log.length).toBeGreaterThan(limit / 2)
  })

  test('without Web Locks', async () => {
    await setUp({ local: limit, server: 100_000 }, () => Object.defineProperty(navigator, 'locks', { value: undefined }))
    await turmoil(4)
    const last = await open()
    await exhaust(last)
    const { settled, held } = await line(last)
    expect(await agreement(last)).toBe('exact')
    expect(settled + held).toBe(limit)
    expect(sent).toBeLessThanOrEqual(limit)
    expect(upstream.log.length).toBeGreaterThan(limit / 2)
  })

  test('with storage refused, by the server', async () => {
    await setUp({ local: 100_000, server: limit }, () => {
      for (const name of ['indexedDB', 'localStorage', 'sessionStorage']) {
        Object.defineProperty(window, name, { get() { throw new DOMException('The operation is insecure.', 'SecurityError') } })
      }
    })
    await turmoil(5)
    const last = await open()
    await exhaust(last)
    expect(await agreement(last)).toBe('advisory')
    expect(sent).toBe(limit)
  })
})
