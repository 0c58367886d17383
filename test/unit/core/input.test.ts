import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inputBound, inputQuestion, inputTexts, utf8Length } from '../../../src/core/input.ts'
import type { RunInput } from '../../../src/core/input.ts'

/** Any sequence of UTF-16 units: pairs, and surrogates that lost their other half. */
const units16 = fc.array(fc.oneof(
  fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdbff }), fc.integer({ min: 0xdc00, max: 0xdfff }), fc.integer({ min: 0, max: 0x7f }),
)).map(units => String.fromCharCode(...units))
const text = fc.oneof(units16, fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))

describe('utf8Length', () => {
  test('is the number of bytes, of whatever text', () => {
    fc.assert(fc.property(text, each => {
      expect(utf8Length(each)).toBe(Buffer.byteLength(each))
      expect(utf8Length(each)).toBe(new TextEncoder().encode(each).length)
    }), { numRuns: 2_000 })
  })

  test.each([
    ['', 0], ['a', 1], ['\x7f', 1], ['\x80', 2], ['é', 2], ['\u07ff', 2], ['\u0800', 3], ['語', 3], ['\uffff', 3], ['🍴', 4], ['👩‍🍳', 11],
    ['\ud83c', 3], ['\udf74', 3], ['\udf74\ud83c', 6], ['\ud83c\ud83c\udf74', 7], ['\ud83c\udf74\udf74', 7], ['\ud83ca', 4],
  ])('%j is %d', (each, bytes) => {
    expect(utf8Length(each)).toBe(bytes)
  })
})

const message = fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), content: text })
const input: fc.Arbitrary<RunInput> = fc.oneof(
  fc.record({ text }),
  fc.record({ text, query: text }),
  fc.record({ messages: fc.array(message, { maxLength: 6 }) }),
)

describe('inputBound', () => {
  test('is never below the bytes of the texts and what the prompt adds', () => {
    fc.assert(fc.property(input, fc.nat({ max: 2_000 }), (each, overhead) => {
      const bytes = inputTexts(each).reduce((sum, part) => sum + Buffer.byteLength(part), 0)
      const bound = inputBound(each, overhead)
      expect(bound).toBeGreaterThanOrEqual(bytes + overhead + inputTexts(each).length)
      expect(Number.isSafeInteger(bound)).toBe(true)
    }), { numRuns: 1_000 })
  })

  test('grows with every turn and every letter', () => {
    fc.assert(fc.property(fc.array(message), message, (messages, more) => {
      expect(inputBound({ messages: [...messages, more] }, 0)).toBeGreaterThan(inputBound({ messages }, 0))
    }))
    expect(inputBound({ text: 'ab' }, 0)).toBe(inputBound({ text: 'a' }, 0) + 1)
  })

  test('counts an empty turn too, because its role is tokens', () => {
    expect(inputBound({ messages: [{ role: 'user', content: '' }] }, 10)).toBeGreaterThan(10)
    expect(inputBound({ messages: [] }, 10)).toBe(10)
  })
})

test('the bytes of a text that is being written are those of the text as it is, wherever it is changed', () => {
  const pieces = fc.array(fc.constantFrom('a', 'é', '語', '🍴', '\ud83c', '\udf74'), { maxLength: 6 }).map(each => each.join(''))
  const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.integer({ min: 0, max: 2_600 }), put: pieces })
  fc.assert(fc.property(pieces.filter(each => each !== ''), fc.array(change, { maxLength: 12 }), (piece, changes) => {
    let written = piece.repeat(4_000)
    for (const { at, cut, put } of [{ at: 1, cut: 0, put: '' }, ...changes]) {
      const from = Math.floor(at * written.length)
      written = written.slice(0, from) + put + written.slice(from + (cut % 3 ? cut % 5 : cut))
      expect(inputBound({ text: written }, 0)).toBe(Buffer.byteLength(written) + inputBound({ text: '' }, 0))
    }
  }), { numRuns: 60 })
})

describe('inputTexts', () => {
  test('has every text, in order', () => {
    expect(inputTexts({ text: 'a' })).toEqual(['a'])
    expect(inputTexts({ text: 'a', query: '' })).toEqual(['a', ''])
    expect(inputTexts({ messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }] })).toEqual(['a', 'b'])
  })
})

describe('inputQuestion', () => {
  test('is the query where there is one, else the text', () => {
    expect(inputQuestion({ text: 'long', query: 'what?' })).toBe('what?')
    expect(inputQuestion({ text: 'long' })).toBe('long')
    expect(inputQuestion({ text: 'long', query: '' })).toBe('')
  })

  test('is the last turn of the person, whoever spoke last', () => {
    const messages = [{ role: 'user', content: 'first' }, { role: 'user', content: 'second' }, { role: 'assistant', content: 'so' }] as const
    expect(inputQuestion({ messages })).toBe('second')
    expect(inputQuestion({ messages: messages.slice(2) })).toBe('')
    expect(inputQuestion({ messages: [] })).toBe('')
  })
})
