import { positiveInteger, requireText } from './options.ts'
import { rankedSentences } from './summary/candidates.ts'
import type { Ranked } from './summary/candidates.ts'
import { featuresOf } from './summary/features.ts'
import { guessKind } from './summary/kind.ts'
import type { TextKind } from './summary/kind.ts'
import { select } from './summary/select.ts'
import type { Budget } from './summary/select.ts'
import { leaningCost, scoreOf } from './summary/weights.ts'
import type { Span } from './text/span.ts'

/** Limits and hints; with neither limit given the summary has at most 75 words. Both hold when both are given. */
export interface SummarizeOptions {
  /** Words at most, by Unicode's word boundaries or white space, whichever counts more. */
  maxWords?: number | undefined
  maxSentences?: number | undefined
  /** What sort of text it is; guessed when absent. */
  kind?: TextKind | undefined
}

/** A sentence of the original: `original.slice(start, end) === text`, in UTF-16 units. */
export interface Quotation extends Span {
  text: string
}

/** Sentences of the original in their order; `text` is the sentences with a space between them. */
export interface Summary {
  text: string
  sentences: Quotation[]
  kind: TextKind
}

const defaultWords = 75
const kinds: readonly unknown[] = ['news', 'paper', 'document']

/**
 * An extractive summary: the sentences of the text that stand for it best, word for word and in order.
 *
 * Continuous LexRank over TF-IDF cosines (Erkan and Radev 2004), joined linearly with where a sentence
 * stands and a few set phrases, by the kind of text; then chosen without repetition within the limits.
 * `maxWords` is never exceeded, except where no single sentence fits: then one of the shortest good
 * sentences is returned alone, since cutting it would not be a quotation. Empty text has an empty summary.
 *
 * @throws TypeError for a text or limit of the wrong type, or an unknown kind; RangeError for a limit below 1 or not whole.
 */
export function summarize(text: string, options: SummarizeOptions = {}): Summary {
  requireText('text', text)
  const budget = budgetOf(options)
  const ranked = rankedSentences(text)
  const kind = options.kind ?? guessKind(ranked.sentences.map(sentence => sentence.text), ranked.blocks)
  const sentences = chosen(ranked, kind, budget).map(i => {
    const { text, start, end } = ranked.sentences[i]!
    return { text, start, end }
  })
  return { text: sentences.map(sentence => sentence.text).join(' '), sentences, kind }
}

function budgetOf({ maxWords, maxSentences, kind }: SummarizeOptions): Budget {
  if (kind !== undefined && !kinds.includes(kind)) {
    throw new TypeError(`kind is ${JSON.stringify(kind)}, which has no weights. Pass 'news', 'paper' or 'document', or leave it out to have it guessed.`)
  }
  const words = maxWords === undefined ? undefined : positiveInteger('maxWords', maxWords)
  const sentences = maxSentences === undefined ? undefined : positiveInteger('maxSentences', maxSentences)
  const neither = words === undefined && sentences === undefined
  return { words: words ?? (neither ? defaultWords : Infinity), sentences: sentences ?? Infinity }
}

function chosen({ candidates, similarity }: Ranked, kind: TextKind, budget: Budget): number[] {
  const n = candidates.length
  const features = featuresOf(candidates)
  const picked = select({
    scores: features.map(each => scoreOf(each, kind)),
    words: candidates.map(candidate => candidate.words),
    similar: (a, b) => similarity[a * n + b]!,
    bonus: (choice, selected) => features[choice]!.leaning * (selected.includes(choice - 1) ? leaningCost : 0),
  }, budget, repetitionCost)
  return picked.sort((a, b) => a - b)
}

/** Points off for a sentence identical to a selected one; half of that at a cosine of 0.5. */
const repetitionCost = 3
