import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { nothingSpent } from '../../../src/core/index.ts'
import type { Budget, Claim } from '../../../src/core/index.ts'
import { policyKey } from '../../../src/server/ledger/keys.ts'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'
import { memoryLedger } from '../../../src/server/index.ts'
import type { Entry, Ledger, ReserveAnswer, ReserveRequest } from '../../../src/server/index.ts'
import { ledgerContract } from '../../../src/testing/index.ts'
import type { LedgerPlace } from '../../../src/testing/index.ts'
import { receiptOf } from '../../../src/testing/ledger/scene.ts'
import { assertHistories } from './ledger-histories.ts'

const equal = (actual: unknown, expected: unknown) => expect(actual).toEqual(expected)

const inMemory = (): LedgerPlace => ({ durable: false, open: (now, kept) => memoryLedger({ now, ...kept }), clear: () => {} })

/** Holders of one memory: two programs cannot share it, two callers of one program can. */
function sharedMemory(): LedgerPlace {
  let one: Ledger | undefined
  return { durable: true, open: (now, kept) => ({ ...one ??= memoryLedger({ now, ...kept }), close: async () => {} }), clear: () => {} }
}

function inFile(): LedgerPlace {
  const folder = mkdtempSync(join(tmpdir(), 'sparing-ledger-'))
  return { durable: true, open: (now, kept) => sqliteLedger(join(folder, 'ledger.db'), { now, ...kept }), clear: () => rmSync(folder, { recursive: true }) }
}

describe('the memory ledger', () => {
  ledgerContract({ test, equal }, inMemory)

  test('adds up through any history', () => assertHistories(inMemory, 200))
  test('adds up through any history of several callers', () => assertHistories(sharedMemory, 200))
})

describe('the SQLite ledger', () => {
  ledgerContract({ test, equal }, inFile)

  test('adds up through any history', { timeout: 30_000 }, () => assertHistories(inFile, 60))
})

