import { expect, test } from 'vitest'
import { memoryLedger } from '../../../src/server/index.ts'
import { ruin } from '../../soak/chaos-run.ts'

// Five thousand runs, over SQLite: npm run soak:chaos. Few runs are repaired, so that it takes some hundreds to be sure of one.
test('on a bad day every run ends in a receipt or a typed error, and the ledger has what the upstream has in its log', { timeout: 60_000 }, async () => {
  const report = await ruin({ seed: 7, runs: 800, abreast: 10, silent: 0, ledger: now => memoryLedger({ now }) })
  expect(report.faults).toEqual([])
  expect(report.settled).toBeGreaterThan(0)
  expect(report.lost).toBeLessThan(report.served / 50)
  expect(report.failovers).toBeGreaterThan(0)
  expect(report.repairs).toBeGreaterThan(0)
  expect(Object.keys(report.endings)).toEqual(expect.arrayContaining(['completed', 'failed', 'left']))
  expect(Object.values(report.endings).reduce((sum, count) => sum + count, 0)).toBe(800)
})
