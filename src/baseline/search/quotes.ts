import { blocksOf, isProse } from '../text/blocks.ts'
import { sentencesOf } from '../text/sentences.ts'
import type { Sentence } from '../text/sentences.ts'
import type { Span } from '../text/span.ts'
import { closeness } from './proximity.ts'
import { mannerOf } from './statement.ts'
import type { QuestionKind } from './statement.ts'
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
  /** The share of what was asked that it covers, with its heading and title. */
  coverage: number
  terms: ReadonlySet<string>
}

/** How much finding a term tells; 0 for a term that was not asked for. */
export type Worth = (term: string) => number

/** What a stretch of text is read for, and what is known of it beside its words. */
export interface Reading {
  /** What sort of question it was. */
  kinds: readonly QuestionKind[]
  terms: readonly string[]
  worth: Worth
  /** The worth of everything that was asked for. */
  total: number
  /** Terms of the document's title, of the heading the stretch stands under, and of those above that. */
  title: ReadonlySet<string>
  heading: ReadonlySet<string>
  above: ReadonlySet<string>
  /** Whether the stretch begins its section. */
  opens: boolean
  /** Whether the nearest heading is nothing but what was asked for. */
  headed: boolean
}

/** What a term counts for where the sentence itself lacks it but its heading, its title or the sentence before has it. */
const borrowed = { title: 0.8, heading: 0.85, above: 0.5, before: 0.35 }

/** What the title's terms count for within a sentence, beyond what they do anyway. */
const named = 0.1

/**
 * The sentences of a stretch of text, each scored by the share of what was asked that it covers (by itself, or
 * by its heading, title and the sentence before it), by its manner, and less for great length. Lines of code only where
 * there are no sentences. `offset` is where the stretch begins in its document.
 */
export function scoredQuotes(text: string, offset: number, reading: Reading): ScoredQuote[] {
  let before: ReadonlyMap<string, number> = new Map()
  const { sentences, prose } = quotable(text)
  const headed = shareOf(reading.heading, reading)
  const about = (1 + (reading.headed ? headedGain * headed : 0)) * (prose ? 1 : coded)
  return sentences.map((sentence, i) => {
    const tokens = tokensOf(sentence.text)
    const own = heardIn(sentence.text, tokens, reading.worth)
    const coverage = coverageOf(own, sentence.opens ? new Map() : before, reading)
    before = own
    const opening = i === 0 && reading.opens ? 1 + openingGain * headed : 1
    const wording = (1 + phraseGain * closeness(tokens, reading.terms)) * lengthFactor(tokens.length) * mannerOf(sentence.text, own.size > 0 || opening > 1 ? reading.kinds : [])
    return {
      text: sentence.text, start: sentence.start + offset, end: sentence.end + offset, matches: matchesIn(tokens, reading.worth),
      score: about * coverage * opening * wording, coverage, terms: new Set(own.keys()),
    }
  })
}

/** What sentences gain: under a heading that is all of what was asked, opening its section, and by having the words side by side. */
const headedGain = 0.3
const openingGain = 0.4
const phraseGain = 0.3

/** What a line of code counts for: it shows, but does not say. */
const coded = 0.4

/** What a term counts for that is only a part of an identifier: `ignoreInitial` says little of ignoring. */
const inside = 0.6

// What joins words that are words by themselves: "files/paths", "tree-shaking".
const joint = /[/#:>-]/

/** Asked terms of a sentence, each with what it counts for: whole words fully. */
function heardIn(text: string, tokens: readonly Token[], worth: Worth): Map<string, number> {
  const heard = new Map<string, number>()
  let end = 0
  for (const token of tokens) {
    const share = token.end > end ? 1 : inside
    if (!joint.test(text.slice(token.start, token.end))) end = Math.max(end, token.end)
    if (worth(token.term) > 0) heard.set(token.term, Math.max(heard.get(token.term) ?? 0, share))
  }
  return heard
}

/** The share of what was asked, 0 to 1. A term that the sentence lacks counts less, by where it stands. */
function coverageOf(own: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>, { worth, total, title, heading, above }: Reading): number {
  const credits = new Map<string, number>()
  const credit = (term: string, share: number) => credits.set(term, Math.max(credits.get(term) ?? 0, share))
  for (const term of before.keys()) credit(term, borrowed.before)
  for (const term of above) credit(term, borrowed.above)
  for (const term of heading) credit(term, borrowed.heading)
  for (const [term, share] of own) credit(term, title.has(term) ? named : share)
  for (const term of title) credit(term, (credits.get(term) ?? 0) * named + borrowed.title)
  const sum = [...credits].reduce((covered, [term, share]) => covered + worth(term) * share, 0)
  return total > 0 ? Math.min(1, sum / total) : 0
}

/** The share of what was asked that terms are, 0 to 1. */
export const shareOf = (terms: Iterable<string>, { worth, total }: Reading): number =>
  total > 0 ? Math.min(1, [...new Set(terms)].reduce((sum, term) => sum + worth(term), 0) / total) : 0

const lengthFactor = (tokens: number) => 1 / (1 + Math.max(0, tokens - 30) / 60) * Math.min(1, 0.7 + tokens / 20)

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
  const gain = (quote: ScoredQuote) => [...quote.terms].reduce((sum, term) => sum + (first.terms.has(term) ? 0.35 : 1) * worth(term), 0) * (0.5 + quote.score)
  const [second] = quotes.filter(quote => quote !== first && quote.terms.size > 0).sort((a, b) => gain(b) - gain(a))
  return second && gain(second) >= 0.3 * gain(first) ? second : undefined
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
function quotable(text: string): { sentences: Sentence[]; prose: boolean } {
  // A part begins below its heading, so that no line of it is one.
  const blocks = blocksOf(text, true)
  const prose = sentencesOf(text, blocks, isProse)
  const any = (prose.length > 0 ? prose : sentencesOf(text, blocks, () => true))
  return { sentences: any.length > 0 ? any : [{ text, start: 0, end: text.length, block: 0, opens: true }], prose: prose.length > 0 }
}
