import type { BrowserContext, Page } from 'playwright'
import { describe, expect, test } from 'vitest'
import type { AI } from '../../src/index.ts'
import { baseline } from '../../src/server/index.ts'
import { inChromium } from './support/in-chromium.ts'
import { startSite } from './support/site.ts'

interface Counts {
  done: number
  refused: number
}

interface TestPage {
  ai: AI
  /** Starts so many runs at once and tells how they ended. */
  burst(count: number): Promise<Counts>
  held(): number
  settledRuns(): number
}

const features = { summary: { task: 'summarize', baseline: 'extract', tier: 'eco' } } as const

const script = (budgets: string) => `
  import { createAI } from './src/index.ts'
  const features = ${JSON.stringify(features)}
  const ai = createAI({ modelSelector: '/api/ai', features, budgets: ${budgets} })
  const input = 'The council met. It approved a budget. Nobody objected.'
  const line = () => [...ai.budget.getState().local, ...ai.budget.getState().server].find(each => each.unit === 'runs')
  async function burst(count) {
    const runs = Array.from({ length: count }, () => ai.run('summary', { input, optIn: 'once', trigger: 'user' }))
    const outcomes = await Promise.allSettled(runs)
    const others = outcomes.filter(({ reason }) => reason && reason.code !== 'budget-exceeded').map(({ reason }) => String(reason))
    if (others.length > 0) throw new Error(others.join('; '))
    return { done: outcomes.filter(({ status }) => status === 'fulfilled').length, refused: outcomes.filter(({ status }) => status === 'rejected').length }
  }
  await ai.refresh()
  window.page = { ai, burst, held: () => line().held, settledRuns: () => line().settled }
`

const { closing, newContext } = inChromium()

async function open(on: BrowserContext, url: string): Promise<Page> {
  const page = await on.newPage()
  await page.goto(url)
  await page.waitForFunction(() => 'page' in window)
  return page
}

const burst = (page: Page, count: number) => page.evaluate(count => (window as unknown as { page: TestPage }).page.burst(count), count)
const held = (page: Page) => page.evaluate(() => (window as unknown as { page: TestPage }).page.held())
const settledRuns = (page: Page) => page.evaluate(() => (window as unknown as { page: TestPage }).page.settledRuns())

describe('two tabs of 50 runs each against { limit: { runs: 60 } } let exactly 60 through', () => {
  const plenty = [{ id: 'server', scope: 'user', per: 'day', limit: { runs: 10_000 } }] as const

  async function twoTabs(budgets: string, server: Parameters<typeof startSite>[0]['server'], prepare?: () => void): Promise<[Page, Page, Counts]> {
    const site = closing(await startSite({ script: script(budgets), server }))
    const context = await newContext()
    if (prepare) await context.addInitScript(prepare)
    const [first, second] = [await open(context, site.url), await open(context, site.url)]
    const [one, two] = await Promise.all([burst(first, 50), burst(second, 50)])
    return [first, second, { done: one.done + two.done, refused: one.refused + two.refused }]
  }

  test.each([
    ['as the browser is', undefined],
    ['without Web Locks', () => Object.defineProperty(navigator, 'locks', { value: undefined })],
  ])('by the budget of the device, %s', async (_, prepare) => {
    const local = `[{ id: 'mine', per: 'month', limit: { runs: 60 } }]`
    const [first, second, counts] = await twoTabs(local, { features, providers: [baseline()], budgets: plenty, concurrency: 1_000, share: 1 }, prepare)
    expect(counts).toEqual({ done: 60, refused: 40 })
    await expect.poll(() => settledRuns(first)).toBe(60)
    await expect.poll(() => settledRuns(second)).toBe(60)
    await expect.poll(async () => [await held(first), await held(second)]).toEqual([0, 0])
  })

  test('by the budget of the server, when storage is refused', async () => {
    const refuse = () => {
      for (const name of ['indexedDB', 'localStorage', 'sessionStorage']) {
        Object.defineProperty(window, name, { get() { throw new DOMException('The operation is insecure.', 'SecurityError') } })
      }
    }
    const budgets = [{ id: 'server', scope: 'user', per: 'month', limit: { runs: 60 } }] as const
    const [, , counts] = await twoTabs(`[{ id: 'mine', per: 'month', limit: { wh: 1000 } }]`, { features, providers: [baseline()], budgets, concurrency: 1_000, share: 1 }, refuse)
    expect(counts).toEqual({ done: 60, refused: 40 })
  })
})
