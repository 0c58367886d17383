import { positiveInteger, requireText } from './options.ts'
import { indexParts } from './search/index-documents.ts'
import type { Hit, PartIndex } from './search/index-documents.ts'
import type { SourceDocument } from './search/passages.ts'
import { bestQuotes, matchesIn, scoredQuotes } from './search/quotes.ts'
import type { Quote, Worth } from './search/quotes.ts'
import { rankedHits } from './search/rank.ts'
import { queryTerms } from './search/tokens.ts'
import type { Span } from './text/span.ts'

export interface AnswerOptions {
  /** Passages (or documents) at most; 5 when absent. */
  limit?: number | undefined
}

/** A stretch of a document: `document.text.slice(start, end) === text`, in UTF-16 units. */
export interface Passage extends Span {
  /** The document's id and title. */
  id: string
  title?: string
  /** The headings it stands under, outermost first. */
  headings: string[]
  /** Comparable within one answer only. */
  score: number
  text: string
  /** Where asked words stand, as offsets into `text`. */
  matches: Span[]
  /** The one or two sentences that answer best, with offsets into the document. */
  quotes: Quote[]
}

export interface Answer {
  query: string
  passages: Passage[]
}

/** A document found, by its best passage. */
export interface DocumentHit {
  id: string
  title?: string
  score: number
}

/** Documents indexed once, to be asked many times. */
export interface DocumentIndex {
  readonly documents: number
  readonly passages: number
  /** Ranked passages with quotations. */
  answer(query: string, options?: AnswerOptions): Answer
  /** Ranked documents, without reading their passages: for a search box. */
  search(query: string, options?: AnswerOptions): DocumentHit[]
}

/**
 * Indexes documents for `answer`: plain text or Markdown, divided at headings into passages.
 *
 * @throws TypeError for a document without a string `id` and `text`; RangeError for an id given twice.
 */
export function createIndex(documents: readonly SourceDocument[]): DocumentIndex {
  requireDocuments(documents)
  const index = indexParts(documents)
  return {
    documents: documents.length,
    passages: index.parts.length,
    answer: (query, options) => answerFrom(index, query, options),
    search: (query, options) => documentsFrom(index, query, options),
  }
}

/**
 * Ranked passages of the documents with the sentences that answer a query best, each word for word.
 * For more than one query over the same documents use `createIndex`.
 *
 * @throws as `createIndex`; TypeError for a query that is no string; RangeError for a limit below 1 or not whole.
 */
export function answer(query: string, documents: readonly SourceDocument[], options: AnswerOptions = {}): Answer {
  return createIndex(documents).answer(query, options)
}

function answerFrom(index: PartIndex, query: string, { limit = 5 }: AnswerOptions = {}): Answer {
  const terms = queryTerms(requireText('query', query))
  const hits = rankedHits(index, terms, positiveInteger('limit', limit))
  return { query, passages: hits.map(hit => passageOf(index, hit)) }
}

function passageOf(index: PartIndex, { part, score, found }: Hit): Passage {
  const { document, text, start, end, headings } = part
  const worth: Worth = term => found.has(term) ? index.idf(term) : 0
  const quotes = bestQuotes(scoredQuotes(text, start, worth), worth)
  return { id: document.id, ...titleOf(document), headings, score, text, start, end, matches: matchesIn(text, worth), quotes }
}

function documentsFrom(index: PartIndex, query: string, { limit = 5 }: AnswerOptions = {}): DocumentHit[] {
  positiveInteger('limit', limit)
  const found = new Map<string, DocumentHit>()
  for (const { part, score } of index.find(queryTerms(requireText('query', query)))) {
    const { id } = part.document
    if (!found.has(id)) found.set(id, { id, ...titleOf(part.document), score })
    if (found.size === limit) break
  }
  return [...found.values()]
}

const titleOf = ({ title }: SourceDocument) => title === undefined ? {} : { title }

function requireDocuments(documents: readonly SourceDocument[]): void {
  if (!Array.isArray(documents)) throw new TypeError('documents is no array, so there is nothing to search. Pass an array of { id, title, text }.')
  const ids = new Set<string>()
  documents.forEach((document: SourceDocument, i) => {
    requireText(`documents[${i}].id`, document?.id)
    requireText(`documents[${i}].text`, document.text)
    if (ids.has(document.id)) {
      throw new RangeError(`documents has the id ${JSON.stringify(document.id)} twice, so a passage could not be traced to its document. Give each its own id.`)
    }
    ids.add(document.id)
  })
}
