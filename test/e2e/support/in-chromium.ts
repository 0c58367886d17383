import type { Browser, BrowserContext } from 'playwright'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { launchChromium } from '../../setup/launch-chromium.ts'

export interface InChromium {
  /** The profile of somebody new, closed after the test. */
  newContext(): Promise<BrowserContext>
  /** Closes it after the test, what began last first: pages go before their servers, and these before their upstream. */
  closing<T extends { close(): Promise<unknown> }>(begun: T): T
}

/** A Chromium for the tests of a file. */
export function inChromium(): InChromium {
  let browser: Browser
  const open: { close(): Promise<unknown> }[] = []
  const closing: InChromium['closing'] = begun => {
    open.push(begun)
    return begun
  }
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close()
  })
  afterAll(() => browser?.close())
  return { closing, newContext: async () => closing(await browser.newContext()) }
}
