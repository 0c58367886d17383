import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createIndex, keywords, summarize } from '../../src/baseline/index.ts'
import type { SourceDocument } from '../../src/baseline/index.ts'

// How long the baseline's own work takes, on the Markdown that the installed packages came with: prose by
// many hands, with code, tables and links in it. Usage: node test/bench/baseline-speed.ts

type Print = (figure: Record<string, unknown>) => void

const name = 'baseline-speed'
const modules = new URL('../../node_modules', import.meta.url).pathname

/** Prints milliseconds per article, per megabyte indexed and per query. */
export async function bench(print: Print): Promise<void> {
  const documents = documentsIn(modules, 4_000_000)
  if (documents.length < 20) return print({ bench: name, skipped: 'no installed packages to read Markdown from: run npm ci first' })
  timeArticles(print, articlesOf(documents, 800).slice(0, 100))
  timeLongText(print, documents)
  timeSearch(print, withinSize(documents, 1_000_000))
}

function timeArticles(print: Print, articles: readonly string[]): void {
  const [cold] = timesOf(articles.slice(0, 1), article => summarize(article, { maxWords: 75 }))
  for (let round = 0; round < 3; round++) timesOf(articles, article => summarize(article, { maxWords: 75 }))
  const times = timesOf([...articles, ...articles, ...articles], article => summarize(article, { maxWords: 75 }))
  print({ bench: name, what: 'summarize, 800 words', unit: 'ms', articles: articles.length, first: rounded(cold!), ...quantiles(times), target: 2 })
  print({ bench: name, what: 'keywords, 800 words', unit: 'ms', articles: articles.length, ...quantiles(timesOf([...articles, ...articles], article => keywords(article))) })
}

function timeLongText(print: Print, documents: readonly SourceDocument[]): void {
  const whole = documents.map(document => document.text).join('\n\n')
  for (const size of [250_000, 1_000_000]) {
    const text = whole.slice(0, size)
    print({ bench: name, what: `summarize, ${size / 1_000_000} MB`, unit: 'ms', ...quantiles(timesOf([text, text, text], each => summarize(each))) })
  }
}

function timeSearch(print: Print, documents: readonly SourceDocument[]): void {
  const megabytes = documents.reduce((sum, document) => sum + document.text.length, 0) / 1_000_000
  const builds = timesOf([1, 2, 3], () => createIndex(documents))
  const index = createIndex(documents)
  print({ bench: name, what: 'createIndex', unit: 'ms per MB', documents: index.documents, passages: index.passages, mb: rounded(megabytes), ...quantiles(builds.map(time => time / megabytes)) })
  const queries = queriesOf(documents)
  timesOf(queries, query => index.answer(query))
  print({ bench: name, what: 'answer', unit: 'ms', queries: queries.length, ...quantiles(timesOf(queries, query => index.answer(query))) })
  print({ bench: name, what: 'search box', unit: 'ms', queries: queries.length, ...quantiles(timesOf(queries, query => index.search(query))) })
}

/** What one may ask these documents: their own keywords, as a question, and every fourth one misspelt. */
function queriesOf(documents: readonly SourceDocument[]): string[] {
  return documents.slice(0, 80).flatMap(({ text }, i) => {
    const [first, second] = keywords(text, { limit: 2 })
    if (!first || !second) return []
    const query = `how do I use ${first.text} with ${second.text}?`
    return [i % 4 === 3 ? query.replace(/(\w)(\w)(\w+)\?$/, '$2$1$3?') : query]
  })
}

function timesOf<Input>(inputs: readonly Input[], run: (input: Input) => unknown): number[] {
  return inputs.map(input => {
    const start = performance.now()
    run(input)
    return performance.now() - start
  })
}

function quantiles(times: readonly number[]) {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number) => rounded(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!)
  return { p50: at(0.5), p95: at(0.95) }
}

const rounded = (value: number) => Number(value.toPrecision(3))

/** Markdown files in the order of their paths, each text once, up to a size in UTF-16 units. */
function documentsIn(folder: string, size: number): SourceDocument[] {
  const texts = new Map<string, SourceDocument>()
  let left = size
  for (const path of markdownIn(folder)) {
    const text = readFileSync(join(folder, path), 'utf8')
    if (text.length < 500 || text.length > 60_000 || texts.has(text)) continue
    texts.set(text, { id: path, title: path.split('/').slice(0, -1).join('/'), text })
    if ((left -= text.length) <= 0) break
  }
  return [...texts.values()]
}

function markdownIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.md')).sort()
  } catch {
    return []
  }
}

function withinSize(documents: readonly SourceDocument[], size: number): SourceDocument[] {
  let sum = 0
  return documents.filter(({ text }) => (sum += text.length) <= size)
}

/** The beginning of each document that is long enough, at so many words. */
function articlesOf(documents: readonly SourceDocument[], words: number): string[] {
  return documents.flatMap(({ text }) => {
    const ends = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => index + word.length)
    return ends.length < words ? [] : [text.slice(0, ends[words - 1])]
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bench(figure => console.log(JSON.stringify(figure)))
