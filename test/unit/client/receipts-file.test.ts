import { expect, test } from 'vitest'
import { receiptsFile } from '../../../src/index.ts'
import type { Receipt } from '../../../src/index.ts'
import { verifyReceipt } from '../../../src/protocol/index.ts'
import type { KeysAnswer } from '../../../src/protocol/index.ts'
import { golden } from '../protocol/fixtures.ts'

test('receipts that a person takes away can be checked as they stand, and hold no budget', async () => {
  const receipt = golden('receipt') as Receipt
  expect(receipt.budgets).not.toEqual([])
  const { keys } = golden('keys-answer') as KeysAnswer
  const file = JSON.parse(receiptsFile([receipt, { ...receipt, replayed: true }], 1_000)) as { v: number; at: number; receipts: Receipt[] }
  expect(file).toMatchObject({ v: 1, at: 1_000, receipts: [{ budgets: [] }, { budgets: [] }] })
  expect(await Promise.all(file.receipts.map(each => verifyReceipt(each, keys)))).toEqual([true, true])
  expect(await verifyReceipt({ ...file.receipts[0]!, cost: { ...receipt.cost, usd: 0 } }, keys)).toBe(false)
})
