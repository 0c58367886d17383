import { expect, test } from 'vitest'
import { claimsFor, potsOf } from '../../../src/server/budgets.ts'
import type { Ledger } from '../../../src/server/ledger/port.ts'
import { receiptOf } from '../../../src/testing/ledger/scene.ts'

const limit = { usd: 1, tokens: 1_000, runs: 50 }
const budgets = [{ id: 'mine', scope: 'user', per: '3600s', limit }, { id: 'network', scope: 'network', per: '3600s', limit }] as const

/** Strangers from a network each, whose runs draw on 34 accounts that nobody else's do. */
const crowd = Array.from({ length: 300 }, (_, at) => {
  const key = `anonymous:p${at}`
  const draw = { identity: { key, anonymous: true, caller: { user: key } }, network: `10.${at >> 8}.${at & 255}.1`, run: null }
  return { key: { identity: key, run: 'r' }, claims: claimsFor(potsOf(draw, budgets, 'UTC'), { usd: 1_000, tokens: 10, runs: 1 }, draw.identity, 0.1) }
})

type Member = typeof crowd[number]

const enter = (ledger: Ledger, { key, claims }: Member) =>
  ledger.reserve({ ...key, body: 'body', claims, lease: 60_000, concurrency: 2, assumed: receiptOf('r') })

/** What everybody's budgets of tokens came to, and how many of all budgets hold something. */
async function crowdStands(ledger: Ledger) {
  const all = (await Promise.all(crowd.map(({ claims }) => ledger.balance(claims)))).flat()
  return { budgets: all.length, holding: all.filter(({ held }) => held !== 0).length, tokens: all.filter(({ unit }) => unit === 'tokens').reduce((sum, { settled }) => sum + settled, 0) }
}

/**
 * Everybody comes at once: all are let in and settled; or vanish, and are counted in full.
 * @param open a ledger of its own, which its test closes
 */
export function testCrowd(open: (now?: () => number) => Ledger): void {
  test('are all let in, and all settled', { timeout: 20_000 }, async () => {
    const ledger = open()
    const answers = await Promise.all(crowd.map(member => enter(ledger, member)))
    expect(answers.filter(({ outcome }) => outcome === 'reserved')).toHaveLength(300)
    await Promise.all(crowd.map(({ key }) => ledger.settle(key, { usd: 3, tokens: 4, runs: 1 }, receiptOf('r'))))
    expect(await crowdStands(ledger)).toEqual({ budgets: 1_800, holding: 0, tokens: 4 * 600 })
  })

  test('and vanish at once are all counted in full, and nothing stays held', { timeout: 20_000 }, async () => {
    let ahead = 0
    const ledger = open(() => Date.now() + ahead)
    // One after the other, so that they are let in however many go together.
    for (const member of crowd) await enter(ledger, member)
    ahead = 120_000
    expect(await ledger.expire()).toBe(300)
    expect(await crowdStands(ledger)).toEqual({ budgets: 1_800, holding: 0, tokens: 10 * 600 })
    expect(await ledger.expire()).toBe(0)
  })
}
