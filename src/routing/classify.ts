import type { Need, Reason } from '../core/index.ts'
import { excerptOf } from './excerpt.ts'
import { formVocabulary, isForeign } from './language.ts'
import { isSearch, signIn } from './rules.ts'
import type { Rule } from './rules.ts'

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

const sentences: Record<Need, string> = {
  none: 'It reads like a look-up: results answer it.',
  generate: 'It asks for a text to be written.',
  reason: 'It needs several steps that depend on each other.',
}
const foreign = 'It is in a language that this was not made for, so it counts as no more than a short text.'

/** Without weights, a text of this many words that has none of English is in another language. */
const nearlyAll = 0.99

/**
 * What a request needs: nothing generated (results or a form suffice), a generated text, or one
 * reached in several steps. By rules for the form of English requests; where none speaks, short
 * text counts as a search, and anything else falls to `generate`, which is without reasoning. The
 * chances are the rules' own; those of `loadClassifier` are calibrated.
 */
export const classify: Classifier = question => {
  const text = excerptOf(question)
  const rule = signIn(text)
  if ((!rule || rule.wordless) && isForeign(text, formVocabulary, nearlyAll)) return inOtherLanguage(text)
  if (rule) return decided(chancesOf(rule), rule.code)
  return isSearch(text) ? decided(evenly('none', 0.75), 'search-words') : decided(evenly('generate', 0.6), 'no-sign')
}

/** The cheaper side of what cannot be read: a look-up where it is as short as one, and never reasoning. */
export function inOtherLanguage(text: string): Classification {
  const chances = isSearch(text) ? { none: 0.7, generate: 0.3, reason: 0 } : { none: 0.4, generate: 0.6, reason: 0 }
  const { need } = decided(chances, '')
  return { need, chances, reason: { code: 'need-other-language', text: foreign } }
}

const chancesOf = ({ need, sure }: Rule) => evenly(need, sure)

function evenly(need: Need, sure: number): Chances {
  const rest = (1 - sure) / 2
  return { none: rest, generate: rest, reason: rest, [need]: sure }
}

/** Reasoning where it is likelier than not, else the likelier of the others; of two that are alike the cheaper. */
export function decided(chances: Chances, code: string): Classification {
  const need = chances.reason > 0.5 ? 'reason' : chances.generate > chances.none ? 'generate' : 'none'
  return { need, chances, reason: { code: `need-${code}`, text: sentences[need] } }
}
