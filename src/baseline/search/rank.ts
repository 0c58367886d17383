import type { Hit, IndexedPart, PartIndex } from './index-documents.ts'
import { closeness } from './proximity.ts'
import { scoredQuotes } from './quotes.ts'
import type { Reading, ScoredQuote } from './quotes.ts'
import { readingOf } from './reading.ts'
import type { Asked } from './reading.ts'

/** Beyond this many, candidates by BM25+ are not looked at again. */
const reranked = 64

/** And of those this many, the best, are read sentence by sentence. */
const mostRead = 16

/** A part found that was read: its sentences, each with how well it answers. */
export interface ReadHit extends Hit {
  reading: Reading
  quotes: readonly ScoredQuote[]
}

/**
 * The best parts for a query, best first. BM25+ proposes; then parts move up that have more of what was asked
 * (by idf), and have it close together in the asked order; whose heading is what was asked; whose document
 * the query calls by its title; and that have a sentence which answers. Repetition moves down: the same text never
 * comes twice, the same section at most twice, and each further part of one document counts a quarter less, or a
 * tenth where the query names it.
 */
export function rankedHits(index: PartIndex, asked: Asked, limit: number): ReadHit[] {
  const { terms } = asked
  const hits = index.find(terms).slice(0, Math.max(reranked, limit * 3))
  const scored = hits.map(hit => ({ ...hit, score: hit.score * agreement(index, hit, terms) }))
  const read = scored.sort((a, b) => b.score - a.score).slice(0, Math.max(mostRead, limit)).map(hit => readHit(hit, asked))
  return varied(read.sort((a, b) => b.score - a.score), terms, limit)
}

/** A passage is as good as its best sentence: the maximum over sentences is what passage retrieval calls MaxP (Dai and Callan 2019). */
function readHit(hit: Hit, asked: Asked): ReadHit {
  const { document, text, start, headings, opens } = hit.part
  const reading = readingOf({ title: document.title, headings, opens, found: hit.found }, asked)
  const quotes = scoredQuotes(text, start, reading)
  return { ...hit, reading, quotes, score: hit.score * (1 + Math.max(...quotes.map(quote => quote.score))) }
}

/** What a part of code only counts for. */
const wordless = 0.5

/** What a part counts for whose words were not asked for: only its title's were. */
const silent = 0.3

/** What a document counts for that the query calls by its title. */
const called = 1.6

function agreement(index: PartIndex, hit: Hit, terms: readonly string[]): number {
  const { part } = hit
  const worth = (list: Iterable<string>) => [...list].reduce((sum, term) => sum + index.idf(term), 0)
  const coverage = worth(hit.asked) / worth(terms)
  const headed = headingMatch(part, terms, worth) * (part.opens ? 1 : 0.75)
  return (0.3 + 0.7 * coverage) * (1 + 0.4 * closeness(part.tokens(), terms)) * (1 + headed)
    * (isNamed(part, terms) ? called : 1) * (speaks(hit) ? 1 : silent) * (part.prose ? 1 : wordless)
}

/** Whether a query has the whole title of a part's document: "retry" in "ky" is asked of the document "ky". */
function isNamed({ title }: IndexedPart, terms: readonly string[]): boolean {
  return title.length > 0 && title.every(term => terms.includes(term))
}

/** How far a part's heading and what was asked beyond the title are the same, 0 to 1: the harmonic mean of both shares, by idf. */
function headingMatch(part: IndexedPart, terms: readonly string[], worth: (list: Iterable<string>) => number): number {
  const heading = part.heading()
  const asked = terms.filter(term => !part.title.includes(term))
  const shared = worth(asked.filter(term => heading.includes(term)))
  return shared === 0 ? 0 : 2 * shared / (worth(heading) + worth(asked))
}

function speaks({ part, found }: Hit): boolean {
  const own = (term: string) => found.has(term) && !part.title.includes(term)
  return part.heading().some(own) || part.tokens().some(({ term }) => own(term)) || part.title.length === 0
}

function varied(hits: readonly ReadHit[], terms: readonly string[], limit: number): ReadHit[] {
  const chosen: ReadHit[] = []
  const open = hits.filter(distinctText())
  const perDocument = new Map<string, number>()
  const perSection = new Map<string, number>()
  while (chosen.length < limit && open.length > 0) {
    const worth = open.map(({ part, score }) => score * (isNamed(part, terms) ? 0.9 : 0.75) ** (perDocument.get(part.document.id) ?? 0))
    const [hit] = open.splice(worth.indexOf(Math.max(...worth)), 1)
    if (!hit || bump(perSection, sectionOf(hit)) > 2) continue
    bump(perDocument, hit.part.document.id)
    chosen.push({ ...hit, score: Math.max(...worth) })
  }
  return chosen
}

function distinctText(): (hit: Hit) => boolean {
  const seen = new Set<string>()
  return ({ part }) => {
    const key = part.text.replace(/\s+/g, ' ').trim().toLowerCase()
    return !seen.has(key) && seen.add(key) !== undefined
  }
}

const sectionOf = ({ part }: Hit) => `${part.document.id}\n${part.headings.join('\n')}`

function bump(counts: Map<string, number>, key: string): number {
  const count = (counts.get(key) ?? 0) + 1
  counts.set(key, count)
  return count
}
