import { withoutLinks } from '../text/markdown.ts'
import type { Span } from '../text/span.ts'
import { stopWordsFor } from '../text/stopwords.ts'
import { normalized, termOf } from '../text/terms.ts'
import { wordSpans } from '../text/words.ts'

/** A term and where its word, or part of a word, stands in the text. */
export interface Token extends Span {
  term: string
}

/** What words came to. Most words of a text were read before: who reads many texts passes one memory for all. */
export type WordMemory = Map<string, readonly Token[]>

const partOfIdentifier = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+|\p{N}+|\p{Lu}+/gu
const compound = /[A-Za-z@$][\w$]*(?:(?:[/#-]|::|->)[\w$.]*\w)+/g
const ideographs = /[\p{Script=Han}\p{Script=Katakana}ー]{2,}/gu
const composite = /[._:'’·‧]|\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}|\p{L}\p{N}|\p{N}\p{L}/u
const ideographic = /[\p{Script=Han}\p{Script=Katakana}]/u

/**
 * The search terms of a text, in order. An identifier is found whole and by its parts: `useEffect`, `z.string`,
 * `node:sqlite` and `worker-threads` also as "use" and "effect" and so on. Ideographs are also found by
 * pairs, because a dictionary may cut the same name differently in another sentence.
 */
export function tokensOf(source: string, read: WordMemory = new Map()): Token[] {
  const text = withoutLinks(source)
  const tokens: Token[] = []
  for (const span of wordSpans(text)) addWord(tokens, text.slice(span.start, span.end), span, read)
  for (const { 0: whole, index } of text.matchAll(compound)) {
    if (whole.length <= 60) tokens.push({ term: normalized(whole), start: index, end: index + whole.length })
  }
  if (ideographic.test(text)) addPairs(tokens, text)
  return tokens.sort((a, b) => a.start - b.start || b.end - a.end)
}

/**
 * The distinct terms a query asks for: stop words count only where there is nothing else.
 */
export function queryTerms(query: string): string[] {
  const tokens = tokensOf(query.slice(0, 2000))
  const stops = stopWordsFor(wordSpans(query.slice(0, 2000)).map(({ start, end }) => query.slice(start, end).toLowerCase()))
  const content = tokens.filter(({ start, end }) => !stops.has(query.slice(start, end).toLowerCase()))
  return [...new Set((content.length > 0 ? content : tokens).map(token => token.term))].slice(0, 64)
}

function addWord(tokens: Token[], word: string, { start }: Span, read: WordMemory): void {
  let own = read.get(word)
  if (!own) read.set(word, own = wordTokens(word))
  for (const token of own) tokens.push({ term: token.term, start: start + token.start, end: start + token.end })
}

/** The tokens of one word, with offsets into the word. */
function wordTokens(word: string): Token[] {
  const whole: Token = { term: termOf(word), start: 0, end: word.length }
  if (!composite.test(word)) return [whole]
  const parts = [...word.matchAll(partOfIdentifier)]
    .filter(({ 0: part, index }) => part.length < word.length && !isElision(word, part, index))
    .map(({ 0: part, index }): Token => ({ term: termOf(part), start: index, end: index + part.length }))
  return [whole, ...parts]
}

/** The "s" of "it's" and the "l" of "l'eau" are no parts of a name. */
const isElision = (word: string, part: string, index: number) =>
  part.length <= 2 && /['’]/.test(word.charAt(index - 1) + word.charAt(index + part.length))

function addPairs(tokens: Token[], text: string): void {
  const known = new Set(tokens.filter(token => token.end - token.start === 2).map(token => token.start))
  for (const { 0: run, index } of text.matchAll(ideographs)) {
    for (let i = 0; i + 2 <= run.length; i++) {
      const start = index + i
      if (!known.has(start)) tokens.push({ term: run.slice(i, i + 2), start, end: start + 2 })
    }
  }
}
