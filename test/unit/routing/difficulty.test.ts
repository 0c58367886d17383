import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { difficultyOf } from '../../../src/routing/index.ts'

describe('difficulty', () => {
  test('is a chance, of any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 900 }), text => {
      const difficulty = difficultyOf(text)
      expect(difficulty).toBeGreaterThan(0)
      expect(difficulty).toBeLessThan(0.6)
    }), { numRuns: 40 })
  })

  test('grows with the words, and a little with figures and what relates them', () => {
    const words = 'tell me of one thing'
    expect(difficultyOf(`${words} and of another`)).toBeGreaterThan(difficultyOf(words))
    expect(difficultyOf('tell me of 15 things')).toBeGreaterThan(difficultyOf('tell me of big things'))
    expect(difficultyOf('tell me if each thing')).toBeGreaterThan(difficultyOf('tell me of one thing'))
  })

  test('counts the words of scripts that put no spaces between them', () => {
    expect(difficultyOf('如果每个苹果三元一共买了十二个那么需要多少钱')).toBeGreaterThan(difficultyOf('多少钱'))
  })

  test('stops growing: a long text is no hard question', () => {
    expect(difficultyOf('word '.repeat(100_000))).toBe(difficultyOf('word '.repeat(2_000)))
  })
})
