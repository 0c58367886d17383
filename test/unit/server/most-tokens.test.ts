import fc from 'fast-check'
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import { utf8Length } from '../../../src/core/index.ts'
import { formWords } from '../../../src/routing/form-words.ts'
import { mostTokens } from '../../../src/server/most-tokens.ts'
import { randomFrom } from '../../../src/routing/train/random.ts'

const asText = { disallowedSpecial: new Set<string>() }
const truly = (text: string) => Math.max(countO200k(text, asText), countCl100k(text, asText))

const letters = 'abcdefghijklmnopqrstuvwxyz'
const figures = '0123456789'
const marks = '.,!?;(){}[]<>:/\\|@#$%^&*+=`~_"\'-'
const from = (first: number, last: number) => Array.from({ length: last - first }, (_, at) => String.fromCodePoint(first + at)).join('')

/** Characters at random, in words of so many. */
function noise(alphabet: string, length: number, between = ' '): string {
  const roll = randomFrom(7)
  const all = [...alphabet]
  const word = () => Array.from({ length }, () => all[Math.floor(roll() * all.length)]!).join('')
  return Array.from({ length: Math.ceil(2_000 / (length + 1)) }, word).join(between)
}

describe('what a text is at most is no fewer tokens than vocabularies make of it', () => {
  test.each(Object.entries({
    letters, capitals: letters.toUpperCase(), 'letters and capitals': letters + letters.toUpperCase(), figures, hex: `${figures}abcdef`, base64: `${letters}${letters.toUpperCase()}${figures}+/`,
    marks, 'letters and marks': letters + marks, ascii: from(32, 127), control: from(1, 32), 'white space': ' \t\n\r\f\v', 'spaces and lines': ' \n', latin: from(0xc0, 0x180), greek: from(0x391, 0x3ca), cyrillic: from(0x410, 0x450),
    'cyrillic capitals': from(0x410, 0x430), 'rare cyrillic': from(0x400, 0x530), hebrew: from(0x5d0, 0x5eb), arabic: from(0x620, 0x64b), devanagari: from(0x904, 0x950), bengali: from(0x985, 0x9c0), thai: from(0xe01, 0xe4f),
    tibetan: from(0xf40, 0xf60), amharic: from(0x1200, 0x1300), kana: from(0x3041, 0x3097), han: from(0x4e00, 0x9fa0), hangul: from(0xac00, 0xd7a3), emoji: from(0x1f300, 0x1f640), 'beyond the first plane': from(0x20000, 0x20400),
    'combining marks': from(0x300, 0x340), boxes: from(0x2500, 0x25a0), 'private use': from(0xe000, 0xe100), 'letters with and without accents': letters + from(0xe0, 0x100),
  }))('of %s at random', (_, alphabet) => {
    for (const length of [1, 2, 3, 6, 12, 2_000]) {
      for (const between of [' ', '\n', '']) {
        const text = noise(alphabet, length, between)
        expect(mostTokens(text), `${length} characters, ${JSON.stringify(between)}`).toBeGreaterThanOrEqual(truly(text))
      }
    }
  })

  test('of words of which each is one token, and of nothing', () => {
    const words = [...formWords].filter(word => /^[a-z]+$/.test(word))
    for (const text of [words.join(' '), words.map(word => word.toUpperCase()).join(' '), words.join(''), words.join('\n')]) expect(mostTokens(text)).toBeGreaterThanOrEqual(truly(text))
    expect(mostTokens('')).toBe(0)
  })

  test('of any text, and no more than its bytes', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.lorem(), fc.string({ unit: 'binary' }), fc.base64String(), fc.emailAddress(), fc.json(), fc.constantFrom(...formWords)), { minLength: 30, maxLength: 40 }), parts => {
      const text = parts.join(' ')
      const most = mostTokens(text)
      expect(most).toBeGreaterThanOrEqual(truly(text))
      expect(most).toBeLessThanOrEqual(utf8Length(text))
    }), { numRuns: 20 })
  })

  test('and of prose less than three times as many', () => {
    const prose = 'The council decided yesterday that the new bridge over the river will be built this year. It expects the cost to be twelve million, and people who live nearby will be asked how it should look.'
    expect(mostTokens(prose)).toBeLessThan(3 * truly(prose))
  })
})
