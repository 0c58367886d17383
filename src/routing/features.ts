import { formWords } from './form-words.ts'
import { wordClasses } from './word-classes.ts'

const questionWords = new Set(['what', 'what\'s', 'who', 'who\'s', 'which', 'how', 'why', 'when', 'where', 'whose', 'whom'])

/** A word, a figure or a sign of arithmetic. Figures are told apart by their length only, and a name is a word that is not in lower case. */
interface Token {
  readonly hash: number
  readonly is: 'content' | 'name' | 'form' | 'question' | 'figure'
  /** What it asks for, as a hash; of a word without a class what it is. */
  readonly asks: number
  /** Helps a verb, or stands before a noun. */
  readonly helps: 'verb' | 'noun' | null
}

/** Words, figures and signs. */
function wordsOf(text: string): string[] {
  return text.replaceAll('’', '\'').match(/[A-Za-z]+(?:'[A-Za-z]+)*|\d+(?:[.,]\d+)*|[=+*/^<>%$€£]/g) ?? []
}

/** FNV-1a, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

const figures = [hashOf('#'), hashOf('##'), hashOf('####')] as const
const bones = { content: hashOf('X'), name: hashOf('N') }

const verbHelpers = new Set('is are was were be been do does did has have had can could will would shall should may might must'.split(' '))
const nounHelpers = new Set('a an the some any this that these those my your his her its their our'.split(' '))

function formToken(word: string): Token {
  const hash = hashOf(word)
  const helps = verbHelpers.has(word) ? 'verb' : nounHelpers.has(word) ? 'noun' : null
  return { hash, is: questionWords.has(word) ? 'question' : 'form', asks: classHash(word) ?? hash, helps }
}

const classHash = (word: string) => wordClasses.has(word) ? hashOf(`=${wordClasses.get(word)}`) : undefined

/** A word that stands for something, in lower case and as a name. */
function contentTokens(word: string): Record<'content' | 'name', Token> {
  const hash = hashOf(word)
  const token = (is: 'content' | 'name'): Token => ({ hash, is, asks: classHash(word) ?? bones[is], helps: null })
  return { content: token('content'), name: token('name') }
}

/** Form words, which are the same in capitals, and words with a class: worked out once. */
const knownTokens = new Map<string, Record<'content' | 'name', Token>>([
  ...[...wordClasses.keys()].map(word => [word, contentTokens(word)] as const),
  ...[...formWords, ...questionWords].map(word => [word, { content: formToken(word), name: formToken(word) }] as const),
])
const figureTokens = figures.map((hash): Token => ({ hash, is: 'figure', asks: figures[0], helps: null }))

function tokenOf(word: string): Token {
  const first = word.charCodeAt(0)
  if (first > 47 && first < 58) return figureTokens[word.length === 1 ? 0 : word.length === 4 ? 2 : 1]!
  const lower = word.toLowerCase()
  const is = lower === word ? 'content' : 'name'
  return knownTokens.get(lower)?.[is] ?? { hash: hashOf(lower), is, asks: bones[is], helps: null }
}

/** Of which kind a feature is; the same words in another kind are another feature. */
const kind = { word: 1, pair: 2, triple: 3, first: 4, firstPair: 5, firstTriple: 6, last: 7, lastPair: 8, length: 9, opening: 10, asked: 11, askedAt: 12, askedLength: 13, start: 14, whole: 15, end: 16, contents: 17, openingContents: 18, figures: 19, sentences: 20, acronym: 21, quoted: 22, capital: 23, head: 24, headOf: 25, headLead: 27, headFirst: 28, lastClass: 29, hasClass: 30, classPair: 31 }

/** So many upper bits tell features apart: of 30,000, one in 140 strange ones is taken for one of them. */
export const hashBits = 22

function mix(of: number, a = 0, b = 0, c = 0): number {
  let hash = Math.imul(of, 0x9e3779b1) ^ a
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ b
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) ^ c
  hash = Math.imul(hash ^ (hash >>> 16), 0x27d4eb2f)
  // With its sign: such numbers are kept in place, those above 2^31 each in a box of their own.
  return hash ^ (hash >>> 15)
}

/**
 * The features of a request as 32-bit hashes, each as often as it is there: its words in ones, twos
 * and threes, how it begins and ends, what is asked with which question word, its skeleton of form
 * words, its shape, and what kind of thing its words ask for.
 */
export function featuresOf(text: string): number[] {
  const tokens = wordsOf(text).map(tokenOf)
  const found: number[] = []
  addWords(tokens, found)
  addClasses(tokens.slice(0, questionLength), found)
  const words = found.length
  addEnds(tokens, found)
  addQuestion(tokens, found)
  addSkeleton(tokens, found)
  addShape(tokens, text, found)
  addHead(tokens, found)
  // Written questions and dictated ones use the same words to different ends.
  if (/[A-Z]/.test(text)) for (let i = found.length - 1; i >= words; i--) found.push(mix(kind.capital, found[i]!))
  return found
}

function addWords(tokens: readonly Token[], found: number[]): void {
  for (let i = 0; i < tokens.length; i++) {
    const [a, b, c] = [tokens[i]!.hash, tokens[i + 1]?.hash, tokens[i + 2]?.hash]
    found.push(mix(kind.word, a))
    if (b !== undefined) found.push(mix(kind.pair, a, b))
    if (b !== undefined && c !== undefined) found.push(mix(kind.triple, a, b, c))
  }
}

function addEnds(tokens: readonly Token[], found: number[]): void {
  const [a, b, c] = tokens
  const [y, z] = tokens.slice(-2)
  if (a) found.push(mix(kind.first, a.hash), mix(kind.last, tokens.at(-1)!.hash))
  if (a && b) found.push(mix(kind.firstPair, a.hash, b.hash), mix(kind.opening, a.hash, b.hash, Math.min(6, tokens.length - 2)), mix(kind.lastPair, y!.hash, z!.hash))
  if (a && b && c) found.push(mix(kind.firstTriple, a.hash, b.hash, c.hash))
}

/** The question word with every other word, near or far. */
function addQuestion(tokens: readonly Token[], found: number[]): void {
  if (tokens.length === 0) return
  const at = tokens.findIndex(({ is }) => is === 'question')
  const asked = tokens[Math.max(0, at)]!.hash
  for (let i = 0; i < tokens.length; i++) if (i !== at) found.push(mix(kind.asked, asked, tokens[i]!.hash))
  for (let ahead = 2; at >= 0 && ahead <= 3; ahead++) {
    const token = tokens[at + ahead]
    if (token) found.push(mix(kind.askedAt, asked, token.hash, ahead))
  }
  found.push(mix(kind.askedLength, asked, Math.min(10, tokens.length)))
}

/** The place from which on it does not hold. */
function after(tokens: readonly Token[], start: number, holds: (token: Token) => boolean): number {
  let at = start
  while (at < tokens.length && holds(tokens[at]!)) at++
  return at
}

const isNoun = ({ is }: Token) => is === 'content' || is === 'name' || is === 'figure'
const helpsVerb = ({ helps }: Token) => helps === 'verb'
const helpsNoun = ({ helps }: Token) => helps === 'noun'
const hasClass = ({ asks }: Token) => asks !== bones.content && asks !== bones.name

/** What is asked for, as the classes of the first words after the question word, its verb and its article, and what follows them. */
function addHead(tokens: readonly Token[], found: number[]): void {
  const at = tokens.findIndex(({ is }) => is === 'question')
  const verb = after(tokens, at + 1, helpsVerb)
  const start = after(tokens, verb, helpsNoun)
  const run = tokens.slice(start, after(tokens, start, isNoun))
  const [asked, article] = [tokens[at]?.hash, start > verb ? tokens[verb]!.hash : 0]
  const lead = mix(kind.headLead, asked, verb > at + 1 ? tokens[at + 1]!.hash : 0)
  const side = mix(kind.headLead, asked, Number(verb > at + 1))
  const [follows, ends] = [tokens[start + run.length]?.hash, tokens.at(-1)?.asks]
  const [last, before, known] = [run.at(-1)?.asks, run.at(-2)?.asks, run.find(hasClass)?.asks]
  found.push(mix(kind.head, lead, last, follows), mix(kind.head, side, last), mix(kind.headOf, mix(kind.headOf, lead, article, follows), before, last))
  found.push(mix(kind.headFirst, side, known, run.length), mix(kind.headFirst, lead, known, ends), mix(kind.lastClass, lead, ends))
}

/** Words of a question; what is longer says what it wants in other ways. */
const questionLength = 24

/** The classes of words beside the question word, and of neighbours. */
function addClasses(tokens: readonly Token[], found: number[]): void {
  const asked = tokens.find(({ is }) => is === 'question')?.hash ?? 0
  for (let i = 0; i < tokens.length; i++) {
    const { asks } = tokens[i]!
    found.push(mix(kind.hasClass, asked, asks))
    if (i > 0) found.push(mix(kind.classPair, tokens[i - 1]!.asks, asks))
  }
}

function addSkeleton(tokens: readonly Token[], found: number[]): void {
  const skeleton = skeletonOf(tokens)
  let start = 0
  for (let i = 0; i < Math.min(skeleton.length, 12); i++) {
    start = mix(kind.start, start, skeleton[i])
    if (i >= 2 && i < 6) found.push(start)
  }
  found.push(mix(kind.whole, start))
  let end = 0
  for (let i = 1; i <= Math.min(4, skeleton.length - 1); i++) {
    end = mix(kind.end, end, skeleton[skeleton.length - i])
    if (i >= 2) found.push(end)
  }
  const contents = Math.min(5, countOf(tokens, 'content') + countOf(tokens, 'name'))
  found.push(mix(kind.contents, contents), mix(kind.openingContents, tokens[0]?.hash ?? 0, tokens[1]?.hash ?? 0, contents))
}

/** The form words, with a run of others as one. */
function skeletonOf(tokens: readonly Token[]): number[] {
  const found: number[] = []
  for (const { is, hash } of tokens) {
    const bone = is === 'figure' ? figures[0] : is === 'content' || is === 'name' ? bones[is] : hash
    if (bone === hash || bone === figures[0] || found.at(-1) !== bone) found.push(bone)
  }
  return found
}

const countOf = (tokens: readonly Token[], what: Token['is']) => tokens.reduce((sum, { is }) => sum + Number(is === what), 0)

function addShape(tokens: readonly Token[], text: string, found: number[]): void {
  const sentences = text.match(/[.!?](?:\s|$)/g)?.length ?? 0
  const asked = tokens.find(({ is }) => is === 'question')?.hash ?? 0
  found.push(mix(kind.length, Math.min(12, Math.round(2 * Math.log2(1 + tokens.length)))))
  found.push(mix(kind.figures, Math.min(4, countOf(tokens, 'figure'))), mix(kind.sentences, Math.min(4, sentences)))
  if (/\b[A-Z]{2,}\b|\b(?:[A-Z]\.){2}/.test(text)) found.push(mix(kind.acronym, 0), mix(kind.acronym, asked, Math.min(6, tokens.length)))
  if (text.includes('"')) found.push(mix(kind.quoted, 0), mix(kind.quoted, asked))
}
