import { defineConfig } from 'vitest/config'
import tsconfig from './tsconfig.json' with { type: 'json' }

const fromRoot = (path: string) => new URL(path, import.meta.url).pathname
const sources = Object.fromEntries(Object.entries(tsconfig.compilerOptions.paths).map(([name, [path]]) => [`^${name}$`, fromRoot(path!)]))
const alias = Object.entries(sources).map(([name, replacement]) => ({ find: new RegExp(name), replacement }))

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', environment: 'node', include: ['test/unit/**/*.test.{ts,tsx}'] } },
    ],
  },
})
