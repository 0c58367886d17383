import { fromGrains, isAmount, SparingError, spentAmounts } from '../core/index.ts'
import type { Amounts, Receipt, Unit } from '../core/index.ts'
import type { Conversation } from '../protocol/index.ts'
import { chatsKey } from './ledger/keys.ts'
import type { Ledger } from './ledger/port.ts'

/** What one conversation came to. */
interface Total {
  /** Keyed hash of its id: what a page calls it is nobody's business here. */
  readonly chat: string
  readonly turns: number
  /** In grains; a unit that is absent is unknown, because it was of one of the turns. */
  readonly spent: Amounts
}

/** Conversations kept for an identity, the last ones: so that a document stays small, whoever begins how many. */
const mostKept = 50
/** How often a change is worked out anew because another turn was first. */
const attempts = 8
const counted = ['usd', 'wh', 'gco2e', 'tokens'] as const satisfies readonly Unit[]

/** What stands in the ledger. */
function readTotals(value: unknown): Total[] {
  const { chats } = (value ?? {}) as { chats?: unknown }
  return Array.isArray(chats) ? chats.filter(isTotal) : []
}

function isTotal(value: unknown): value is Total {
  const { chat, turns, spent } = (value ?? {}) as Partial<Total>
  return typeof chat === 'string' && isAmount(turns) && typeof spent === 'object' && spent !== null
}

/** A total with one more turn, for no more than was set aside for it. A turn that cost nothing, because nothing was done for it, is none. */
function withTurn({ chat, turns, spent }: Total, receipt: Receipt, most: Amounts): Total {
  const { runs = 0, ...reported } = spentAmounts(receipt)
  const turn = Object.fromEntries(counted.flatMap(unit => reported[unit] === undefined ? [] : [[unit, Math.min(reported[unit], most[unit] ?? Infinity)]])) as Amounts
  const known = counted.filter(unit => turn[unit] !== undefined && (turns === 0 || spent[unit] !== undefined))
  return { chat, turns: turns + runs, spent: Object.fromEntries(known.map(unit => [unit, (spent[unit] ?? 0) + turn[unit]!])) }
}

function conversationOf(id: string, { turns, spent }: Total): Conversation {
  const decimal = (unit: 'usd' | 'wh' | 'gco2e') => spent[unit] === undefined ? null : fromGrains(unit, spent[unit])
  return { id, turns, cost: { usd: decimal('usd'), wh: decimal('wh'), gco2e: decimal('gco2e') }, tokens: spent.tokens ?? 0 }
}

/** A conversation, and how it is called in the ledger. */
export interface ConversationKey {
  readonly identity: string
  readonly id: string
  readonly hash: string
}

/**
 * Adds a turn to what a conversation came to. A process that dies between a run's settlement and this
 * leaves that turn out: budgets go by the ledger's accounts, never by this.
 * @param most what was set aside for the turn: a report of more is counted as that, as budgets do
 * @throws {SparingError} `ledger-unavailable`
 */
export async function addTurn(ledger: Ledger, { identity, id, hash }: ConversationKey, receipt: Receipt, most: Amounts): Promise<Conversation> {
  const key = chatsKey(identity)
  for (let attempt = 0; attempt < attempts; attempt++) {
    const stored = await ledger.document(key)
    const totals = readTotals(stored?.value)
    const total = withTurn(totals.find(({ chat }) => chat === hash) ?? { chat: hash, turns: 0, spent: {} }, receipt, most)
    const chats = [total, ...totals.filter(({ chat }) => chat !== hash)].slice(0, mostKept)
    if (await ledger.putDocument(key, { chats }, stored?.revision ?? 0)) return conversationOf(id, total)
  }
  throw new SparingError('ledger-unavailable', 'Turns of several conversations ended in the same moment, so this one was not added to its total. Its receipt stands.')
}

/** @returns `null` for a conversation that is not known, or no longer */
export async function readConversation(ledger: Ledger, { identity, id, hash }: ConversationKey): Promise<Conversation | null> {
  const total = readTotals((await ledger.document(chatsKey(identity)))?.value).find(({ chat }) => chat === hash)
  return total ? conversationOf(id, total) : null
}
