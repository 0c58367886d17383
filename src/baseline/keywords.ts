import { positiveInteger, requireText } from './options.ts'
import { blocksOf, isProse } from './text/blocks.ts'
import { withoutLinks } from './text/markdown.ts'
import { sentencesOf } from './text/sentences.ts'
import { stopWordsFor } from './text/stopwords.ts'
import { termOf } from './text/terms.ts'
import { wordSpans } from './text/words.ts'

export interface KeywordsOptions {
  /** Keywords at most; 10 when absent. */
  limit?: number | undefined
}

/** A word or phrase as the text has it most often; the best has score 1. */
export interface Keyword {
  text: string
  score: number
}

interface Word {
  text: string
  term: string
  /** What stands between this word and the one before, in its sentence. */
  gap: string
}

interface Phrase {
  terms: string[]
  count: number
  /** It is a run by itself at least once. */
  whole: boolean
  forms: Map<string, number>
}

/** What is known of one term over the text. */
interface TermFacts {
  count: number
  sentences: number
  first: number
  capitals: number
}

const longestPhrase = 3
const mostSentences = 3000

/**
 * The words and phrases a text is about, best first. Phrases are runs of content words, as in RAKE (Rose et
 * al. 2010); words are weighed, much as in YAKE (Campos et al. 2020), by how often, in how many sentences, how early
 * and whether capitalised within a sentence. No training, no dictionary; any script.
 *
 * @throws TypeError for a text that is no string; RangeError for a limit below 1 or not whole.
 */
export function keywords(text: string, { limit = 10 }: KeywordsOptions = {}): Keyword[] {
  positiveInteger('limit', limit)
  const sentences = wordsBySentence(requireText('text', text))
  const stops = stopWordsFor(sentences.slice(0, 30).flat().map(word => word.text.toLowerCase()))
  const runs = sentences.map(words => runsOf(words, stops))
  const facts = factsOf(runs)
  const phrases = [...phrasesOf(runs.flat()).values()].filter(isKept)
  const scored = phrases.map(phrase => ({ phrase, score: scoreOf(phrase, facts, sentences.length) })).sort((a, b) => b.score - a.score)
  const best = distinct(scored, limit)
  return best.map(({ phrase, score }) => ({ text: commonest(phrase.forms), score: score / best[0]!.score }))
}

function wordsBySentence(text: string): Word[][] {
  const blocks = blocksOf(text)
  const prose = sentencesOf(text, blocks, block => isProse(block) || block.kind === 'heading')
  const sentences = prose.length > 0 ? prose : sentencesOf(text, blocks, () => true)
  return sentences.slice(0, mostSentences).map(sentence => {
    let end = 0
    return wordSpans(withoutLinks(sentence.text)).map(span => {
      const word = sentence.text.slice(span.start, span.end)
      const gap = sentence.text.slice(end, span.start)
      end = span.end
      return { text: word, term: termOf(word), gap }
    })
  })
}

/** Maximal runs of content words with nothing but a space or hyphen between them. */
function runsOf(words: readonly Word[], stops: ReadonlySet<string>): Word[][] {
  const runs: Word[][] = []
  let open = false
  for (const word of words) {
    const content = isContent(word, stops)
    if (content && open && /^[ \u00a0\n-]?$/.test(word.gap)) runs.at(-1)!.push(word)
    else if (content) runs.push([word])
    open = content
  }
  return runs
}

const spaceless = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const kana = /^\p{Script=Hiragana}+$/u

/** Single letters and numbers are no keywords; nor are kana alone, which are mostly endings. */
function isContent({ text, term }: Word, stops: ReadonlySet<string>): boolean {
  if (stops.has(text.toLowerCase()) || stops.has(term) || !/\p{L}/u.test(text) || kana.test(text)) return false
  return [...text].length > (spaceless.test(text) ? 1 : 2) || /^\p{Lu}{2}$/u.test(text)
}

function factsOf(runs: readonly Word[][][]): Map<string, TermFacts> {
  const facts = new Map<string, TermFacts>()
  runs.forEach((sentence, i) => {
    const seen = new Set<string>()
    for (const { text, term, gap } of sentence.flat()) {
      const known = facts.get(term) ?? { count: 0, sentences: 0, first: i, capitals: 0 }
      facts.set(term, known)
      known.count++
      if (gap !== '' && /^\p{Lu}/u.test(text)) known.capitals++
      if (!seen.has(term)) known.sentences++
      seen.add(term)
    }
  })
  return facts
}

function phrasesOf(runs: readonly Word[][]): Map<string, Phrase> {
  const phrases = new Map<string, Phrase>()
  for (const run of runs) {
    for (let from = 0; from < run.length; from++) {
      for (let to = from + 1; to <= Math.min(run.length, from + longestPhrase); to++) count(phrases, run.slice(from, to), to - from === run.length)
    }
  }
  return phrases
}

function count(phrases: Map<string, Phrase>, words: readonly Word[], whole: boolean): void {
  const terms = words.map(word => word.term)
  const key = terms.join(' ')
  const form = words.map((word, i) => i === 0 ? word.text : word.gap.replace('\n', ' ') + word.text).join('')
  const phrase = phrases.get(key) ?? { terms, count: 0, whole, forms: new Map<string, number>() }
  phrases.set(key, phrase)
  phrase.count++
  phrase.whole ||= whole
  phrase.forms.set(form, (phrase.forms.get(form) ?? 0) + 1)
}

/** A phrase that occurs once is taken where it stands alone; without spaces there is no telling where that is. */
const isKept = ({ terms, count, whole }: Phrase) => terms.length === 1 || count > 1 || (whole && !spaceless.test(terms[0]!))

/** A phrase is worth the geometric mean of its words, more for each repetition of the whole and for its length. */
function scoreOf({ terms, count }: Phrase, facts: Map<string, TermFacts>, sentences: number): number {
  const logs = terms.map(term => Math.log(weightOf(facts.get(term)!, sentences)))
  const mean = Math.exp(logs.reduce((sum, value) => sum + value, 0) / terms.length)
  const held = count / Math.max(...terms.map(term => facts.get(term)!.count))
  return mean * (terms.length === 1 ? 1 : 0.4 + held * terms.length ** 0.7)
}

function weightOf({ count, sentences, first, capitals }: TermFacts, all: number): number {
  const spread = 0.5 + sentences / all
  const early = 1 / Math.log(Math.E + first / 3)
  const name = 1 + 0.4 * capitals / count
  return Math.log(1 + count) * spread * early * name
}

/** The best phrases, none a part of a better one or made of one with a word more. */
function distinct(scored: ReadonlyArray<{ phrase: Phrase; score: number }>, limit: number) {
  const chosen: Array<{ phrase: Phrase; score: number }> = []
  for (const each of scored) {
    if (chosen.length === limit) break
    if (!chosen.some(({ phrase }) => overlaps(phrase.terms, each.phrase.terms))) chosen.push(each)
  }
  return chosen
}

function overlaps(a: readonly string[], b: readonly string[]): boolean {
  const shared = a.filter(term => b.includes(term)).length
  return shared === Math.min(a.length, b.length) || shared > 1
}

const commonest = (forms: Map<string, number>) => [...forms].sort((a, b) => b[1] - a[1])[0]![0]
