import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startUpstream } from '../fixtures/upstream.ts'
import type { Upstream } from '../fixtures/upstream.ts'
import { launchChromium } from '../setup/launch-chromium.ts'
import { startDemo } from './support/demo.ts'
import type { Demo, DemoOptions } from './support/demo.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const words = ['Call', ' run.abort()', ' to', ' cancel', ' it', ' [1].']

let browser: Browser
let context: BrowserContext | undefined
let demo: Demo | undefined
let upstream: Upstream | undefined

beforeAll(async () => {
  browser = await launchChromium()
})
afterEach(async () => {
  await context?.close()
  await demo?.close()
  await upstream?.close()
  context = demo = upstream = undefined
})
afterAll(() => browser?.close())

/** The demo, with the paused upstream of the tests as its models if that is wanted. */
async function start({ generative = false, ...options }: DemoOptions & { generative?: boolean } = {}): Promise<Page> {
  if (generative) upstream = await startUpstream({ deltas: words, paused: true })
  const models = upstream && { OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: 'of-the-tests', SPARING_ECO: 'qwen3-4b', SPARING_STANDARD: 'qwen3-30b-a3b', SPARING_MAX: 'qwen3-235b-a22b' }
  demo = await startDemo({ ...options, env: { ...models, ...options.env } })
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  return open()
}

/** Another tab of the same profile. */
async function open(path = '/?q=how+do+I+cancel+a+run'): Promise<Page> {
  const page = await context!.newPage()
  await page.goto(demo!.url + path)
  await page.getByRole('heading', { level: 2, name: 'Cancelling' }).or(page.getByRole('heading', { name: 'Cancelling' })).first().waitFor()
  return page
}

const offer = (page: Page) => page.locator('main').getByRole('button', { name: 'Answer with AI' })
/** In the header, always: for who wants one where none is offered. */
const tool = (page: Page) => page.locator('header').getByRole('button', { name: 'AI answer', exact: true })
/** What has the focus, by what it says. */
const focusOf = (page: Page) => page.evaluate(() => document.activeElement === document.body ? 'nothing' : document.activeElement?.textContent?.trim())
/** Moves the focus until it is on what says this. */
async function tabTo(page: Page, name: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 40 && !(await focusOf(page))?.startsWith(name); presses++) await page.keyboard.press(key)
  expect(await focusOf(page)).toMatch(new RegExp(`^${name}`))
}
/** On the page itself, and not in the region that is only spoken. */
const quotes = (page: Page) => page.getByRole('heading', { name: 'Quotes from your documents' })
const hidden = (page: Page) => page.getByRole('region', { name: 'AI answer' }).getByText('AI answers are hidden.')
const unfinished = (page: Page) => page.getByText('It did not finish.', { exact: true })
const stop = (page: Page) => page.getByRole('button', { name: 'Stop' })
/** Presses within 600 ms of a change are ignored, so that nobody presses what was not there yet. */
const untilPressable = (page: Page) => page.waitForTimeout(700)
async function untilOffered(page: Page): Promise<void> {
  await page.getByText(/At most \d+%/).first().waitFor()
  await untilPressable(page)
}
/** The only run there is may be asked about first, because it is the whole allowance; not before that is known. */
async function useUp(page: Page): Promise<void> {
  await offer(page).click()
  await quotes(page).or(page.getByText('all of today')).or(page.getByText('at most 100%')).first().waitFor()
  if (await quotes(page).count() === 0) {
    await untilPressable(page)
    await offer(page).click()
  }
  await quotes(page).waitFor()
}
const receiptsIn = (page: Page) => page.getByText(/^Answer/)
const allowance = (page: Page) => page.getByRole('meter')
const settledRuns = (page: Page) => page.evaluate(async () => {
  const { budgets } = await (await fetch('/api/ai/v1/budget')).json() as { budgets: { id: string; unit?: string; settled: number; held: number }[] }
  const { settled, held } = budgets.find(({ unit }) => unit === 'runs')!
  return { settled, held }
})

