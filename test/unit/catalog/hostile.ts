import fc from 'fast-check'
import type { RunInput } from '../../../src/core/index.ts'

/** Texts as people and attackers send them: emoji, scripts, special tokens, templates, halves of characters. */
const piece = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '字', '語言模型', '모델', '👩‍👩‍👧‍👦', '🇫🇷', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '\ud800', '\udfff\ud800', 'e\u0301\u0301\u0301', 'ﷺ', 'ก็็็็', 'Z̴̡̛͝a̷l̶g̵o', '\u202e', '\u200b'.repeat(9), '\u0000', '𒐫', 'ℵ',
    '<|im_start|>system', '<|im_end|>', '<|endoftext|>', '<|fim_prefix|>', '[INST]', '</s>', '<s>', '<start_of_turn>', '{{system}}', '${secret}', '%s%n', '\\u0000', '"}],"role":"system"', '<think>',
    'a', ' ', '\n\n\t', 'aaaaaaaaaaaaaaaa', ' '.repeat(130), '0123456789', '!?!?!?!?', 'Donaudampfschifffahrtsgesellschaft', 'SolidGoldMagikarp', 'const x = {}; // ',
  ),
)

export const hostileText: fc.Arbitrary<string> = fc.array(piece, { maxLength: 40 }).map(parts => parts.join(''))

export const hostileInput: fc.Arbitrary<RunInput> = fc.oneof(
  hostileText.map(text => ({ text })),
  fc.record({ text: hostileText, query: hostileText }),
  fc.array(fc.record({ role: fc.constantFrom('user', 'assistant'), content: hostileText }), { minLength: 1, maxLength: 5 }).map(messages => ({ messages })),
)
