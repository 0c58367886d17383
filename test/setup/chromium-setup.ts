import type { TestProject } from 'vitest/node'
import { findChromium } from './chromium.ts'

declare module 'vitest' {
  interface ProvidedContext {
    chromium: string
  }
}

/**
 * Runs once, before any worker: two workers never install at the same time. The browser project
 * reads the environment (same process), test files read `inject('chromium')`.
 */
export default async function setup(project: TestProject): Promise<void> {
  const path = await findChromium()
  process.env.CHROMIUM_PATH = path
  project.provide('chromium', path)
}
