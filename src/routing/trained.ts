import { excerptOf } from './excerpt.ts'
import { featuresOf } from './features.ts'
import { beginsForeign, formVocabulary, isForeign } from './language.ts'
import { createModel, createVocabulary } from './model.ts'
import type { Weights } from './model.ts'
import { rules } from './rules.ts'
import { decided, evenly, inOtherLanguage, isSearch } from './verdict.ts'
import type { Chances, Classification, Classifier, Rule } from './verdict.ts'

/** Short text with no verb form of the rules is a search. */
const searchWords = 5

const search = { code: 'search-words', need: 'none', sure: 0.7 } as const

/** Without weights, a text of this many words that has none of English is in another language. */
const nearlyAll = 0.99

/** All the rules, without weights: what they say where the weights are not. The chances are their own. */
export const classifyByRules: Classifier = question => {
  const text = excerptOf(question)
  const rule = rules.find(({ sign }) => sign.test(text))
  if ((!rule || rule.wordless || beginsForeign(text)) && isForeign(text, formVocabulary, nearlyAll)) return inOtherLanguage(text)
  if (rule) return decided(evenly(rule), rule.code)
  return isSearch(text, searchWords) ? decided(evenly(search), search.code) : decided(evenly({ need: 'generate', sure: 0.6 }), 'no-sign')
}

/** Of English text rarely a quarter of the words is new; of other languages more than half. */
const mostUnknown = 0.5

/** How far weights are believed where a rule speaks of what they were not trained on: their logits shrink by this. By hand, between `opened` and what TREC and CLINC lose. */
const believed = 0.8

/** Nobody looks up with so many words. */
const longQuestion = 20

/** A classifier from weights, with the rules where those were not trained. Decoding them takes a few milliseconds. */
export function createClassifier({ generation, problem, vocabulary }: Weights): Classifier {
  const [generates, isProblem, knows] = [createModel(generation), createModel(problem), createVocabulary(vocabulary)]
  return question => {
    const text = excerptOf(question)
    const rule = rules.find(({ sign, trained }) => !trained && sign.test(text))
    if ((!rule || rule.wordless || beginsForeign(text)) && isForeign(text, knows, mostUnknown)) return inOtherLanguage(text)
    const features = featuresOf(text)
    const reason = isProblem(features)
    const generate = (1 - reason) * generates(features)
    const chances = { none: 1 - reason - generate, generate, reason }
    if (rule) return ruled(chances, rule)
    if (isSearch(text, searchWords)) return ruled(chances, search)
    return text.split(/\s+/).length > longQuestion ? long(chances) : decided(chances, 'trained')
  }
}

/** Named after the rule where it had its way, and else after the weights. */
function ruled(chances: Chances, rule: Pick<Rule, 'code' | 'need' | 'sure'>): Classification {
  const both = withRule(chances, rule)
  const verdict = decided(both, rule.code)
  return verdict.need === rule.need ? verdict : decided(both, 'trained')
}

/** By Bayes: what the rule says times what the weights say, and they less where it is the rule's field. */
function withRule(chances: Chances, { need, sure }: Pick<Rule, 'need' | 'sure'>): Chances {
  const odds = (each: keyof Chances) => chances[each] ** believed * (each === need ? sure : (1 - sure) / 2)
  return normalised({ none: odds('none'), generate: odds('generate'), reason: odds('reason') })
}

/** So many words are looked up only where that is likelier than all else together. */
function long({ none, generate, reason }: Chances): Classification {
  const chances = normalised({ none: none / 8, generate, reason })
  return decided(chances, 'long', 1 - chances.none)
}

function normalised({ none, generate, reason }: Chances): Chances {
  const sum = none + generate + reason
  return { none: none / sum, generate: generate / sum, reason: reason / sum }
}
