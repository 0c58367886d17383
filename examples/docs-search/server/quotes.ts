import { extractAnswer, summarize } from 'sparing/baseline'
import type { DocumentIndex } from 'sparing/baseline'
import type { Extractor } from 'sparing/server'
import { readPassages, readTitle, writeQuotes } from '../shared/passages.ts'

/** Summarises with sentences of the document, one to a paragraph. */
export const leadingSentences: Extractor = input =>
  'text' in input ? summarize(input.text, { maxWords: 100 }).sentences.map(({ text }) => text.replaceAll(/\n {0,3}> ?/g, ' ').replaceAll(/\s+/g, ' ').trim()).join('\n\n') : ''

/**
 * Answers with sentences of the passages that were sent, each with the number of its result. They are read as they were
 * found: best first, each under its title and heading, every word as rare as it is in the whole index.
 */
export const quotesFrom = (index: DocumentIndex): Extractor => input => {
  if (!('text' in input) || input.query === undefined) return ''
  const documents = readPassages(input.text).map(({ n, title, passage }) => ({ id: String(n), ...readTitle(title), passage }))
    .map(({ id, source, heading, passage }) => ({ id, title: source, text: `# ${heading}\n\n${passage}` }))
  const distinct = [...new Map(documents.map(each => [each.id, each])).values()]
  const { quotes } = extractAnswer(input.query, distinct, { maxSentences: 3, maxWords: 110, foundIn: index })
  return writeQuotes(quotes.map(({ text, documentId }) => ({ text, cites: Number(documentId) })))
}
