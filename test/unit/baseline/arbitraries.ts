import fc from 'fast-check'

const pieces = ['The cat sat.', ' It ran! ', 'Dr. Who said "no". ', '\n', '\n\n', '# Title\n', '- item\n', '```\ncode()\n```\n', '| a | b |\n|---|---|\n', '<!-- x -->\n', '> quoted\n',
  '机器学习很好。', '猫がいる。', 'مرحبا بالعالم؟ ', 'नमस्ते दुनिया। ', 'ภาษาไทย ', '👩‍👩‍👧', '\ud83d', '\udc00', '\u0301', '__proto__', ' constructor ', '…', '---\n', '[a](b) ', '\0', '\u2028', '3.5 ']

/** Any text at all: lone surrogates, marks without letters, and scraps of prose and markup in any order. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 120 }).map(units => String.fromCharCode(...units)),
  fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...pieces) }, fc.string({ unit: 'grapheme', maxLength: 12 })), { maxLength: 40 }).map(list => list.join('')),
)

const words = ['storm', 'coast', 'people', 'power', 'the', 'a', 'of', 'in', 'harbour', 'boat', 'wind', 'was', 'lost']
const sentence = fc.array(fc.constantFrom(...words), { minLength: 3, maxLength: 14 }).map(list => `${list.join(' ').replace(/^./, first => first.toUpperCase())}.`)

/** English-looking paragraphs. */
export const prose = fc.array(fc.array(sentence, { minLength: 1, maxLength: 8 }).map(list => list.join(' ')), { minLength: 1, maxLength: 5 }).map(list => list.join('\n\n'))
