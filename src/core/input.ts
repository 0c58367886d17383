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
  return bytes + texts.length * tokensPerMessage + overhead
}

interface Measured {
  readonly texts: readonly string[]
  readonly bytes: number
}

/** Inputs that were measured, for as long as they are there: one estimate asks several times, and every hint of a page again. */
const known = new WeakMap<RunInput, Measured>()

function measured(input: RunInput): Measured {
  const texts = inputTexts(input)
  const before = known.get(input)
  // Hosts may change an input in place.
  if (before?.texts.length === texts.length && before.texts.every((text, at) => text === texts[at])) return before
  const now = { texts, bytes: texts.reduce((sum, text) => sum + utf8Length(text), 0) }
  known.set(input, now)
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
  if (!/[^\u0000-\u007f]/.test(text)) return text.length
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes++
    if (unit < 0x800) continue
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++ // four bytes for two units
    bytes++
  }
  return bytes
}
