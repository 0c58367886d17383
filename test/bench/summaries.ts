import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { summarize } from '../../src/baseline/index.ts'
import type { SummarizeOptions } from '../../src/baseline/index.ts'
import { rankedSentences } from '../../src/baseline/summary/candidates.ts'
import { select } from '../../src/baseline/summary/select.ts'
import { differenceOf, meanOf } from './intervals.ts'
import { rougeMax } from './rouge.ts'
import type { Rouge } from './rouge.ts'

// How close the summaries come to what people wrote, beside simpler ways on the same text. Weights were fitted
// on SciTLDR's train split only; what is reported is its dev split, and news where there is any (no weight
// was fitted on news). Usage: node test/bench/summaries.ts [folder]

type Print = (figure: Record<string, unknown>) => void

interface Article {
  text: string
  /** Its sentences where the data has them cut, else as this package cuts them. */
  sentences: string[]
  references: string[]
}

type Method = (article: Article) => string | string[]
type Scores = Record<keyof Rouge, number[]>

const name = 'summaries'
const measures = ['r1', 'r2', 'rl'] as const

/** Prints ROUGE F1 (percent, no stemming, best of an article's references) with bootstrap intervals of 95 %. */
export async function bench(print: Print, options: { data?: string } = {}): Promise<void> {
  const folder = `${options.data ?? process.env['SPARING_DATA'] ?? new URL('../../../shared/data', import.meta.url).pathname}/summaries`
  if (!existsSync(folder)) return print({ bench: name, skipped: `there is no folder ${folder}, so no summary was scored. SPARING_DATA may name another data folder.` })
  await benchAbstracts(print, folder)
  await benchNews(print, folder)
}

async function benchAbstracts(print: Print, folder: string): Promise<void> {
  const file = readdirSync(folder).find(each => /^scitldr-a-test\.jsonl$/.test(each)) ?? 'scitldr-a-dev.jsonl'
  if (!file.includes('test')) print({ bench: name, note: `there is no ${folder}/scitldr-a-test.jsonl (SciTLDR-A's test split, a JSON object with source and target to a line), so its dev split is reported` })
  const articles = rowsOf(folder, file).map(abstractOf)
  if (articles.length === 0) return print({ bench: name, skipped: `there is no ${file}, so no abstract was summarised` })
  const limit = { maxSentences: 1 }
  compare(print, { text: file, limit, articles: articles.length }, articles, { ...methodsWithin(limit, 'paper'), random: ({ sentences }) => sentences })
}

async function benchNews(print: Print, folder: string): Promise<void> {
  const file = readdirSync(folder).find(each => /^(news|cnn|xsum).*\.jsonl$/.test(each))
  const articles = file ? rowsOf(folder, file).map(newsOf) : []
  if (articles.length === 0) return print({ bench: name, skipped: `there is no ${folder}/news*.jsonl (a JSON object with text and summary to a line, of CNN/DailyMail say), so nothing is known of news in 75 words` })
  const limit = { maxWords: 75 }
  compare(print, { text: file, limit, articles: articles.length }, articles, methodsWithin(limit, 'news'))
}

function methodsWithin(limit: SummarizeOptions, kind: 'paper' | 'news') {
  return {
    sparing: ({ text }) => summarize(text, limit).text,
    'sparing, kind given': ({ text }) => summarize(text, { ...limit, kind }).text,
    'plain LexRank': ({ text }) => plainLexRank(text, limit),
    lead: ({ sentences }) => limit.maxSentences ? sentences.slice(0, limit.maxSentences).join(' ') : firstWords(sentences.join(' '), limit.maxWords!),
  } satisfies Record<string, Method>
}

/** Prints a line per method, and how much the first differs from each of the others on the same articles. */
function compare(print: Print, about: Record<string, unknown>, articles: readonly Article[], methods: Record<string, Method>): void {
  const [ours, ...others] = Object.entries(methods).map(([method, run]) => ({ method, scores: scoresOf(articles, run) }))
  for (const { method, scores } of [ours!, ...others]) print({ bench: name, ...about, method, ...summaryOf(scores, meanOf) })
  for (const { method, scores } of others) {
    const differences = Object.fromEntries(measures.map(measure => [measure, differenceOf(ours!.scores[measure], scores[measure])]))
    print({ bench: name, ...about, method: ours!.method, minus: method, ...differences })
  }
}

const summaryOf = (scores: Scores, summary: (values: readonly number[]) => unknown) =>
  Object.fromEntries(measures.map(measure => [measure, summary(scores[measure])]))

/** A method with several answers (each sentence, say) scores what one drawn at random is expected to. */
function scoresOf(articles: readonly Article[], method: Method): Scores {
  const all = articles.map(article => [method(article)].flat().map(text => rougeMax(text, article.references)))
  const expected = (measure: keyof Rouge) => all.map(scores => scores.reduce((sum, score) => sum + score[measure], 0) / scores.length)
  return { r1: expected('r1'), r2: expected('r2'), rl: expected('rl') }
}

/** Centrality alone, with no place, no phrases and no redundancy control but for near copies. */
function plainLexRank(text: string, { maxWords, maxSentences }: SummarizeOptions): string {
  const { candidates, similarity } = rankedSentences(text)
  const chosen = select({
    scores: candidates.map(candidate => candidate.rank),
    words: candidates.map(candidate => candidate.words),
    similar: (a, b) => similarity[a * candidates.length + b]!,
  }, { words: maxWords ?? Infinity, sentences: maxSentences ?? Infinity }, 0)
  return chosen.sort((a, b) => a - b).map(i => candidates[i]!.text).join(' ')
}

const firstWords = (text: string, words: number) => text.split(/\s+/).slice(0, words).join(' ')

function rowsOf(folder: string, file: string): Array<Record<string, unknown>> {
  if (!existsSync(`${folder}/${file}`)) return []
  return readFileSync(`${folder}/${file}`, 'utf8').trim().split('\n').map(line => JSON.parse(line) as Record<string, unknown>)
}

function abstractOf(row: Record<string, unknown>): Article {
  const sentences = row['source'] as string[]
  return { text: sentences.join(' '), sentences, references: row['target'] as string[] }
}

function newsOf(row: Record<string, unknown>): Article {
  const text = String(row['text'] ?? row['article'] ?? row['document'])
  const summary = row['summary'] ?? row['highlights']
  return { text, sentences: rankedSentences(text).sentences.map(sentence => sentence.text), references: [summary].flat().map(String) }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await bench(figure => console.log(JSON.stringify(figure)), process.argv[2] ? { data: process.argv[2] } : {})
}
