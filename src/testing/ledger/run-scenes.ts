import type { ReserveAnswer } from '../../server/index.ts'
import { claim, hour, lease, receiptOf, request, run } from './scene.ts'
import type { Scenes } from './scene.ts'

/** What becomes of a run, also where its holder is gone. */
export const runScenes: Scenes = {
  async 'gives back what was not dispatched, and not what was'({ ledger, equal, stand, reserved }) {
    await reserved(run('a'))
    await reserved(run('b'))
    await ledger.dispatch(run('b'))
    for (const name of ['a', 'b', 'a']) await ledger.release(run(name))
    equal(await stand(), { settled: 0, held: 1, available: 9 })
    equal(await ledger.dispatch(run('a')), false)
    equal([(await ledger.entry(run('a')))?.status, (await ledger.entry(run('b')))?.status], ['released', 'dispatched'])
  },

  async 'dispatches in the same go, where reserve is told what stands if nobody settles it'({ ledger, clock, equal, stand }) {
    const assumed = { ...receiptOf('a'), status: 'expired' } as const
    const dispatched = (name: string) => ledger.reserve(request(run(name), [claim(4)], { assumed }))
    equal((await dispatched('a')).outcome, 'reserved')
    await ledger.release(run('a'))
    const entry = await ledger.entry(run('a'))
    equal([entry?.status, entry?.receipt], ['dispatched', null])
    equal((await dispatched('a')).outcome, 'running')
    equal((await dispatched('b')).outcome, 'reserved')
    equal((await dispatched('c')).outcome, 'exceeded')
    equal(await ledger.entry(run('c')), null)
    await ledger.settle(run('b'), { runs: 1 }, receiptOf('b'))
    clock.now += lease
    equal(await stand(), { settled: 5, held: 0, available: 5 })
    const ended = await ledger.entry(run('a'))
    equal([ended?.status, ended?.receipt], ['assumed', assumed])
    equal((await ledger.entry(run('b')))?.receipt, receiptOf('b'))
  },

  async 'gives back what a reserve dispatched whose answer was lost, and nothing that another of its id did'({ ledger, clock, equal, stand }) {
    const assumedBy = (estimate: string) => ({ ...receiptOf('a'), status: 'expired', estimate: { ...receiptOf('a').estimate, id: estimate } } as const)
    await ledger.release(run('a'), assumedBy('one'))
    await ledger.reserve(request(run('a'), [claim(4)], { assumed: assumedBy('one') }))
    await ledger.release(run('a'), assumedBy('another'))
    equal(await stand(), { settled: 0, held: 4, available: 6 })
    await ledger.release(run('a'), assumedBy('one'))
    await ledger.release(run('a'), assumedBy('one'))
    equal(await stand(), { settled: 0, held: 0, available: 10 })
    clock.now += lease
    const entry = await ledger.entry(run('a'))
    equal([entry?.status, entry?.receipt], ['released', null])
  },

  async 'knows a run by its id and its body'({ ledger, equal, stand, reserved }) {
    await reserved(run('a'))
    equal((await ledger.reserve(request(run('a'), [claim(1)]))).outcome, 'running')
    equal((await ledger.reserve(request(run('a'), [claim(1)], { body: 'another' }))).outcome, 'conflict')
    await ledger.settle(run('a'), { runs: 1 }, receiptOf('a'))
    const answer = await ledger.reserve(request(run('a'), [claim(1)])) as Extract<ReserveAnswer, { outcome: 'ended' }>
    equal([answer.outcome, answer.entry.receipt], ['ended', receiptOf('a')])
    equal((await ledger.reserve(request(run('a'), [claim(1)], { body: 'another' }))).outcome, 'conflict')
    equal(await stand(), { settled: 1, held: 0, available: 9 })
  },

  async 'keeps ids of different people apart'({ ledger, equal, reserved }) {
    await reserved(run('a', 'ada'))
    await reserved(run('a', 'bob'), [claim(1, { subject: 'bob' })])
    equal(await ledger.entry(run('a', 'eve')), null)
    for (const [one, two] of [['x,y', 'z'], ['x', 'y,z'], ['["x"', 'y'], ['x', ''], ['', 'x'], ['a', 'x'], ['a\0b', 'x'], ['\ud800', 'x'], ['\udfff', 'x'], ['\\ud800', 'x'], ["'; --", 'x']] as const) await reserved(run(two, one), [])
    await ledger.settle(run('a', 'bob'), { runs: 1 }, receiptOf('a'))
    equal((await ledger.entry(run('a', 'ada')))?.status, 'held')
  },

  async 'ends what outlived its lease: given back, or counted in full'({ ledger, clock, equal, stand, reserved }) {
    await reserved(run('a'), [claim(2)])
    await reserved(run('b'), [claim(3)])
    await ledger.dispatch(run('b'))
    clock.now += lease - 1
    equal(await ledger.expire(), 0)
    clock.now += 1
    equal(await ledger.expire(), 2)
    equal(await ledger.expire(), 0)
    equal([(await ledger.entry(run('a')))?.status, (await ledger.entry(run('b')))?.status], ['released', 'assumed'])
    equal(await stand(), { settled: 3, held: 0, available: 7 })
  },

  async 'expires by itself before it answers'({ ledger, clock, equal, stand, reserved }) {
    await reserved(run('a'), [claim(10)])
    clock.now += lease
    equal(await stand(), { settled: 0, held: 0, available: 10 })
    await reserved(run('b'), [claim(10)])
    clock.now += lease
    equal((await ledger.entry(run('b')))?.status, 'released')
    await reserved(run('c'), [claim(10)])
    clock.now += lease
    await reserved(run('d'), [claim(10)])
  },

  async 'does not dispatch what is over or was never there'({ ledger, clock, equal, reserved }) {
    await reserved(run('a'))
    clock.now += lease
    equal(await ledger.dispatch(run('a')), false)
    equal(await ledger.dispatch(run('nobody')), false)
    await reserved(run('b'))
    equal([await ledger.dispatch(run('b')), await ledger.dispatch(run('b'))], [true, false])
  },

  async 'lowers an assumption when the truth comes late, and never raises it'({ ledger, clock, equal, stand, reserved }) {
    for (const name of ['a', 'b']) {
      await reserved(run(name), [claim(4)])
      await ledger.dispatch(run(name))
    }
    clock.now += lease
    equal(await stand(), { settled: 8, held: 0, available: 2 })
    await ledger.settle(run('a'), { runs: 1 }, receiptOf('a'))
    await ledger.settle(run('b'), { runs: 9 }, receiptOf('b'))
    equal(await stand(), { settled: 5, held: 0, available: 5 })
    equal((await ledger.entry(run('a')))?.receipt, receiptOf('a'))
  },

  async 'keeps a renewed reservation, and does not wake an ended one'({ ledger, clock, equal, stand, reserved }) {
    await reserved(run('a'))
    await ledger.dispatch(run('a'))
    for (let i = 0; i < 5; i++) {
      clock.now += lease - 1
      await ledger.renew(run('a'), lease)
    }
    equal(await stand(), { settled: 0, held: 1, available: 9 })
    clock.now += lease
    await ledger.expire()
    await ledger.renew(run('a'), lease)
    await ledger.renew(run('nobody'), lease)
    equal((await ledger.entry(run('a')))?.status, 'assumed')
  },

  async 'is not shortened by a renewal, nor moved by a clock that goes back'({ ledger, clock, equal, reserved }) {
    await reserved(run('a'))
    await ledger.renew(run('a'), 1)
    clock.now += lease - 1
    equal(await ledger.expire(), 0)
    clock.now -= hour
    await ledger.renew(run('a'), lease)
    equal(await ledger.expire(), 0)
    clock.now += hour + 1
    equal(await ledger.expire(), 1)
  },

  async 'fails to settle what it never had, and says so'({ ledger, equal }) {
    const failure = await ledger.settle(run('nobody'), { runs: 1 }, receiptOf('x')).then(() => null, (error: Error) => error.message)
    equal(typeof failure === 'string' && failure.length > 20, true)
  },
}
