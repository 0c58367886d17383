import { extractAnswer, summarize } from 'sparing/baseline'
import type { Extractor } from 'sparing/server'
import { readPassages, writeQuotes } from '../shared/passages.ts'

/** Summarises with sentences of the document, one to a paragraph. */
export const leadingSentences: Extractor = input =>
  'text' in input ? summarize(input.text, { maxWords: 100 }).sentences.map(({ text }) => text.replaceAll(/\s+/g, ' ').trim()).join('\n\n') : ''

/** Answers with sentences of the passages that were sent, each with the number of its result. */
export const quotes: Extractor = input => {
  if (!('text' in input) || input.query === undefined) return ''
  const documents = readPassages(input.text).map(({ n, title, passage }) => ({ id: String(n), title, text: passage }))
  const answered = extractAnswer(input.query, [...new Map(documents.map(each => [each.id, each])).values()], { maxSentences: 3, maxWords: 110 })
  return writeQuotes(answered.quotes.map(({ text, documentId }) => ({ text, cites: Number(documentId) })))
}
