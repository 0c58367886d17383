import { expect, test } from 'vitest'
import { select } from '../../../src/baseline/summary/select.ts'

const chosen = (words: readonly number[], scores: readonly number[], most: number, similar = (_a: number, _b: number) => 0) =>
  select({ words, scores, similar }, { words: most, sentences: Infinity }, 3)

test('what does not fit is passed over for something smaller while less than half of the words are used', () => {
  expect(chosen([20, 60, 10], [5, 4, 1], 75)).toEqual([0, 2])
  expect(chosen([80, 20], [5, 1], 75)).toEqual([1])
})

test('and ends the summary from then on: nothing lesser fills it up', () => {
  expect(chosen([40, 60, 10], [5, 4, 1], 75)).toEqual([0])
  // Something better does not wait for it.
  expect(chosen([40, 60, 10], [5, 1, 4], 75)).toEqual([0, 2])
})

test('what says the same as something selected, or has no end, stands in nobody\'s way', () => {
  expect(chosen([40, 60, 10], [5, 4, 1], 75, (a, b) => a + b === 1 ? 0.9 : 0)).toEqual([0, 2])
  expect(chosen([40, Infinity, 10], [5, 4, 1], 75)).toEqual([0, 2])
})

test('without a limit of words all are taken, best first', () => {
  expect(select({ words: [40, 60, 10], scores: [1, 3, 2], similar: () => 0 }, { words: Infinity, sentences: 2 }, 3)).toEqual([1, 2])
})
