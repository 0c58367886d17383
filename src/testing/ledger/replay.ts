import { bindClaims, secondsOf } from '../../core/index.ts'
import type { Budget, Claim } from '../../core/index.ts'
import type { Ledger, ReserveAnswer } from '../../server/index.ts'
import { policyKey, totalKey } from '../../server/ledger/keys.ts'
import { claimOfPart, createBook, grainsOf } from './book.ts'
import type { Book } from './book.ts'
import type { Part, Step } from './history.ts'
import type { LedgerPlace } from './place.ts'
import { hour, lease, noon, receiptOf, request, run } from './scene.ts'

/** Open runs of one identity in a history. */
const concurrency = 5

interface Stage {
  readonly place: LedgerPlace
  readonly equal: (actual: unknown, expected: unknown) => void
  readonly book: Book
  /** What the clock shows, the latest it has shown while it was right, and the time that has really passed. */
  readonly clock: { now: number; latest: number; lived: number }
  /** The holders so far; the last two are at work. */
  readonly holders: Ledger[]
  readonly policy: { limit: number; revision: number }
}

/**
 * Plays a history on an empty ledger and holds it, whenever it looks and at the end, to a book that
 * is kept beside it: nothing is let through that does not fit or refused that does, nothing is
 * settled twice or raised, nothing stays held, and runs add up to pots and totals, to the grain.
 * @throws what `equal` throws, with the step it was found at
 */
export async function replay(steps: readonly Step[], place: LedgerPlace, equal: Stage['equal']): Promise<void> {
  const stage: Stage = { place, equal, book: createBook(), clock: { now: noon, latest: noon, lived: 0 }, holders: [], policy: { limit: 400, revision: 0 } }
  await vanish(stage)
  try {
    for (const [at, step] of steps.entries()) {
      await play(stage, step).catch((cause: unknown) => {
        throw new Error(`Step ${at + 1} of this history, ${JSON.stringify(step)}, came out wrong: ${(cause as Error)?.message}`, { cause })
      })
    }
    await conclude(stage)
  } finally {
    for (const ledger of stage.holders) await ledger.close()
  }
}

/** The holders are gone and never say another word; others take over. */
async function vanish(stage: Stage): Promise<void> {
  const { place, holders } = stage
  if (!place.durable && holders.length > 0) return
  for (let at = 0; at < (place.durable ? 2 : 1); at++) holders.push(await open(stage))
}

/** Longer than any history lasts, so that nothing may be cleared away unasked. */
const retention = 366 * 24 * hour

const open = ({ place, clock }: Stage) => place.open(() => clock.now, { retention, uptime: () => clock.lived })

async function play(stage: Stage, step: Step): Promise<void> {
  const { clock, policy } = stage
  const [ledger] = stage.holders.slice(-1) as [Ledger]
  switch (step.do) {
    case 'look': return look(stage)
    case 'vanish': return vanish(stage)
    case 'jump': return pass(clock, step.by)
    case 'stray': return stray(stage, step.by)
    case 'expire': return void await ledger.expire()
    case 'retire': return clear(stage, clock.now - step.age)
    case 'limit': {
      policy.limit = step.limit
      stage.equal(await ledger.putDocument(policyKey, { limit: step.limit }, policy.revision++), true)
      return
    }
    case 'reserve': return reserve(stage, step)
    default: {
      const answers = await ask(stage, step.manner, on => verb(on, step, stage.book))
      if (step.do === 'dispatch' && answers.includes(true)) stage.book.dispatched(`r${step.run}`)
      if (step.do === 'release') stage.book.freed(`r${step.run}`)
    }
  }
}

/** Time goes by, or the clock is set back. */
function pass(clock: Stage['clock'], by: number): void {
  clock.now += by
  clock.lived += Math.max(0, by)
  clock.latest = Math.max(clock.latest, clock.now)
}

/** Longer than a ledger that clears away by itself waits before it looks again. */
const moment = 61_000

/**
 * The clock is wrong for a moment. Leases end by it, which costs no more than was reserved; but whoever is at work
 * meanwhile, or begins to be, must not clear away what is still to count. Then it is right again, and is seen to be.
 */
async function stray(stage: Stage, by: number): Promise<void> {
  const { clock, holders, place } = stage
  const [ledger] = holders.slice(-1) as [Ledger]
  pass(clock, moment)
  const { now } = clock
  clock.now += by
  const novice = place.durable ? await open(stage) : undefined
  for (const each of novice ? [ledger, novice] : [ledger]) await touch(stage, each)
  await novice?.close()
  clock.now = now
  pass(clock, moment)
  await touch(stage, ledger)
}

