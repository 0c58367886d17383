import MiniSearch from 'minisearch'
import type { SearchResult } from 'minisearch'
import { partsOf } from './passages.ts'
import type { Part, SourceDocument } from './passages.ts'
import { tokensOf } from './tokens.ts'
import type { Token, WordMemory } from './tokens.ts'
import { termOf } from '../text/terms.ts'
import { wordsOf } from '../text/words.ts'

/** A part of a document as the index knows it. */
export interface IndexedPart extends Part {
  document: SourceDocument
  text: string
  /** Tokens of `text`, read when first needed: most parts are never a candidate. */
  tokens(): readonly Token[]
  /** Terms of the document's title. */
  title: readonly string[]
  /** Terms of the nearest heading. */
  heading(): readonly string[]
}

/** A part found, with its BM25+ score, the asked terms it has, and the terms it has them by. */
export interface Hit {
  part: IndexedPart
  score: number
  asked: ReadonlySet<string>
  found: ReadonlySet<string>
}

export interface PartIndex {
  parts: readonly IndexedPart[]
  /** log(1 + parts / parts with the term): what finding the term tells. */
  idf(term: string): number
  /** Whether any part has the term as it is. */
  knows(term: string): boolean
  find(terms: readonly string[]): Hit[]
}

interface Fields {
  id: number
  title: string
  /** The headings above the nearest: they tell where it is more than what it says. */
  above: string
  heading: string
  text: string
}

/** UTF-16 units of a title that count. */
const longestTitle = 300

/**
 * Indexes the parts of documents for BM25+ (Lv and Zhai 2011, as MiniSearch has it) over title, headings and
 * text. A term that is nowhere in the index, and only such a term, is also looked for as a
 * prefix and with a fifth of its letters wrong, two at most.
 */
export function indexParts(documents: readonly SourceDocument[]): PartIndex {
  const parts = documents.flatMap(indexedParts)
  const { search, frequency } = searchOver(parts)
  const options = looseOptions(term => !frequency.has(term))
  return {
    parts,
    idf: term => Math.log(1 + parts.length / (frequency.get(term) ?? 1)),
    knows: term => frequency.has(term),
    find: terms => search.search('*', { ...options, tokenize: () => [...terms] }).map(result => hitOf(parts[result.id as number]!, result)),
  }
}

/** MiniSearch with all parts in it, and the number of parts that have each term. */
function searchOver(parts: readonly IndexedPart[]) {
  const read: WordMemory = new Map()
  const frequency = new Map<string, number>()
  const terms = new Set<string>()
  const tokenize = (text: string) => tokensOf(text, read).map(token => token.term)
  const processTerm = (term: string) => { terms.add(term); return term }
  const search = new MiniSearch<Fields>({ fields: ['title', 'above', 'heading', 'text'], tokenize, processTerm })
  parts.forEach((part, id) => {
    search.add({ id, title: part.document.title?.slice(0, longestTitle) ?? '', above: part.headings.slice(0, -1).join(' \n'), heading: part.headings.at(-1) ?? '', text: part.text })
    for (const term of terms) frequency.set(term, (frequency.get(term) ?? 0) + 1)
    terms.clear()
  })
  return { search, frequency }
}

function looseOptions(unknown: (term: string) => boolean) {
  return {
    boost: { title: 2.5, heading: 1.8, above: 0.8 },
    prefix: (term: string) => term.length >= 3 && unknown(term),
    fuzzy: (term: string) => term.length >= 4 && term.length <= longestGuess && unknown(term) ? slips(term.length) : false,
    processTerm: (term: string) => term,
  }
}

/** Letters that may be wrong, more in a longer word: an ending that is no longer cut off for a slip in it is wrong as a whole. */
const slips = (length: number) => length < 8 ? 1 : length < 11 ? 2 : 3

/** Characters of a term that may be a misspelling: beyond it is a key or an address. */
const longestGuess = 32

// A term found as it was asked counts by `queryTerms`: `terms` are the keys of an object and lack "__proto__".
const hitOf = (part: IndexedPart, { score, queryTerms, terms }: SearchResult): Hit =>
  ({ part, score, asked: new Set(queryTerms), found: new Set([...terms, ...queryTerms]) })

function indexedParts(document: SourceDocument): IndexedPart[] {
  const title = wordTerms(document.title?.slice(0, longestTitle) ?? '')
  return partsOf(document.text).map(part => {
    const text = document.text.slice(part.start, part.end)
    let tokens: readonly Token[] | undefined
    let heading: readonly string[] | undefined
    return { ...part, document, text, title, tokens: () => tokens ??= tokensOf(text), heading: () => heading ??= wordTerms(part.headings.at(-1) ?? '') }
  })
}

/** Distinct terms of whole words; parts of identifiers and pairs of ideographs would count a name twice. */
const wordTerms = (text: string) => [...new Set(wordsOf(text).filter(word => /\p{L}/u.test(word)).map(termOf))]
