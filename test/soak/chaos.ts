import { parseArgs } from 'node:util'
import { sqliteLedger } from '../../src/server/ledger/sqlite.ts'
import { ruin } from './chaos-run.ts'

// One JSON line, and another exit code than 0 where anything does not hold: npm run soak:chaos [-- --runs 5000 --seed 1]

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5000' }, seed: { type: 'string', default: '1' } } })
const rejections: string[] = []
process.on('unhandledRejection', reason => void rejections.push(`an unhandled rejection: ${String(reason)}`))
const report = await ruin({ seed: Number(values.seed), runs: Number(values.runs), abreast: 25, silent: 0.01, ledger: now => sqliteLedger(':memory:', { now }) })
const faults = [...report.faults, ...rejections]
process.stdout.write(`${JSON.stringify({ ...report, faults })}\n`)
process.exitCode = faults.length > 0 ? 1 : 0
