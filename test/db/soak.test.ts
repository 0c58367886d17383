import { expect, test } from 'vitest'
import { engineNames } from '../soak/engines.ts'
import { soak, violationsOf } from '../soak/soak.ts'

// The small version of `npm run soak`.
test.each(engineNames)('eight processes on %s, killed at random, let their upstream serve no more than the budget holds', { timeout: 180_000 }, async engine => {
  const report = await soak({ engine, runs: 320, seed: 1, killEvery: 16, killAfter: 1_500 })
  expect({ ...report, violations: violationsOf(report) }).toMatchObject({ overspend: 0, held: 0, servedForNothing: 0, restarts: engine === 'sqlite' ? 0 : 1, violations: [] })
})
