import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

// One JSON line per figure: npm run bench [-- sizes summaries …] [-- --data ../shared/data]
// Each benchmark has a process of its own, so that none warms another's code or fills its heap.

type Print = (figure: Record<string, unknown>) => void
type Bench = (print: Print, options: { data?: string }) => Promise<void>

const benches = [
  'sizes',
  'summaries',
  'answers',
  'baseline-speed',
  'overhead',
  'stars',
  'anchors',
  'embodied',
  'transport',
  'gateway',
  'routing-need',
  'routing-difficulty',
  'routing-adequacy',
  'tokens',
  'estimates',
  'hints',
  'ledgers',
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string', default: '../shared/data' }, only: { type: 'string' } },
})

if (values.only) await runHere(values.only)
else process.exitCode = runAll(positionals.length ? positionals : benches)

async function runHere(name: string): Promise<void> {
  const { bench } = (await import(`./${name}.ts`)) as { bench: Bench }
  const print: Print = figure => console.log(JSON.stringify(figure))
  await bench(print, existsSync(values.data) ? { data: values.data } : {})
}

/** All of them, also after one that failed. */
function runAll(names: string[]): number {
  const unknown = names.filter(name => !benches.includes(name))
  if (unknown.length) throw new Error(`There is no benchmark called ${unknown.join(', ')}. There are: ${benches.join(', ')}.`)
  const failed = names.filter(name => !runInChild(name))
  for (const name of failed) console.error(`The benchmark ${name} failed.`)
  return failed.length ? 1 : 0
}

function runInChild(name: string): boolean {
  const main = fileURLToPath(import.meta.url)
  const args = ['--only', name, '--data', values.data]
  return spawnSync(process.execPath, ['--expose-gc', main, ...args], { stdio: 'inherit' }).status === 0
}
