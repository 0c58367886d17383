import { positiveInteger, requireText } from './options.ts'
import { rankedSentences } from './summary/candidates.ts'
import type { Ranked } from './summary/candidates.ts'
import { featuresOf } from './summary/features.ts'
import type { Candidate, Features } from './summary/features.ts'
import { guessKind } from './summary/kind.ts'
import type { TextKind } from './summary/kind.ts'
import { select } from './summary/select.ts'
import type { Budget } from './summary/select.ts'
import { leaningCost, scoreOf } from './summary/weights.ts'
import type { Span } from './text/span.ts'
import { countWords, wordSpans } from './text/words.ts'

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
  /** Set when only the beginning of the sentence fitted into `maxWords`: show an ellipsis. */
  cut?: true
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
 * `maxWords` is never exceeded. Where no single sentence fits, the best one is cut at the end of a clause or
 * word, and says so with `cut`; where nothing may be read (an empty text, one word counted as two) the
 * summary is empty. Time is linear beyond 400 sentences; reading stops at two million
 * UTF-16 units or ten thousand sentences.
 *
 * @throws TypeError for a text that is no string; RangeError for a limit that is no whole number of at least 1, or an unknown kind.
 */
export function summarize(text: string, options: SummarizeOptions = {}): Summary {
  requireText('text', text)
  const budget = budgetOf(options)
  const ranked = rankedSentences(text)
  const kind = options.kind ?? guessKind(ranked.sentences.map(sentence => sentence.text), ranked.blocks)
  const features = featuresOf(ranked.candidates)
  const scores = features.map(each => scoreOf(each, kind))
  const chosen = chosenOf(ranked, features, scores, budget, kind)
  const sentences = chosen.length > 0 ? chosen.map(i => quotationOf(ranked.sentences[i]!)) : cutToFit(ranked, scores, budget.words)
  return { text: sentences.map(sentence => sentence.text).join(' '), sentences, kind }
}

const quotationOf = ({ text, start, end }: Quotation): Quotation => ({ text, start, end })

function budgetOf({ maxWords, maxSentences, kind }: SummarizeOptions): Budget {
  if (kind !== undefined && !kinds.includes(kind)) {
    throw new RangeError(`kind is ${typeof kind === 'string' ? JSON.stringify(kind) : `of type ${typeof kind}`}, which has no weights. Pass 'news', 'paper' or 'document', or leave it out to have it guessed.`)
  }
  const words = maxWords === undefined ? undefined : positiveInteger('maxWords', maxWords)
  const sentences = maxSentences === undefined ? undefined : positiveInteger('maxSentences', maxSentences)
  const neither = words === undefined && sentences === undefined
  return { words: words ?? (neither ? defaultWords : Infinity), sentences: sentences ?? Infinity }
}

function chosenOf({ candidates, similarity }: Ranked, features: readonly Features[], scores: readonly number[], budget: Budget, kind: TextKind): number[] {
  const n = candidates.length
  const picked = select({
    scores,
    words: fittingWords(candidates, features, kind),
    similar: (a, b) => similarity[a * n + b]!,
    bonus: (choice, selected) => features[choice]!.leaning * (selected.includes(choice - 1) ? leaningCost : 0),
  }, budget, repetitionCost)
  return picked.sort((a, b) => a - b)
}

/** The words of each candidate; of one that is not to be chosen without end, so that it fits into nothing. */
function fittingWords(candidates: readonly Candidate[], features: readonly Features[], kind: TextKind): number[] {
  const words = candidates.map((candidate, i) => isUnfit(candidate, features[i]!) ? Infinity : candidate.words)
  if (kind !== 'document') return words
  const strict = words.map((count, i) => saysLittle(candidates[i]!, features[i]!) ? Infinity : count)
  return strict.filter(Number.isFinite).length >= fewestSayings ? strict : words
}

/**
 * A manual has many lines of which a summary is not made better, however well they fit into what is left of it: among
 * them the items of a list that are no sentences, but not the line by which a manual without sentences says what it is of.
 */
const saysLittle = ({ words, index }: Candidate, { inviting, option, reference, fragment }: Features) =>
  words < 6 || inviting > 0 || option + reference > 1 || (fragment > 0 && index > 1)

/** Where a document has fewer that say something, the others are let in. */
const fewestSayings = 3

/** Never chosen, as a sentence without end, which fits into nothing: bylines, "Options:", "Read more" and "Why?". */
const isUnfit = ({ words, furniture }: Candidate, { pointing, fragment, question }: Features) =>
  furniture || (words < 6 && pointing + fragment + question > 0)

/** Points off for a sentence identical to a selected one; half of that at a cosine of 0.5. */
const repetitionCost = 3

/** The beginning of the best sentence: as many words as fit, back to the end of a clause where that keeps most of them. */
function cutToFit({ sentences }: Ranked, scores: readonly number[], maxWords: number): Quotation[] {
  const best = sentences[scores.indexOf(Math.max(...scores))]
  if (!best) return []
  const length = fittingLength(best.text, maxWords)
  const clause = best.text.slice(0, length).search(/[,;:،؛、，；：][^,;:،؛、，；：]*$/)
  const text = best.text.slice(0, clause > length * 0.6 ? clause : length)
  return text === '' ? [] : [{ text, start: best.start, end: best.start + text.length, cut: true }]
}

/** UTF-16 units from the beginning of a text that have at most so many words. */
function fittingLength(text: string, maxWords: number): number {
  const ends = wordSpans(text).map(span => span.end)
  const fitting = ends.slice(0, maxWords).findLast(end => countWords(text.slice(0, end)) <= maxWords)
  return fitting ?? 0
}
