import fc from 'fast-check'
import { nothingSpent, units } from '../../../src/core/index.ts'
import type { Amounts, Budget, Claim, Receipt, Unit } from '../../../src/core/index.ts'
import type { Ledger, ReserveAnswer, RunKey } from '../../../src/server/index.ts'

/** A place where ledgers of one kind keep their record. */
export interface LedgerPlace {
  /** Opens a ledger on the record. Called again, it is another holder of the same record, where there can be one. */
  open(now: () => number): Ledger | Promise<Ledger>
  /** Whether the record outlives its ledger, so that several can hold it. */
  readonly durable: boolean
  clear(): void | Promise<void>
}

/** What the suite asks of a test runner; vitest's and node's own fit. */
export interface Runner {
  test(name: string, body: () => Promise<void>): void
  /** Fails unless both are the same in every part. */
  equal(actual: unknown, expected: unknown): void
}

const start = Date.UTC(2026, 10, 24, 12)
const lease = 60_000

const claim = (amount: number, change: Partial<Claim> = {}): Claim =>
  ({ budget: 'mine', scope: 'user', subject: 'ada', unit: 'runs', window: 'day', timeZone: 'UTC', limit: 10, amount, ...change })

const run = (name: string, identity = 'ada'): RunKey => ({ identity, run: name })

const request = (key: RunKey, claims: readonly Claim[], change: object = {}) => ({ ...key, body: 'body', claims, lease, concurrency: 1_000, ...change })

export const receiptOf = (id: string): Receipt => ({
  id, feature: 'summary', status: 'completed', usage: { input: 1, cached: 0, output: 1, reasoning: 0, source: 'reported' },
  choice: { model: 'm', provider: 'p', tier: 'eco', effort: 'none', need: 'generate', reasons: [] }, cost: { usd: 0, wh: 0, gco2e: 0 },
  estimate: {
    id: 'e', status: 'ready', feature: 'summary', tier: 'eco', effort: 'none', model: 'm', catalogVersion: 'v', tokens: { input: { low: 0, mid: 0, high: 0 }, output: { low: 0, mid: 0, high: 0 } },
    cost: { usd: null, wh: null, gco2e: null }, seconds: null, stars: null, ceiling: { usd: null, wh: null, outputTokens: 0 }, provenance: { usd: 'unknown', wh: 'unknown' }, baseline: { usd: null, wh: null, gco2e: null },
  },
  optIn: null, budgets: [], at: start, signature: null,
})

interface Scene {
  readonly ledger: Ledger
  readonly clock: { now: number }
  /** Another holder of the same record. */
  again(): Promise<Ledger>
}

