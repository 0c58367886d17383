import { utf8Length } from '../core/index.ts'
import { formWords } from '../routing/form-words.ts'

// What a text is surely not more tokens than, where the server that read it, or wrote it, does not say: a budget
// must not believe less than was used. What is likely is no such figure. It is right for prose, and of random letters,
// base64 or Amharic it is a third or a tenth; and who stops every run chooses the text. Its length in bytes is one
// too, but four times what English comes to.

/** Bytes of UTF-8 that make a token at the least. */
interface Kind {
  readonly sign: RegExp
  readonly bytesPerToken: number
}

// Of random characters of a kind, which is the hardest text there is, by o200k_base and cl100k_base, whichever makes more
// of it, less a little: test/unit/server/most-tokens.test.ts holds it. Other letters count a token for each byte.
const scripts: readonly Kind[] = [
  { sign: /[\u00c0-\u017f]/, bytesPerToken: 1.2 },
  { sign: /[\u0391-\u03c9]/, bytesPerToken: 1.25 },
  { sign: /[\u0410-\u044f]/, bytesPerToken: 1.55 },
  { sign: /[\u05d0-\u05ea]/, bytesPerToken: 1.3 },
  { sign: /[\u0620-\u064a]/, bytesPerToken: 1.5 },
  { sign: /[\u0904-\u094f]/, bytesPerToken: 1.55 },
  { sign: /[\u0e01-\u0e4e]/, bytesPerToken: 1.7 },
  { sign: /[\u3041-\u3096\u30a1-\u30fa]/, bytesPerToken: 1.8 },
  { sign: /[\u4e00-\u9fa0]/, bytesPerToken: 1.15 },
  { sign: /[\uac00-\ud7a3]/, bytesPerToken: 1.1 },
]

/** A word with the space before it, which vocabularies keep together; a mix of letters and figures; white space of one kind; a mark; all else. */
const pieces = / ?[A-Za-z]+(?![A-Za-z0-9])|[A-Za-z0-9]+| +|\n+|\t+|[\x21-\x7e]|[^\x20-\x7e\t\n]+/g

/** Tokens that a text is at most, by what the vocabularies of today make of texts of its kind; never more than its bytes. */
export function mostTokens(text: string): number {
  let tokens = 0
  for (const [piece] of text.matchAll(pieces)) tokens += tokensOf(piece)
  return Math.min(utf8Length(text), Math.ceil(tokens))
}

function tokensOf(piece: string): number {
  const code = piece.charCodeAt(0)
  if (piece.length > 1 && isWhite(code) && isWhite(piece.charCodeAt(1))) return 1 + piece.length / 4
  const word = code === space ? piece.slice(1) : piece
  if (word === '') return 1
  if (/^[A-Za-z]/.test(word) && !/\d/.test(word)) return code === space && formWords.has(word) ? 1 : tokensOfWord(word)
  if (/^\d+$/.test(word)) return word.length // Some vocabularies have nothing longer than a figure.
  if (/^[A-Za-z0-9]/.test(word)) return word.length / 1.2
  return code > 0x20 && code < 0x7f ? 0.9 : tokensOfOthers(word)
}

const space = 0x20
const isWhite = (code: number) => code === space || code === 0x09 || code === 0x0a

/** Of letters of which nothing is known. */
function tokensOfWord(word: string): number {
  if (/^[A-Z]?[a-z]*$/.test(word)) return word.length <= 4 ? Math.max(1, lettersOf(word, 1.5)) : lettersOf(word, 1.68)
  return /^[A-Z]+$/.test(word) ? Math.max(1, word.length / (word.length <= 4 ? 1.4 : 1.55)) : word.length / 1.15
}

/** A capital is often a token by itself. */
const lettersOf = (word: string, perToken: number) => /^[A-Z]/.test(word) ? 1 + (word.length - 1) / perToken : word.length / perToken

function tokensOfOthers(text: string): number {
  let tokens = 0
  for (const character of text) tokens += utf8Length(character) / (scripts.find(({ sign }) => sign.test(character))?.bytesPerToken ?? 1)
  return tokens
}
