import { claim, receiptOf, request, run } from './scene.ts'
import type { Scenes } from './scene.ts'

/** What only a record that outlives its ledger can show. */
export const holderScenes: Scenes = {
  async 'remembers everything when it is opened again'({ ledger, again, equal, stand }) {
    await ledger.reserve(request(run('a'), [claim(4)]))
    await ledger.dispatch(run('a'))
    await ledger.reserve(request(run('b'), [claim(2)]))
    await ledger.settle(run('b'), { runs: 1 }, receiptOf('b'))
    const entries = [await ledger.entry(run('a')), await ledger.entry(run('b'))]
    await ledger.close()
    const reopened = await again()
    equal([await reopened.entry(run('a')), await reopened.entry(run('b'))], entries)
    equal(await stand(claim(0), reopened), { settled: 1, held: 4, available: 5 })
  },

  async 'agrees with another holder after every step'({ ledger, again, equal, stand }) {
    const other = await again()
    await ledger.reserve(request(run('a'), [claim(4)]))
    equal((await other.reserve(request(run('b'), [claim(7)]))).outcome, 'exceeded')
    equal((await other.reserve(request(run('a'), [claim(4)]))).outcome, 'running')
    equal(await other.dispatch(run('a')), true)
    equal(await ledger.dispatch(run('a')), false)
    await ledger.settle(run('a'), { runs: 1 }, receiptOf('a'))
    equal(await stand(claim(0), other), { settled: 1, held: 0, available: 9 })
  },

  async 'lets no more through than there is room, with two holders asked at once'({ ledger, again, equal }) {
    const both = [ledger, await again()]
    const outcomes = await Promise.all(Array.from({ length: 60 }, async (_, at) => (await both[at % 2]!.reserve(request(run(`r${at}`), [claim(1)]))).outcome))
    equal(outcomes.filter(outcome => outcome === 'reserved').length, 10)
    equal(outcomes.filter(outcome => outcome === 'exceeded').length, 50)
  },
}
