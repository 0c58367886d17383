import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumLaunch, locateChromium } from './test/setup/chromium.ts'
import { sourceAlias } from './test/setup/source-alias.ts'

// Known early, a browser can start while tests are still being collected.
// A missing one is installed by chromium-setup, and only when a project needs it.
process.env.CHROMIUM_PATH ??= (await locateChromium()) ?? ''

export default defineConfig({
  resolve: { alias: sourceAlias },
  test: {
    reporters: ['default', './test/setup/closing-line.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'unit', environment: 'node', include: ['test/unit/**/*.test.{ts,tsx}'] },
      },
      {
        extends: true,
        test: {
          name: 'db',
          environment: 'node',
          include: ['test/db/**/*.test.ts'],
          // Each file has a database server and processes of its own; side by side they starve one another.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // No alias: `sparing/…` is the package referring to itself, as built.
        extends: false,
        test: {
          name: 'dist',
          environment: 'node',
          include: ['test/dist/**/*.test.{ts,tsx}'],
          globalSetup: ['test/setup/build-package.ts'],
          setupFiles: ['test/setup/require-setup.ts'],
          // Node loads what was built, untransformed; the tests' own folder is called dist as well.
          server: { deps: { external: [/(?<!\/test)\/dist\//] } },
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.{ts,tsx}'],
          globalSetup: ['test/setup/chromium-setup.ts', 'test/setup/build-demo.ts'],
          setupFiles: ['test/setup/require-setup.ts'],
          // Each file starts servers and a browser; side by side they starve one another.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        optimizeDeps: {
          // What is found only while a test runs reloads the page under it.
          include: [
            'react',
            'react-dom',
            'react-dom/client',
            'react-dom/server',
            'react/jsx-runtime',
            'react/jsx-dev-runtime',
            'vitest-browser-react',
            'axe-core',
            'ky',
            'zod/mini',
            'zustand',
            'zustand/vanilla',
            'zustand/middleware',
            'eventsource-parser/stream',
            'idb-keyval',
            'tokenx',
            'hono',
            'minisearch',
            'ai',
            '@ai-sdk/react',
          ],
        },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.{ts,tsx}'],
          globalSetup: ['test/setup/chromium-setup.ts'],
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions: chromiumLaunch }),
            instances: [{ browser: 'chromium' }],
            screenshotFailures: false,
          },
        },
      },
    ],
  },
})
