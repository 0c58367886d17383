import { build, type Metafile } from 'esbuild'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import manifest from '../../package.json' with { type: 'json' }
import { buildPackage } from '../setup/build.ts'

type Print = (figure: Record<string, unknown>) => void

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The combinations that have a target; what a page of that kind would download. */
const targets: { what: string; code: string; target: number }[] = [
  { what: 'sparing, createAI', code: "export { createAI } from 'sparing'", target: 20_000 },
  { what: 'sparing, createAI, and all of sparing/react', code: "export { createAI } from 'sparing'\nexport * from 'sparing/react'", target: 30_000 },
]

/**
 * Prints the bytes of each entry, minified and gzipped, as a bundler for browsers leaves it: what a page loads at once,
 * and with what it loads later. Peers such as React are not counted.
 */
export async function bench(print: Print): Promise<void> {
  await buildPackage()
  for (const { what, code, target } of targets) print({ bench: 'sizes', what, unit: 'bytes', ...(await sizeOf(code)), target })
  for (const name of entries()) print({ bench: 'sizes', what: `${name}, all of it`, unit: 'bytes', ...(await sizeOf(`export * from '${name}'`)) })
}

function entries(): string[] {
  const modules = Object.entries(manifest.exports).filter(([, target]) => target.default.endsWith('.js'))
  return modules.map(([path]) => path.replace(/^\./, manifest.name))
}

async function sizeOf(code: string): Promise<{ minified: number; gzipped: number; withLater: number }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    splitting: true,
    absWorkingDir: root,
    outdir: 'out',
    format: 'esm',
    platform: 'browser',
    external: [...Object.keys(manifest.peerDependencies), 'node:*'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  })
  const initial = loadedAtOnce(metafile.outputs, 'out/stdin.js')
  const files = outputFiles.filter(({ path }) => initial.has(relative(root, path)))
  return { minified: files.reduce((sum, { contents }) => sum + contents.length, 0), gzipped: gzipped(files), withLater: gzipped(outputFiles) }
}

const gzipped = (files: readonly { contents: Uint8Array }[]) => files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)

/** The entry and what it imports; what it loads later, by `import()`, is not part of the page. */
function loadedAtOnce(outputs: Metafile['outputs'], entry: string, found = new Set<string>()): Set<string> {
  if (found.has(entry)) return found
  found.add(entry)
  const imports = outputs[entry]?.imports.filter(({ kind, external }) => kind === 'import-statement' && !external) ?? []
  for (const { path } of imports) loadedAtOnce(outputs, path, found)
  return found
}
