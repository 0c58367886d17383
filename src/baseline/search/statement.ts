import { cues } from '../summary/cues.ts'
import { withoutLinks } from '../text/markdown.ts'
import { wordsOf } from '../text/words.ts'

// What sort of sentence answers what sort of question, told by a few set phrases, English only: in other
// languages words alone decide. No phrase rules a sentence out.

/** What a question asks for, what a sentence has that gives it, and what such a sentence gains. */
export interface QuestionKind {
  readonly asks: RegExp
  readonly says: RegExp
  readonly gain: number
}

const kinds: readonly QuestionKind[] = [
  { asks: /\bwhat(?:'s| is| are)\b(?!.*\b(?:default|happens)\b)|\bmeans?\b|\bdefin/i, says: /^[^.,;:]{2,70}? (?:is|are|means|lets|allows|enables|provides)\b|^(?:allows|lets)\b/i, gain: 1.3 },
  { asks: /\bhow (?:many|much|long|often|large|big|fast|high)\b|\b(?:default|maximum|minimum|limit|size)\b/i, says: /\d|\b(?:default|infinity|unlimited|none|once|twice|no limit)\b/i, gain: 1.2 },
  { asks: /\bdefault\b/i, says: /\bdefaults?\b/i, gain: 1.2 },
  { asks: /^\s*when\b|\bwhat happens\b/i, says: /\b(?:if|when|whenever|unless|until|after|before|once|only|automatically|in case)\b/i, gain: 1.2 },
  { asks: /^\s*why\b/i, says: /\b(?:because|since|so that|to (?:avoid|prevent|keep|make)|reasons?|due to|otherwise)\b/i, gain: 1.2 },
  { asks: /^\s*where\b/i, says: /\b(?:in|into|to|at|under|inside|within|from)\b/i, gain: 1.1 },
  { asks: /^\s*(?:does|do|is|are|can|could|should|must|will|has|have)\b/i, says: /\b(?:not|no|never|always|only|cannot|can|must|should|supports?|does|by default|allows?|will)\b|n['’]t\b/i, gain: 1.1 },
  { asks: /\bhow (?:do|does|can|to|should|would|could)\b|^\s*(?:add|set|use|make|create|enable|disable|turn|change|configure|send|open|run|get|find|check|test|write|read|cancel|connect|convert|exclude|replace|prevent|remove|parse|serve|wait|watch|store|split)\b/i, says: /^(?:to|use|set|pass|call|add|run|create|import|install|you can|just|simply|enable|disable)\b|\b(?:you can|by (?:\w+ing|setting|passing)|use|using|pass|set|option)\b/i, gain: 1.1 },
]

/** "Default: `10000`" is an answer under its heading. */
const preset = /^[*_`\s-]*default(?: value)?[*_`]*:[*_]*\s*\S/i
/** "This module" is what the text is about, and leans on nothing. */
const itself = /^[*_>\s:-]*(?:note[*_:\s]*)?this (?:module|package|library|plugin|tool|project|adapter|option|method|function|hook|parser)\b/i
const emphasis = /^(?:[*_>\s-]|:[a-z_]+:)+/
const finished = /[.!?…。！？؟।॥։။]["'”’»)\]*_`」』]*$/

/** UTF-16 units of a query that are read for what it asks. */
const longestQuestion = 300

/** The kinds of question that a query is. */
export const kindsOf = (query: string): QuestionKind[] => kinds.filter(({ asks }) => asks.test(query.slice(0, longestQuestion)))

/**
 * How well a sentence is made for an answer to questions of these kinds: 1 for an ordinary sentence, more for one of the kind
 * that was asked for, less for one that points elsewhere, leans on another, or is none.
 */
export function mannerOf(sentence: string, asked: readonly QuestionKind[]): number {
  const plain = withoutLinks(sentence).trim()
  const bare = plain.replace(emphasis, '')
  const gain = asked.reduce((product, { says, gain }) => says.test(bare) ? product * gain : product, 1)
  return gain * shapeOf(plain)
}

/** Words beside code: of a signature or a value alone there are hardly any. */
const wordsBeside = (plain: string) => wordsOf(plain.replaceAll(/`[^`]*`/g, ' ')).length

function shapeOf(plain: string): number {
  if (preset.test(plain)) return 1.1
  if (wordsBeside(plain) < 4) return 0.5
  const asks = /[?？؟]["”’)*_]*$/.test(plain) ? 0.5 : 1
  const points = /[:：]["'”)*_]*$/.test(plain) ? 0.55 : cues.pointing.test(plain) ? 0.8 : 1
  const leans = cues.leaning.test(plain.replace(emphasis, '')) && !itself.test(plain) ? 0.85 : 1
  const ends = finished.test(plain) ? 1 : 0.85
  return asks * points * leans * ends
}
