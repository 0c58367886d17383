import { parseArgs } from 'node:util'
import { endure, weaknessesOf } from './endurance.ts'
import { engineNames } from './engines.ts'
import type { EngineName } from './engines.ts'
import { soak, violationsOf } from './soak.ts'

// One JSON line per engine, and another exit code than 0 where anything does not hold:
// npm run soak [-- --runs 20000] [--engines sqlite,postgres,redis] [--seed 1], or at full rate: npm run soak -- --minutes 10

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '20000' }, engines: { type: 'string', default: engineNames.join() }, seed: { type: 'string', default: '1' }, minutes: { type: 'string' } },
})

function numberOf(name: 'runs' | 'seed' | 'minutes'): number {
  const number = Number(values[name])
  if (number > 0) return number
  throw new Error(`"${values[name]}" is no number for --${name}. Give one above 0.`)
}

function enginesOf(list: string): EngineName[] {
  const engines = list.split(',') as EngineName[]
  const unknown = engines.filter(engine => !engineNames.includes(engine))
  if (unknown.length > 0) throw new Error(`There is no engine called ${unknown.join(', ')}. There are: ${engineNames.join(', ')}.`)
  return engines
}

function print(report: object, faults: readonly string[]): void {
  process.stdout.write(`${JSON.stringify({ ...report, faults })}\n`)
  if (faults.length > 0) process.exitCode = 1
}

if (values.minutes) {
  const report = await endure(numberOf('minutes'))
  print(report, weaknessesOf(report))
} else {
  for (const engine of enginesOf(values.engines)) {
    const report = await soak({ engine, runs: numberOf('runs'), seed: numberOf('seed'), killEvery: 150, killAfter: 4_000 })
    print(report, violationsOf(report))
  }
}
