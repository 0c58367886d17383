import { answer } from 'sparing/baseline'
import type { Passage, Quote, Span } from 'sparing/baseline'
import type { Result, SearchAnswer, Segment } from '../shared/api.ts'
import type { Library, LibraryDocument } from './library.ts'
import { factsFor } from './package-facts.ts'
import { codeOf, labelsOf, quotationOf } from '../shared/quotation.ts'

/** Results on a page. */
const most = 8
/** Results of one document: a long one would otherwise fill the page. */
const mostOfOne = 3
/** And of one that the query calls by its name. */
const mostOfNamed = 5
/** Longer queries say no more; this is also what a page's address bears. */
const longestQuery = 400

/** Passages that answer a query, best first, and a package's own facts where it asks for them. */
export function search(query: string, library: Library): SearchAnswer {
  const asked = query.slice(0, longestQuery).trim()
  const facts = factsFor(asked, library.packages)
  const readme = facts && ['README.md', 'readme.md', 'Readme.md'].map(name => `${facts.name}/${name}`).find(id => library.documents.has(id))
  const results = asked ? resultsFor(asked, library).map((result, i) => ({ ...result, n: i + 1 })) : []
  return { query: asked, facts: facts && { ...facts, ...readme && { document: readme } }, results }
}

/** As many as fill the page, where there are as many. */
function resultsFor(query: string, library: Library): Omit<Result, 'n'>[] {
  const best = library.index.answer(query, { limit: most * 4 })
  const results = shownOf(best, query, library)
  return results.length < most ? shownOf([...best, ...besides(best, query, library)], query, library) : results
}

const shownOf = (passages: readonly Passage[], query: string, library: Library) =>
  varied(passages.filter(isOfUse), query).map(passage => resultOf(passage, library)).filter(says).slice(0, most)

/** Passages of further documents: a long one may have all the best. Those few are read by themselves, for among its thousands they may come last. */
function besides(best: readonly Passage[], query: string, { index, sources }: Library): Passage[] {
  const seen = new Set(best.map(({ documentId }) => documentId))
  const others = index.search(query, { limit: seen.size + most }).filter(({ documentId }) => !seen.has(documentId)).slice(0, most)
  return others.length > 0 ? answer(query, others.map(({ documentId }) => sources.get(documentId)!), { limit: most }) : []
}

/** A table of contents repeats every heading and says nothing; nor does what has none of the asked words and begins nothing. */
const isOfUse = ({ headings, matches, opens }: Passage) =>
  (matches.length > 0 || opens) && !/^(?:table of )?contents$|^toc$/i.test(headings.at(-1) ?? '')

function varied(passages: readonly Passage[], query: string): Passage[] {
  const words = new Set(query.toLowerCase().split(/[^\p{L}\p{N}@/._-]+/u))
  const seen = new Map<string, number>()
  return passages.filter(({ documentId, title = '' }) => {
    const count = (seen.get(documentId) ?? 0) + 1
    seen.set(documentId, count)
    return count <= (words.has(title.toLowerCase()) ? mostOfNamed : mostOfOne)
  })
}

/** Of badges and pictures nothing is left to be quoted. */
const says = ({ quote }: { quote: readonly Segment[] }) => quote.reduce((length, { text }) => length + text.length, 0) > 12

function resultOf(passage: Passage, { documents }: Library): Omit<Result, 'n'> {
  const document = documents.get(passage.documentId)!
  const title = passage.headings.at(-1)?.replaceAll(/^[*_]+|[*_]+$/g, '') || document.title
  return {
    document: document.id, anchor: String(passage.start), title, ...sourceOf(passage, title),
    place: placeOf(passage, document, title), quote: quoteOf(passage, document), passage: windowOf(passage),
  }
}

const sourceOf = ({ title: source }: Passage, title: string) => source === undefined || source === title ? {} : { source }

function placeOf({ headings }: Passage, { place, title: whole }: LibraryDocument, title: string): string[] {
  const known = [whole, title, ...place].map(lettersOf)
  const above = headings.slice(0, -1).filter(heading => !known.some(each => each.includes(lettersOf(heading)) || lettersOf(heading).includes(each)))
  const steps = place.length > 3 ? [place[0]!, '…', ...place.slice(-2)] : place
  return [...steps, ...above.slice(-1)]
}

/** "AST Types" is what the package "ast-types" calls itself. */
const lettersOf = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')

/** The best sentences; dots where something was left out between them. */
function quoteOf({ quotes, quote }: Passage, { text }: LibraryDocument): Segment[] {
  const labels = labelsOf(text)
  const shown = quotes.length > 0 ? quotes : [quote]
  return shown.flatMap((each, i) => [...gap(shown[i - 1], each, text), ...isInFence(each, text) ? codeOf(each.text, each.matches) : quotationOf(each.text, each.matches, labels)])
}

/** Whether it stands in a block of code: after an odd number of fences. */
const isInFence = ({ start }: Span, text: string) => (text.slice(0, start).match(/^ {0,3}(?:```|~~~)/gm)?.length ?? 0) % 2 === 1

function gap(before: Quote | undefined, { start }: Span, text: string): Segment[] {
  if (!before) return []
  return [{ text: text.slice(before.end, start).trim() ? ' … ' : ' ' }]
}

const linksByText = (markdown: string) => markdown.replaceAll(/!\[[^\]]*\]\([^)\s]*\)/g, '').replaceAll(/\[([^[\]]*)\]\([^)\s]*(?:\s"[^"]*")?\)/g, '$1')

/** Characters of a passage that an answer is written from. */
const longestPassage = 1000

/** The passage around its quotation, whole lines and words only, dots where its section goes on, links by their text: addresses say nothing and cost as much as words. */
function windowOf({ text: source, start, opens, quotes }: Passage): string {
  const text = linksByText(source)
  const quoted = linksByText(source.slice(0, (quotes[0]?.start ?? start) - start)).length
  const latest = Math.max(0, Math.min(quoted, text.length - longestPassage))
  const from = latest > 0 ? text.lastIndexOf('\n', Math.max(0, latest - 1)) + 1 : 0
  const window = text.slice(from, from + longestPassage)
  const begun = from > 0 || !opens ? `…\n\n${window}` : window
  const ended = from + longestPassage < text.length ? `${begun.replace(/\s+\S*$/, '')} …` : begun
  // The sign of a quotation at each line is no word of its sentence.
  return ended.replaceAll(/^ {0,3}> ?/gm, '').trim()
}
