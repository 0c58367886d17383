import { storybookTest } from '@storybook/addon-vitest/vitest-plugin'
import { playwright } from '@vitest/browser-playwright'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { chromiumLaunch, locateChromium } from './test/setup/chromium.ts'

process.env.CHROMIUM_PATH ??= (await locateChromium()) ?? ''

// Apart from vitest.config.ts, because the plug-in costs seconds even when no story is run.
export default defineConfig({
  plugins: [storybookTest({ configDir: fileURLToPath(new URL('.storybook', import.meta.url)) })],
  test: {
    name: 'stories',
    reporters: ['default', './test/setup/closing-line.ts'],
    globalSetup: ['test/setup/chromium-setup.ts'],
    browser: {
      enabled: true,
      headless: true,
      provider: playwright({ launchOptions: chromiumLaunch }),
      instances: [{ browser: 'chromium' }],
      screenshotFailures: false,
    },
  },
})
