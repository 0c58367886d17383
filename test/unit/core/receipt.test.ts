import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isReceipt, runStatuses } from '../../../src/core/receipt.ts'
import { noUsage } from '../../../src/core/usage.ts'

const receipt = {
  id: 'r1', feature: 'summary', status: 'completed', choice: { model: 'extract' }, usage: noUsage, cost: { usd: 0, wh: null, gco2e: null },
  estimate: {}, optIn: null, budgets: [], at: 1, signature: null,
}

test.each(runStatuses)('a run that ended as %s has a receipt', status => {
  expect(isReceipt(JSON.parse(JSON.stringify({ ...receipt, status })))).toBe(true)
})

test.each(['id', 'feature', 'status', 'choice', 'usage', 'cost', 'budgets', 'at'])('without its %s it is none', key => {
  expect(isReceipt({ ...receipt, [key]: undefined })).toBe(false)
  expect(isReceipt({ ...receipt, [key]: null })).toBe(false)
})

test('a status that does not exist makes none', () => {
  for (const status of ['running', '', 'toString', 0]) expect(isReceipt({ ...receipt, status })).toBe(false)
})

test('whatever else storage holds is none', () => {
  fc.assert(fc.property(fc.jsonValue(), value => { expect(isReceipt(value)).toBe(false) }))
  expect(isReceipt(undefined)).toBe(false)
})
