import { blocksOf, isProse } from '../text/blocks.ts'
import type { Block } from '../text/blocks.ts'
import { plainHeading, withoutLinks } from '../text/markdown.ts'
import { sentencesOf } from '../text/sentences.ts'
import type { Sentence } from '../text/sentences.ts'
import { stopWordsFor } from '../text/stopwords.ts'
import { createVocabulary } from '../text/terms.ts'
import { countWords, wordsOf } from '../text/words.ts'
import { cosines, lexRank, vectorsOf } from './lexrank.ts'
import type { Bag } from './lexrank.ts'
import type { Candidate, Place } from './features.ts'
import { sectionsOf } from './sections.ts'
import type { Section } from './sections.ts'

/** The graph is quadratic in its sentences: of longer texts this many are preselected. */
const mostCandidates = 400

/** Reading stops here (UTF-16 units): a text beyond it is summarised by its first two million. */
const longestText = 2_000_000

/** And at this many sentences: a megabyte of ordinary prose has about as many. */
const mostSentences = 10_000

/** The sentences of a text that may be quoted, with what is needed to rank them. */
export interface Ranked {
  blocks: Block[]
  sentences: Sentence[]
  candidates: Candidate[]
  /** Cosines of the candidates' TF-IDF vectors, row-major. */
  similarity: Float64Array
}

interface Entry {
  sentence: Sentence
  words: string[]
  bag: Bag
}

/** Splits a text, keeps at most 400 promising sentences and ranks them by LexRank. */
export function rankedSentences(source: string): Ranked {
  const text = source.length > longestText ? source.slice(0, longestText) : source
  const blocks = blocksOf(text)
  const sentences = quotable(text, blocks).slice(0, mostSentences)
  const words = sentences.map(sentence => wordsOf(withoutLinks(sentence.text)))
  const vocabulary = createVocabulary(stopWordsFor(words.slice(0, 30).flat().map(word => word.toLowerCase())))
  const entries = sentences.map((sentence, i) => ({ sentence, words: words[i]!, bag: words[i]!.map(vocabulary.idOf).filter(id => id >= 0) }))
  const title = titleTerms(text, blocks, word => vocabulary.idOf(word))
  const kept = preselect(entries, vocabulary.size)
  const similarity = cosines(vectorsOf(kept.map(entry => entry.bag), vocabulary.size), vocabulary.size)
  const rank = lexRank(similarity, kept.length)
  const sections = sectionsOf(text, blocks)
  const places = placesOf(kept, sections)
  const candidates = kept.map((entry, i) => ({ ...candidateOf(entry, title, blocks, sections), ...places[i]!, rank: rank[i]! * kept.length }))
  return { blocks, sentences: kept.map(entry => entry.sentence), candidates, similarity }
}

/** Prose where there is any; else headings, else whatever there is. */
function quotable(text: string, blocks: Block[]): Sentence[] {
  const prose = sentencesOf(text, blocks, isProse)
  if (prose.length > 0) return prose
  const headings = sentencesOf(text, blocks, block => block.kind === 'heading')
  return headings.length > 0 ? headings : sentencesOf(text, blocks, () => true)
}

/** The terms of the title, if the text has one: sections have headings that are only about themselves. */
function titleTerms(text: string, blocks: Block[], idOf: (word: string) => number): Set<number> {
  const title = blocks.slice(0, 5).find(block => block.kind === 'heading')
  return new Set(title ? wordsOf(plainHeading(text.slice(title.start, title.end))).map(idOf).filter(id => id >= 0) : [])
}

function preselect(entries: Entry[], size: number): Entry[] {
  if (entries.length <= mostCandidates) return entries
  const frequency = new Float64Array(size)
  for (const { bag } of entries) for (const term of bag) frequency[term]!++
  const worth = entries.map(({ sentence, bag }, i) => worthOf(sentence, bag, frequency) + 2 / (1 + i / 10))
  const order = entries.map((_, i) => i).sort((a, b) => worth[b]! - worth[a]! || a - b)
  return order.slice(0, mostCandidates).sort((a, b) => a - b).map(i => entries[i]!)
}

/** Frequent terms without frequent repetition, in a sentence of ordinary length, preferably opening its block. */
function worthOf(sentence: Sentence, bag: Bag, frequency: Float64Array): number {
  const terms = [...new Set(bag)]
  const weight = terms.reduce((sum, term) => sum + Math.log(frequency[term]!), 0)
  return weight / (8 + terms.length) + (sentence.opens ? 0.3 : 0)
}

/**
 * Where each sentence stands among those that say something: a byline, a date or a "share this" before an
 * article does not make its first sentence the third.
 */
function placesOf(entries: readonly Entry[], sections: readonly Section[]): Place[] {
  const idle = entries.map(entry => isFurniture(entry) || sections[entry.sentence.block] === 'credits')
  const furniture = idle.includes(false) ? idle : idle.map(() => false)
  const count = furniture.filter(each => !each).length
  let next = 0
  return furniture.map(each => ({ furniture: each, count, index: each ? next : next++ }))
}

const linkOnly = /^[*_>\s]*(?:!?\[[^[\]]*\](?:\([^()\s]*\)|\[[^\]]*\])?[\s,;|·•]*)+[.!:]?[*_]*$/

const tagsOnly = /^\s*(?:<[^<>]*>\s*)+$/

/** "English | Русский | 简体中文": three or more labels in a row, of three words at most each. */
const isMenu = (text: string) => {
  const labels = withoutLinks(text).split(/ [|·•] /)
  return labels.length > 2 && labels.every(label => wordsOf(label).length <= 3)
}

/** Fewer than three words, links, labels or tags alone, or names, numbers and capitals only. Scripts without case have names like any word. */
const isFurniture = ({ sentence, words }: Entry) =>
  words.length < 3 || linkOnly.test(sentence.text) || tagsOnly.test(sentence.text) || isMenu(sentence.text) || (words.every(word => /^[\p{Lu}\p{N}]/u.test(word)) && /\p{Lu}/u.test(sentence.text))

function candidateOf({ sentence, bag }: Entry, title: Set<number>, blocks: Block[], sections: readonly Section[]) {
  const shared = bag.filter(term => title.has(term)).length
  return {
    text: sentence.text,
    words: countWords(sentence.text),
    opens: sentence.opens,
    opensSection: sentence.opens && blocks[sentence.block - 1]?.kind === 'heading',
    section: sections[sentence.block]!,
    title: bag.length > 0 ? shared / bag.length : 0,
  }
}
