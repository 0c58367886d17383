import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

interface Target {
  name: string
  sources: string[]
  /** A file the build writes last or always; its time tells a later build from this one. */
  output: string
  command: string[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, 'node_modules/.cache/sparing')
const configuration = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsup.config.ts']

const sdk: Target = {
  name: 'package',
  sources: [...configuration, 'src/**/*'],
  output: 'dist/index.d.ts',
  command: ['npm', 'run', '--silent', 'build'],
}

const demo: Target = {
  name: 'demo',
  sources: [...sdk.sources, 'examples/docs-search/**/*'],
  output: 'examples/docs-search/dist/index.html',
  command: ['npx', 'vite', 'build', '--logLevel', 'warn', 'examples/docs-search'],
}

/** Builds `dist` unless it is that of the present sources. */
export const buildPackage = (): Promise<void> => underLock(() => buildIfStale(sdk))

/** Builds `dist` and the demo's page, each unless it is up to date. */
export const buildDemo = (): Promise<void> =>
  underLock(() => {
    buildIfStale(sdk)
    if (existsSync(join(root, 'examples/docs-search/index.html'))) buildIfStale(demo)
  })

function buildIfStale(target: Target): void {
  const stamp = join(cache, `${target.name}.stamp`)
  const sources = digest(target.sources)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(target, sources)) return
  rmSync(stamp, { force: true })
  build(target)
  writeFileSync(stamp, stampOf(target, sources))
}

/** In a child: the tests' NODE_ENV would otherwise put React's development build into the page. */
function build({ name, command: [command, ...args] }: Target): void {
  const { VITEST: _, ...env } = process.env
  const result = spawnSync(command!, args, { cwd: root, env: { ...env, NODE_ENV: 'production' }, encoding: 'utf8' })
  if (result.status === 0) return
  throw new Error(`The ${name} does not build, so it cannot be tested.\n${result.stdout}\n${result.stderr}`)
}

/** Contents and not times of the sources, which a checkout changes; the time of the output, which any build changes. */
function stampOf({ output }: Target, sources: string): string {
  const written = statSync(join(root, output), { throwIfNoEntry: false })?.mtimeMs ?? 'never'
  return `${sources} ${written}`
}

function digest(patterns: string[]): string {
  const hash = createHash('sha256')
  for (const path of sourceFiles(patterns)) hash.update(path).update('\0').update(readFileSync(join(root, path))).update('\0')
  return hash.digest('hex')
}

function sourceFiles(patterns: string[]): string[] {
  const isOutput = (path: string) => /(^|\/)(dist|node_modules)(\/|$)/.test(path)
  const paths = globSync(patterns, { cwd: root }).filter(path => !isOutput(path))
  return [...new Set(paths)].filter(path => statSync(join(root, path)).isFile()).sort()
}

/** One build at a time, whatever number of test runs share the folder. */
async function underLock(work: () => void): Promise<void> {
  const lock = join(cache, 'build.lock')
  mkdirSync(cache, { recursive: true })
  while (!takeLock(lock)) await sleep(200)
  try {
    work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (isAbandoned(lock)) rmSync(lock, { force: true })
    return false
  }
}

/** The holder died without letting go. An unreadable number is a lock being written this moment. */
function isAbandoned(lock: string): boolean {
  const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0
  if (!holder) return false
  try {
    process.kill(holder, 0)
    return false
  } catch {
    return true
  }
}
