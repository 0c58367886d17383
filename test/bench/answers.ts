import './sources.ts'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { queryTerms, tokensOf } from '../../src/baseline/search/tokens.ts'
import { indexParts } from '../../src/baseline/search/index-documents.ts'
import { sentencesOf } from '../../src/baseline/text/sentences.ts'
import type { Library } from '../../examples/docs-search/server/library.ts'
import type { Result } from '../../examples/docs-search/shared/api.ts'
import type { CitedQuote } from '../../examples/docs-search/shared/passages.ts'
import { differenceOf, meanOf } from './intervals.ts'
import { heldOut, tuned, unanswerable, unanswerableHeldOut } from './questions.ts'
import type { Question } from './questions.ts'

// How often the demo's search shows the section that answers, and how often its quotes have the answer, beside
// simpler ways, on questions about the packages that are installed here. Half of the questions were tuned on.
// Usage: node test/bench/answers.ts

type Print = (figure: Record<string, unknown>) => void

/** A place in a document that a search leads to. */
interface Place {
  document: string
  offset: number
}

/** The demo's own code, which imports the package by its name. */
interface Demo {
  library: Library
  find(asked: string): readonly Result[]
  quote(asked: string, results: readonly Result[]): Promise<readonly string[]>
}

const name = 'answers'
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
const depths = [1, 3, 8] as const

/** Prints shares of questions, each with its bootstrap interval of 95 %, and the differences between ways. */
export async function bench(print: Print): Promise<void> {
  const missing = [...tuned, ...heldOut].flatMap(({ files }) => files).filter(file => !existsSync(`${modules}/${file}`))
  if (missing.length > 0) return print({ bench: name, skipped: `${missing[0]} is not in node_modules, and ${missing.length} files that answer in all: run npm ci first` })
  const demo = await openDemo()
  for (const [questions, set] of [['tuned on', tuned], ['held out', heldOut]] as const) {
    benchSearch(print, { questions, of: set.length }, set, demo)
    await benchAnswers(print, { questions, of: set.length }, set, demo)
  }
  await benchUnanswerable(print, demo)
}

async function openDemo(): Promise<Demo> {
  const { openLibrary } = await import('../../examples/docs-search/server/library.ts')
  const { search } = await import('../../examples/docs-search/server/search.ts')
  const { quotesFrom } = await import('../../examples/docs-search/server/quotes.ts')
  const { numberPassages, readQuotes } = await import('../../examples/docs-search/shared/passages.ts')
  const library = await openLibrary(modules)
  const extract = quotesFrom(library.index)
  const context = { feature: 'answer', signal: new AbortController().signal }
  return {
    library,
    find: asked => search(asked, library).results,
    quote: async (asked, results) => readQuotes(await extract({ text: numberPassages(results), query: asked }, context)).map(({ text }: CitedQuote) => text),
  }
}

/** Shares of questions for which one of the first few places is in a section that answers. */
function benchSearch(print: Print, about: Record<string, unknown>, set: readonly Question[], { library, find }: Demo): void {
  const parts = indexParts([...library.documents.values()])
  const ways: Record<string, (asked: string) => Place[]> = {
    sparing: asked => find(asked).map(({ document, anchor }) => ({ document, offset: Number(anchor) })),
    'MiniSearch order': asked => parts.find(queryTerms(asked)).map(({ part }) => ({ document: part.document.id, offset: part.start })),
  }
  const ranks = Object.entries(ways).map(([way, places]) => ({ way, ranks: set.map(question => rankOf(question, places(question.asked), library)) }))
  const hits = (ranks: readonly number[], depth: number) => ranks.map(rank => rank < depth ? 100 : 0)
  for (const { way, ranks: found } of ranks) print({ bench: name, what: 'search', unit: '%', ...about, way, ...Object.fromEntries(depths.map(depth => [`hit@${depth}`, meanOf(hits(found, depth))])) })
  const [ours, plain] = ranks
  print({ bench: name, what: 'search', unit: '%', ...about, way: ours!.way, minus: plain!.way, ...Object.fromEntries(depths.map(depth => [`hit@${depth}`, differenceOf(hits(ours!.ranks, depth), hits(plain!.ranks, depth))])) })
}

