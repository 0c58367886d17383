import { indexOf } from './answer.ts'
import type { DocumentIndex, Passage } from './answer.ts'
import { positiveInteger, requireText } from './options.ts'
import { scoredQuotes } from './search/quotes.ts'
import type { ScoredQuote } from './search/quotes.ts'
import type { SourceDocument } from './search/passages.ts'
import { queryTerms, tokensOf } from './search/tokens.ts'
import { cosines, vectorsOf } from './summary/lexrank.ts'
import { select } from './summary/select.ts'
import type { Span } from './text/span.ts'
import { createVocabulary } from './text/terms.ts'
import { stopWords } from './text/stopwords.ts'
import { countWords, wordsOf } from './text/words.ts'

export interface ExtractAnswerOptions {
  /** Quotations at most; 3 when absent. */
  maxSentences?: number | undefined
  /** Words at most over all quotations; no limit when absent. */
  maxWords?: number | undefined
}

/** A sentence of a document, with offsets into that document's text; `matches` are offsets into `text`. */
export interface DocumentQuote extends Span {
  documentId: string
  title?: string
  text: string
  matches: Span[]
}

/** What the documents say, in their own words; `text` is the quotes with a space between them. */
export interface ExtractedAnswer {
  text: string
  quotes: DocumentQuote[]
}

interface Candidate {
  passage: Passage
  place: number
  quote: ScoredQuote
  score: number
}

/** A sentence worth less than this share of the best one does not answer, and stays out. */
const faint = 0.35

/** Points for a sentence that has only asked words no other has: an answer is seldom in one word said twice. */
const novelty = 0.5

/** Passages looked at for quotations. */
const passagesRead = 5

/**
 * The best few quotations across documents for a query, none repeating another, the best passage's first
 * and each document's in its order. Where no sentence has any asked word there are no quotes and `text` is
 * empty; the same when the first sentence that answers is longer than `maxWords` and no other fits.
 *
 * @throws as `createIndex`; TypeError for a query that is no string; RangeError for a limit that is no whole number of at least 1.
 */
export function extractAnswer(query: string, source: DocumentIndex | readonly SourceDocument[], options: ExtractAnswerOptions = {}): ExtractedAnswer {
  const terms = queryTerms(requireText('query', query))
  const budget = {
    sentences: positiveInteger('maxSentences', options.maxSentences ?? 3),
    words: options.maxWords === undefined ? Infinity : positiveInteger('maxWords', options.maxWords),
  }
  const candidates = candidatesOf(indexOf(source).answer(query, { limit: passagesRead }), terms)
  const chosen = select({
    scores: candidates.map(candidate => candidate.score),
    words: candidates.map(candidate => countWords(candidate.quote.text)),
    similar: similarityOf(candidates),
    bonus: (choice, selected) => novelty * newShare(candidates, choice, selected),
  }, budget, 0.6)
  const quotes = chosen.map(i => candidates[i]!).sort((a, b) => a.place - b.place || a.quote.start - b.quote.start).map(quoteOf)
  return { text: quotes.map(quote => quote.text).join(' '), quotes }
}

/** The share of a choice's asked terms that nothing selected has. */
function newShare(candidates: readonly Candidate[], choice: number, selected: readonly number[]): number {
  const { terms } = candidates[choice]!.quote
  const fresh = [...terms].filter(term => !selected.some(other => candidates[other]!.quote.terms.has(term)))
  return fresh.length / terms.size
}

/** All sentences with an asked word, scored against the best one, which is 1. */
function candidatesOf(passages: readonly Passage[], terms: readonly string[]): Candidate[] {
  const worth = worthIn(passages, terms)
  const top = Math.max(...passages.map(passage => passage.score), Number.MIN_VALUE)
  const all = passages.flatMap((passage, place) =>
    scoredQuotes(passage.text, passage.start, worth).filter(quote => quote.score > 0).map(quote => ({ passage, place, quote, score: quote.score * Math.sqrt(passage.score / top) })))
  const best = Math.max(...all.map(candidate => candidate.score), Number.MIN_VALUE)
  return all.map(candidate => ({ ...candidate, score: candidate.score / best })).filter(candidate => candidate.score >= faint)
}

/** Asked terms by their rarity among the passages; the words of a passage's own matches count too, for misspelt queries. */
function worthIn(passages: readonly Passage[], terms: readonly string[]) {
  const found = passages.map(passage => new Set(tokensOf(passage.text).map(token => token.term)))
  const matched = passages.flatMap(({ text, matches }) => matches.flatMap(({ start, end }) => tokensOf(text.slice(start, end)).map(token => token.term)))
  const asked = terms.some(term => found.some(set => set.has(term))) ? new Set(terms) : new Set(matched)
  return (term: string) => asked.has(term) ? Math.log(1 + (1 + passages.length) / (1 + found.filter(set => set.has(term)).length)) : 0
}

function similarityOf(candidates: readonly Candidate[]): (a: number, b: number) => number {
  const vocabulary = createVocabulary(stopWords('en'))
  const bags = candidates.map(({ quote }) => wordsOf(quote.text).map(vocabulary.idOf).filter(id => id >= 0))
  const matrix = cosines(vectorsOf(bags, vocabulary.size), vocabulary.size)
  return (a, b) => matrix[a * candidates.length + b]!
}

function quoteOf({ passage, quote: { text, start, end, matches } }: Candidate): DocumentQuote {
  return { documentId: passage.documentId, ...(passage.title === undefined ? {} : { title: passage.title }), text, start, end, matches }
}
