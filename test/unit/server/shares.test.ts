import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Claim } from '../../../src/core/index.ts'
import { claimsFor } from '../../../src/server/budgets.ts'
import { memoryLedger } from '../../../src/server/index.ts'
import { receiptOf } from '../../../src/testing/ledger/scene.ts'

const limit = 100
const house: Omit<Claim, 'amount'> = { budget: 'house', scope: 'all', subject: 'all', unit: 'runs', window: 'day', timeZone: 'UTC', limit }
const identityOf = (key: string) => ({ key, anonymous: false, caller: { user: key } })

type Step = { do: 'reserve'; who: string; amount: number } | { do: 'settle'; run: number; actual: number } | { do: 'release'; run: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reserve' as const), who: fc.constantFrom('ada', 'bob', 'cy'), amount: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: limit })) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('settle' as const), run: fc.nat({ max: 30 }), actual: fc.nat({ max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), run: fc.nat({ max: 30 }) }) },
)

describe('the share of a shared budget', () => {
  test('is never passed by what one identity holds, but by one run alone; and nothing else is refused for it', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.constantFrom(0.1, 0.25, 1), async (steps, share) => {
      const ledger = memoryLedger({ now: () => 0 })
      const runs: { who: string; amount: number; open: boolean; settled: number }[] = []
      const [expected, answered]: [string[], string[]] = [[], []]
      const held = (who?: string) => runs.filter(run => run.open && (!who || run.who === who)).reduce((sum, { amount }) => sum + amount, 0)
      for (const each of steps) {
        if (each.do === 'reserve') {
          const { who, amount } = each
          const cap = Math.max(Math.floor(share * limit), amount)
          const spent = runs.reduce((sum, { settled }) => sum + settled, 0)
          expected.push(held() + spent + amount > limit ? 'exceeded' : held(who) + amount > cap ? 'too-many' : 'reserved')
          const { outcome } = await ledger.reserve({ identity: who, run: `run-${runs.length}`, body: '', claims: claimsFor([house], { runs: amount }, identityOf(who), share), lease: 1_000, concurrency: Infinity })
          answered.push(outcome)
          if (outcome === 'reserved') runs.push({ who, amount, open: true, settled: 0 })
          continue
        }
        const run = runs[each.run]
        if (!run?.open) continue
        const key = { identity: run.who, run: `run-${each.run}` }
        await (each.do === 'settle' ? ledger.settle(key, { runs: each.actual }, receiptOf(key.run)) : ledger.release(key))
        Object.assign(run, { open: false, settled: each.do === 'settle' ? Math.min(each.actual, run.amount) : 0 })
      }
      expect(answered).toEqual(expected)
      const [budget] = await ledger.balance([{ ...house, amount: 0 }])
      expect(budget).toMatchObject({ held: held(), settled: runs.reduce((sum, { settled }) => sum + settled, 0) })
    }), { numRuns: 200 })
  })

  test('is not taken of people\'s own budgets, nor of one run\'s, which is its identity\'s', () => {
    const own = { ...house, scope: 'user', subject: 'ada' }
    const single = { ...house, window: 'run' as const }
    expect(claimsFor([own, single], { runs: 1 }, identityOf('ada'), 0.1)).toEqual([{ ...own, amount: 1 }, { ...single, subject: 'ada', amount: 1 }])
  })
})