/** The place, from 0, of the first that leads to an answering section. */
function rankOf({ files, needles }: Question, places: readonly Place[], { documents }: Library): number {
  const rank = places.findIndex(({ document, offset }) => files.includes(document) && says(sectionAt(documents.get(document)!.text, offset), needles))
  return rank < 0 ? Infinity : rank
}

const headings = /^#{1,6} .*$|^.+\n(?:={3,}|-{3,})\s*$/gm

function sectionAt(text: string, offset: number): string {
  const starts = [...text.matchAll(headings)].map(({ index }) => index)
  return text.slice(starts.findLast(start => start <= offset) ?? 0, starts.find(start => start > offset))
}

/** Shares of questions that the first quote, or any, answers. */
async function benchAnswers(print: Print, about: Record<string, unknown>, set: readonly Question[], { find, quote }: Demo): Promise<void> {
  const ways: Record<string, (asked: string, results: readonly Result[]) => readonly string[] | Promise<readonly string[]>> = {
    sparing: quote,
    'first sentence of the first result': (_, results) => sentencesIn(results.slice(0, 1)).slice(0, 1),
    'most asked words, first three': (asked, results) => byWords(asked, sentencesIn(results)).slice(0, 3),
  }
  const scored = []
  for (const [way, answer] of Object.entries(ways)) {
    const quotes = await Promise.all(set.map(async ({ asked }) => answer(asked, find(asked))))
    const right = quotes.map((each, i) => each.map(text => says(text, set[i]!.needles)))
    scored.push({ way, first: right.map(([first]) => first ? 100 : 0), any: right.map(each => each.includes(true) ? 100 : 0), none: quotes.map(each => each.length > 0 ? 0 : 100) })
  }
  for (const { way, first, any, none } of scored) print({ bench: name, what: 'answer', unit: '%', ...about, way, first: meanOf(first), any: meanOf(any), none: meanOf(none) })
  const [ours, ...others] = scored
  for (const { way, first, any } of others) print({ bench: name, what: 'answer', unit: '%', ...about, way: ours!.way, minus: way, first: differenceOf(ours!.first, first), any: differenceOf(ours!.any, any) })
}

const sentencesIn = (results: readonly Result[]) => results.flatMap(({ passage }) => sentencesOf(passage).map(({ text }) => text))

function byWords(asked: string, sentences: readonly string[]): string[] {
  const terms = queryTerms(asked)
  const count = (sentence: string) => terms.filter(term => tokensOf(sentence).some(token => token.term === term)).length
  return sentences.map(sentence => ({ sentence, words: count(sentence) })).sort((a, b) => b.words - a.words).map(({ sentence }) => sentence)
}

/** Shares of questions that nothing answers for which nothing is quoted. */
async function benchUnanswerable(print: Print, { find, quote }: Demo): Promise<void> {
  for (const [questions, set] of [['tuned on', unanswerable], ['held out', unanswerableHeldOut]] as const) {
    const quotes = await Promise.all(set.map(async asked => quote(asked, find(asked))))
    print({ bench: name, what: 'unanswerable', unit: '%', questions, of: set.length, nothing: meanOf(quotes.map(each => each.length > 0 ? 0 : 100)) })
  }
}

const says = (text: string, needles: readonly string[]) => needles.some(needle => plainly(text).includes(needle))

/** Words without Markdown's signs, in small letters, on one line. */
const plainly = (markdown: string) => markdown
  .replaceAll(/^ {0,3}> ?/gm, '')
  .replaceAll(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
  .replaceAll(/[`*\\]|(?<!\w)_|_(?!\w)|<\/?[a-z][^<>\n]*>/g, '')
  .replaceAll(/\s+/g, ' ').toLowerCase()

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bench(figure => console.log(JSON.stringify(figure)))
