import { blocksOf, isProse } from '../text/blocks.ts'
import { sentencesOf } from '../text/sentences.ts'
import type { Sentence } from '../text/sentences.ts'
import type { Span } from '../text/span.ts'
import { tokensOf } from './tokens.ts'
import type { Token } from './tokens.ts'

/** A sentence of a document, `document.text.slice(start, end) === text`; `matches` are offsets into `text`. */
export interface Quote extends Span {
  text: string
  matches: Span[]
}

/** A quote with how well it answers, and the asked terms it has. */
export interface ScoredQuote extends Quote {
  score: number
  terms: Set<string>
}

/** How much finding a term tells; 0 for a term that was not asked for. */
export type Worth = (term: string) => number

const definition = /^[^.,;:]{2,70}? (?:is|are|lets|allows|enables|provides|returns|means|creates|runs)\b/i

/**
 * The sentences of a stretch of text, each scored by the worth of its distinct terms, less for length; a
 * sentence that says what a thing is or does counts a little more. Lines of code only where there are no
 * sentences. `offset` is where the stretch begins in its document.
 */
export function scoredQuotes(text: string, offset: number, worth: Worth): ScoredQuote[] {
  return quotable(text).map(sentence => scored(sentence, offset, worth))
}

/**
 * The quote that answers best, and with it, in order, a second one where that adds a term or is nearly as good.
 * Where none has an asked term (the heading has it), the opening sentence. There must be at least one quote.
 */
export function bestQuotes(quotes: readonly ScoredQuote[], worth: Worth): { best: Quote; all: Quote[] } {
  const first = quotes.reduce((best, quote) => quote.score > best.score ? quote : best)
  const second = first.score > 0 ? secondQuote(first, quotes, worth) : undefined
  const all = second ? [first, second].sort((a, b) => a.start - b.start) : [first]
  return { best: quoteOf(first), all: all.map(quoteOf) }
}

function secondQuote(first: ScoredQuote, quotes: readonly ScoredQuote[], worth: Worth): ScoredQuote | undefined {
  const gain = (quote: ScoredQuote) => [...quote.terms].reduce((sum, term) => sum + (first.terms.has(term) ? 0.35 : 1) * worth(term), 0)
  const [second] = quotes.filter(quote => quote !== first).sort((a, b) => gain(b) - gain(a))
  return second && gain(second) >= 0.3 * gain(first) + 0.1 ? second : undefined
}

const quoteOf = ({ text, start, end, matches }: ScoredQuote): Quote => ({ text, start, end, matches })

/** Where asked terms stand in a text, given its tokens: without overlaps, in order. */
export function matchesIn(tokens: readonly Token[], worth: Worth): Span[] {
  const matches: Span[] = []
  for (const { term, start, end } of tokens) {
    if (worth(term) <= 0) continue
    const last = matches.at(-1)
    if (last && start < last.end) last.end = Math.max(last.end, end)
    else matches.push({ start, end })
  }
  return matches
}

/** Sentences of prose, else of anything; the stretch itself where it has none, a line of dashes say. */
function quotable(text: string): Sentence[] {
  const blocks = blocksOf(text)
  const prose = sentencesOf(text, blocks, isProse)
  const any = prose.length > 0 ? prose : sentencesOf(text, blocks, () => true)
  return any.length > 0 ? any : [{ text, start: 0, end: text.length, block: 0, opens: true }]
}

function scored({ text, start, end }: Sentence, offset: number, worth: Worth): ScoredQuote {
  const tokens = tokensOf(text)
  const terms = new Set(tokens.map(token => token.term).filter(term => worth(term) > 0))
  const found = [...terms].reduce((sum, term) => sum + worth(term), 0)
  const length = 1 / (1 + Math.max(0, tokens.length - 25) / 60) * Math.min(1, 0.5 + tokens.length / 12)
  const score = found * length * (definition.test(text) ? 1.15 : 1) * (/[:：?？]$/.test(text) ? 0.6 : 1)
  return { text, start: start + offset, end: end + offset, matches: matchesIn(tokens, worth), score, terms }
}
