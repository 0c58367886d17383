import MiniSearch from 'minisearch'
import type { SearchResult } from 'minisearch'
import { partsOf } from './passages.ts'
import type { Part, SourceDocument } from './passages.ts'
import { tokensOf } from './tokens.ts'
import type { Token } from './tokens.ts'

/** A part of a document as the index knows it. */
export interface IndexedPart extends Part {
  document: SourceDocument
  text: string
  /** Tokens of `text`, read when first needed: most parts are never a candidate. */
  tokens(): readonly Token[]
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
  find(terms: readonly string[]): Hit[]
}

/**
 * Indexes the parts of documents for BM25+ (Lv and Zhai 2011, as MiniSearch has it) over title, headings and
 * text. A term that is nowhere in the index, and only such a term, is also looked for as a
 * prefix and with a fifth of its letters wrong.
 */
export function indexParts(documents: readonly SourceDocument[]): PartIndex {
  const parts = documents.flatMap(indexedParts)
  const frequency = new Map<string, number>()
  const search = new MiniSearch<{ id: number; title: string; heading: string; text: string }>({
    fields: ['title', 'heading', 'text'],
    tokenize: text => tokensOf(text).map(token => token.term),
    processTerm: term => term,
  })
  parts.forEach((part, id) => {
    const fields = { title: part.document.title ?? '', heading: part.headings.join(' \n'), text: part.text }
    for (const term of new Set(tokensOf(Object.values(fields).join('\n')).map(token => token.term))) frequency.set(term, (frequency.get(term) ?? 0) + 1)
    search.add({ id, ...fields })
  })
  const unknown = (term: string, least: number) => !frequency.has(term) && term.length >= least
  const options = {
    boost: { title: 2.5, heading: 1.8 },
    prefix: (term: string) => unknown(term, 3),
    fuzzy: (term: string) => unknown(term, 4) ? 0.2 : false,
    processTerm: (term: string) => term,
  }
  return {
    parts,
    idf: term => Math.log(1 + parts.length / (frequency.get(term) ?? 1)),
    find: terms => search.search('*', { ...options, tokenize: () => [...terms] }).map(result => hitOf(parts[result.id as number]!, result)),
  }
}

const hitOf = (part: IndexedPart, { score, queryTerms, terms }: SearchResult): Hit =>
  ({ part, score, asked: new Set(queryTerms), found: new Set(terms) })

function indexedParts(document: SourceDocument): IndexedPart[] {
  return partsOf(document.text).map(part => {
    const text = document.text.slice(part.start, part.end)
    let tokens: readonly Token[] | undefined
    return { ...part, document, text, tokens: () => tokens ??= tokensOf(text) }
  })
}
