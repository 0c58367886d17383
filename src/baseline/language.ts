import { requireText } from './options.ts'
import { blocksOf, isProse } from './text/blocks.ts'

/** A language by its ISO 639-1 code (which is its BCP 47 tag), or `und`. */
export interface Language {
  language: string
  /** False where the text is short, mixed or close to another language. */
  reliable: boolean
}

const undetermined: Language = { language: 'und', reliable: false }

/**
 * The language a text is written in, out of the 60 that eld knows; `und` where there are no letters.
 * Reads up to three samples of the prose, since beginnings are often names and dates.
 *
 * The n-gram table (0.28 MB compressed) loads at the first call, so that importing this costs nothing.
 *
 * @throws TypeError for a text that is no string.
 */
export async function language(text: string): Promise<Language> {
  const samples = samplesOf(requireText('text', text))
  if (samples.length === 0) return undetermined
  const written = byScript(samples.join(''))
  if (written) return { language: written, reliable: true }
  const { eld } = await import('eld/extrasmall')
  const results = samples.map(sample => eld.detect(sample)).filter(result => result.language !== '')
  const votes = new Map<string, number>()
  for (const result of results) add(votes, result.language, Math.max(...Object.values(result.getScores())))
  const [best] = [...votes].sort((a, b) => b[1] - a[1])
  if (!best) return undetermined
  const agreeing = results.filter(result => result.language === best[0] && result.isReliable())
  return { language: best[0], reliable: agreeing.length * 2 > samples.length && letters(samples.join('')) >= fewestLetters }
}

/** Two words may be of several languages, whatever a detector's own confidence. */
const fewestLetters = 20

const letters = (text: string) => text.match(/\p{L}/gu)?.length ?? 0

// Where a script is one language's, or nearly, it tells more than n-grams of a short text do.
const scripts: Array<[string, RegExp]> = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['he', /\p{Script=Hebrew}/gu],
]

/** The language that a script gives away; kana decide for Japanese also among many ideographs. */
function byScript(text: string): string | undefined {
  const all = letters(text)
  const enough = (language: string) => all * (language === 'ja' ? 0.1 : 0.6)
  return scripts.find(([language, script]) => (text.match(script)?.length ?? 0) >= enough(language))?.[0]
}

/** UTF-16 units; eld itself reads no more than 350 bytes of each. */
const sampleLength = 350

function samplesOf(text: string): string[] {
  const head = text.slice(0, 100_000)
  const prose = blocksOf(head).filter(isProse).map(block => head.slice(block.start, block.end)).join('\n')
  const read = (/\p{L}/u.test(prose) ? prose : head).replace(/https?:\S+|`[^`\n]*`/g, ' ')
  const places = read.length < 3 * sampleLength ? [0] : [0, read.length / 2, read.length - sampleLength].map(Math.floor)
  return places.map(place => read.slice(place, place + sampleLength)).filter(sample => /\p{L}/u.test(sample))
}

const add = (votes: Map<string, number>, key: string, value: number) => votes.set(key, (votes.get(key) ?? 0) + value)