/** Everything that a ledger must do, whatever engine it stands on. Reported to the runner test by test. */
export function ledgerContract({ test, equal }: Runner, place: () => LedgerPlace | Promise<LedgerPlace>): void {
  const scene = (name: string, body: (scene: Scene) => Promise<void>) => test(name, async () => {
    const where = await place()
    const clock = { now: start }
    const opened: Ledger[] = []
    const again = async () => {
      const ledger = await where.open(() => clock.now)
      opened.push(ledger)
      return ledger
    }
    try {
      await body({ ledger: await again(), clock, again })
    } finally {
      for (const ledger of opened) await ledger.close()
      await where.clear()
    }
  })
  const stand = async (ledger: Ledger, of: Claim = claim(0)) => {
    const [{ settled, held, available }] = await ledger.balance([of]) as [Budget]
    return { settled, held, available }
  }
  const reserved = async (ledger: Ledger, key: RunKey, claims: readonly Claim[] = [claim(1)]) => equal((await ledger.reserve(request(key, claims))).outcome, 'reserved')

  scene('holds, dispatches and settles at the actual', async ({ ledger }) => {
    await reserved(ledger, run('a'), [claim(4)])
    equal(await stand(ledger), { settled: 0, held: 4, available: 6 })
    equal(await ledger.dispatch(run('a')), true)
    const [budget] = await ledger.settle(run('a'), { runs: 3 }, receiptOf('a'))
    equal({ settled: budget!.settled, held: budget!.held }, { settled: 3, held: 0 })
    equal(await stand(ledger), { settled: 3, held: 0, available: 7 })
    const entry = await ledger.entry(run('a'))
    equal([entry?.status, entry?.receipt, entry?.identity, entry?.run], ['settled', receiptOf('a'), 'ada', 'a'])
  })

  scene('takes every claim or none', async ({ ledger }) => {
    const rich = claim(5, { budget: 'rich', limit: 100 })
    const answer = await ledger.reserve(request(run('a'), [rich, claim(11)])) as Extract<ReserveAnswer, { outcome: 'exceeded' }>
    equal([answer.outcome, answer.budgets.map(({ id }) => id)], ['exceeded', ['mine']])
    equal(await stand(ledger, rich), { settled: 0, held: 0, available: 100 })
    equal(await ledger.entry(run('a')), null)
    await reserved(ledger, run('a'), [rich, claim(10)])
  })

  scene('counts several claims on one pot together', async ({ ledger }) => {
    equal((await ledger.reserve(request(run('a'), [claim(6), claim(6)]))).outcome, 'exceeded')
    await reserved(ledger, run('b'), [claim(5), claim(5)])
    equal(await stand(ledger), { settled: 0, held: 10, available: 0 })
    await ledger.settle(run('b'), { runs: 2 }, receiptOf('b'))
    equal(await stand(ledger), { settled: 4, held: 0, available: 6 })
  })

  scene('settles once: a second word changes nothing', async ({ ledger }) => {
    await reserved(ledger, run('a'), [claim(4)])
    await ledger.dispatch(run('a'))
    await ledger.settle(run('a'), { runs: 3 }, receiptOf('a'))
    await ledger.settle(run('a'), { runs: 1 }, { ...receiptOf('a'), feature: 'other' })
    equal(await stand(ledger), { settled: 3, held: 0, available: 7 })
    equal((await ledger.entry(run('a')))?.receipt?.feature, 'summary')
  })

  scene('never settles above what was reserved', async ({ ledger }) => {
    await reserved(ledger, run('a'), [claim(4)])
    await ledger.settle(run('a'), { runs: 4_000 }, receiptOf('a'))
    equal(await stand(ledger), { settled: 4, held: 0, available: 6 })
  })

  scene('gives back what was not dispatched, and not what was', async ({ ledger }) => {
    await reserved(ledger, run('a'))
    await reserved(ledger, run('b'))
    await ledger.dispatch(run('b'))
    for (const name of ['a', 'b', 'a']) await ledger.release(run(name))
    equal(await stand(ledger), { settled: 0, held: 1, available: 9 })
    equal(await ledger.dispatch(run('a')), false)
    equal([(await ledger.entry(run('a')))?.status, (await ledger.entry(run('b')))?.status], ['released', 'dispatched'])
  })

  scene('knows a run by its id and its body', async ({ ledger }) => {
    await reserved(ledger, run('a'))
    equal((await ledger.reserve(request(run('a'), [claim(1)]))).outcome, 'running')
    equal((await ledger.reserve(request(run('a'), [claim(1)], { body: 'another' }))).outcome, 'conflict')
    await ledger.settle(run('a'), { runs: 1 }, receiptOf('a'))
    const answer = await ledger.reserve(request(run('a'), [claim(1)])) as Extract<ReserveAnswer, { outcome: 'ended' }>
    equal([answer.outcome, answer.entry.receipt], ['ended', receiptOf('a')])
    equal((await ledger.reserve(request(run('a'), [claim(1)], { body: 'another' }))).outcome, 'conflict')
    equal(await stand(ledger), { settled: 1, held: 0, available: 9 })
  })

  scene('keeps ids of different people apart', async ({ ledger }) => {
    await reserved(ledger, run('a', 'ada'))
    await reserved(ledger, run('a', 'bob'), [claim(1, { subject: 'bob' })])
    equal(await ledger.entry(run('a', 'eve')), null)
    for (const [one, two] of [['x,y', 'z'], ['x', 'y,z'], ['["x"', 'y'], ['x', ''], ['', 'x']] as const) await reserved(ledger, run(two, one), [])
    await ledger.settle(run('a', 'bob'), { runs: 1 }, receiptOf('a'))
    equal((await ledger.entry(run('a', 'ada')))?.status, 'held')
  })

  scene('keeps people, budgets, units and days apart', async ({ ledger, clock }) => {
    await reserved(ledger, run('a'), [claim(10)])
    for (const other of [claim(10, { subject: 'bob' }), claim(10, { budget: 'other' }), claim(10, { unit: 'tokens' }), claim(10, { window: 'month' })]) {
      await reserved(ledger, run(JSON.stringify(other)), [other])
    }
    equal((await ledger.reserve(request(run('z'), [claim(1)]))).outcome, 'exceeded')
    clock.now += 12 * 3_600_000
    await reserved(ledger, run('z'), [claim(10)])
  })

  scene('counts a run in the window it was reserved in', async ({ ledger, clock }) => {
    await reserved(ledger, run('a'), [claim(4)])
    clock.now += 12 * 3_600_000 - 1
    await ledger.renew(run('a'), lease)
    clock.now += 2
    equal(await stand(ledger), { settled: 0, held: 0, available: 10 })
    const [budget] = await ledger.settle(run('a'), { runs: 3 }, receiptOf('a'))
    equal([budget!.settled, budget!.resetsAt], [3, start + 12 * 3_600_000])
    equal(await stand(ledger), { settled: 0, held: 0, available: 10 })
  })

  scene('goes by the limit as it stands now', async ({ ledger }) => {
    await reserved(ledger, run('a'), [claim(10)])
    await reserved(ledger, run('b'), [claim(5, { limit: 15 })])
    equal((await ledger.reserve(request(run('c'), [claim(1, { limit: 3 })]))).outcome, 'exceeded')
    equal((await stand(ledger, claim(0, { limit: 3 }))).available, 0)
    equal((await stand(ledger, claim(0, { limit: 20 }))).available, 5)
  })

  scene('lets an identity have so many runs open', async ({ ledger }) => {
    const two = { concurrency: 2 }
    for (const name of ['a', 'b']) equal((await ledger.reserve(request(run(name), [claim(1)], two))).outcome, 'reserved')
    equal(await ledger.reserve(request(run('c'), [claim(1)], two)), { outcome: 'too-many', running: 2 })
    equal((await ledger.reserve(request(run('a'), [claim(1)], two))).outcome, 'running')
    equal((await ledger.reserve(request(run('c', 'bob'), [claim(1)], two))).outcome, 'reserved')
    await ledger.settle(run('a'), nothingSpent, receiptOf('a'))
    equal((await ledger.reserve(request(run('c'), [claim(1)], two))).outcome, 'reserved')
  })

  scene('ends what outlived its lease: given back, or counted in full', async ({ ledger, clock }) => {
    await reserved(ledger, run('a'), [claim(2)])
    await reserved(ledger, run('b'), [claim(3)])
    await ledger.dispatch(run('b'))
    clock.now += lease - 1
    equal(await ledger.expire(), 0)
    clock.now += 1
    equal(await ledger.expire(), 2)
    equal(await ledger.expire(), 0)
    equal([(await ledger.entry(run('a')))?.status, (await ledger.entry(run('b')))?.status], ['released', 'assumed'])
    equal(await stand(ledger), { settled: 3, held: 0, available: 7 })
  })

  scene('expires by itself before it answers', async ({ ledger, clock }) => {
    await reserved(ledger, run('a'), [claim(10)])
    clock.now += lease
    equal(await stand(ledger), { settled: 0, held: 0, available: 10 })
    await reserved(ledger, run('b'), [claim(10)])
    clock.now += lease
    equal((await ledger.entry(run('b')))?.status, 'released')
    await reserved(ledger, run('c'), [claim(10)])
    clock.now += lease
    await reserved(ledger, run('d'), [claim(10)])
  })

  scene('does not dispatch what is over or was never there', async ({ ledger, clock }) => {
    await reserved(ledger, run('a'))
    clock.now += lease
    equal(await ledger.dispatch(run('a')), false)
    equal(await ledger.dispatch(run('nobody')), false)
    await reserved(ledger, run('b'))
    equal([await ledger.dispatch(run('b')), await ledger.dispatch(run('b'))], [true, false])
  })

  scene('lowers an assumption when the truth comes late, and never raises it', async ({ ledger, clock }) => {
    for (const name of ['a', 'b']) {
      await reserved(ledger, run(name), [claim(4)])
      await ledger.dispatch(run(name))
    }
    clock.now += lease
    equal(await stand(ledger), { settled: 8, held: 0, available: 2 })
    await ledger.settle(run('a'), { runs: 1 }, receiptOf('a'))
    await ledger.settle(run('b'), { runs: 9 }, receiptOf('b'))
    equal(await stand(ledger), { settled: 5, held: 0, available: 5 })
    equal((await ledger.entry(run('a')))?.receipt, receiptOf('a'))
  })

  scene('keeps a renewed reservation, and does not wake an ended one', async ({ ledger, clock }) => {
    await reserved(ledger, run('a'))
    await ledger.dispatch(run('a'))
    for (let i = 0; i < 5; i++) {
      clock.now += lease - 1
      await ledger.renew(run('a'), lease)
    }
    equal(await stand(ledger), { settled: 0, held: 1, available: 9 })
    clock.now += lease
    await ledger.expire()
    await ledger.renew(run('a'), lease)
    await ledger.renew(run('nobody'), lease)
    equal((await ledger.entry(run('a')))?.status, 'assumed')
  })

  scene('is not shortened by a renewal, nor moved by a clock that goes back', async ({ ledger, clock }) => {
    await reserved(ledger, run('a'))
    await ledger.renew(run('a'), 1)
    clock.now += lease - 1
    equal(await ledger.expire(), 0)
    clock.now -= 3_600_000
    await ledger.renew(run('a'), lease)
    equal(await ledger.expire(), 0)
    clock.now += 3_600_001
    equal(await ledger.expire(), 1)
  })

  scene('fails to settle what it never had, and says so', async ({ ledger }) => {
    const failure = await ledger.settle(run('nobody'), { runs: 1 }, receiptOf('x')).then(() => null, (error: Error) => error.message)
    equal(typeof failure === 'string' && failure.length > 20, true)
  })

  scene('reports balances without changing them, in the order they were asked for', async ({ ledger }) => {
    const asked = ['usd', 'runs', 'wh'].map(unit => claim(0, { unit: unit as Unit, limit: 2e9 }))
    const first = await ledger.balance(asked)
    equal(first.map(({ unit }) => unit), ['usd', 'runs', 'wh'])
    equal(await ledger.balance(asked), first)
    equal(await ledger.balance([]), [])
  })

  scene('lets no more through than there is room, whoever asks at once', async ({ ledger }) => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, async (_, at) => (await ledger.reserve(request(run(`r${at}`), [claim(1)]))).outcome))
    equal(outcomes.filter(outcome => outcome === 'reserved').length, 10)
    equal(await stand(ledger), { settled: 0, held: 10, available: 0 })
  })

  scene('raises the revision with every change', async ({ ledger }) => {
    const revision = async () => (await ledger.balance([claim(0)]))[0]!.revision
    const seen = [await revision()]
    const verbs = [() => reserved(ledger, run('a')), () => ledger.settle(run('a'), { runs: 1 }, receiptOf('a')), () => reserved(ledger, run('b')), () => ledger.release(run('b'))]
    for (const verb of verbs) {
      await verb()
      seen.push(await revision())
    }
    equal(seen.every((each, at) => at === 0 || each > seen[at - 1]!), true)
  })

  test('sums are exact through any history', async () => {
    await fc.assert(fc.asyncProperty(history, async steps => {
      const where = await place()
      try {
        await replay(steps, where, equal)
      } finally {
        await where.clear()
      }
    }), { numRuns: 40 })
  })

  keepingScenes({ equal }, scene, stand)
  durableScenes({ test, equal }, place, scene, stand)
}

