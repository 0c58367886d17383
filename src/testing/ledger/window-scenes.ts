import type { Budget, Claim } from '../../core/index.ts'
import type { ReserveAnswer } from '../../server/index.ts'
import { claim, hour, noon, receiptOf, request, run } from './scene.ts'
import type { Scene, Scenes } from './scene.ts'

/** When budgets begin anew, and what is told of them. */
export const windowScenes: Scenes = {
  async 'counts by the days of a named time zone, where clocks change too'(scene) {
    // The day on which Paris goes over to summer time has 23 hours.
    await assertPeriod(scene, { timeZone: 'Europe/Paris', window: 'day' }, Date.UTC(2027, 2, 27, 23), Date.UTC(2027, 2, 28, 22))
    // And the one on which Lord Howe goes back by half an hour has 24 and a half.
    await assertPeriod(scene, { timeZone: 'Australia/Lord_Howe', window: 'day' }, Date.UTC(2027, 3, 3, 13), Date.UTC(2027, 3, 4, 13, 30))
  },

  async 'counts by the weeks of a time zone, from Monday'(scene) {
    await assertPeriod(scene, { timeZone: 'Asia/Tokyo', window: 'week' }, Date.UTC(2026, 10, 29, 15), Date.UTC(2026, 11, 6, 15))
  },

  async 'counts by the months of a time zone, to their last day'(scene) {
    await assertPeriod(scene, { timeZone: 'America/New_York', window: 'month' }, Date.UTC(2028, 1, 1, 5), Date.UTC(2028, 2, 1, 5))
    // Clocks go back within it.
    await assertPeriod(scene, { timeZone: 'America/New_York', window: 'month' }, Date.UTC(2028, 10, 1, 4), Date.UTC(2028, 11, 1, 5))
  },

  async 'tells of every budget whose it is, how much, and until when'({ ledger, equal }) {
    const claims: readonly Claim[] = [
      claim(4, { budget: 'org', scope: 'org', subject: 'acme', window: 'hour', timeZone: 'Asia/Kolkata' }), claim(4, { unit: 'tokens', window: 'month', timeZone: 'Europe/Paris' }),
      claim(4, { budget: 'burst', scope: 'all', subject: 'all', window: '3600s' }), claim(4, { budget: 'once', window: 'session' }),
    ]
    const told = (settled: number, held: number) => claims.map(({ budget: id, scope, unit, window, timeZone }, at) =>
      ({ id, scope, unit, window, timeZone, limit: 10, settled, held, available: 10 - settled - held, resetsAt: [noon + hour / 2, Date.UTC(2026, 10, 30, 23), noon + hour * 1.25, null][at] }))
    const read = async () => facts(await ledger.balance(claims))
    const answer = await ledger.reserve(request(run('a'), claims)) as Extract<ReserveAnswer, { outcome: 'reserved' }>
    equal([facts(answer.budgets), await read()], [told(0, 4), told(0, 4)])
    equal([facts(await ledger.settle(run('a'), { runs: 3, tokens: 3 }, receiptOf('a'))), await read()], [told(3, 0), told(3, 0)])
    equal(facts((await ledger.entry(run('a')))!.budgets), told(3, 0))
    for (const [at, one] of claims.entries()) {
      const refused = await ledger.reserve(request(run('b'), [{ ...one, amount: 8 }])) as Extract<ReserveAnswer, { outcome: 'exceeded' }>
      const [of] = told(3, 0).slice(at)
      equal([refused.outcome, facts(refused.budgets), refused.resetsAt], ['exceeded', [of], of!.resetsAt])
    }
    // Of several that refuse, the last to begin anew.
    const both = await ledger.reserve(request(run('c'), claims.slice(0, 2).map(one => ({ ...one, amount: 8 })))) as Extract<ReserveAnswer, { outcome: 'exceeded' }>
    equal(both.resetsAt, Date.UTC(2026, 10, 30, 23))
  },
}

/** Holds a budget to a period: what was drawn at its first instant counts to its last, and not before or after. */
async function assertPeriod({ ledger, clock, equal }: Scene, change: Partial<Claim>, start: number, end: number): Promise<void> {
  const take = (amount: number, name: string) => ledger.reserve(request(run(`${name}-${start}`), [claim(amount, change)]))
  const left = async () => (await ledger.balance([claim(0, change)])).map(({ available, resetsAt }) => [available, resetsAt])
  clock.now = start - 1
  equal([(await take(10, 'before')).outcome, await left()], ['reserved', [[0, start]]])
  clock.now = start
  equal(await left(), [[10, end]])
  equal((await take(10, 'first')).outcome, 'reserved')
  await ledger.settle(run(`first-${start}`), { runs: 10 }, receiptOf('first'))
  clock.now = end - 1
  const refused = await take(1, 'last')
  equal([refused.outcome, 'resetsAt' in refused && refused.resetsAt, await left()], ['exceeded', end, [[0, end]]])
  clock.now = end
  const [[available] = []] = await left()
  equal(available, 10)
}

/** A budget without its revision, which is the ledger's own. */
const facts = (budgets: readonly Budget[]) => budgets.map(({ id, scope, unit, window, timeZone, limit, settled, held, available, resetsAt }) =>
  ({ id, scope, unit, window, timeZone, limit, settled, held, available, resetsAt }))
