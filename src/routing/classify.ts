import { briefRules } from './brief-rules.ts'
import { excerptOf } from './excerpt.ts'
import { decided, evenly, inOtherLanguage, isOtherScript, isSearch } from './verdict.ts'
import type { Classifier } from './verdict.ts'

/** Short text with no verb form of the rules is a search. */
const searchWords = 4

/**
 * What a request needs: nothing generated (results or a form suffice), a generated text, or one
 * reached in several steps. By the few rules that a page carries, for the form of English requests;
 * where none speaks, short text counts as a search, and anything else falls to `generate`, which is
 * without reasoning. The chances are the rules' own. `loadClassifier` knows more.
 */
export const classify: Classifier = question => {
  const text = excerptOf(question)
  if (isOtherScript(text)) return inOtherLanguage(text)
  const rule = briefRules.find(({ sign }) => sign.test(text))
  if (rule) return decided(evenly(rule), rule.code)
  return isSearch(text, searchWords) ? decided(evenly({ need: 'none', sure: 0.75 }), 'search-words') : decided(evenly({ need: 'generate', sure: 0.6 }), 'no-sign')
}
