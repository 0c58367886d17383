import { excerptOf } from './excerpt.ts'
import { featuresOf } from './features.ts'
import { beginsForeign, formVocabulary, isForeign } from './language.ts'
import { createModels, createVocabulary } from './model.ts'
import type { ChancesOf, Weights } from './model.ts'
import { rules } from './rules.ts'
import { decided, evenly, inOtherLanguage, isSearch } from './verdict.ts'
import type { Chances, Classification, Classifier, Rule } from './verdict.ts'
import { asksForResult, heartOf } from './wish.ts'
import type { Heart } from './wish.ts'

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

/** From its question word to its mark, with no other mark between. */
const oneQuestion = /^\W*(?:what|who|whose|whom|which|when|where|why|how)\b[^?]*\?\W*$/i

/** Shorter texts tell no story; nor does one question, whatever stands between its first word and its end. */
const isStory = (text: string) => /^\s*(?:\S+\s+){15}\S/.test(text) && !oneQuestion.test(text)

/** Nobody looks up with more than twenty words. */
const long = /^\s*(?:\S+\s+){20}\S/

/** A classifier from weights, with the rules where those were not trained. Decoding them takes a few milliseconds. */
export function createClassifier({ generation, problem, vocabulary }: Weights): Classifier {
  const knows = createVocabulary(vocabulary)
  const weigh = createModels([generation, problem]) as Weigh
  return question => {
    const text = excerptOf(question)
    const rule = rules.find(({ sign, trained }) => !trained && sign.test(text))
    if ((!rule || rule.wordless || beginsForeign(text)) && isForeign(text, knows, mostUnknown)) return inOtherLanguage(text)
    const whole: Whole = { text, rule, isAsked: asksForResult(text) }
    return isStory(text) && readStory(whole, weigh) || readWhole(whole, weigh)
  }
}

/** The chances that something is to be written, and that something is to be worked out. */
type Weigh = (...of: Parameters<ChancesOf>) => [written: number, reason: number]

/** A text that tells a story and says somewhere what it wants. `null` where nothing says so, or where a rule knows better. */
function readStory({ text, rule, isAsked }: Whole, weigh: Weigh): Classification | null {
  const heart = heartOf(text)
  if (!heart) return null
  // Questions and commands, which these weights were trained on, are one sentence.
  const chances = (reason: number) => chancesOf(reason, weigh(featuresOf(heart.text))[0])
  // A rule of signs anywhere speaks of the story where the wish has none of them.
  const knowsBetter = rule?.need === 'reason' && rule.sign.test(heart.text)
  if (heart.wish?.need === 'generate' && !isAsked && !knowsBetter) return ruled(chances(hardly), surer(heart.wish, rule))
  if (rule) return null
  const [, reason] = weigh(featuresOf(text))
  const all = chances(isAsked ? reason : withoutResult(reason, heart))
  if (heart.wish) return ruled(all, heart.wish)
  return long.test(text) ? ofManyWords(all, aQuestion.test(heart.text) ? 1 : 8) : decided(all, 'trained')
}

interface Whole {
  readonly text: string
  readonly rule: Rule | undefined
  readonly isAsked: boolean
}

/** A text that is one sentence, or of which a rule speaks. */
function readWhole({ text, rule, isAsked }: Whole, weigh: Weigh): Classification {
  const [written, reason] = weigh(featuresOf(text))
  const chances = chancesOf(reason, written)
  if (rule) return ruled(chances, rule)
  if (isSearch(text, searchWords)) return ruled(chances, search)
  if (!long.test(text)) return decided(chances, 'trained')
  return ofManyWords(isAsked || oneQuestion.test(text) ? chances : chancesOf(withoutResult(reason), written), 8)
}

/** That a text is to be worked out which nobody asks a result of, and whose wish is something else. */
const hardly = 0.01

/** @param written the chance that something is to be written where nothing is to be worked out */
const chancesOf = (reason: number, written: number): Chances => ({ none: (1 - reason) * (1 - written), generate: (1 - reason) * written, reason })

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

/** Of two that ask for the same the surer, and else the first. */
const surer = (one: Rule, other: Rule | undefined) => other?.need === one.need && other.sure > one.sure ? other : one

/** Nobody asks for a result: then there is hardly one to be worked out, however many figures a text has. A question may still be meant so. */
function withoutResult(reason: number, heart?: Heart): number {
  const odds = reason / (1 - reason) / (heart && aQuestion.test(heart.text) ? 3 : 10)
  return odds / (1 + odds)
}

const aQuestion = /\?["'”’)]*$|^(?:(?:and|so|but|then) )*(?:who|which|when|where|what|how|is|are|does|can)\b/i

/** So many words are looked up only where that is likelier than all else together. */
function ofManyWords({ none, generate, reason }: Chances, less: number): Classification {
  const chances = normalised({ none: none / less, generate, reason })
  return decided(chances, 'long', 1 - chances.none)
}

function normalised({ none, generate, reason }: Chances): Chances {
  const sum = none + generate + reason
  return { none: none / sum, generate: generate / sum, reason: reason / sum }
}
