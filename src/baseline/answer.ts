import { positiveInteger, requireText } from './options.ts'
import { indexParts } from './search/index-documents.ts'
import type { PartIndex } from './search/index-documents.ts'
import type { SourceDocument } from './search/passages.ts'
import { bestQuotes, matchesIn } from './search/quotes.ts'
import type { Quote } from './search/quotes.ts'
import { rankedHits } from './search/rank.ts'
import type { ReadHit } from './search/rank.ts'
import type { Asked } from './search/reading.ts'
import { queryTerms } from './search/tokens.ts'
import type { Span } from './text/span.ts'

export interface AnswerOptions {
  /** Passages (or documents, for `search`) at most; 5 when absent. */
  limit?: number | undefined
}

/** A stretch of a document: `document.text.slice(start, end) === text`, in UTF-16 units. */
export interface Passage extends Span {
  documentId: string
  title?: string
  /** The headings it stands under, outermost first. */
  headings: string[]
  /** True where its section, or the document, begins with it. */
  opens: boolean
  /** Comparable within one answer only. */
  score: number
  text: string
  /** Where asked words stand, as offsets into `text`. */
  matches: Span[]
  /** The sentence that answers best, with offsets into the document. */
  quote: Quote
  /** That sentence and perhaps one more, in their order. */
  quotes: Quote[]
}

/** A document found, by its best passage. */
export interface DocumentHit {
  documentId: string
  title?: string
  score: number
}

/** Documents indexed once, to be asked many times. */
export interface DocumentIndex {
  readonly documents: number
  readonly passages: number
  /** Ranked passages with quotations; none where nothing was found. */
  answer(query: string, options?: AnswerOptions): Passage[]
  /** Ranked documents, without reading their passages: for a search box. */
  search(query: string, options?: AnswerOptions): DocumentHit[]
  /** What a query asks for: its words but the commonest of its language, and how much finding each one tells. */
  terms(query: string): AskedTerm[]
}

/** A word of a query in the form it is compared in; `rarity` is log(1 + passages / passages that have it). */
export interface AskedTerm {
  term: string
  rarity: number
  /** False where no passage has it: it may be misspelt. */
  known: boolean
}

/**
 * Indexes documents for `answer`: plain text or Markdown, divided at headings into passages.
 *
 * @throws TypeError for a document without a string `id` and `text`, or with a `title` that is none; RangeError for an id given twice.
 */
export function createIndex(documents: readonly SourceDocument[]): DocumentIndex {
  requireDocuments(documents)
  const index = indexParts(documents)
  return {
    documents: documents.length,
    passages: index.parts.length,
    answer: (query, options) => answerFrom(index, query, options),
    search: (query, options) => documentsFrom(index, query, options),
    terms: query => queryTerms(requireText('query', query)).map(term => ({ term, rarity: index.idf(term), known: index.knows(term) })),
  }
}

/**
 * Ranked passages of documents, or of an index of them, with the sentences that answer a query best, each
 * word for word. Indexing takes far longer than asking: for several queries over the same documents use
 * `createIndex`. A query without a letter or digit finds nothing.
 *
 * @throws as `createIndex`; TypeError for a query that is no string; RangeError for a limit that is no whole number of at least 1.
 */
export function answer(query: string, source: DocumentIndex | readonly SourceDocument[], options: AnswerOptions = {}): Passage[] {
  return indexOf(source).answer(query, options)
}

/** The index itself, or one made of the documents for this once. */
export function indexOf(source: DocumentIndex | readonly SourceDocument[]): DocumentIndex {
  return isIndex(source) ? source : createIndex(source)
}

const isIndex = (source: DocumentIndex | readonly SourceDocument[]): source is DocumentIndex =>
  typeof source === 'object' && source !== null && 'answer' in source

function answerFrom(index: PartIndex, query: string, { limit = 5 }: AnswerOptions = {}): Passage[] {
  const terms = queryTerms(requireText('query', query))
  const asked: Asked = { query, terms, rarity: index.idf, knows: index.knows }
  return rankedHits(index, asked, positiveInteger('limit', limit)).map(passageOf)
}

function passageOf({ part, score, reading: { worth }, quotes: read }: ReadHit): Passage {
  const { document, text, start, end, headings, opens } = part
  const quotes = bestQuotes(read, worth)
  const place = { documentId: document.id, ...titleOf(document), headings, opens, start, end }
  return { ...place, score, text, matches: matchesIn(part.tokens(), worth), quote: quotes.best, quotes: quotes.all }
}

function documentsFrom(index: PartIndex, query: string, { limit = 5 }: AnswerOptions = {}): DocumentHit[] {
  positiveInteger('limit', limit)
  const found = new Map<string, DocumentHit>()
  for (const { part, score } of index.find(queryTerms(requireText('query', query)))) {
    const { id } = part.document
    if (!found.has(id)) found.set(id, { documentId: id, ...titleOf(part.document), score })
    if (found.size === limit) break
  }
  return [...found.values()]
}

const titleOf = ({ title }: SourceDocument) => title === undefined ? {} : { title }

function requireDocuments(documents: readonly SourceDocument[]): void {
  if (!Array.isArray(documents)) throw new TypeError('documents is neither an array nor an index, so there is nothing to search. Pass an array of { id, title, text } or what createIndex returned.')
  const ids = new Set<string>()
  documents.forEach((document: SourceDocument, i) => {
    requireText(`documents[${i}].id`, document?.id)
    requireText(`documents[${i}].text`, document.text)
    if (document.title !== undefined) requireText(`documents[${i}].title`, document.title)
    if (ids.has(document.id)) {
      throw new RangeError(`documents has the id ${JSON.stringify(document.id)} twice, so a passage could not be traced to its document. Give each its own id.`)
    }
    ids.add(document.id)
  })
}
