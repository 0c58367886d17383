import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classify, needOf } from '../../../src/routing/index.ts'
import { rules } from '../../../src/routing/rules.ts'
import type { Need } from '../../../src/core/index.ts'
import { fresh, otherLanguages, seen } from './requests.ts'

const order: Need[] = ['none', 'generate', 'reason']

/** How many are read right, and how many as dearer than they are. */
function score(requests: Record<Need, readonly string[]>) {
  const all = Object.entries(requests).flatMap(([need, texts]) => texts.map(text => ({ need: need as Need, read: classify(text).need })))
  return {
    right: all.filter(({ need, read }) => need === read).length / all.length,
    dearer: all.filter(({ need, read }) => order.indexOf(read) > order.indexOf(need)).length / all.length,
  }
}

describe('what a request needs', () => {
  test('is read right for nearly all requests that the rules were mended on', () => {
    const { right, dearer } = score(seen)
    expect(right).toBeGreaterThanOrEqual(0.95)
    expect(dearer).toBe(0)
  })

  test('is read right for most that they were not, and never as dearer', () => {
    const { right, dearer } = score(fresh)
    expect(right).toBeGreaterThanOrEqual(0.88)
    expect(dearer).toBe(0)
  })

  test('is never reasoning in a language that the rules do not read', () => {
    expect(otherLanguages.filter(text => classify(text).need === 'reason')).toEqual([])
  })

  test('of a look-up does not become reasoning by a year in it', () => {
    expect(classify('how many people lived in Berlin in 1920').need).toBe('none')
  })

  test('is asked of questions only: a text to be summarised is no look-up', () => {
    expect(needOf('summarize', { text: 'license of react' })).toBe('generate')
    expect(needOf('answer', { text: 'a long text about everything', query: 'license of react' })).toBe('none')
    expect(needOf('chat', { messages: [{ role: 'user', content: 'Explain tides' }, { role: 'assistant', content: '…' }, { role: 'user', content: 'zod version' }] })).toBe('generate')
    expect(needOf('chat', { messages: [{ role: 'user', content: 'zod version' }] })).toBe('none')
  })

  test('comes with chances that sum to one, the greatest its own, and a reason', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 700 }), fc.constantFrom(...seen.none, ...seen.generate, ...seen.reason)), text => {
      const { need, chances, reason } = classify(text)
      const values = Object.values(chances)
      expect(values.reduce((a, b) => a + b)).toBeCloseTo(1, 9)
      expect(chances[need]).toBe(Math.max(...values))
      expect(reason.code).toMatch(/^need-/)
      expect(reason.text).not.toBe('')
    }))
  })
})

/** Of three tries: machines pause. */
function fastest(act: () => unknown): number {
  return Math.min(...[1, 2, 3].map(() => {
    const start = performance.now()
    act()
    return performance.now() - start
  }))
}

describe('hostile text', () => {
  // Pieces that rules begin, continue and end with, so that each gets far before it fails.
  const pieces = ['1', '1 ', '1.', '9,', 'how many ', 'how ', 'at most ', 'which ', 'exactly one ', 'schedule ', 'assign ', 'each of ', 'please ', 'please, ', 'can you ', 'what is the ', 'what does a ', 'does a ', 'version of ', 'a ', ' ', '\n', '-', '\'', '.', 'ä', '字', '\u{1f600}', 'prove ', 'in simple ', 'step-', 'track my ']
  const hostile = [...pieces.map(piece => piece.repeat(600)), ...pieces.flatMap(a => ['1 ', 'at most ', 'please ', 'how many '].map(b => (a + b).repeat(300))), ...pieces.map(piece => `what is ${piece.repeat(600)}`), ...pieces.map(piece => `${piece.repeat(600)}!`)]

  test('is read at its two ends only', () => {
    const padding = 'x'.repeat(1_000_000)
    expect(classify(`Prove that ${padding}`).need).toBe('reason')
    expect(classify(`${padding} summarize this and prove that it holds`).need).toBe('reason')
    expect(classify(`${padding} prove that it holds ${padding}`).need).toBe('generate')
  })

  // A rule that backtracks over all partitions of 600 characters would not end within a lifetime;
  // one that is cubic takes a tenth of a second for each of these.
  test.each(rules.map(rule => [rule.code, rule.sign] as const))('the rule "%s" ends', (_, sign) => {
    for (const text of hostile) expect(fastest(() => sign.test(text.slice(0, 601)))).toBeLessThan(50)
  })

  test('of a megabyte takes no longer than of 600 characters', () => {
    const start = performance.now()
    for (const text of hostile) classify(text.repeat(Math.ceil(1_000_000 / text.length)))
    expect((performance.now() - start) / hostile.length).toBeLessThan(50)
  })
})
