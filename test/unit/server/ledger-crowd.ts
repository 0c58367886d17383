import { claimsFor, potsOf } from '../../../src/server/budgets.ts'
import type { Ledger } from '../../../src/server/ledger/port.ts'
import { receiptOf } from '../../../src/testing/ledger/scene.ts'

const limit = { usd: 1, tokens: 1_000, runs: 50 }
const budgets = [{ id: 'mine', scope: 'user', per: '3600s', limit }, { id: 'network', scope: 'network', per: '3600s', limit }] as const

/** Strangers from a network each, whose runs draw on 34 accounts that nobody else's do. */
export const crowd = Array.from({ length: 300 }, (_, at) => {
  const key = `anonymous:p${at}`
  const draw = { identity: { key, anonymous: true, caller: { user: key } }, network: `10.${at >> 8}.${at & 255}.1`, run: null }
  return { key: { identity: key, run: 'r' }, claims: claimsFor(potsOf(draw, budgets, 'UTC'), { usd: 1_000, tokens: 10, runs: 1 }, draw.identity, 0.1) }
})

type Member = typeof crowd[number]

export const enter = (ledger: Ledger, { key, claims }: Member) =>
  ledger.reserve({ ...key, body: 'body', claims, lease: 60_000, concurrency: 2, assumed: receiptOf('r') })

/** What everybody's budgets of tokens came to, and how many of all budgets hold something. */
export async function crowdStands(ledger: Ledger) {
  const all = (await Promise.all(crowd.map(({ claims }) => ledger.balance(claims)))).flat()
  return { budgets: all.length, holding: all.filter(({ held }) => held !== 0).length, tokens: all.filter(({ unit }) => unit === 'tokens').reduce((sum, { settled }) => sum + settled, 0) }
}
