import { describe, expect, test } from 'vitest'
import type { Ledger } from '../../../src/server/index.ts'
import { createLedger } from '../../../src/server/ledger/create-ledger.ts'
import type { Change, Engine } from '../../../src/server/ledger/engine.ts'
import { hashIn, marked } from '../../../src/server/ledger/marks.ts'
import { memoryEngine } from '../../../src/server/ledger/memory.ts'
import { checkedRetention } from '../../../src/server/ledger/retention.ts'
import { ledgerContract } from '../../../src/testing/index.ts'
import type { LedgerPlace } from '../../../src/testing/index.ts'
import { claim, lease, noon, receiptOf, request, run } from '../../../src/testing/ledger/scene.ts'
import { assertHistories } from './ledger-histories.ts'

/** Carries every change out twice, and hears only the second answer: as a client that sends again what it heard nothing of. */
function twice(engine: Engine): Engine {
  return { ...engine, change: async change => engine.change(change).then(() => engine.change(change)) }
}

const equal = (actual: unknown, expected: unknown) => expect(actual).toEqual(expected)

describe('a ledger whose changes are all sent twice', () => {
  /** Several callers of one record. */
  function place(): LedgerPlace {
    let engine: Engine | undefined
    return { durable: true, open: (now, kept) => createLedger(twice(engine ??= memoryEngine(now)), checkedRetention({ ...kept })), clear: () => {} }
  }

  ledgerContract({ test, equal }, place)

  test('adds up through any history', () => assertHistories(place, 60))
})

describe('a reserve that is sent twice', () => {
  const clock = { now: noon }
  function holders() {
    const engine = memoryEngine(() => clock.now)
    const open = (of: Engine): Ledger => createLedger(of, checkedRetention({}))
    /** What happens to the record between a change and its repetition. */
    let meanwhile = async () => {}
    const change = async (each: Change) => {
      await engine.change(each)
      await meanwhile()
      return engine.change(each)
    }
    return { ledger: open({ ...engine, change }), other: open(engine), engine, between: (work: () => Promise<void>) => { meanwhile = work } }
  }
  const [held, dispatched] = [request(run('a'), [claim(4)]), request(run('a'), [claim(4)], { assumed: { ...receiptOf('a'), status: 'expired' } })]

  test.each([['held', held], ['dispatched', dispatched]] as const)('takes its amount once, is told so, and is what others are told is running (%s)', async (status, asked) => {
    const { ledger, other } = holders()
    expect(await ledger.reserve(asked)).toMatchObject({ outcome: 'reserved', budgets: [{ held: 4, available: 6 }] })
    expect((await other.entry(run('a')))?.status).toBe(status)
    for (const retry of [ledger, other]) expect(await retry.reserve(asked)).toEqual({ outcome: 'running' })
    for (const retry of [ledger, other]) expect(await retry.reserve({ ...asked, body: 'another' })).toEqual({ outcome: 'conflict' })
    await ledger.settle(run('a'), { runs: 1 }, receiptOf('a'))
    expect(await other.balance([claim(0)])).toMatchObject([{ held: 0, settled: 1 }])
  })

  test('is told how it stands where it was over by then', async () => {
    const { ledger, between, other } = holders()
    between(async () => { clock.now += lease })
    expect(await ledger.reserve(dispatched)).toMatchObject({ outcome: 'ended', entry: { status: 'assumed' } })
    expect(await other.balance([claim(0)])).toMatchObject([{ settled: 4 }])
    clock.now = noon
  })

  test('is told that it runs where somebody has dispatched it', async () => {
    const { ledger, between, other } = holders()
    between(async () => void await other.dispatch(run('a')))
    expect(await ledger.reserve(held)).toEqual({ outcome: 'running' })
  })

  test('one of two requests that come at once runs', async () => {
    const { ledger, between, other } = holders()
    between(async () => {
      between(async () => {})
      expect(await other.reserve(held)).toEqual({ outcome: 'running' })
    })
    expect((await ledger.reserve(held)).outcome).toBe('reserved')
  })

  test('meets rows that an earlier version wrote, which have no mark', async () => {
    const { ledger, engine, other } = holders()
    await other.reserve(held)
    const row = (await engine.row(run('a')))!
    await engine.change({ row: { ...row, body: 'body', version: 2 }, expected: 1, steps: [] })
    expect(await ledger.reserve(held)).toEqual({ outcome: 'running' })
    expect(await ledger.reserve({ ...held, body: 'another' })).toEqual({ outcome: 'conflict' })
  })
})

test.each(['', 'body', 'a\0b', '\0', 'x'.repeat(50)])('a mark hides nothing of %j', body => {
  expect(hashIn(marked(body))).toBe(body)
  expect(marked(body)).not.toBe(marked(body))
})
