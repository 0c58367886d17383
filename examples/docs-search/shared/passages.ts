/** A passage as an answer is written from it: its number on the page, its title and its text. */
export interface NumberedPassage {
  readonly n: number
  readonly title: string
  /** What it was taken from, a package or a document, where its title does not say so. */
  readonly source?: string
  readonly passage: string
}

/** Between what a passage was taken from and its own title. */
const step = ' › '

/** "[1] source › title\npassage", one after the other. A line of a passage that looks like a heading of ours is indented. */
export function numberPassages(passages: readonly NumberedPassage[]): string {
  return passages.map(({ n, source, title, passage }) => `[${n}] ${[source ?? [], title].flat().join(step).replaceAll(/\s+/g, ' ').trim()}\n${passage.trim().replaceAll(/^(?=\[\d+\] )/gm, ' ')}`).join('\n\n')
}

/** The passages of such a text. Text before the first number belongs to none. */
export function readPassages(text: string): NumberedPassage[] {
  const starts = [...text.matchAll(/^\[(\d{1,3})\] (.*)$/gm)]
  return starts.map((start, i) => ({
    n: Number(start[1]),
    title: start[2]!.trim(),
    passage: text.slice(start.index + start[0].length, starts[i + 1]?.index).trim(),
  }))
}

/** The two parts of a title as `numberPassages` writes it. One without a source is both. */
export function readTitle(title: string): { source: string; heading: string } {
  const [source = '', ...heading] = title.split(step)
  return { source, heading: heading.length > 0 ? heading.join(step) : source }
}

/** A stretch of an answer, or the number of the result that it cites. */
export type AnswerPiece = { readonly text: string } | { readonly cites: number }

/**
 * Divides an answer at its citations: "[1]", "[1, 2]", "[1][2]". Numbers that name no result stay
 * text, for "[0]" may be code. An unfinished one at the end of a text that still grows waits.
 */
export function readCitations(text: string, known: (n: number) => boolean, growing = false): AnswerPiece[] {
  const whole = growing ? text.replace(/\s*\[[\d, ]*$/, '') : text
  const pieces: AnswerPiece[] = []
  let read = 0
  for (const match of whole.matchAll(/\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g)) {
    const numbers = match[1]!.split(',').map(Number)
    if (!numbers.every(known)) continue
    if (match.index > read) pieces.push({ text: whole.slice(read, match.index) })
    pieces.push(...numbers.map(cites => ({ cites })))
    read = match.index + match[0].length
  }
  return read < whole.length ? [...pieces, { text: whole.slice(read) }] : pieces
}

/** A sentence of a result, as the extractive model gives it. */
export interface CitedQuote {
  readonly text: string
  readonly cites: number
}

/** One quotation to a paragraph, each with its number. */
export const writeQuotes = (quotes: readonly CitedQuote[]): string =>
  quotes.map(({ text, cites }) => `${text.replaceAll(/\s+/g, ' ').trim()} [${cites}]`).join('\n\n')

export function readQuotes(text: string): CitedQuote[] {
  return text.split('\n\n').flatMap(paragraph => {
    const match = /^([^]*) \[(\d{1,3})\]$/.exec(paragraph.trim())
    return match ? [{ text: match[1]!, cites: Number(match[2]) }] : []
  })
}
