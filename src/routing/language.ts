import { formWords } from './form-words.ts'
import { isOtherScript } from './verdict.ts'

/** Whether a word, in lower case, is one that was learned from. */
export type Vocabulary = (word: string) => boolean

/** What rules know without weights: the words that every English sentence has some of. */
export const formVocabulary: Vocabulary = word => formWords.has(word)

const letters = /\p{L}+(?:['’]\p{L}+)*/gu

/** A language shows in its first words. */
const readAtMost = 240

/** Fewer words tell nothing of a language: names and products are the same in all. */
const fewestWords = 3

/** Words of no other language, which begin a question about any names. */
const asking = /^(?:what|who|whose|which|when|where|why|how)\b/i

/** "Resume este artículo", "compare les textes": verbs that English has too, before an article or the like that it has not. */
const otherArticle = /^\p{L}+ (?:est[ea]s?|est[ao]|el|l[aoe]s?|un[ae]?|des|du|ce(?:t|tte|s)?|m[eo]n|mes|mi|del|il|gli|quest[aoe]|d(?:en|ie|as|em|er|iese[nrms]?)|eine?[nrms]?|u[mn]a?|meu|minha|det|dett?e|deze|dit|het)\b/u

/** Whether a text begins as no English one does, whatever its verb looks like. */
export const beginsForeign = (text: string): boolean => otherArticle.test(text)

/** English questions about strange names still have its small words; a few of those are words elsewhere too. */
const fewForms = 0.25

/**
 * Whether a text is in a language that neither rules nor weights were made for: more than half of
 * its letters are not Latin, or more than `unknown` of its words were never learned from and hardly
 * one is a small word of English.
 * @param unknown a share, 0 to 1
 */
export function isForeign(whole: string, vocabulary: Vocabulary, unknown: number): boolean {
  const text = whole.slice(0, readAtMost)
  if (isOtherScript(text)) return true
  if (asking.test(text)) return false
  const words = text.toLowerCase().match(letters) ?? []
  if (words.length < fewestWords || words.filter(formVocabulary).length > fewForms * words.length) return false
  return words.filter(word => !vocabulary(word.replaceAll('’', '\''))).length > unknown * words.length
}
