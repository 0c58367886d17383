import fc from 'fast-check'
import { estimateTokenCount } from 'tokenx'
import { expect, test, vi } from 'vitest'
import { countTokens } from '../../../src/catalog/count-tokens.ts'
import { hostileInput } from './hostile.ts'
import { inputTexts } from '../../../src/core/index.ts'

vi.mock('tokenx', { spy: true })

function same(text: string): void {
  expect([text, countTokens(text)]).toEqual([text, estimateTokenCount(text)])
}

test('tokens of ASCII are counted as tokenx counts them', () => {
  const pieces = fc.constantFrom(' ', '\n', '\r\n', '\t', '\v', '\f', '\n\n', '  \n  ', '.', ',', '--', '{}();', "'", "don't", 'a', 'word', 'lowercase', 'UPPER', 'Mixed12', '7', '1234567', 'averyveryverylongwordindeed', '\0', '\x1f', '\x7f', '<|endoftext|>', '_')
  fc.assert(fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'binary-ascii', maxLength: 12 })), { maxLength: 40 }), parts => same(parts.join(''))), { numRuns: 3_000 })
})

test('so are those of any other text', () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }), hostileInput.map(input => inputTexts(input).join('\n'))), same), { numRuns: 1_000 })
  for (const text of ['', 'a\u00a0b', 'naïve café', 'end.\u2028next', 'half a pair \ud800', 'abc字', '字abc', '\ufeff\n']) same(text)
})

test('so are those of scripts side by side, with white space and punctuation of their own', () => {
  const pieces = fc.constantFrom('word', 'naïve', 'größer', 'łąka', 'слово', 'Ώρα', 'µ', 'كلمة', '، ', 'שלום', 'हिन्दी।', 'ไทย', '字', 'かな', '한글', '。', '、', '「', '・', '\u3000', '\u00a0', '\u2028', '\ufeff', '👩‍🎨', '🙂', '\ud800', ' ', '\n', '\n\n', ' \n', '.', ', ', '"', '7', '１２')
  fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), parts => same(parts.join(''))), { numRuns: 3_000 })
})

test('a word is asked about once, also where another keystroke follows, and many not at all', () => {
  const askedFor = (text: string): number => {
    vi.mocked(estimateTokenCount).mockClear()
    countTokens(text)
    return vi.mocked(estimateTokenCount).mock.calls.length
  }
  const text = 'Viện bảo tàng mở cửa lúc chín giờ và có ba tầng. Quán cà phê trên mái phục vụ súp đến bốn giờ chiều.'
  expect(askedFor(text)).toBeGreaterThan(10)
  expect(askedFor(`${text} à`)).toBe(1)
  expect([askedFor('plain words'), askedFor('يفتح المتحف أبوابه في التاسعة'), askedFor('המוזיאון נפתח בתשע')]).toEqual([0, 0, 0])
})
