import type { Receipt } from '../../core/index.ts'
import type { Ledger, ReserveAnswer } from '../../server/index.ts'
import { optInsKey, policyKey } from '../../server/ledger/keys.ts'
import { claim, lease, receiptOf, request, run } from './scene.ts'
import type { Scenes } from './scene.ts'

/** What holds however many ask at once. A ledger that looks first and writes then passes whatever is asked one after the other. */
export const raceScenes: Scenes = {
  async 'lets an identity have so many runs open, whoever asks at once'({ both, equal, stand }) {
    const holders = await both()
    const asked = times(40, at => ({ identity: at % 4 < 2 ? 'ada' : 'bob', ledger: holders[at % 2]! }))
    const answers = await Promise.all(asked.map(({ identity, ledger }, at) => ledger.reserve(request(run(`r${at}`, identity), [plenty], { concurrency: 2 }))))
    for (const identity of ['ada', 'bob']) {
      const own = answers.filter((_, at) => asked[at]!.identity === identity)
      equal(own.filter(({ outcome }) => outcome === 'reserved').length, 2)
      equal(own.filter(({ outcome }) => outcome !== 'reserved'), times(18, () => ({ outcome: 'too-many', running: 2 })))
    }
    equal((await stand(plenty)).held, 4)
  },

  async 'ties no more of a share down than there is, whoever asks at once'({ both, equal, stand }) {
    const holders = await both()
    const share = claim(4, { budget: 'share', window: 'session', holdOnly: true })
    const outcomes = await Promise.all(times(20, async at => (await holders[at % 2]!.reserve(request(run(`r${at}`), [plenty, share]))).outcome))
    equal([count(outcomes, 'reserved'), count(outcomes, 'too-many')], [2, 18])
    equal(await stand({ ...share, holdOnly: false }), { settled: 0, held: 8, available: 2 })
  },

  async 'begins a run once and dispatches it once, whoever asks at once'({ both, equal, stand }) {
    const holders = await both()
    const outcomes = await Promise.all(times(20, async at => (await holders[at % 2]!.reserve(request(run('a'), [claim(1)]))).outcome))
    equal([count(outcomes, 'reserved'), count(outcomes, 'running')], [1, 19])
    const dispatched = await Promise.all(times(20, at => holders[at % 2]!.dispatch(run('a'))))
    equal(count(dispatched, true), 1)
    equal(await stand(), { settled: 0, held: 1, available: 9 })
  },

  async 'dispatches a run or gives it back, where both are asked for at once'({ both, equal, stand }) {
    const [one, other] = await both()
    const names = times(10, at => `r${at}`)
    for (const name of names) await one.reserve(request(run(name), [claim(1)]))
    const dispatched = await Promise.all(names.map(async (name, at) => {
      const verbs = [() => one.dispatch(run(name)), () => other.release(run(name))]
      const answers = await Promise.all((at % 2 ? verbs : verbs.toReversed()).map(verb => verb()))
      return answers.includes(true)
    }))
    const statuses = await Promise.all(names.map(async name => (await one.entry(run(name)))?.status))
    equal(statuses, dispatched.map(is => is ? 'dispatched' : 'released'))
    const held = count(dispatched, true)
    equal(await stand(), { settled: 0, held, available: 10 - held })
  },

  async 'settles a run once, by the word that stands, whoever has one at once'({ both, equal, stand, reserved }) {
    const holders = await both()
    await reserved(run('a'), [claim(9)])
    await holders[0].dispatch(run('a'))
    await Promise.all(times(9, runs => holders[runs % 2]!.settle(run('a'), { runs }, { ...receiptOf('a'), feature: `${runs}` })))
    const entry = await holders[1].entry(run('a'))
    const settled = Number(entry?.receipt?.feature)
    equal([entry?.status, await stand()], ['settled', { settled, held: 0, available: 10 - settled }])
  },

  async 'settles at the truth that comes as the lease ends'({ both, clock, equal, stand }) {
    const [one, other] = await both()
    const names = times(4, at => `r${at}`)
    for (const name of names) await one.reserve(request(run(name), [claim(2)], { assumed: assumedOf(name) }))
    clock.now += lease
    await Promise.all([one.expire(), ...names.map(name => other.settle(run(name), { runs: 1 }, receiptOf(name))), other.expire()])
    equal(await stand(), { settled: 4, held: 0, available: 6 })
    equal(await Promise.all(names.map(async name => (await one.entry(run(name)))?.receipt)), names.map(receiptOf))
  },

  async 'lets one of those through who write a document on one revision at once'({ both, equal }) {
    const holders = await both()
    const keys = [policyKey, optInsKey('ada'), optInsKey('bob')]
    for (const revision of [0, 1, 2]) {
      const writes = times(8, by => keys.map(key => ({ key, by }))).flat()
      const done = await Promise.all(writes.map(({ key, by }) => inAWhile(holders[by % 2]!, by % 4).then(() => holders[by % 2]!.putDocument(key, { by, revision }, revision))))
      const through = writes.filter((_, at) => done[at])
      equal(through.map(({ key }) => key).toSorted(), keys.toSorted())
      for (const { key, by } of through) equal(await holders[1].document(key), { key, value: { by, revision }, revision: revision + 1 })
    }
  },

  async 'deletes a document or changes it, where both are asked for at once'({ both, equal }) {
    const holders = await both()
    for (const first of [null, 'changed']) {
      const key = optInsKey(`${first}`)
      await holders[0].putDocument(key, 'as it was', 0)
      const values = times(8, at => at % 2 ? 'changed' : null).toSorted(value => value === first ? -1 : 1)
      const done = await Promise.all(values.map((value, at) => holders[at % 2]!.putDocument(key, value, 1)))
      equal(count(done, true), 1)
      equal((await holders[1].document(key))?.value ?? null, values[done.indexOf(true)])
    }
  },

  async 'loses nothing that several change in a document at once, each from what stands there'({ both, equal }) {
    const holders = await both()
    await Promise.all(times(8, async by => {
      // Of those that try, one is through each time.
      for (let attempt = 0, done = false; attempt < 100 && !done; attempt++) {
        const stored = await holders[by % 2]!.document(policyKey)
        done = await holders[by % 2]!.putDocument(policyKey, { ...stored?.value as object, [`feature ${by}`]: 'off' }, stored?.revision ?? 0)
      }
    }))
    equal(await holders[0].document(policyKey), { key: policyKey, value: Object.fromEntries(times(8, by => [`feature ${by}`, 'off'])), revision: 8 })
  },

  async 'reserves before a policy is written or under it, and nothing in between, whoever asks at once'({ both, equal, stand }) {
    const [one, other] = await both()
    let held = 0
    // The later it is written, the more have begun under the one before.
    for (const [revision, turn] of [0, 3, 6, 9, 5, 7].entries()) {
      const ask = (name: string, at: number, policy: number, amount: number) =>
        (at % 2 ? one : other).reserve(request(run(`${revision}-${name}-${at}`), [{ ...plenty, amount }], { policy }))
      const inTurn = (name: string, policy: number, amount: number) => times(12, at => inAWhile(one, at).then(() => ask(name, at, policy, amount)))
      const written = inAWhile(one, turn).then(async () => {
        equal(await one.putDocument(policyKey, { revision }, revision), true)
        const { held } = await stand(plenty, other)
        equal((await Promise.all(times(6, at => ask('late', at, revision, 1)))).map(({ outcome }) => outcome), times(6, () => 'stale-policy'))
        return held
      })
      const [seen, before, after] = await Promise.all([written, Promise.all(inTurn('old', revision, 1)), Promise.all(inTurn('new', revision + 1, 0))])
      equal([...before, ...after].filter(({ outcome }) => outcome !== 'reserved' && outcome !== 'stale-policy'), [])
      held += before.filter(isReserved).length
      // Once it is written everything is in its place that was let through under the one before.
      equal([seen, ...after.filter(isReserved).map(heldBy)], [held, ...after.filter(isReserved).map(() => held)])
    }
  },

  async 'counts a run that is settled while its identity is erased, at what it came to or in full'({ both, clock, equal, stand }) {
    const [one, other] = await both()
    const everybody = claim(2, { scope: 'all', subject: 'all', limit: 100 })
    let settled = 0
    for (const [at, identity] of ['ada', 'bob', 'eve', 'kim'].entries()) {
      await one.reserve(request(run('a', identity), [everybody], { assumed: assumedOf('a') }))
      const verbs = [async () => one.erase(identity), async () => settle(other, identity)]
      const came = await Promise.all((at % 2 ? verbs : verbs.toReversed()).map(verb => verb()))
      settled += came.find(amount => amount !== undefined)!
    }
    clock.now += lease
    equal(await stand(everybody), { settled, held: 0, available: 100 - settled })
  },
}

/** A claim that always fits. */
const plenty = claim(1, { budget: 'plenty', limit: 1_000 })

const assumedOf = (name: string): Receipt => ({ ...receiptOf(name), status: 'expired' })

/** Settles at one of two runs. @returns what the run comes to: both, where it could no longer be settled */
const settle = ({ settle }: Ledger, identity: string) => settle(run('a', identity), { runs: 1 }, receiptOf('a')).then(() => 1, () => 2)

/** As long as so many readings take, so that not all who ask are at the same place. */
async function inAWhile(ledger: Ledger, readings: number): Promise<void> {
  for (let at = 0; at < readings; at++) await ledger.document(policyKey)
}

const isReserved = ({ outcome }: ReserveAnswer) => outcome === 'reserved'
const heldBy = (answer: ReserveAnswer) => 'budgets' in answer && answer.budgets[0]?.held

const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at))
const count = <T>(all: readonly T[], one: T) => all.filter(each => each === one).length