type Scenes = (name: string, body: (scene: Scene) => Promise<void>) => void

/** What it keeps beside runs, and what becomes of those that are long over. */
function keepingScenes({ equal }: Pick<Runner, 'equal'>, scene: Scenes, stand: (ledger: Ledger, of?: Claim) => Promise<object>): void {
  const month = claim(4, { window: 'month', limit: 100 })
  const settled = async (ledger: Ledger, key: RunKey, claims: readonly Claim[], actual: Amounts) => {
    equal((await ledger.reserve(request(key, claims))).outcome, 'reserved')
    await ledger.settle(key, actual, receiptOf(key.run))
  }

  scene('keeps documents by revision: who wrote on an old one is told', async ({ ledger }) => {
    const key = JSON.stringify(['policy', null])
    equal(await ledger.document(key), null)
    equal([await ledger.putDocument(key, { a: 1 }, 0), await ledger.putDocument(key, { a: 2 }, 0)], [true, false])
    equal(await ledger.document(key), { key, value: { a: 1 }, revision: 1 })
    equal([await ledger.putDocument(key, { a: 3 }, 1), await ledger.putDocument(key, null, 1), await ledger.putDocument(key, null, 2)], [true, false, true])
    equal(await ledger.document(key), null)
  })

  scene('reserves only under the policy that the claims were worked out under', async ({ ledger }) => {
    const key = JSON.stringify(['policy', null])
    equal((await ledger.reserve(request(run('a'), [claim(1)], { policy: 0 }))).outcome, 'reserved')
    await ledger.putDocument(key, { limits: {} }, 0)
    equal((await ledger.reserve(request(run('b'), [claim(1)], { policy: 0 }))).outcome, 'stale-policy')
    equal((await ledger.reserve(request(run('b'), [claim(1)], { policy: 1 }))).outcome, 'reserved')
    equal(await stand(ledger), { settled: 0, held: 2, available: 8 })
  })

  scene('lists all runs, page by page', async ({ ledger }) => {
    for (const name of ['c', 'a', 'b']) await settled(ledger, run(name), [claim(1)], { runs: 1 })
    const first = await ledger.entries(null, 2)
    const rest = await ledger.entries(first[1]!, 2)
    equal([...first, ...rest].map(entry => entry.run).sort(), ['a', 'b', 'c'])
    equal([first.length, rest.length, (await ledger.entries(rest[0]!, 2)).length], [2, 1, 0])
  })

  scene('clears away what is long over, and keeps its total', async ({ ledger, clock }) => {
    await settled(ledger, run('a'), [claim(4), month], { runs: 3 })
    await settled(ledger, run('b', 'bob'), [claim(4, { subject: 'bob' })], { runs: 2 })
    clock.now += 24 * 3_600_000
    await reserved(ledger, run('c'))
    equal(await ledger.retire(clock.now - 6 * 3_600_000) > 0, true)
    equal([await ledger.entry(run('a')), (await ledger.entry(run('c')))?.status], [null, 'held'])
    equal(await stand(ledger, month), { settled: 3, held: 0, available: 97 })
    equal(await ledger.totals(), [{ key: JSON.stringify(['mine', null, 'runs', 'day', 'UTC', Date.UTC(2026, 10, 24)]), settled: 5 }])
    equal(await ledger.retire(clock.now - 6 * 3_600_000), 0)
  })

  const reserved = async (ledger: Ledger, key: RunKey) => equal((await ledger.reserve(request(key, [claim(1)]))).outcome, 'reserved')

  scene('erases an identity, and keeps what it spent', async ({ ledger }) => {
    const everybody = claim(4, { budget: 'everybody', scope: 'all', subject: 'all' })
    await settled(ledger, run('a'), [claim(4), everybody], { runs: 3 })
    await settled(ledger, run('a', 'bob'), [claim(1, { subject: 'bob' })], { runs: 1 })
    await ledger.putDocument(JSON.stringify(['opt-ins', 'ada']), [], 0)
    await ledger.putDocument(JSON.stringify(['opt-ins', 'bob']), [], 0)
    await ledger.erase('ada')
    equal([await ledger.entry(run('a')), (await ledger.entry(run('a', 'bob')))?.status], [null, 'settled'])
    equal([await ledger.document(JSON.stringify(['opt-ins', 'ada'])), (await ledger.document(JSON.stringify(['opt-ins', 'bob'])))?.revision], [null, 1])
    equal([await stand(ledger), await stand(ledger, everybody)], [{ settled: 0, held: 0, available: 10 }, { settled: 3, held: 0, available: 7 }])
    equal((await ledger.entries(null, 9)).map(({ identity }) => identity === 'bob' || identity.startsWith('erased:')), [true, true])
    await ledger.erase('nobody')
  })
}

