import { rangeOf } from '../core/index.ts'
import type { Range } from '../core/index.ts'

/** Letters of one kind, from the code unit `from` on, and tokens for each that the counter estimates. */
type Script = readonly [from: number, error: Range]

// Measured by `npm run bench -- tokens` on texts of 400 to 800 characters: the ends are the 10th and
// the 90th percentile over o200k_base and cl100k_base together, with a little more for what a sample
// misses; the middle lies a quarter of the way from the newer one's median to the older one's, and at
// the newer one's itself where the older has more than twice as many: what lies between is right for
// neither, and was further off than no correction. Vocabularies were made for English first, so that
// other scripts differ more by the model than by the text; a feature's own runs narrow that down.
// Of ASCII it is the text that differs: this is prose, and `asciiError` tells the rest.
const ascii = rangeOf(0.815, 0.875, 0.955)
const latin = rangeOf(0.94, 1.11, 1.52)
const greek = rangeOf(0.89, 1, 2.65)
const cyrillic = rangeOf(1.01, 1.22, 2.07)
const hebrew = rangeOf(1.58, 1.75, 4.37)
const arabic = rangeOf(1.52, 2, 3.33)
// Its messages and names are not prose, which comes to less.
const devanagari = rangeOf(1.36, 1.9, 4.1)
const indic = rangeOf(1.84, 2.15, 6.7)
const thai = rangeOf(2.04, 2.6, 4.22)
const rare = rangeOf(1.84, 2.65, 7.73)
const eastAsian = rangeOf(0.81, 0.96, 1.48)
const symbols = rangeOf(0.97, 1.7, 4.12)

/** In the order of Unicode, each up to the next. */
const scripts: readonly Script[] = [
  [0, ascii], [0x80, latin], [0x370, greek], [0x400, cyrillic],
  [0x530, rare], [0x590, hebrew], [0x600, arabic], [0x700, rare],
  [0x750, arabic], [0x780, rare], [0x8a0, arabic], [0x900, devanagari], [0x980, indic],
  [0xe00, thai], [0xf00, rare], [0x1100, eastAsian], [0x1200, rare],
  [0x1e00, latin], [0x1f00, greek], [0x2000, symbols], [0x2e80, eastAsian],
  [0xa000, rare], [0xac00, eastAsian], [0xd800, symbols], [0xf900, eastAsian],
  [0xfb00, arabic], [0xfe30, eastAsian],
]

/** Blocks that belong to no script: punctuation, arrows, boxes, which English text has as well. */
const isCommon = (unit: number) => (unit >= 0x2000 && unit < 0x2190) || unit === 0xa0 || unit === 0xb7

const isLetter = (unit: number) => (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a)

const hasMore = (text: string) => /[^\u0000-\u007f]/.test(text)

/** One letter in so many makes a text one that is written with accents; a single one is a borrowed word. */
const accents = 250

/**
 * What an estimate is multiplied by to be what a tokeniser is likely to count: the middle corrects
 * it, the ends are its error. Of several scripts each counts by its letters.
 * @param density tokens that are estimated for each of the text's code units
 */
export function countError(texts: readonly string[], density: number): Range {
  const letters = texts.some(hasMore) ? lettersBy(texts) : new Map<Range, number>()
  const accented = letters.get(latin) ?? 0
  const plain = (letters.get(ascii) ?? 0) + accented
  letters.delete(latin)
  letters.delete(ascii)
  if (plain > 0 || letters.size === 0) letters.set(accented > 1 && accented * accents > plain ? latin : asciiError(texts, density), Math.max(plain, 1))
  return average(letters)
}

function lettersBy(texts: readonly string[]): Map<Range, number> {
  const letters = new Map<Range, number>()
  let at = 0
  let row = 0
  const add = () => letters.set(scripts[at]![1], (letters.get(scripts[at]![1]) ?? 0) + row)
  for (const text of texts) for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80 ? !isLetter(unit) : isCommon(unit)) continue
    const next = scriptAt(unit, at)
    if (next !== at) {
      add()
      row = 0
    }
    at = next
    row++
  }
  add()
  return letters
}

/** Most letters are of the script of the one before. */
function scriptAt(unit: number, guess: number): number {
  let at = guess
  while (unit < scripts[at]![0]) at--
  while (at + 1 < scripts.length && unit >= scripts[at + 1]![0]) at++
  return at
}

/**
 * Of ASCII, by what is in it beside words, as tokenisers part it and the estimate does not. Where letters and
 * digits change within a word (base64, hashes, ids) another token begins; so it does at every eighth capital
 * of a row, or every third where no spaces part them (source maps), and every twelfth digit. Marks are what
 * code has more of than prose. Of a hundred characters, three changes and capitals are in any code (`someName`).
 */
function asciiError(texts: readonly string[], density: number): Range {
  const sample = texts.join('\n')
  const share = (pattern: RegExp, usual = 0) => Math.max(0, (sample.match(pattern)?.length ?? 0) / sample.length - usual || 0)
  const marks = share(/([!-/:-@[-`{-~])(?!\1)/g)
  const [changes, capitals, digits] = [share(/[a-z](?=[A-Z\d])|[A-Z](?=\d)|\d(?=[A-Za-z])/g, 0.03), share(/[A-Z](?=[A-Z])/g, 0.03), share(/\d/g)].map(each => each / (density || 1)) as [number, number, number]
  const [least, likely, most] = capitals > 0 && share(/\s/g) < 0.05 ? [0.15, 0.35, 0.5] as const : [0, 0.06, 0.17] as const
  return rangeOf(
    ascii.low + 0.1 * marks + 0.85 * changes + least * capitals + 0.04 * digits,
    ascii.mid + 0.5 * marks + 1.03 * changes + likely * capitals + 0.08 * digits,
    ascii.high + 0.75 * marks + 1.3 * changes + most * capitals + 0.11 * digits,
  )
}

function average(letters: ReadonlyMap<Range, number>): Range {
  const each = [...letters]
  const total = each.reduce((sum, [, count]) => sum + count, 0)
  const mean = (end: keyof Range) => each.reduce((sum, [error, count]) => sum + error[end] * count / total, 0)
  return rangeOf(mean('low'), mean('mid'), mean('high'))
}