/** Gives a ledger occasion to clear away, and time for it. */
async function touch({ equal, book, clock }: Stage, ledger: Ledger): Promise<void> {
  const { outcome } = await ledger.reserve(request(run('touch'), [{ ...claimOfPart(unfit, 0), budget: 'touch' }]))
  equal(outcome, 'exceeded')
  for (let at = 0; at < 3; at++) equal(book.seen(await ledger.entries(null, most), Math.max(clock.now, clock.latest)), [])
}

/** Asked for where nothing is to be taken. */
const unfit: Part = { unit: 'runs', subject: 'nobody', window: 'day', amount: 1, share: false }

/** Asks for the same thing in a manner. @returns every answer, also that nobody heard */
async function ask<T>({ holders }: Stage, manner: 'once' | 'again' | 'both', work: (ledger: Ledger) => Promise<T>): Promise<T[]> {
  const [one, other = one] = holders.slice(-2) as [Ledger, Ledger?]
  switch (manner) {
    case 'once': return [await work(one)]
    case 'again': return [await work(one), await work(other)]
    case 'both': return Promise.all([work(one), work(other)])
  }
}

async function verb(ledger: Ledger, step: Extract<Step, { do: 'dispatch' | 'release' | 'renew' | 'settle' }>, book: Book): Promise<unknown> {
  const key = run(`r${step.run}`)
  switch (step.do) {
    case 'renew': return ledger.renew(key, lease)
    // What was never reserved cannot be settled, and says so.
    case 'settle': return book.has(key.run) && ledger.settle(key, step.actual, { ...receiptOf(key.run), signature: JSON.stringify(step.actual) })
    default: return ledger[step.do](key)
  }
}

async function reserve(stage: Stage, { run: number, parts, stale, dispatched, manner }: Extract<Step, { do: 'reserve' }>): Promise<void> {
  const { book, policy, clock, equal } = stage
  const key = run(`r${number}`)
  const claims = parts.map(part => claimOfPart(part, policy.limit))
  const known = book.has(key.run)
  const asked = request(key, claims, { concurrency, policy: policy.revision + (stale ? 1 : 0), ...dispatched && { assumed: assumedOf(key.run) } })
  const answers = await ask(stage, manner, ledger => ledger.reserve(asked))
  if (answers.some(({ outcome }) => outcome === 'reserved')) {
    book.begin(key.run, claims, clock.now, dispatched)
    equal(await overfull(stage, claims.filter(({ holdOnly, amount }) => holdOnly && amount > 0)), [])
  }
  for (const answer of answers) equal(faultOf(answer, { known, stale, claims, limit: policy.limit }), null)
  equal(answers.filter(({ outcome }) => outcome === 'reserved').length <= 1, true)
}

/** What stands for a run if nobody settles it. */
const assumedOf = (run: string) => ({ ...receiptOf(run), status: 'expired' } as const)

/** Shares of which more is held than there is. No answer to a reserve tells of those. */
async function overfull({ holders, policy }: Stage, shares: readonly Claim[]): Promise<readonly Budget[]> {
  const [ledger] = holders.slice(-1) as [Ledger]
  return (await ledger.balance(shares.map(claim => ({ ...claim, holdOnly: false })))).filter(budget => grainsOf(budget).held > policy.limit)
}

interface Asked {
  readonly known: boolean
  readonly stale: boolean
  readonly claims: readonly Claim[]
  readonly limit: number
}

/** What is wrong with an answer, in words. */
function faultOf(answer: ReserveAnswer, { known, stale, claims, limit }: Asked): string | null {
  const { outcome } = answer
  const fits = known ? ['running', 'ended'] : stale ? ['stale-policy'] : ['reserved', 'exceeded', 'too-many', 'running', 'ended']
  if (!fits.includes(outcome)) return `it answered ${outcome}, and not ${fits.join(' or ')}`
  const left = (budget: Budget) => limit - grainsOf(budget).settled - grainsOf(budget).held
  if (outcome === 'reserved' && answer.budgets.some(budget => Math.min(...askedOf(budget, claims)) > 0 && left(budget) < 0)) return 'it let through what does not fit'
  if (outcome === 'exceeded' && answer.budgets.every(budget => Math.max(...askedOf(budget, claims)) <= left(budget))) return 'it refused what fits'
  return null
}

