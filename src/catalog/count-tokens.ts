import { estimateTokenCount } from 'tokenx'

/**
 * Tokens that a text is estimated to be: what `tokenx` says, to the token. It is asked at each keystroke,
 * by every hint on a page and for every level, and its patterns were most of the time of an estimate; so
 * ASCII is counted here by its rules in one pass over the characters, and of what is not it is asked word
 * by word, once about each.
 */
export function countTokens(text: string): number {
  let count = 0
  let before: Kind = other
  for (let start = 0; start < text.length;) {
    const kind = kindOf(text.charCodeAt(start))
    // Other white space is one segment with what stands around it.
    if (kind === foreign && text[start]!.trim() === '') return estimateTokenCount(text)
    let end = after(text, start, each => each === kind)
    if (isForeign(kind, text, end)) {
      // A word that goes on in another script is one segment, and it tells whether a line's end behind it counts.
      const last = after(text, end, each => each >= other)
      end = after(text, last, each => each === space)
      count += tokensOfWord(text.slice(start, last), text.slice(last, end))
    } else count += tokensOf(text, start, end, kind, before)
    before = kind
    start = end
  }
  return count
}

/** Where the characters of such kinds end that begin there. */
function after(text: string, start: number, isOne: (kind: Kind) => boolean): number {
  let end = start
  while (end < text.length && isOne(kindOf(text.charCodeAt(end)))) end++
  return end
}

const isForeign = (kind: Kind, text: string, end: number) =>
  kind === foreign || (kind === other && end < text.length && kindOf(text.charCodeAt(end)) === foreign)

/** Words that tokenx was asked about: those of a text at one keystroke are nearly all of those at the next. */
const asked = /* @__PURE__ */ new Map<string, number>()
const mostAsked = 2_000

function tokensOfWord(word: string, behind: string): number {
  // From Armenian to Georgian it knows nothing but the length.
  if (!behind.includes('\n') && !/[^\0-\x7f\u0530-\u10ff]/.test(word)) return word.length <= 3 ? 1 : Math.ceil(word.length / 7)
  const segment = word + behind
  const known = asked.get(segment)
  if (known !== undefined) return known
  if (asked.size >= mostAsked) asked.clear()
  const tokens = estimateTokenCount(segment)
  asked.set(segment, tokens)
  return tokens
}

const [space, mark, other, foreign] = [0, 1, 2, 3] as const
type Kind = typeof space | typeof mark | typeof other | typeof foreign

// White space as `\s` has it, and the marks that tokenx takes for punctuation; the others make words.
const kinds = new Uint8Array(0x80).fill(other)
for (const character of ' \t\n\v\f\r') kinds[character.charCodeAt(0)] = space
for (const character of '.,!?;(){}[]<>:/\\|@#$%^&*+=`~_"-') kinds[character.charCodeAt(0)] = mark

const kindOf = (unit: number): Kind => unit < 0x80 ? kinds[unit] as Kind : foreign

/** Of a segment: characters of one kind in a row. */
function tokensOf(text: string, start: number, end: number, kind: Kind, before: Kind): number {
  const length = end - start
  if (kind === space) return tokensOfSpace(text, start, end, before)
  if (length <= 3) return 1
  if (kind === mark) return Math.ceil(length / 6)
  if (areAll(text, start, end, 0x30, 0x39)) return Math.ceil(length / 3)
  return length <= 8 && areAll(text, start, end, 0x61, 0x7a) ? 1 : Math.ceil(length / 7)
}

/** White space counts where it is structure: a blank line or an indentation, or a line's end that no punctuation says already. */
function tokensOfSpace(text: string, start: number, end: number, before: Kind): number {
  let at = start
  while (at < end && text.charCodeAt(at) !== lineEnd) at++
  if (at === end) return 0
  return at + 1 < end || before !== mark ? 1 : 0
}

const lineEnd = 0x0a

function areAll(text: string, start: number, end: number, from: number, to: number): boolean {
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at)
    if (unit < from || unit > to) return false
  }
  return true
}
