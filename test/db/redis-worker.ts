import { stdin, stdout } from 'node:process'
import type { Claim } from '../../src/core/index.ts'
import { redisLedger } from '../../src/server/ledger/redis.ts'
import { receiptOf } from '../../src/testing/ledger/scene.ts'

// A process of its own with a ledger on a shared server: `node redis-worker.ts <url> <partition> <name> <job>`.
// It says "ready", begins at the first byte on its input, and says a line for each thing it knows.
const [url = '', partition = '', name = '', job = ''] = process.argv.slice(2)
const ledger = redisLedger({ url, partition })
const say = (line: string) => stdout.write(`${line}\n`)

const claims: Claim[] = [
  { budget: 'all', scope: 'all', subject: 'all', unit: 'runs', window: 'month', timeZone: 'UTC', limit: 250, amount: 1 },
  { budget: 'mine', scope: 'user', subject: name, unit: 'tokens', window: 'month', timeZone: 'UTC', limit: 1e6, amount: 100 },
]
const key = (at: number) => ({ identity: name, run: `${name}-${at}` })
const reserve = (at: number) => ledger.reserve({ ...key(at), body: 'body', claims, lease: 60_000, concurrency: Infinity })

const jobs: Record<string, () => Promise<void>> = {
  /** As many as are asked for, all at once. */
  async race() {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => reserve(at)))
    for (const { outcome } of answers) say(outcome)
    await ledger.close()
  },
  /** One after the other through all its verbs, every other one left as it is, until it is killed. */
  async live() {
    for (let at = 0; at < 249; at++) {
      const { outcome } = await reserve(at)
      if (outcome !== 'reserved') return
      say(`reserved ${name}-${at}`)
      if (at % 2 === 0 || !await ledger.dispatch(key(at))) continue
      say(`dispatched ${name}-${at}`)
      if (at % 4 === 1) continue
      await ledger.settle(key(at), { runs: 1, tokens: 60 }, receiptOf(`${name}-${at}`))
      say(`settled ${name}-${at}`)
    }
  },
}

say('ready')
stdin.once('data', () => {
  stdin.destroy()
  void jobs[job]!()
})
