import type { Reading } from './quotes.ts'
import { kindsOf } from './statement.ts'
import { tokensOf } from './tokens.ts'
import { termOf } from '../text/terms.ts'
import { wordsOf } from '../text/words.ts'

/** What a query asks for, and how much finding each of its terms tells. */
export interface Asked {
  readonly query: string
  readonly terms: readonly string[]
  rarity(term: string): number
  /** Whether any text has the term as it is; what none has may be misspelt, or a beginning. */
  knows(term: string): boolean
}

/** What an unknown word counts for in the whole: it is what the question is about, and these texts are not. */
const missing = 1.2

/** What a word tells that is only like the one that was asked for. */
const alike = 0.6

/** What is known of a stretch of text that was found. */
export interface Found {
  readonly title?: string | undefined
  readonly headings: readonly string[]
  /** Whether it begins its section. */
  readonly opens: boolean
  /** The terms it was found by: what was asked, or what is like it. */
  readonly found: ReadonlySet<string>
}

/** How a stretch that was found is to be read: a misspelt term counts by the words that were found for it. */
export function readingOf({ title = '', headings, opens, found }: Found, { query, terms, rarity, knows }: Asked): Reading {
  const asked = new Set(terms)
  const unknown = terms.filter(term => !knows(term)).map(rarity)
  const guess = unknown.length > 0 ? alike * Math.min(...unknown) : 0
  const worth = (term: string) => asked.has(term) ? rarity(term) : found.has(term) ? guess : 0
  const telling = (texts: readonly string[]) => new Set(texts.flatMap(termsOf).filter(term => worth(term) > 0))
  return {
    kinds: kindsOf(query), terms, worth, opens,
    total: terms.reduce((sum, term) => sum + rarity(term) * (knows(term) ? 1 : missing), 0),
    title: telling([title.slice(0, longestTitle)]),
    heading: telling(headings.slice(-1)),
    above: telling(headings.slice(0, -1)),
    headed: isAsked(headings.at(-1) ?? '', worth),
  }
}

/** UTF-16 units of a title that count. */
const longestTitle = 300

/** Whether a heading has words, and all of them were asked for. */
function isAsked(heading: string, worth: (term: string) => number): boolean {
  const terms = wordsOf(heading).map(termOf)
  return terms.length > 0 && terms.every(term => worth(term) > 0)
}

const termsOf = (text: string) => tokensOf(text).map(token => token.term)