/** What claims take from a budget together, by whose it may be: a budget does not say. */
function askedOf({ unit, window }: Budget, claims: readonly Claim[]): number[] {
  const bySubject = Map.groupBy(claims.filter(claim => claim.unit === unit && claim.window === window), ({ subject }) => subject)
  return [...bySubject.values()].map(of => of.reduce((sum, { amount }) => sum + amount, 0))
}

/** Holds the record to the book. */
async function look(stage: Stage): Promise<void> {
  const { book, clock, equal, holders, policy } = stage
  const [ledger] = holders.slice(-1) as [Ledger]
  const { now } = clock
  // From the latest instant on nothing expires any more while the pots of earlier ones are read.
  clock.now = clock.latest
  const entries = await ledger.entries(null, most)
  equal(book.seen(entries, clock.latest), [])
  equal(entries.filter(({ status }) => status === 'held' || status === 'dispatched').length <= concurrency, true)
  const settled = new Map((await ledger.totals()).map(({ key, settled }) => [key, settled]))
  for (const [at, all] of Map.groupBy(book.pots, ([, pot]) => pot.at)) {
    clock.now = at
    const reading = (claims: readonly Claim[]) => ledger.balance(claims.map(claim => ({ ...claim, amount: 0, limit: policy.limit, holdOnly: false })))
    const [rolling, pots] = [all.filter(([, { claim }]) => rolls(claim)), all.filter(([, { claim }]) => !rolls(claim))]
    for (const [, { claim }] of rolling) equal(faultOfRolling(claim, (await reading([claim]))[0]!, stage), null)
    const budgets = await reading(pots.map(([, { claim }]) => claim))
    for (const [index, [account]] of pots.entries()) {
      const [grains, expected] = [grainsOf(budgets[index]!), book.pot(account)]
      equal([account, grains.held, grains.settled], [account, expected.held, expected.settled ?? grains.settled])
      equal(grains.available, Math.max(0, policy.limit - grains.settled - grains.held))
      settled.set(totalKey(account), (settled.get(totalKey(account)) ?? 0) + grains.settled)
    }
  }
  clock.now = now
  // A pot of a single run is not read, and of those of a rolling window only the tightest.
  const isRead = (window: unknown) => window !== 'run' && secondsOf(window) === null
  equal(sorted(settled, isRead), sorted(book.settled(), isRead))
}

const rolls = ({ window }: Claim) => secondsOf(window) !== null

/** What is wrong with the reading of a rolling window, in words: it tells of the period that leaves the least. Of one that was cleared away nothing is left to tell. */
function faultOfRolling(claim: Claim, budget: Budget, { book, clock, policy }: Stage): string | null {
  const pots = bindClaims([claim], '', clock.now).map(({ account }) => book.pot(account))
  const left = pots.flatMap(({ held, settled }) => settled === null ? [] : Math.max(0, policy.limit - settled - held))
  const { available } = grainsOf(budget)
  const isRight = left.length === pots.length ? available === Math.min(...left) : available <= Math.min(policy.limit, ...left)
  return isRight ? null : `${available} is left of a rolling window, and of its periods ${left.join(', ')}`
}

/** More runs than any history has. */
const most = 1_000

/** Totals of some windows, without those of nothing. */
const sorted = (settled: ReadonlyMap<string, number>, which: (window: unknown) => boolean) =>
  [...settled].filter(([key, grains]) => grains > 0 && which((JSON.parse(key) as unknown[])[3])).sort()

async function clear(stage: Stage, before: number): Promise<void> {
  const { holders, book, equal } = stage
  const [ledger] = holders.slice(-1) as [Ledger]
  // What became of runs that are cleared away has to be seen before.
  await look(stage)
  await ledger.retire(before)
  equal(book.cleared(new Set((await ledger.entries(null, most)).map(({ run }) => run)), before), [])
  await look(stage)
}

/** Once every lease is over nothing is held, and what is cleared away then stands in totals. */
async function conclude(stage: Stage): Promise<void> {
  const { book, clock, equal, holders } = stage
  const [ledger] = holders.slice(-1) as [Ledger]
  pass(clock, clock.latest + 2 * 24 * hour - clock.now)
  await ledger.expire()
  await look(stage)
  equal([...book.pots.keys()].filter(account => book.pot(account).held > 0), [])
  await clear(stage, clock.now)
  equal(await ledger.entries(null, most), [])
  // A pot that nothing ends stays; it was looked at.
  const totals = new Map((await ledger.totals()).map(({ key, settled }) => [key, settled]))
  equal(sorted(totals, window => window !== 'session'), sorted(book.settled(), window => window !== 'session'))
}
