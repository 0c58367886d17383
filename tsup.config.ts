import { copyFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    react: 'src/react/index.ts',
    server: 'src/server/index.ts',
    'server/node': 'src/server/node/index.ts',
    'server/sqlite': 'src/server/ledger/sqlite.ts',
    'server/postgres': 'src/server/ledger/postgres.ts',
    'server/redis': 'src/server/ledger/redis.ts',
    catalog: 'src/catalog/index.ts',
    routing: 'src/routing/index.ts',
    baseline: 'src/baseline/index.ts',
    protocol: 'src/protocol/index.ts',
    testing: 'src/testing/index.ts',
    cli: 'src/cli/main.ts',
  },
  format: ['esm'],
  dts: true,
  splitting: true,
  clean: true,
  // Stripping unused statements would also strip "use client".
  treeshake: false,
  removeNodeProtocol: false,
  platform: 'neutral',
  target: 'es2023',
  // Arabic as it is written: escaped, each letter takes six bytes.
  esbuildOptions: options => void (options.charset = 'utf8'),
  external: [/^node:/, 'ioredis', 'react', 'react-dom', 'react/jsx-runtime', 'pg'],
  onSuccess: () => copyFile('src/react/styles.css', 'dist/styles.css'),
})
