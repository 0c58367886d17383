import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AI, AIEvent, Run } from '../../src/index.ts'
import { startUpstream } from '../fixtures/upstream.ts'
import type { Upstream } from '../fixtures/upstream.ts'
import { launchChromium } from '../setup/launch-chromium.ts'

// A page, a server that can be killed, and what the upstream says it was asked for.

interface TestPage {
  ai: AI
  events: AIEvent['name'][]
  start(): void
  run: Run
}

const program = fileURLToPath(new URL('support/mortal-site.ts', import.meta.url))

let browser: Browser
let context: BrowserContext
let upstream: Upstream
let folder: string
let server: ChildProcess | undefined
let url: string

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  upstream = await startUpstream({ deltas: ['One', ' two', ' three', ' four.'], paused: true })
  folder = await mkdtemp(join(tmpdir(), 'sparing-'))
  await start(0)
  context = await browser.newContext()
})
afterEach(async () => {
  await context?.close()
  await kill()
  await upstream?.close()
  await rm(folder, { recursive: true, force: true })
})

async function start(port: number): Promise<void> {
  server = spawn(process.execPath, [program, String(port), join(folder, 'ledger.db'), upstream.url], { stdio: ['ignore', 'pipe', 'inherit'] })
  url = await new Promise((resolve, reject) => {
    let said = ''
    server!.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [, address] = /^(http\S+)\n/.exec(said) ?? []
      if (address) resolve(address)
    })
    server!.once('exit', code => reject(new Error(`The server ended with ${code} before it listened.`)))
  })
}

async function kill(): Promise<void> {
  if (!server || server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGKILL')
  await once(server, 'exit')
}

async function open(): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await loaded(page)
  return page
}
const loaded = (page: Page) => page.waitForFunction(() => 'page' in window)
const begin = async (page: Page) => {
  await page.evaluate(() => (window as unknown as { page: TestPage }).page.start())
  upstream.release(2)
  await page.waitForFunction(() => (window as unknown as { page: TestPage }).page.run.text !== '')
}
const run = (page: Page) => page.evaluate(() => {
  const { status, receipt, estimate } = (window as unknown as { page: TestPage }).page.run.getState()
  return { status, usd: receipt?.cost.usd ?? null, most: estimate!.ceiling.usd! }
})
const events = (page: Page) => page.evaluate(() => (window as unknown as { page: TestPage }).page.events)
const money = (page: Page) => page.evaluate(() => {
  const { local, server } = (window as unknown as { page: TestPage }).page.ai.budget.getState()
  const of = (all: readonly unknown[]) => {
    const { settled, held } = (all as { unit?: string; settled: number; held: number }[]).find(({ unit }) => unit === 'usd')!
    return { settled, held }
  }
  return { local: of(local), server: of(server) }
})
const refresh = (page: Page) => page.evaluate(() => (window as unknown as { page: TestPage }).page.ai.refresh())

test('offline in the middle of a run, reloaded, online again: what was counted is what the server says', async () => {
  const page = await open()
  await begin(page)
  const { most } = await run(page)
  expect((await money(page)).local).toEqual({ settled: 0, held: most })
  await context.setOffline(true)
  await expect(page.reload()).rejects.toThrow('ERR_INTERNET_DISCONNECTED')
  await upstream.until(log => log.every(({ ended }) => ended === 'client'))
  await context.setOffline(false)
  await page.goto(url)
  await loaded(page)
  await expect.poll(async () => (await money(page)).local.held).toBe(0)
  await refresh(page)
  const { local, server: told } = await money(page)
  expect(local).toEqual(told)
  expect(local.settled).toBeGreaterThan(0)
  expect(local.settled).toBeLessThan(most)
  expect(await events(page)).toEqual(['run-end'])
})

/** With a receipt where the server has one of a run whose holder is gone, and without. */
const ended = /^run-(?:end|settled)$/

describe('the server is killed in the middle of a run', () => {
  test('which fails at once as counted in full, and is settled by itself when the server is back', async () => {
    const page = await open()
    await begin(page)
    const since = performance.now()
    await kill()
    await page.waitForFunction(() => (window as unknown as { page: TestPage }).page.run.getState().status === 'failed', undefined, { polling: 20 })
    expect(performance.now() - since).toBeLessThan(3_000)
    const { most } = await run(page)
    expect((await money(page)).local).toEqual({ settled: 0, held: most })
    expect(await events(page)).toEqual(['run-start', 'run-failed'])
    await start(Number(new URL(url).port))
    await expect.poll(async () => (await money(page)).local, { timeout: 20_000 }).toEqual({ settled: most, held: 0 })
    expect((await events(page)).slice(2)).toEqual([expect.stringMatching(ended)])
    await refresh(page)
    expect((await money(page)).server).toEqual({ settled: most, held: 0 })
    expect((await run(page)).status).toBe('failed')
  })

  test('and the page is reloaded before it is back: the same', async () => {
    const page = await open()
    await begin(page)
    const { most } = await run(page)
    await kill()
    await start(Number(new URL(url).port))
    await page.reload()
    await loaded(page)
    await expect.poll(async () => {
      await refresh(page)
      return (await money(page)).local
    }, { timeout: 20_000 }).toEqual({ settled: most, held: 0 })
    await refresh(page)
    expect((await money(page)).server).toEqual({ settled: most, held: 0 })
    expect(await events(page)).toEqual([expect.stringMatching(ended)])
  })
})
