import { indexOf } from './answer.ts'
import type { DocumentIndex, Passage } from './answer.ts'
import { positiveInteger, requireText } from './options.ts'
import { scoredQuotes, shareOf } from './search/quotes.ts'
import type { Reading, ScoredQuote } from './search/quotes.ts'
import type { SourceDocument } from './search/passages.ts'
import { readingOf } from './search/reading.ts'
import type { Asked } from './search/reading.ts'
import { tokensOf } from './search/tokens.ts'
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
  /**
   * The documents are passages of this index, best first: their order counts, and how much a word tells is
   * known from the whole index rather than from the few of them.
   */
  foundIn?: DocumentIndex | undefined
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
  quote: ScoredQuote
  score: number
}

/** A sentence worth less than this share of the best one does not answer, and stays out. */
const faint = 0.6

/** A passage that has, with its headings and title, less than this share of what was asked, by rarity, is about something else. */
const enough = 0.6

/** The same of a passage whose whole heading was asked for: there the rest of the question is expected to be paraphrased. */
const enoughWhereHeaded = 0.42

/** And a sentence that covers less than this says nothing of it. */
const touching = 0.4

/** Points for a sentence that has only asked words no other has: an answer is seldom in one word said twice. */
const novelty = 0.4

/** Passages looked at for quotations. */
const passagesRead = 8

/** How fast passages that were found elsewhere lose weight with their place. */
const decline = 0.1

/**
 * The best few quotations across documents for a query, best first, none repeating another. There are none, and `text` is
 * empty, where no passage has, with its headings and title, three fifths of what was asked (each word counts by its
 * rarity), or two where its whole heading was asked for; the same when the first sentence that answers is longer than `maxWords` and no other fits.
 *
 * @throws as `createIndex`; TypeError for a query that is no string; RangeError for a limit that is no whole number of at least 1.
 */
export function extractAnswer(query: string, source: DocumentIndex | readonly SourceDocument[], options: ExtractAnswerOptions = {}): ExtractedAnswer {
  requireText('query', query)
  const budget = {
    sentences: positiveInteger('maxSentences', options.maxSentences ?? 3),
    words: options.maxWords === undefined ? Infinity : positiveInteger('maxWords', options.maxWords),
  }
  const candidates = candidatesOf(query, source, options.foundIn)
  const chosen = select({
    scores: candidates.map(candidate => candidate.score),
    words: candidates.map(candidate => countWords(candidate.quote.text)),
    similar: similarityOf(candidates),
    bonus: (choice, selected) => novelty * newShare(candidates, choice, selected),
  }, budget, 0.6)
  const quotes = chosen.map(i => quoteOf(candidates[i]!))
  return { text: quotes.map(quote => quote.text).join(' '), quotes }
}

/** The share of a choice's asked terms that nothing selected has; at first all are new, also of a sentence that has them from its heading. */
function newShare(candidates: readonly Candidate[], choice: number, selected: readonly number[]): number {
  if (selected.length === 0) return 1
  const { terms } = candidates[choice]!.quote
  const fresh = [...terms].filter(term => !selected.some(other => candidates[other]!.quote.terms.has(term)))
  return terms.size > 0 ? fresh.length / terms.size : 0
}

/** The sentences that may answer, scored against the best one, which is 1. */
function candidatesOf(query: string, source: DocumentIndex | readonly SourceDocument[], foundIn: DocumentIndex | undefined): Candidate[] {
  const index = indexOf(source)
  const asked = askedOf(query, foundIn ?? index)
  const passages = foundIn && Array.isArray(source) ? inOrder(query, index, source) : index.answer(query, { limit: passagesRead })
  const top = Math.max(...passages.map(passage => passage.score), Number.MIN_VALUE)
  const all = relevant(passages, asked).flatMap(({ passage, reading }) => scoredQuotes(passage.text, passage.start, reading).filter(({ coverage }) => coverage >= touching).map(quote => ({ passage, quote, score: quote.score * Math.sqrt(passage.score / top) })))
  const best = Math.max(...all.map(candidate => candidate.score), Number.MIN_VALUE)
  return all.map(candidate => ({ ...candidate, score: candidate.score / best })).filter(({ score }) => score >= faint)
}

function askedOf(query: string, index: DocumentIndex): Asked {
  const terms = new Map(index.terms(query).map(each => [each.term, each]))
  return { query, terms: [...terms.keys()], rarity: term => terms.get(term)?.rarity ?? 0, knows: term => terms.get(term)?.known ?? true }
}

/** Passages scored by the place of their documents, for what found those knew more of them than these words. */
function inOrder(query: string, index: DocumentIndex, documents: readonly SourceDocument[]): Passage[] {
  const places = new Map(documents.map(({ id }, place) => [id, place]))
  return index.answer(query, { limit: 4 * Math.max(1, documents.length) })
    .map(passage => ({ ...passage, score: 1 / (1 + decline * places.get(passage.documentId)!) ** 2 }))
}

/** Passages that are about enough of what was asked, each by itself or with the others of its document. */
function relevant(passages: readonly Passage[], asked: Asked): { passage: Passage; reading: Reading }[] {
  const read = passages.map(passage => ({ passage, reading: readingOf({ ...passage, found: termsFound(passage) }, asked) }))
  const touched = ({ passage, reading }: typeof read[number]) => [...termsFound(passage), ...reading.title, ...reading.heading, ...reading.above]
  return read.filter(each => {
    const all = read.filter(({ passage }) => passage.documentId === each.passage.documentId).flatMap(touched)
    return shareOf(touched(each), each.reading) >= (each.reading.headed ? enoughWhereHeaded : enough) || shareOf(all, each.reading) >= enough
  })
}

const termsFound = ({ text, matches }: Passage) => new Set(matches.flatMap(({ start, end }) => tokensOf(text.slice(start, end)).map(token => token.term)))

function similarityOf(candidates: readonly Candidate[]): (a: number, b: number) => number {
  const vocabulary = createVocabulary(stopWords('en'))
  const bags = candidates.map(({ quote }) => wordsOf(quote.text).map(vocabulary.idOf).filter(id => id >= 0))
  const matrix = cosines(vectorsOf(bags, vocabulary.size), vocabulary.size)
  return (a, b) => matrix[a * candidates.length + b]!
}

function quoteOf({ passage, quote: { text, start, end, matches } }: Candidate): DocumentQuote {
  return { documentId: passage.documentId, ...(passage.title === undefined ? {} : { title: passage.title }), text, start, end, matches }
}
