import { expect, test } from 'vitest'
import { closingLine } from '../../setup/closing-line.ts'

test('says how many passed and failed', () => {
  expect(closingLine({ passed: 12, failed: 3 }, 1)).toBe('12 passed, 3 failed')
  expect(closingLine({ passed: 12, failed: 0 }, 0)).toBe('12 passed, 0 failed')
})

test('a run that ends with an error never reads "0 failed"', () => {
  expect(closingLine({ passed: 0, failed: 0 }, 1)).toBe('0 passed, 1 failed')
})
