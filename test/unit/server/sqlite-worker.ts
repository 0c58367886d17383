import { stdin, stdout } from 'node:process'
import type { Claim } from '../../../src/core/index.ts'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'

// A process of its own with a ledger on a shared file: `node sqlite-worker.ts <file> <name> <job>`.
// It says "ready", begins at the first byte on its input, and says a line for each thing it knows.
const [file = '', name = '', job = ''] = process.argv.slice(2)
const ledger = sqliteLedger(file)
const say = (line: string) => stdout.write(`${line}\n`)

const claims: Claim[] = [
  { budget: 'all', scope: 'all', subject: 'all', unit: 'runs', window: 'month', timeZone: 'UTC', limit: 250, amount: 1 },
  { budget: 'mine', scope: 'user', subject: name, unit: 'tokens', window: 'month', timeZone: 'UTC', limit: 1e6, amount: 100 },
]
const key = (at: number) => ({ identity: name, run: `${name}-${at}` })
const reserve = (at: number, of = claims) => ledger.reserve({ ...key(at), body: 'body', claims: of, lease: 60_000, concurrency: Infinity })

const jobs: Record<string, () => Promise<void>> = {
  /** As many as are asked for, all at once. */
  async race() {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => reserve(at)))
    for (const { outcome } of answers) say(outcome)
    await ledger.close()
  },
  /** One after the other, until it is killed. */
  async hold() {
    for (let at = 0; at < 249; at++) {
      const { outcome } = await reserve(at)
      if (outcome !== 'reserved') return
      say(`reserved ${name}-${at}`)
      if (at % 2 === 0 || !await ledger.dispatch(key(at))) continue
      say(`dispatched ${name}-${at}`)
    }
  },
  /** Until the disk refuses; a line for each that was answered, and one for how it was refused. */
  async fill() {
    for (let at = 0; ; at++) {
      try {
        await reserve(at, claims.slice(1).map(claim => ({ ...claim, limit: 1e12, subject: `${name}${at}` })))
        say(`reserved ${name}-${at}`)
      } catch (error) {
        say(`failed ${(error as { code: string }).code}`)
        return
      }
    }
  },
}

say('ready')
stdin.once('data', () => {
  stdin.destroy()
  void jobs[job]!()
})
