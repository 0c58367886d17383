import { expect, test } from 'vitest'
import { bench, partsOf, receiptIn, textOf } from '../support.ts'

test('calls of tools that nobody asked for are no text, and are counted where no usage is reported', async () => {
  const on = await bench({}, { deltas: ['So'], tools: [{ id: 'c1', name: 'look', arguments: ['{"at"', ':', '1', '}'] }], usage: 'missing' })
  const parts = await partsOf(await on.run())
  expect(textOf(parts)).toBe('So')
  expect(receiptIn(parts)).toMatchObject({ status: 'completed', usage: { output: on.upstream.served, source: 'counted' } })
  expect(on.upstream.served).toBe(5)
})
