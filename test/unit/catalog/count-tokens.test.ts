import fc from 'fast-check'
import { estimateTokenCount } from 'tokenx'
import { expect, test } from 'vitest'
import { countTokens } from '../../../src/catalog/count-tokens.ts'
import { hostileInput } from './hostile.ts'
import { inputTexts } from '../../../src/core/index.ts'

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