/** What only a record that outlives its ledger can show. */
function durableScenes({ equal }: Runner, place: () => LedgerPlace | Promise<LedgerPlace>, scene: Scenes, stand: (ledger: Ledger) => Promise<object>): void {
  const durable = (name: string, body: (scene: Scene) => Promise<void>) => scene(name, async on => {
    if ((await place()).durable) await body(on)
  })

  durable('remembers everything when it is opened again', async ({ ledger, again }) => {
    await ledger.reserve(request(run('a'), [claim(4)]))
    await ledger.dispatch(run('a'))
    await ledger.reserve(request(run('b'), [claim(2)]))
    await ledger.settle(run('b'), { runs: 1 }, receiptOf('b'))
    const entries = [await ledger.entry(run('a')), await ledger.entry(run('b'))]
    await ledger.close()
    const reopened = await again()
    equal([await reopened.entry(run('a')), await reopened.entry(run('b'))], entries)
    equal(await stand(reopened), { settled: 1, held: 4, available: 5 })
  })

  durable('agrees with another holder after every step', async ({ ledger, again }) => {
    const other = await again()
    await ledger.reserve(request(run('a'), [claim(4)]))
    equal((await other.reserve(request(run('b'), [claim(7)]))).outcome, 'exceeded')
    equal((await other.reserve(request(run('a'), [claim(4)]))).outcome, 'running')
    equal(await other.dispatch(run('a')), true)
    equal(await ledger.dispatch(run('a')), false)
    await ledger.settle(run('a'), { runs: 1 }, receiptOf('a'))
    equal(await stand(other), { settled: 1, held: 0, available: 9 })
  })

  durable('lets no more through than there is room, with two holders asked at once', async ({ ledger, again }) => {
    const both = [ledger, await again()]
    const outcomes = await Promise.all(Array.from({ length: 60 }, async (_, at) => (await both[at % 2]!.reserve(request(run(`r${at}`), [claim(1)]))).outcome))
    equal(outcomes.filter(outcome => outcome === 'reserved').length, 10)
    equal(outcomes.filter(outcome => outcome === 'exceeded').length, 50)
  })
}