describe('a ledger with a fault', () => {
  /** The names of the tests that it fails. */
  async function failures(spoil: (ledger: Ledger, now: () => number) => Partial<Ledger>): Promise<string[]> {
    const bodies: [name: string, body: () => Promise<void>][] = []
    const place = (): LedgerPlace => ({
      ...inMemory(),
      open(now) {
        const ledger = memoryLedger({ now })
        return { ...ledger, ...spoil(ledger, now) }
      },
    })
    ledgerContract({ test: (name, body) => bodies.push([name, body]), equal }, place)
    const outcomes = await Promise.allSettled(bodies.map(([, body]) => body()))
    return bodies.flatMap(([name], at) => outcomes[at]!.status === 'rejected' ? [name] : [])
  }
  const isHistory = (name: string) => name.startsWith('adds up through history')

  test('or rather without one fails nothing', async () => {
    expect(await failures(() => ({}))).toEqual([])
  })

  test.each<[string, (ledger: Ledger) => Partial<Ledger>]>([
    ['lets one grain too much through', ledger => ({ reserve: request => ledger.reserve({ ...request, claims: request.claims.map(claim => ({ ...claim, limit: claim.limit + 1 })) }) })],
    ['refuses the last grain', ledger => ({ reserve: request => ledger.reserve({ ...request, claims: request.claims.map(claim => ({ ...claim, limit: Math.max(0, claim.limit - 1) })) }) })],
    ['takes the first claim only', ledger => ({ reserve: request => ledger.reserve({ ...request, claims: request.claims.slice(0, 1) }) })],
    ['holds for ever', ledger => ({ reserve: request => ledger.reserve({ ...request, lease: 1e12 }) })],
    ['holds no longer than it takes', ledger => ({ reserve: request => ledger.reserve({ ...request, lease: 0 }) })],
    ['gives back what was dispatched', ledger => ({ dispatch: async key => (await ledger.entry(key))?.status === 'held' })],
    ['settles at nothing', ledger => ({ settle: (key, _, receipt) => ledger.settle(key, nothingSpent, receipt) })],
    ['settles in full', ledger => ({ settle: (key, _, receipt) => ledger.settle(key, {}, receipt) })],
    ['settles on release', ledger => ({ release: async key => void await ledger.dispatch(key) })],
    ['never looks at the policy', ledger => ({ reserve: ({ policy: _, ...request }) => ledger.reserve(request) })],
    ['forgets that it dispatched', ledger => ({ reserve: ({ assumed: _, ...request }) => ledger.reserve(request) })],
    ['ties no share down', ledger => ({ reserve: request => ledger.reserve({ ...request, claims: request.claims.filter(({ holdOnly }) => !holdOnly) }) })],
    ['counts shares as spent', ledger => ({ reserve: request => ledger.reserve({ ...request, claims: request.claims.map(claim => ({ ...claim, holdOnly: false })) }) })],
    ['takes a window that rolls for an hour of the clock', ledger => ({ reserve: request => ledger.reserve({ ...request, claims: request.claims.map(claim => ({ ...claim, window: claim.window === '3600s' ? 'hour' : claim.window })) }) })],
    ['clears away nothing', () => ({ retire: async () => 0 })],
    ['clears away what is not over', ledger => ({ retire: before => ledger.retire(before + 1e9) })],
    ['forgets totals', () => ({ totals: async () => [] })],
  ])('that %s is found, by what it is told to do and by histories', async (_, spoil) => {
    const found = await failures(spoil)
    expect(found.filter(isHistory)).not.toEqual([])
    expect(found.filter(name => !isHistory(name))).not.toEqual([])
  })

  test('that clears away by whatever its clock shows is found by histories', async () => {
    const year = 366 * 86_400_000
    const found = await failures((ledger, now) => ({ reserve: async request => ledger.retire(now() - year).then(() => ledger.reserve(request)) }))
    expect(found.filter(isHistory)).not.toEqual([])
  })

  type Word = (claim: Claim) => Partial<Claim>
  /** One that takes claims for others. */
  const mistaking = (word: Word) => (ledger: Ledger): Partial<Ledger> => {
    const mistaken = (claims: readonly Claim[]) => claims.map(claim => ({ ...claim, ...word(claim) }))
    return { reserve: request => ledger.reserve({ ...request, claims: mistaken(request.claims) }), balance: claims => ledger.balance(mistaken(claims)) }
  }
  const telling = (word: (budget: Budget) => Partial<Budget>) => (ledger: Ledger): Partial<Ledger> =>
    ({ balance: async claims => (await ledger.balance(claims)).map(budget => ({ ...budget, ...word(budget) })) })
  const answering = (word: (answer: ReserveAnswer) => ReserveAnswer) => (ledger: Ledger): Partial<Ledger> => ({ reserve: async request => word(await ledger.reserve(request)) })

  test.each<[string, (ledger: Ledger) => Partial<Ledger>]>([
    ['takes every time zone for UTC', mistaking(() => ({ timeZone: 'UTC' }))],
    ['takes weeks for days', mistaking(({ window }) => window === 'week' ? { window: 'day' } : {})],
    ['takes months for weeks', mistaking(({ window }) => window === 'month' ? { window: 'week' } : {})],
    ['takes days for months', mistaking(({ window }) => window === 'day' ? { window: 'month' } : {})],
    ['has one pot for all people', mistaking(() => ({ subject: 'all' }))],
    ['says that what it refuses fits again in 1970', answering(answer => answer.outcome === 'exceeded' ? { ...answer, resetsAt: 1 } : answer)],
    ['says of nothing that it refuses when it fits again', answering(answer => answer.outcome === 'exceeded' ? { ...answer, resetsAt: null } : answer)],
    ['says nothing of the budgets that it took from', answering(answer => answer.outcome === 'reserved' ? { ...answer, budgets: [] } : answer)],
    ['says nothing of the budgets that it settled', ledger => ({ settle: async (...of) => ledger.settle(...of).then(() => []) })],
    ['counts other runs than there are', answering(answer => answer.outcome === 'too-many' ? { ...answer, running: 99 } : answer)],
    ['says that all begins anew in 1970', telling(() => ({ resetsAt: 1 }))],
    ['forgets whose a budget is', telling(() => ({ scope: 'user' }))],
    ['counts runs of windows that roll in each of their periods', ledger => ({ totals: async () => (await ledger.totals()).map(total => total.key.includes('"10s"') ? { ...total, settled: total.settled * 5 } : total) })],
  ])('that %s is found by what it is told to do', async (_, spoil) => {
    expect((await failures(spoil)).filter(name => !isHistory(name))).not.toEqual([])
  })

  const openRuns = async (ledger: Ledger, identity: string) => (await ledger.entries(null, 1_000)).filter(entry => entry.identity === identity && isOpen(entry))
  const isOpen = ({ status }: Entry) => status === 'held' || status === 'dispatched'
  /** One that looks first whether a new run may begin, and begins it a moment later as if all were well. */
  const looking = (look: (ledger: Ledger, request: ReserveRequest) => Promise<ReserveAnswer | null>, word: (request: ReserveRequest) => ReserveRequest) => (ledger: Ledger): Partial<Ledger> => ({
    async reserve(request) {
      const refusal = await ledger.entry(request) ? null : await look(ledger, request)
      if (refusal) return refusal
      await setImmediate()
      return ledger.reserve(word(request))
    },
  })
  /** One that looks first whether a run is open, and acts a moment later. */
  const whileOpen = async (ledger: Ledger, key: { identity: string; run: string }) => {
    const entry = await ledger.entry(key)
    await setImmediate()
    return entry !== null && isOpen(entry)
  }

  test.each<[fault: string, scene: string, (ledger: Ledger) => Partial<Ledger>]>([
    ['writes over what others wrote meanwhile', 'loses nothing that several change in a document at once, each from what stands there', ledger => ({
      async putDocument(key, value, expected) {
        if (((await ledger.document(key))?.revision ?? 0) !== expected) return false
        await setImmediate()
        return ledger.putDocument(key, value, (await ledger.document(key))?.revision ?? 0)
      },
    })],
    ['looks at the policy before it reserves', 'reserves before a policy is written or under it, and nothing in between, whoever asks at once', looking(
      async (ledger, { policy }) => policy === undefined || policy === ((await ledger.document(policyKey))?.revision ?? 0) ? null : { outcome: 'stale-policy' },
      ({ policy: _, ...request }) => request,
    )],
    ['counts open runs before it reserves', 'lets an identity have so many runs open, whoever asks at once', looking(
      async (ledger, { identity, concurrency }) => {
        const running = (await openRuns(ledger, identity)).length
        return running < concurrency ? null : { outcome: 'too-many', running }
      },
      request => ({ ...request, concurrency: Infinity }),
    )],
    ['looks at shares before it reserves', 'ties no more of a share down than there is, whoever asks at once', looking(
      async (ledger, { claims }) => {
        const shares = claims.filter(({ holdOnly }) => holdOnly)
        const balance = await ledger.balance(shares.map(claim => ({ ...claim, holdOnly: false })))
        return balance.every(({ available }, at) => available >= shares[at]!.amount) ? null : { outcome: 'too-many', running: 1, shares: shares.map(({ budget }) => budget) }
      },
      request => ({ ...request, claims: request.claims.filter(({ holdOnly }) => !holdOnly) }),
    )],
    ['dispatches what somebody else dispatches', 'begins a run once and dispatches it once, whoever asks at once', ledger => ({
      async dispatch(key) {
        const may = (await ledger.entry(key))?.status === 'held' && await whileOpen(ledger, key)
        await ledger.dispatch(key)
        return may
      },
    })],
    ['settles what an erased identity has open at nothing', 'counts in full what an erased identity has open, and lets nobody say otherwise', ledger => ({
      async erase(identity) {
        for (const entry of await openRuns(ledger, identity)) await ledger.settle(entry, nothingSpent, receiptOf(entry.run))
        await ledger.erase(identity)
      },
    })],
  ])('that %s is found by a scene of its own', async (_, scene, spoil) => {
    expect(await failures(spoil)).toContain(scene)
  })
})
