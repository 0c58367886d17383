import { nothingSpent } from '../../core/index.ts'
import type { Unit } from '../../core/index.ts'
import type { ReserveAnswer } from '../../server/index.ts'
import { claim, hour, lease, noon, receiptOf, request, run } from './scene.ts'
import type { Scenes } from './scene.ts'

/** How much is let through, and what it comes to. */
export const budgetScenes: Scenes = {
  async 'holds, dispatches and settles at the actual'({ ledger, equal, stand, reserved }) {
    await reserved(run('a'), [claim(4)])
    equal(await stand(), { settled: 0, held: 4, available: 6 })
    equal(await ledger.dispatch(run('a')), true)
    const [budget] = await ledger.settle(run('a'), { runs: 3 }, receiptOf('a'))
    equal({ settled: budget!.settled, held: budget!.held }, { settled: 3, held: 0 })
    equal(await stand(), { settled: 3, held: 0, available: 7 })
    const entry = await ledger.entry(run('a'))
    equal([entry?.status, entry?.receipt, entry?.identity, entry?.run], ['settled', receiptOf('a'), 'ada', 'a'])
  },

  async 'takes every claim or none'({ ledger, equal, stand, reserved }) {
    const rich = claim(5, { budget: 'rich', limit: 100 })
    const answer = await ledger.reserve(request(run('a'), [rich, claim(11)])) as Extract<ReserveAnswer, { outcome: 'exceeded' }>
    equal([answer.outcome, answer.budgets.map(({ id }) => id)], ['exceeded', ['mine']])
    equal(await stand(rich), { settled: 0, held: 0, available: 100 })
    equal(await ledger.entry(run('a')), null)
    await reserved(run('a'), [rich, claim(10)])
  },

  async 'counts several claims on one pot together'({ ledger, equal, stand, reserved }) {
    equal((await ledger.reserve(request(run('a'), [claim(6), claim(6)]))).outcome, 'exceeded')
    await reserved(run('b'), [claim(5), claim(5)])
    equal(await stand(), { settled: 0, held: 10, available: 0 })
    await ledger.settle(run('b'), { runs: 2 }, receiptOf('b'))
    equal(await stand(), { settled: 4, held: 0, available: 6 })
  },

  async 'settles once: a second word changes nothing'({ ledger, equal, stand, reserved }) {
    await reserved(run('a'), [claim(4)])
    await ledger.dispatch(run('a'))
    await ledger.settle(run('a'), { runs: 3 }, receiptOf('a'))
    await ledger.settle(run('a'), { runs: 1 }, { ...receiptOf('a'), feature: 'other' })
    equal(await stand(), { settled: 3, held: 0, available: 7 })
    equal((await ledger.entry(run('a')))?.receipt?.feature, 'summary')
  },

  async 'never settles above what was reserved'({ ledger, equal, stand, reserved }) {
    await reserved(run('a'), [claim(4)])
    await ledger.settle(run('a'), { runs: 4_000 }, receiptOf('a'))
    equal(await stand(), { settled: 4, held: 0, available: 6 })
  },

  async 'ties a share down while the run is open, and counts nothing of it'({ ledger, equal, reserved }) {
    const share = claim(6, { budget: 'share', window: 'session', holdOnly: true })
    const held = async () => (await ledger.balance([{ ...share, amount: 0, holdOnly: false }])).map(({ held, settled }) => ({ held, settled }))
    await reserved(run('a'), [claim(1), share])
    equal(await held(), [{ held: 6, settled: 0 }])
    const refused = await ledger.reserve(request(run('b'), [claim(1), share]))
    equal([refused.outcome, 'shares' in refused && refused.shares], ['too-many', ['share']])
    await ledger.settle(run('a'), { runs: 1 }, receiptOf('a'))
    equal(await held(), [{ held: 0, settled: 0 }])
    await reserved(run('b'), [claim(1), share])
  },

  async 'never lets more through in any hour than a window that rolls allows'({ ledger, clock, equal, reserved }) {
    const rolling = (amount: number) => claim(amount, { window: '3600s' })
    const begun = async (name: string, amount: number) => (await ledger.reserve(request(run(name), [rolling(amount)]))).outcome
    const left = async () => (await ledger.balance([rolling(0)]))[0]!.available
    clock.now += hour - 1
    await reserved(run('a'), [rolling(7)])
    await ledger.settle(run('a'), { runs: 7 }, receiptOf('a'))
    // Another hour of the clock, and the same of any clock.
    clock.now += 1
    equal([await begun('b', 4), await left()], ['exceeded', 3])
    clock.now += hour - 2
    equal(await begun('b', 4), 'exceeded')
    clock.now += hour / 4 + 1
    equal([await left(), await begun('b', 10)], [10, 'reserved'])
  },

  async 'goes by the limit as it stands now'({ ledger, equal, stand, reserved }) {
    await reserved(run('a'), [claim(10)])
    await reserved(run('b'), [claim(5, { limit: 15 })])
    equal((await ledger.reserve(request(run('c'), [claim(1, { limit: 3 })]))).outcome, 'exceeded')
    equal((await stand(claim(0, { limit: 3 }))).available, 0)
    equal((await stand(claim(0, { limit: 20 }))).available, 5)
  },

  async 'lets an identity have so many runs open'({ ledger, equal }) {
    const two = { concurrency: 2 }
    for (const name of ['a', 'b']) equal((await ledger.reserve(request(run(name), [claim(1)], two))).outcome, 'reserved')
    equal(await ledger.reserve(request(run('c'), [claim(1)], two)), { outcome: 'too-many', running: 2 })
    equal((await ledger.reserve(request(run('a'), [claim(1)], two))).outcome, 'running')
    equal((await ledger.reserve(request(run('c', 'bob'), [claim(1)], two))).outcome, 'reserved')
    await ledger.settle(run('a'), nothingSpent, receiptOf('a'))
    equal((await ledger.reserve(request(run('c'), [claim(1)], two))).outcome, 'reserved')
  },

  async 'keeps people, budgets, units and days apart'({ ledger, clock, equal, reserved }) {
    await reserved(run('a'), [claim(10)])
    for (const other of [claim(10, { subject: 'bob' }), claim(10, { budget: 'other' }), claim(10, { unit: 'tokens' }), claim(10, { window: 'month' })]) {
      await reserved(run(JSON.stringify(other)), [other])
    }
    equal((await ledger.reserve(request(run('z'), [claim(1)]))).outcome, 'exceeded')
    clock.now += 12 * hour
    await reserved(run('z'), [claim(10)])
  },

  async 'counts a run in the window it was reserved in'({ ledger, clock, equal, stand, reserved }) {
    await reserved(run('a'), [claim(4)])
    clock.now += 12 * hour - 1
    await ledger.renew(run('a'), lease)
    clock.now += 2
    equal(await stand(), { settled: 0, held: 0, available: 10 })
    const [budget] = await ledger.settle(run('a'), { runs: 3 }, receiptOf('a'))
    equal([budget!.settled, budget!.resetsAt], [3, noon + 12 * hour])
    equal(await stand(), { settled: 0, held: 0, available: 10 })
  },

  async 'reports balances without changing them, in the order they were asked for'({ ledger, equal }) {
    const asked = ['usd', 'runs', 'wh'].map(unit => claim(0, { unit: unit as Unit, limit: 2e9 }))
    const first = await ledger.balance(asked)
    equal(first.map(({ unit }) => unit), ['usd', 'runs', 'wh'])
    equal(await ledger.balance(asked), first)
    equal(await ledger.balance([]), [])
  },

  async 'lets no more through than there is room, whoever asks at once'({ ledger, equal, stand }) {
    const outcomes = await Promise.all(Array.from({ length: 50 }, async (_, at) => (await ledger.reserve(request(run(`r${at}`), [claim(1)]))).outcome))
    equal(outcomes.filter(outcome => outcome === 'reserved').length, 10)
    equal(await stand(), { settled: 0, held: 10, available: 0 })
  },

  async 'raises the revision with every change'({ ledger, equal, reserved }) {
    const revision = async () => (await ledger.balance([claim(0)]))[0]!.revision
    const seen = [await revision()]
    const verbs = [() => reserved(run('a')), () => ledger.settle(run('a'), { runs: 1 }, receiptOf('a')), () => reserved(run('b')), () => ledger.release(run('b'))]
    for (const verb of verbs) {
      await verb()
      seen.push(await revision())
    }
    equal(seen.every((each, at) => at === 0 || each > seen[at - 1]!), true)
  },
}