type Step =
  | { readonly do: 'reserve'; readonly run: number; readonly claims: readonly { readonly unit: Unit; readonly subject: string; readonly amount: number }[] }
  | { readonly do: 'dispatch' | 'release'; readonly run: number }
  | { readonly do: 'settle'; readonly run: number; readonly actual: Amounts }
  | { readonly do: 'later'; readonly by: number }

const amount = fc.integer({ min: 0, max: 400 })
const run12 = fc.nat({ max: 11 })
const subjects = ['ada', 'bob'] as const
const history: fc.Arbitrary<readonly Step[]> = fc.array(fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('reserve' as const), run: run12, claims: fc.array(fc.record({ unit: fc.constantFrom(...units), subject: fc.constantFrom(...subjects), amount }), { maxLength: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('dispatch' as const, 'release' as const), run: run12 }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), run: run12, actual: fc.record(Object.fromEntries(units.map(unit => [unit, amount])), { requiredKeys: [] }) as fc.Arbitrary<Amounts> }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('later' as const), by: fc.constantFrom(1, lease / 2, lease) }) },
), { maxLength: 40 })

/** Plays a history and keeps a book beside it that knows of each run only what it holds and what it came to. */
async function replay(steps: readonly Step[], where: LedgerPlace, equal: Runner['equal']): Promise<void> {
  const clock = { now: start }
  const ledger = await where.open(() => clock.now)
  const pot = (unit: Unit, subject: string): Claim => claim(0, { unit, subject, limit: 1_000, window: 'month' })
  const book = new Map<string, readonly Claim[]>()
  for (const step of steps) {
    if (step.do === 'later') clock.now += step.by
    else await play(ledger, step, book, pot)
  }
  clock.now += lease
  await ledger.expire()
  const spent = await spentBy(ledger, book)
  for (const subject of subjects) {
    const budgets = await ledger.balance(units.map(unit => pot(unit, subject)))
    equal(budgets.map(({ held }) => held), units.map(() => 0))
    const grains = budgets.map(({ unit, settled }) => Math.round(settled * grainsPerUnit[unit]))
    equal(grains, units.map(unit => spent.get(`${unit} ${subject}`) ?? 0))
    equal(grains.every(each => each <= 1_000), true)
  }
  await ledger.close()
}

