import fc from 'fast-check'
import { expect } from 'vitest'
import { units } from '../../../src/core/index.ts'
import type { Amounts } from '../../../src/core/index.ts'
import { ages, amounts, jumps, limits, manners, runs, spans, strays, subjects } from '../../../src/testing/ledger/history.ts'
import type { Step } from '../../../src/testing/ledger/history.ts'
import { replay } from '../../../src/testing/ledger/replay.ts'
import type { LedgerPlace } from '../../../src/testing/index.ts'

const amount = fc.oneof(fc.constantFrom(...amounts), fc.nat({ max: 400 }))
const run = { run: fc.nat({ max: runs - 1 }), manner: fc.constantFrom(...manners) }
const part = fc.record({ unit: fc.constantFrom(...units), subject: fc.constantFrom(...subjects), window: fc.constantFrom(...spans), amount, share: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)) })
const actual = fc.record(Object.fromEntries(units.map(unit => [unit, amount])), { requiredKeys: [] }) as fc.Arbitrary<Amounts>

const steps: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Step>])[] = [
  [8, fc.record({ do: fc.constant('reserve'), ...run, parts: fc.array(part, { maxLength: 3 }), stale: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, fc.constant(true)), dispatched: fc.boolean() })],
  [5, fc.record({ do: fc.constantFrom('dispatch', 'release', 'renew'), ...run })],
  [5, fc.record({ do: fc.constant('settle'), ...run, actual })],
  [2, fc.record({ do: fc.constantFrom('look', 'expire', 'vanish') })],
  [3, fc.record({ do: fc.constant('jump'), by: fc.constantFrom(...jumps) })],
  [1, fc.record({ do: fc.constant('stray'), by: fc.constantFrom(...strays) })],
  [1, fc.record({ do: fc.constant('limit'), limit: fc.oneof(fc.constantFrom(...limits), fc.nat({ max: 800 })) })],
  [1, fc.record({ do: fc.constant('retire'), age: fc.constantFrom(...ages) })],
]
const history = fc.array(fc.oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary }))), { maxLength: 50, size: 'max' })

/**
 * Plays so many histories, each on a record of its own: verbs of runs that are lost, repeated and
 * asked for by two holders at once, holders that vanish, a clock that jumps both ways or is wrong for a moment, limits and
 * policies that change.
 */
export async function assertHistories(place: () => LedgerPlace, numRuns: number): Promise<void> {
  await fc.assert(fc.asyncProperty(history, async steps => {
    const where = place()
    try {
      await replay(steps, where, (one, other) => expect(one).toEqual(other))
    } finally {
      await where.clear()
    }
  }), { numRuns })
}
