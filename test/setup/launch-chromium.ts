import { type Browser, chromium, type LaunchOptions } from 'playwright'
import { inject } from 'vitest'
import { chromiumLaunch } from './chromium.ts'

/** A real browser for an end-to-end test; the test closes it. */
export function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ ...chromiumLaunch, executablePath: inject('chromium'), ...options })
}
