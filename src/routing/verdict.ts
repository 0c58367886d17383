import type { Need, Reason } from '../core/index.ts'

/** What a request needs, with the chance of each. */
export interface Classification {
  readonly need: Need
  readonly chances: Chances
  readonly reason: Reason
}

/** They sum to 1. */
export type Chances = Readonly<Record<Need, number>>

/** Decides what a request needs, at once and from its text alone. A team can give its own. */
export type Classifier = (question: string) => Classification

/** A sign in the text, what it says of the need, and how sure it is, 0 to 1. */
export interface Rule {
  readonly code: string
  readonly need: Need
  readonly sure: number
  readonly sign: RegExp
}

const sentences: Record<Need, string> = {
  none: 'It reads like a look-up: results answer it.',
  generate: 'It asks for a text to be written.',
  reason: 'It needs several steps that depend on each other.',
}

/**
 * Reasoning where it is likelier than not, else the likelier of the others; of two that are alike the cheaper.
 * @param rival the chance that a look-up must not fall short of. Of questions as TREC has them, read by weights that
 * never saw them, 95.0 % are right against the chance of a text alone and 94.9 % against that of anything but a look-up
 */
export function decided(chances: Chances, code: string, rival: number = chances.generate): Classification {
  const need = chances.reason > 0.5 ? 'reason' : rival > chances.none ? 'generate' : 'none'
  return { need, chances, reason: { code: `need-${code}`, text: sentences[need] } }
}

/** As sure as a rule is of one need, and of the others alike. */
export function evenly({ need, sure }: Pick<Rule, 'need' | 'sure'>): Chances {
  const rest = (1 - sure) / 2
  return { none: rest, generate: rest, reason: rest, [need]: sure }
}

/** Scripts that put no spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese. */
const unspaced = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/

/** A few words and no sentence, as people type searches; scripts without spaces are measured in characters. */
export function isSearch(text: string, words: number): boolean {
  return text.length <= (unspaced.test(text) ? 16 : 60) && text.split(/\s+/).length <= words && !/[?!。？！؟।]$/.test(text)
}

const letter = /\p{L}/gu
const otherLetter = /(?!\p{Script=Latin})\p{L}/gu

/** Beyond it are the letters of other scripts. */
const beyondLatin = /[^\0-\u024f]/

/** Whether more than half of its letters are not Latin. */
export const isOtherScript = (text: string): boolean => beyondLatin.test(text) && (text.match(otherLetter)?.length ?? 0) > (text.match(letter)?.length ?? 0) / 2

/** The cheaper side of what cannot be read: a look-up where it is as short as one, and never reasoning. */
export function inOtherLanguage(text: string): Classification {
  const chances = isSearch(text, 4) ? { none: 0.7, generate: 0.3, reason: 0 } : { none: 0.4, generate: 0.6, reason: 0 }
  const reason = { code: 'need-other-language', text: 'It is in a language that this was not made for, so it counts as no more than a short text.' }
  return { ...decided(chances, ''), reason }
}