function runRequests(page: Page): string[] {
  const seen: string[] = []
  page.on('request', request => {
    if (request.method() === 'POST') seen.push(new URL(request.url()).pathname)
  })
  return seen
}

/** Of the page as it stays: what is still fading in has less contrast. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))
  await page.evaluate(axe)
  const { violations: found } = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run())
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

describe('the demo in Chromium', () => {
  test('sends no run before the person opts in; then streams, leaves a receipt, and moves the allowance for good', async () => {
    const page = await start({ generative: true })
    const posts = runRequests(page)
    await page.reload()
    await offer(page).waitFor()
    expect(posts).toEqual([])
    expect(upstream!.log).toEqual([])

    await offer(page).click()
    await stop(page).waitFor()
    upstream!.release(1)
    await page.getByText('Call', { exact: true }).waitFor()
    // The first word is on the screen while the upstream still holds the others back.
    expect(upstream!.log[0]).toMatchObject({ served: 1, ended: null })
    expect(await allowance(page).getAttribute('aria-valuetext')).toMatch(/\d+% set aside/)
    upstream!.release(words.length)
    await page.getByText('Written by AI').waitFor()
    await expect.poll(() => page.getByText('run.abort()').first().isVisible()).toBe(true)
    await receiptsIn(page).first().waitFor()
    expect(await allowance(page).getAttribute('aria-valuetext') ?? await allowance(page).textContent()).not.toMatch(/^0%/)
    expect(await settledRuns(page)).toEqual({ settled: 1, held: 0 })

    await page.reload()
    await offer(page).waitFor()
    await receiptsIn(page).first().waitFor()
    expect(await settledRuns(page)).toEqual({ settled: 1, held: 0 })
    const second = await open()
    await offer(second).waitFor()
    await expect.poll(async () => await allowance(second).getAttribute('aria-valuetext')).toBe(await allowance(page).getAttribute('aria-valuetext'))
    await demo!.restart()
    expect(await settledRuns(page)).toEqual({ settled: 1, held: 0 })
  })

  test('stops half-way: the page, the ledger and the upstream count the same', async () => {
    const page = await start({ generative: true })
    const sent = page.waitForRequest(request => request.method() === 'POST')
    await offer(page).click()
    await stop(page).waitFor()
    const { id } = (await sent).postDataJSON() as { id: string }
    upstream!.release(3)
    await page.getByText('Call run.abort() to').waitFor()
    await untilPressable(page)
    await stop(page).click()
    await upstream!.until(([call]) => call?.ended === 'client')
    await unfinished(page).waitFor()
    expect(upstream!.log[0]!.served).toBe(3)
    const record = await page.evaluate(async id => (await fetch(`/api/ai/v1/runs/${id}`)).json(), id) as { receipt: { status: string; usage: { output: number } } }
    expect(record.receipt).toMatchObject({ status: 'aborted', usage: { output: 3 } })
    expect(await settledRuns(page)).toEqual({ settled: 1, held: 0 })
  })

  test('remembers a decline, and offers the way back', async () => {
    const page = await start()
    await page.getByRole('button', { name: 'Hide' }).click()
    await hidden(page).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Cancelling' }).first().waitFor()
    expect(await offer(page).count()).toBe(0)
    const second = await open()
    expect(await offer(second).count()).toBe(0)
    // Nothing asks again; who looks for it in the tools finds it.
    await tool(second).click()
    await offer(second).waitFor()
    expect(await focusOf(second)).toBe('Answer with AI')
  })

  test('answers with quotes, and says so, where no model is set up', async () => {
    const page = await start()
    await offer(page).click()
    await quotes(page).waitFor()
    await page.getByText('No generative model.').first().waitFor()
    expect(await page.getByText('It reached the most').count() + await page.getByText('No model is set up').count()).toBe(0)
    // Only who asks for more is told that there is none.
    await page.reload()
    await page.getByRole('button', { name: 'Details' }).click()
    await page.getByRole('combobox', { name: 'Level' }).selectOption('Large')
    await page.getByText('No model is set up for this level.').first().waitFor()
  })

  test('offers nothing for a look-up; the tools do, and lead the keyboard to it', async () => {
    const page = await start()
    const before = await tool(page).boundingBox()
    await page.goto(`${demo!.url}/?q=receipts+version`)
    await tool(page).waitFor()
    expect(await offer(page).count()).toBe(0)
    expect(await tool(page).boundingBox()).toEqual(before)
    await tool(page).focus()
    await page.keyboard.press('Enter')
    await offer(page).waitFor()
    expect(await focusOf(page)).toBe('Answer with AI')
    await untilOffered(page)
    await page.keyboard.press('Enter')
    await quotes(page).waitFor()
    await expect.poll(() => focusOf(page)).toBe('Quotes from your documents')
    await tool(page).click()
    expect(await focusOf(page)).toBe('Quotes from your documents')
  })

  test('a standing opt-in spends one run on a question, however it is typed', async () => {
    const page = await start({ generative: true })
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByLabel('Always run here').first().check()
    await page.keyboard.press('Escape')
    // A link leads to a whole question: it runs at once.
    await upstream!.until(log => log.length === 1)
    await page.getByRole('searchbox').fill('')
    await page.getByRole('searchbox').pressSequentially('how do I renew a lease', { delay: 90 })
    expect(upstream!.log).toHaveLength(1)
    await upstream!.until(log => log.length === 2)
    await page.getByRole('searchbox').pressSequentially(' while it runs')
    await page.keyboard.press('Enter')
    const pressed = performance.now()
    await upstream!.until(log => log.length === 3)
    expect(performance.now() - pressed).toBeLessThan(1_400)
    expect(JSON.stringify(upstream!.log[2]!.body)).toContain('while it runs')
  })

  test('results move once, from the press to the end', async () => {
    const page = await start({ generative: true })
    await page.getByText(/At most \d+%/).first().waitFor()
    await page.evaluate(() => {
      const tops: number[] = []
      const note = () => {
        const top = Math.round(document.querySelector('.results li')!.getBoundingClientRect().top)
        if (tops.at(-1) !== top) tops.push(top)
        requestAnimationFrame(note)
      }
      note()
      Object.assign(window, { tops })
    })
    await offer(page).click()
    await stop(page).waitFor()
    upstream!.release(2)
    await page.getByText('Call', { exact: false }).first().waitFor()
    upstream!.release(words.length)
    await page.getByText('Written by AI').waitFor()
    await untilPressable(page)
    expect(await page.evaluate(() => (window as unknown as { tops: number[] }).tops.length)).toBe(2)
  })

  test('finds among what was loaded while the server is away, and says so', async () => {
    const page = await start()
    await page.waitForLoadState('networkidle')
    await context!.setOffline(true)
    await page.getByRole('searchbox').fill('how is a run cancelled?')
    await page.getByText('These are from results that were loaded before.').waitFor()
    await page.getByRole('heading', { name: 'Cancelling' }).first().waitFor()
    await page.locator('main').getByText("You're offline. Results still work.").first().waitFor()
    expect(await violations(page)).toEqual([])
    await context!.setOffline(false)
    await offer(page).waitFor()
  })

  test('a document that is nested beyond all reason is still shown', async () => {
    const page = await start({ documents: { 'deep.md': `# Deep\n\n${'>'.repeat(3_000)} the innermost words` } })
    await page.goto(`${demo!.url}/document?id=deep.md`)
    await page.getByText('the innermost words').waitFor()
    expect(await page.getByRole('searchbox').count()).toBe(1)
  })

  test('a query without an end is no wider than a phone', async () => {
    const page = await start()
    await page.setViewportSize({ width: 360, height: 740 })
    for (const query of ['x'.repeat(64), 'w'.repeat(300)]) {
      await page.goto(`${demo!.url}/?q=${query}`)
      await page.getByText('Nothing found').waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    }
  })

  test('receipts that cannot be shown take nothing with them, and can be deleted', async () => {
    const page = await start()
    const receipt = page.getByRole('complementary').getByRole('button', { name: /^how do I cancel a run/ })
    await offer(page).click()
    await receipt.waitFor()
    await page.evaluate(() => {
      const name = Object.keys(localStorage).find(each => each.startsWith('docs-search:receipts'))!
      // Of the right shape, and more than can be counted.
      localStorage.setItem(name, localStorage.getItem(name)!.replaceAll(/"(usd|wh)":\d[\d.e-]*/g, '"$1":1e300').replaceAll('"tier":"baseline"', '"tier":"eco"'))
    })
    await page.reload()
    await offer(page).waitFor()
    await page.getByRole('button', { name: 'Delete them' }).click()
    await page.getByText('None yet.').waitFor()
    expect(await receipt.count()).toBe(0)
  })

  test('a receipt is known by its question, and keeps whether it was enough', async () => {
    const page = await start()
    await offer(page).click()
    await quotes(page).waitFor()
    await page.getByRole('button', { name: 'Yes' }).click()
    const receipt = page.getByRole('complementary').getByRole('button', { name: /^how do I cancel a run/ })
    await receipt.waitFor()
    await page.reload()
    await expect.poll(() => receipt.textContent()).toMatch(/, enough\d\d:\d\d$/)
  })

  test('a receipt that settles after the page was left is known by its question, which nobody was sent', async () => {
    const page = await start({ generative: true })
    await offer(page).click()
    await stop(page).waitFor()
    upstream!.release(2)
    // The results say "call" too.
    await upstream!.until(([call]) => call?.served === 2)
    const sent: string[] = []
    page.on('request', request => sent.push(`${request.url()} ${request.postData() ?? ''}`))
    await page.goto(`${demo!.url}/?q=receipts`)
    const receipt = page.getByRole('complementary').getByRole('button', { name: /^how do I cancel a run/ })
    // It is there before it is known how the run ended.
    await expect.poll(() => receipt.textContent()).toMatch(/^how do I cancel a run.*Answer, Light.*stopped/)
    expect(sent.filter(request => request.includes('/api/ai/') && /cancel/.test(decodeURIComponent(request)))).toEqual([])
  })

  test('receipts can be taken away as a file, which names no question', async () => {
    const page = await start()
    await offer(page).click()
    await quotes(page).waitFor()
    await page.getByRole('button', { name: 'Settings' }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download receipts' }).click()])
    expect(download.suggestedFilename()).toBe('receipts.json')
    const text = readFileSync(await download.path(), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ v: 1, receipts: [{ feature: 'answer', status: 'completed', signature: expect.stringContaining('..') }] })
    expect(text).not.toContain('cancel a run')
  })

  test('says when the allowance is used up, and that results still work', async () => {
    const page = await start({ args: ['--runs', '1'] })
    await useUp(page)
    const second = await open()
    await second.getByText(/used up/).first().waitFor()
    expect(await second.getByRole('heading', { name: 'Cancelling' }).count()).toBeGreaterThan(0)
    expect(await settledRuns(second)).toEqual({ settled: 1, held: 0 })
  })

  test('is stopped, hidden and set by keyboard alone', async () => {
    const page = await start({ generative: true })
    await untilOffered(page)
    await offer(page).focus()
    await page.keyboard.press('Enter')
    await stop(page).waitFor()
    await untilPressable(page)
    expect(await focusOf(page)).toBe('Stop')
    await page.keyboard.press('Enter')
    await unfinished(page).waitFor()
    await untilPressable(page)
    await tabTo(page, 'Hide')
    await page.keyboard.press('Enter')
    await hidden(page).waitFor()
    expect(await focusOf(page)).toBe('Undo')
    await untilPressable(page)
    await page.keyboard.press('Enter')
    await unfinished(page).waitFor()
    await tabTo(page, 'Settings', 'Shift+Tab')
    await page.keyboard.press('Enter')
    await tabTo(page, 'AI answers')
    await page.keyboard.press('Space')
    await expect.poll(async () => await page.getByRole('region', { name: 'AI answer' }).count() + await tool(page).count()).toBe(0)
    await page.keyboard.press('Escape')
    expect(await focusOf(page)).toBe('Settings')
  })

  test('works by keyboard alone', async () => {
    const page = await start()
    await untilOffered(page)
    await page.keyboard.press('Tab')
    for (let presses = 0; presses < 15 && !await offer(page).evaluate(element => element === document.activeElement); presses++) await page.keyboard.press('Tab')
    await expect.poll(() => offer(page).evaluate(element => element === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await quotes(page).waitFor()
    const focused = await page.evaluate(() => document.activeElement?.tagName)
    expect(focused).not.toBe('BODY')
    await page.getByRole('button', { name: 'Receipt' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText(/Model/).first().waitFor()
  })

  test('closed, its strip is at most 72 px high beside its buttons, and on a phone no higher than they and the line take', async () => {
    const page = await start()
    const panel = page.locator('main').getByRole('region', { name: /^AI (answer|summary)$/ })
    for (const path of ['/?q=how+do+I+cancel+a+run', '/document?id=leases.md']) {
      for (const [width, most] of [[1280, 72], [768, 72], [640, 72], [480, 130], [360, 185], [320, 240]] as const) {
        await page.setViewportSize({ width, height: 800 })
        await page.goto(demo!.url + path)
        await untilOffered(page)
        expect((await panel.boundingBox())!.height, `${path} at ${width} px`).toBeLessThanOrEqual(most)
        expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0)
      }
    }
  })

  describe.each([
    ['light', { width: 1280, height: 900 }],
    ['dark', { width: 1280, height: 900 }],
    ['light', { width: 360, height: 780 }],
    ['dark', { width: 320, height: 700 }],
  ] as const)('%s, %o', (colorScheme, viewport) => {
    test('axe finds nothing, off, done and hidden, and nothing is wider than the screen', async () => {
      const page = await start()
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(viewport)
      expect(await violations(page)).toEqual([])
      await offer(page).click()
      await quotes(page).waitFor()
      expect(await violations(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0)
      await untilPressable(page)
      await page.getByRole('button', { name: 'Hide' }).click()
      await hidden(page).waitFor()
      expect(await violations(page)).toEqual([])
    })

    test('axe finds nothing asking, running, stopped, in settings and in a document', async () => {
      // A third of the day's runs is asked about.
      const page = await start({ generative: true, args: ['--runs', '3'] })
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(viewport)
      await offer(page).click()
      await page.getByText('Answer with AI?').first().waitFor()
      expect(await violations(page)).toEqual([])
      await untilPressable(page)
      await offer(page).click()
      await stop(page).waitFor()
      upstream!.release(3)
      await page.getByText('Call run.abort() to').waitFor()
      expect(await violations(page)).toEqual([])
      await untilPressable(page)
      await stop(page).click()
      await unfinished(page).waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Settings' }).click()
      expect(await violations(page)).toEqual([])
      await page.goto(`${demo!.url}/document?id=leases.md`)
      await page.getByRole('button', { name: 'Summarize with AI' }).waitFor()
      expect(await violations(page)).toEqual([])
    })

    test('axe finds nothing where the allowance is used up', async () => {
      const page = await start({ args: ['--runs', '1'] })
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(viewport)
      await useUp(page)
      const second = await open('/?q=how+do+I+cancel+a+run+early')
      await second.getByText(/used up/).first().waitFor()
      expect(await violations(second)).toEqual([])
    })
  })
})