const grainsPerUnit: Record<Unit, number> = { usd: 1e9, wh: 1e6, gco2e: 1e6, tokens: 1, runs: 1 }

async function play(ledger: Ledger, step: Exclude<Step, { do: 'later' }>, book: Map<string, readonly Claim[]>, pot: (unit: Unit, subject: string) => Claim): Promise<void> {
  const key = run(`r${step.run}`)
  switch (step.do) {
    case 'reserve': {
      const claims = step.claims.map(({ unit, subject, amount }) => ({ ...pot(unit, subject), amount }))
      if ((await ledger.reserve(request(key, claims))).outcome === 'reserved') book.set(key.run, claims)
      return
    }
    case 'settle': {
      if (book.has(key.run)) await ledger.settle(key, step.actual, { ...receiptOf(key.run), usage: { ...receiptOf(key.run).usage, input: 0 }, at: 0, signature: JSON.stringify(step.actual) })
      return
    }
    default: await ledger[step.do](key)
  }
}

/** By the entries alone: what each run that ended came to, by unit and subject. */
async function spentBy(ledger: Ledger, book: ReadonlyMap<string, readonly Claim[]>): Promise<Map<string, number>> {
  const spent = new Map<string, number>()
  for (const [name, claims] of book) {
    const entry = await ledger.entry(run(name))
    if (entry?.status === 'released') continue
    const actual = entry?.status === 'settled' && entry.receipt ? JSON.parse(entry.receipt.signature!) as Amounts : {}
    for (const { unit, subject, amount } of claims) {
      const name = `${unit} ${subject}`
      spent.set(name, (spent.get(name) ?? 0) + Math.min(amount, actual[unit] ?? amount))
    }
  }
  return spent
}
