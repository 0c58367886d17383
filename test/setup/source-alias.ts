import { fileURLToPath } from 'node:url'
import tsconfig from '../../tsconfig.json' with { type: 'json' }

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const exactly = (name: string) => new RegExp(`^${name}$`)

/** `sparing/…` from the sources, for tests, stories and the demo: one list, tsconfig's. */
export const sourceAlias: { find: RegExp; replacement: string }[] = [
  // Before the list, which leads to its types.
  { find: exactly('sparing/react/styles.css'), replacement: fromRoot('src/react/styles.css') },
  ...Object.entries(tsconfig.compilerOptions.paths).map(([name, [path]]) => ({ find: exactly(name), replacement: fromRoot(path!) })),
]
