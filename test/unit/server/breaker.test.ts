import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admits, closed, entered, failed, left, stateOf, succeeded } from '../../../src/server/breaker.ts'
import type { Breaker } from '../../../src/server/breaker.ts'

const fail = (breaker: Breaker, now: number, retryAfter: number | null = null, random = 0.5) => failed(breaker, { now, retryAfter, random })
const failures = (count: number, from = closed, at = 0) => Array.from({ length: count }).reduce<Breaker>(breaker => fail(breaker, at), from)
/** When an opened breaker is half-open. */
const open = failures(5)
const later = open.until!

describe('a breaker', () => {
  test('opens after five failures within a minute', () => {
    expect(stateOf(failures(4), 0)).toBe('closed')
    expect(stateOf(open, 0)).toBe('open')
    expect(admits(open, 0)).toBe(false)
    expect(later).toBe(10_000)
  })

  test('but not where most calls work', () => {
    const working = Array.from({ length: 15 }).reduce<Breaker>(breaker => succeeded(breaker, 0), closed)
    expect(stateOf(failures(9, working), 0)).toBe('closed')
    expect(stateOf(failures(10, working), 0)).toBe('open')
  })

  test('nor for failures of long ago', () => {
    expect(stateOf(fail(failures(4), 60_000), 60_000)).toBe('closed')
    expect(stateOf(fail(failures(4), 59_999), 59_999)).toBe('open')
  })

  test('nor for the slow calls of one person alone, which may be slow themselves', () => {
    const late = (breaker: Breaker, who: string) => failed(breaker, { now: 0, retryAfter: null, random: 0.5, late: who })
    const ones = Array.from({ length: 12 }).reduce<Breaker>(breaker => late(breaker, 'ada'), closed)
    expect(stateOf(ones, 0)).toBe('closed')
    expect(stateOf(late(ones, 'ben'), 0)).toBe('open')
    expect(stateOf(fail(ones, 0), 0)).toBe('open')
  })

  test('opens at once where it is asked to, and never for shorter than it was asked', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 3_600_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (retryAfter, random) => {
      const breaker = fail(closed, 1_000, retryAfter, random)
      expect(breaker.until).toBeGreaterThanOrEqual(1_000 + retryAfter)
      expect(breaker.until).toBeLessThan(1_000 + retryAfter * 1.1 + 1)
      // Asked again for less while it is open, it stays as long.
      expect(fail(breaker, 1_000, 1, random).until).toBe(breaker.until)
    }))
  })

  test('a server that asks for no time at all has just failed', () => {
    expect(stateOf(fail(closed, 0, 0), 0)).toBe('closed')
  })

  test('lets one through when its time is over, and the next only if that one was lost', () => {
    expect(admits(open, later)).toBe(true)
    const probing = entered(open, later)
    expect(admits(probing, later)).toBe(false)
    expect(admits(probing, later + 119_999)).toBe(false)
    expect(admits(probing, later + 120_000)).toBe(true)
    expect(admits(left(probing), later)).toBe(true)
  })

  test('closes when that one works, with a clean slate', () => {
    expect(succeeded(entered(open, later), later)).toEqual(closed)
  })

  test('is left alone for twice as long each time that one fails, up to five minutes', () => {
    let breaker = open
    const pauses: number[] = []
    for (let round = 0; round < 8; round++) {
      const now = breaker.until!
      breaker = fail(entered(breaker, now), now)
      pauses.push(breaker.until! - now)
    }
    expect(pauses).toEqual([20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000, 300_000])
  })

  test('servers that share a model do not come back at once', () => {
    const at = (random: number) => Array.from({ length: 5 }).reduce<Breaker>(breaker => fail(breaker, 0, null, random), closed).until
    expect([at(0), at(0.5), at(0.9)]).toEqual([5_000, 10_000, 14_000])
  })

  test('an answer to what was asked before it opened closes nothing, and its failure prolongs nothing', () => {
    expect(succeeded(open, 1)).toBe(open)
    expect(fail(open, 1)).toBe(open)
  })

  test('remembers no more than twenty calls', () => {
    expect(Array.from({ length: 1_000 }).reduce<Breaker>(breaker => succeeded(breaker, 0), closed).recent).toHaveLength(20)
  })
})
