import { claim, hour, lease, receiptOf, request, run } from './scene.ts'
import type { Scenes } from './scene.ts'

const month = claim(4, { window: 'month', limit: 100 })

/** What is kept beside runs, and what becomes of those that are long over. */
export const recordScenes: Scenes = {
  async 'keeps documents by revision: who wrote on an old one is told'({ ledger, equal }) {
    const key = JSON.stringify(['policy', null])
    equal(await ledger.document(key), null)
    equal([await ledger.putDocument(key, { a: 1 }, 0), await ledger.putDocument(key, { a: 2 }, 0)], [true, false])
    equal(await ledger.document(key), { key, value: { a: 1 }, revision: 1 })
    equal([await ledger.putDocument(key, { a: 3 }, 1), await ledger.putDocument(key, null, 1), await ledger.putDocument(key, null, 2)], [true, false, true])
    equal(await ledger.document(key), null)
  },

  async 'reserves only under the policy that the claims were worked out under'({ ledger, equal, stand }) {
    const key = JSON.stringify(['policy', null])
    equal((await ledger.reserve(request(run('a'), [claim(1)], { policy: 0 }))).outcome, 'reserved')
    await ledger.putDocument(key, { limits: {} }, 0)
    equal((await ledger.reserve(request(run('b'), [claim(1)], { policy: 0 }))).outcome, 'stale-policy')
    equal((await ledger.reserve(request(run('b'), [claim(1)], { policy: 1 }))).outcome, 'reserved')
    equal(await stand(), { settled: 0, held: 2, available: 8 })
  },

  async 'lists all runs, page by page'({ ledger, equal, settled }) {
    for (const name of ['c', 'a', 'b']) await settled(run(name), [claim(1)], { runs: 1 })
    const first = await ledger.entries(null, 2)
    const rest = await ledger.entries(first[1]!, 2)
    equal([...first, ...rest].map(entry => entry.run).sort(), ['a', 'b', 'c'])
    equal([first.length, rest.length, (await ledger.entries(rest[0]!, 2)).length], [2, 1, 0])
  },

  async 'finds a run by its id alone, of every identity that has one'({ ledger, equal, settled, reserved }) {
    for (const name of ['a', 'a*', '*', 'b"a']) await settled(run(name, 'bob'), [claim(0)], { runs: 0 })
    await reserved(run('a'), [claim(1)])
    equal((await ledger.entriesNamed('a')).map(({ identity, run: name, status, receipt }) => [identity, name, status, receipt?.id ?? null]), [['ada', 'a', 'held', null], ['bob', 'a', 'settled', 'a']])
    equal((await ledger.entriesNamed('*')).map(({ run: name }) => name), ['*'])
    equal((await ledger.entriesNamed('b"a')).map(({ run: name }) => name), ['b"a'])
    equal(await ledger.entriesNamed('c'), [])
    await ledger.erase('bob')
    const [mine, erased] = await ledger.entriesNamed('a')
    equal([mine?.identity, erased?.identity.startsWith('erased:'), erased?.receipt?.id], ['ada', true, 'a'])
  },

  async 'clears away what is long over, and keeps its total'({ ledger, clock, equal, stand, reserved, settled }) {
    await settled(run('a'), [claim(4), month], { runs: 3 })
    await settled(run('b', 'bob'), [claim(4, { subject: 'bob' })], { runs: 2 })
    clock.now += 24 * hour
    await reserved(run('c'))
    equal(await ledger.retire(clock.now - 6 * hour) > 0, true)
    equal([await ledger.entry(run('a')), (await ledger.entry(run('c')))?.status], [null, 'held'])
    equal(await stand(month), { settled: 3, held: 0, available: 97 })
    equal(await ledger.totals(), [{ key: JSON.stringify(['mine', null, 'runs', 'day', 'UTC', Date.UTC(2026, 10, 24)]), settled: 5 }])
    equal(await ledger.retire(clock.now - 6 * hour), 0)
  },

  async 'keeps one total of a window that rolls, with each run once'({ ledger, clock, equal, reserved, settled }) {
    const rolling = (amount: number) => [claim(amount, { window: '10s', limit: 1_000 }), claim(amount, { window: '10s', unit: 'tokens', limit: 1_000 })]
    const total = (unit: string) => JSON.stringify(['mine', null, unit, '10s', 'UTC', null])
    const cleared = async () => {
      clock.now += 2 * hour
      await ledger.retire(clock.now - hour)
      return Object.fromEntries((await ledger.totals()).map(({ key, settled: sum }) => [key, sum]))
    }
    // At each place that there is within its periods.
    for (let at = 0; at < 25; at++) {
      clock.now += 1_300
      await settled(run(`r${at}`), rolling(9), { runs: at % 3, tokens: 7 })
    }
    equal(await cleared(), { [total('runs')]: 24, [total('tokens')]: 175 })
    for (const name of ['assumed', 'late']) {
      await reserved(run(name), rolling(9))
      await ledger.dispatch(run(name))
    }
    clock.now += hour
    await ledger.expire()
    await ledger.settle(run('late'), { runs: 1, tokens: 2 }, receiptOf('late'))
    equal(await cleared(), { [total('runs')]: 24 + 9 + 1, [total('tokens')]: 175 + 9 + 2 })
  },

  async 'erases an identity, and keeps what it spent'({ ledger, equal, stand, settled }) {
    const everybody = claim(4, { budget: 'everybody', scope: 'all', subject: 'all' })
    await settled(run('a'), [claim(4), everybody], { runs: 3 })
    await settled(run('a', 'bob'), [claim(1, { subject: 'bob' })], { runs: 1 })
    await ledger.putDocument(JSON.stringify(['opt-ins', 'ada']), [], 0)
    await ledger.putDocument(JSON.stringify(['opt-ins', 'bob']), [], 0)
    await ledger.erase('ada')
    equal([await ledger.entry(run('a')), (await ledger.entry(run('a', 'bob')))?.status], [null, 'settled'])
    equal([await ledger.document(JSON.stringify(['opt-ins', 'ada'])), (await ledger.document(JSON.stringify(['opt-ins', 'bob'])))?.revision], [null, 1])
    equal([await stand(), await stand(everybody)], [{ settled: 0, held: 0, available: 10 }, { settled: 3, held: 0, available: 7 }])
    equal((await ledger.entries(null, 9)).map(({ identity }) => identity === 'bob' || identity.startsWith('erased:')), [true, true])
    await ledger.erase('nobody')
  },

  async 'counts in full what an erased identity has open, and lets nobody say otherwise'({ ledger, clock, equal, stand, reserved }) {
    const everybody = claim(4, { budget: 'everybody', scope: 'all', subject: 'all' })
    await reserved(run('a'), [claim(4), everybody])
    await ledger.dispatch(run('a'))
    await reserved(run('b'), [claim(3), { ...everybody, amount: 3 }])
    await ledger.erase('ada')
    const statuses = async () => (await ledger.entries(null, 9)).map(({ identity, run: name, status }) => [identity.startsWith('erased:'), name, status])
    equal([await stand(), await stand(everybody)], [{ settled: 0, held: 0, available: 10 }, { settled: 0, held: 7, available: 3 }])
    equal((await statuses()).toSorted(byName), [[true, 'a', 'dispatched'], [true, 'b', 'held']])
    await ledger.release(run('a'), receiptOf('a'))
    await ledger.renew(run('a'), 10 * hour)
    const failure = await ledger.settle(run('a'), { runs: 1 }, receiptOf('a')).then(() => null, (error: Error) => error.message)
    equal([typeof failure, await ledger.dispatch(run('b')), await ledger.entry(run('a'))], ['string', false, null])
    equal(await stand(everybody), { settled: 0, held: 7, available: 3 })
    clock.now += lease
    equal(await stand(everybody), { settled: 4, held: 0, available: 6 })
    equal((await statuses()).toSorted(byName), [[true, 'a', 'assumed'], [true, 'b', 'released']])
  },
}

const byName = ([, one]: readonly unknown[], [, other]: readonly unknown[]) => String(one) < String(other) ? -1 : 1
