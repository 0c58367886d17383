/** One turn of a conversation, as a person's page may send it: never as `system`, `developer` or `tool`. */
export interface InputMessage {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

/** What a run works on: a text, a text and what to find out from it, or a conversation. */
export type RunInput =
  | { readonly text: string; readonly query?: string }
  | { readonly messages: readonly InputMessage[] }

/** Every text of an input, in order. */
export function inputTexts(input: RunInput): string[] {
  if ('messages' in input) return input.messages.map(message => message.content)
  return input.query === undefined ? [input.text] : [input.text, input.query]
}

/** What the person asks: the query, the last turn, or the text itself. */
export function inputQuestion(input: RunInput): string {
  if ('messages' in input) return input.messages.findLast(message => message.role === 'user')?.content ?? ''
  return input.query ?? input.text
}

/** Roles, separators and the start of the answer cost tokens of their own in every chat template. */
const tokensPerMessage = 16

/**
 * The most tokens an input can be, with no tokeniser at hand: byte-level vocabularies never make
 * more tokens than there are UTF-8 bytes.
 * @param overhead tokens that the server's prompt adds, as the catalog states them
 */
export function inputBound(input: RunInput, overhead: number): number {
  const { texts, bytes } = measured(input)
  return bytes.reduce((sum, each) => sum + each, texts.length * tokensPerMessage + overhead)
}

interface Measured {
  readonly texts: readonly string[]
  /** Of each of them. */
  readonly bytes: readonly number[]
}

/** Inputs that were measured, for as long as they are there: one estimate asks several times, and every hint of a page again. */
const known = new WeakMap<RunInput, Measured>()

/** The one that was measured last: the next is mostly the same text, one keystroke later. */
let latest: Measured | undefined

function measured(input: RunInput): Measured {
  const texts = inputTexts(input)
  const before = known.get(input)
  // Hosts may change an input in place.
  if (before?.texts.length === texts.length && before.texts.every((text, at) => text === texts[at])) return before
  const now = { texts, bytes: texts.map((text, at) => bytesAfter(text, latest?.texts[at], latest?.bytes[at])) }
  known.set(input, now)
  latest = now
  return now
}

/** Where nobody counts tokens, this many bytes of UTF-8 are taken for one: what English comes to. */
const bytesPerToken = 4

/**
 * The longest input of a feature, in the measure of `inputBound`. Bytes are what client and server
 * count alike, so neither refuses what the other allowed.
 */
export const longestInput = (maxInputTokens: number): number => maxInputTokens * bytesPerToken

/** Length in bytes as UTF-8; a lone surrogate counts as the three bytes it is replaced by. */
export function utf8Length(text: string): number {
  // Most texts need no more, and every hint on a page asks at each keystroke.
  return /[^\u0000-\u007f]/.test(text) ? bytesOf(text, 0, text.length) : text.length
}

/** Of a part, where each character counts by itself and by the one before it: so parts add up to the whole. */
function bytesOf(text: string, start: number, end: number): number {
  let bytes = end - start
  for (let i = start; i < end && i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes++
    // The second half of a pair is the fourth byte of its first.
    if (unit < 0x800) continue
    bytes += isSecondHalf(text, i) ? -1 : 1
  }
  return bytes
}

const isSecondHalf = (text: string, at: number) =>
  (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800

/** Characters that two texts are compared by: quicker than to count them. */
const step = 1_024

/** `utf8Length` of a text that may have much in common with one that was measured: only what lies between is counted. */
function bytesAfter(text: string, other = '', known = 0): number {
  const isSame = (at: number, from: number) => text.slice(at, at + step) === other.slice(from, from + step)
  let [start, end, last] = [0, text.length, other.length]
  const room = () => Math.min(end, last) - start >= step
  while (room() && isSame(start, start)) start += step
  while (room() && isSame(end - step, last - step)) [end, last] = [end - step, last - step]
  if (end - start === text.length) return utf8Length(text)
  // What both end in may begin with the second half of a pair, of which one text has the first.
  return known - bytesOf(other, start, last + 1) + bytesOf(text, start, end + 1)
}
