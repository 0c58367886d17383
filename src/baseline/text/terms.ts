import { stem } from './stem.ts'

const ascii = /^[\x00-\x7f]*$/
const accents = /[\u0300-\u036f]/g
const arabicMarks = /[\u0640\u064b-\u0652\u0670]/g

/**
 * What a word is compared by: compatibility forms unified (NFKC), lower case, accents of Latin, Greek and
 * Cyrillic letters and Arabic vowel signs removed. Vowel signs of Indic scripts stay, they are letters.
 */
export function normalized(word: string): string {
  if (ascii.test(word)) return word.toLowerCase()
  return word.normalize('NFKD').replace(accents, '').replace(arabicMarks, '').normalize('NFKC').toLowerCase()
}

/** The term of a word: normalised and stemmed. */
export const termOf = (word: string) => stem(normalized(word.replace(/['’‘](?:s|t|re|ve|ll|d|m)?$/i, '')))

/** Numbers terms from 0 and remembers which words mean them; a stop word is -1. */
export interface Vocabulary {
  idOf(word: string): number
  readonly size: number
}

/** A vocabulary for one text; each distinct word is normalised and stemmed once. */
export function createVocabulary(stops: ReadonlySet<string>): Vocabulary {
  const words = new Map<string, number>()
  const terms = new Map<string, number>()
  const read = (word: string) => {
    const lower = word.toLowerCase()
    if (stops.has(lower) || stops.has(normalized(lower))) return -1
    const term = termOf(word)
    const known = terms.get(term)
    if (known !== undefined) return known
    terms.set(term, terms.size)
    return terms.size - 1
  }
  return {
    idOf(word) {
      let id = words.get(word)
      if (id === undefined) words.set(word, id = read(word))
      return id
    },
    get size() { return terms.size },
  }
}
