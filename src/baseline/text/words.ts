import type { Span } from './span.ts'

const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

// For these characters UAX 29 is a regular expression, several times faster than the segmenter. They are
// ASCII, Latin-1 and Latin Extended letters, and typographic punctuation; no combining marks.
const simple = /^[\t\n\r -~\u00a0-\u00ac\u00ae-\u00b7\u00b9-\u024f\u2010-\u2022\u2026\u2030-\u203a\u20a0-\u20bf]*$/
const letter = 'A-Za-z\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u024f'
const simpleWord = new RegExp(
  `(?:_*[${letter}0-9])(?:[${letter}0-9_]|(?<=[${letter}])[.'’:·‘․](?=[${letter}])|(?<=[0-9])[.,;'’‘․](?=[0-9]))*`, 'g')

/** The words of a text by Unicode's word boundaries (UAX 29): also for scripts written without spaces. */
export function wordsOf(text: string): string[] {
  return simple.test(text) ? text.match(simpleWord) ?? [] : segmentedWords(text)
}

/** The same words with their offsets in the text. */
export function wordSpans(text: string): Span[] {
  if (simple.test(text)) return Array.from(text.matchAll(simpleWord), ({ index, 0: word }) => ({ start: index, end: index + word.length }))
  const spans: Span[] = []
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (isWordLike) spans.push({ start: index, end: index + segment.length })
  }
  return spans
}

/**
 * How many words a text has: by Unicode's word boundaries or by white space, whichever is more, so that
 * a limit in words holds for readers who count either way.
 */
export function countWords(text: string): number {
  const spaced = text.match(/\S+/g)?.length ?? 0
  return Math.max(spaced, wordsOf(text).length)
}

function segmentedWords(text: string): string[] {
  const words: string[] = []
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (isWordLike) words.push(segment)
  }
  return words
}
