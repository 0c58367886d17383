import { cues } from './cues.ts'
import type { Block } from '../text/blocks.ts'

/** What sort of text it is: it decides where in a text its point is likely to stand. */
export type TextKind = 'news' | 'paper' | 'document'

const scholarly = /\b(?:we|our)\b.{0,60}\b(?:propos|model|method|approach|algorithm|network|dataset|experiment|result|theor|framework|analy[sz]|hypothes|estimat|train|learn)|\b(?:et al\b|baselines?|state[- ]of[- ]the[- ]art|empirical(?:ly)?|theoretical(?:ly)?|experiments?|algorithms?|hypothes[ie]s|datasets?|neural|participants|abstract|p ?[<=] ?0?\.\d)|[（(\[](?:19|20)\d\d[a-z]?[)\]）]/i
const reporting = /\b(?:said|says|told|announced|reported|confirmed|according to|spokes(?:man|woman|person)|minister|president|police|officials?|mayor|government|election|killed|arrested|injured|court|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|last (?:week|month|year|night)|(?:sagte|teilte|laut|a déclaré|selon|dijo|según|ha detto|secondo|disse|segundo|zei|volgens|сказал|сообщил|заявил))\b|قال|وقالت|कहा|記者|报道|表示|新华社/i
const manual = /\b(?:you|your)\b|\b(?:click|install|configure|run the|returns?|function|method|option|parameter|argument|default|API|command|file)\b|`[^`]+`/i

/**
 * Guesses the kind of a text from its sentences: reporting verbs and datelines make news, research verbs and
 * citations a paper; headings, code, "you" and everything undecided a document.
 */
export function guessKind(sentences: readonly string[], blocks: readonly Block[]): TextKind {
  const sample = sentences.slice(0, 60)
  const n = Math.max(1, sample.length)
  const share = (pattern: RegExp) => sample.filter(sentence => pattern.test(sentence)).length / n
  const structured = blocks.some(block => block.kind === 'code' || block.kind === 'table') ? 0.3 : 0
  const paper = share(scholarly) + 1.5 * share(cues.contribution) + share(cues.result) + 0.3 * share(cues.own)
  const news = 1.6 * share(reporting) + 0.3 * share(cues.speech)
  const document = 0.15 + structured + 0.8 * share(manual)
  if (paper >= 0.3 && paper >= news && paper >= document) return 'paper'
  return news >= 0.25 && news > document ? 'news' : 'document'
}
