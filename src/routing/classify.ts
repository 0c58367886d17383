import type { Need, Reason } from '../core/index.ts'
import { rules, searchWords } from './rules.ts'

/** What a request needs, with the chance of each. The chances are the rules' own, not yet calibrated. */
export interface Classification {
  readonly need: Need
  readonly chances: Readonly<Record<Need, number>>
  readonly reason: Reason
}

const sentences: Record<Need, string> = {
  none: 'It reads like a look-up: results answer it.',
  generate: 'It asks for a text to be written.',
  reason: 'It needs several steps that depend on each other.',
}

/** Longer questions are read at their start and end, where the request stands. */
const readAtMost = 600

/**
 * What a request needs: nothing generated (results or a form suffice), a generated text, or one
 * reached in several steps. By rules for the form of English requests; where none speaks, short
 * text counts as a search, and anything else falls to `generate`, which is without reasoning.
 */
export function classify(question: string): Classification {
  const text = question.length > readAtMost ? `${question.slice(0, readAtMost / 2)}\n${question.slice(-readAtMost / 2)}` : question
  const trimmed = text.trim()
  const rule = rules.find(({ sign }) => sign.test(trimmed))
  if (rule) return decided(rule.need, rule.sure, rule.code)
  return isSearch(trimmed) ? decided('none', 0.75, 'search-words') : decided('generate', 0.6, 'no-sign')
}

/** Scripts that put no spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese. */
const unspaced = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/

/** A few words and no sentence; scripts without spaces are measured in characters. */
function isSearch(text: string): boolean {
  return text.length <= (unspaced.test(text) ? 16 : 60) && text.split(/\s+/).length <= searchWords && !/[?!。？！؟।]$/.test(text)
}

function decided(need: Need, sure: number, code: string): Classification {
  const rest = (1 - sure) / 2
  return { need, chances: { none: rest, generate: rest, reason: rest, [need]: sure }, reason: { code: `need-${code}`, text: sentences[need] } }
}
