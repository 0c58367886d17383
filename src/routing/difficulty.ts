import { excerptOf } from './excerpt.ts'

const figures = /\d+(?:[.,]\d+)*/g
const relations = /\b(?:if|then|after|before|each|every|more|less|than|twice|half|per|percent)\b|%/gi
/** Where words have no spaces between them, two characters are about one. */
const unspaced = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{2}/g

const countOf = (text: string, sign: RegExp) => text.match(sign)?.length ?? 0

/** Words beyond these add nothing: it is then the text that is long, not the question. */
const mostWords = 400

/**
 * How likely a small model fails where a large one does not, 0 to 1. The logistic of the number of
 * words, and a little of figures and of words that relate them, with its line fitted on MMLU and
 * GSM8K as answered by Mixtral-8x7B and GPT-4 (RouteLLM): about 0.1 for five words and 0.3 for a
 * hundred. It knows very little: of any two questions it tells the harder one hardly more often
 * than a coin. So it breaks ties and decides nothing.
 */
export function difficultyOf(question: string): number {
  const start = question.slice(0, 8 * mostWords)
  const words = Math.min(mostWords, countOf(start, /\S+/g) + countOf(start, unspaced))
  const text = excerptOf(question)
  const shape = Math.log1p(words) + 0.1 * Math.log1p(countOf(text, figures)) + 0.2 * Math.log1p(countOf(text, relations))
  return 1 / (1 + Math.exp(2.87 - 0.37 * shape))
}
