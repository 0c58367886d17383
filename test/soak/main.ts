import { parseArgs } from 'node:util'
import { engineNames } from './engines.ts'
import type { EngineName } from './engines.ts'
import { soak, violationsOf } from './soak.ts'

// One JSON line per engine, and another exit code than 0 where anything does not hold:
// npm run soak [-- --runs 20000] [--engines sqlite,postgres,redis] [--seed 1]

const { values } = parseArgs({ options: { runs: { type: 'string', default: '20000' }, engines: { type: 'string', default: engineNames.join() }, seed: { type: 'string', default: '1' } } })
const engines = values.engines.split(',') as EngineName[]
const unknown = engines.filter(engine => !engineNames.includes(engine))
if (unknown.length > 0) throw new Error(`There is no engine called ${unknown.join(', ')}. There are: ${engineNames.join(', ')}.`)

for (const engine of engines) {
  const report = await soak({ engine, runs: Number(values.runs), seed: Number(values.seed), killEvery: 150, killAfter: 4_000 })
  const violations = violationsOf(report)
  process.stdout.write(`${JSON.stringify({ ...report, violations })}\n`)
  if (violations.length > 0) process.exitCode = 1
}
