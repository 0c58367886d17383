/** A half-open range of UTF-16 offsets: `text.slice(start, end)` is the quotation. */
export interface Span {
  start: number
  end: number
}

const blank = /\s/

/** The span without white space at its ends; `start === end` when nothing is left. */
export function trim(text: string, { start, end }: Span): Span {
  while (start < end && blank.test(text.charAt(start))) start++
  while (end > start && blank.test(text.charAt(end - 1))) end--
  return { start, end }
}

/** Moves an offset off the middle of a surrogate pair, so that a cut never leaves half a character. */
export function wholeCharacter(text: string, offset: number): number {
  const unit = text.charCodeAt(offset)
  const before = text.charCodeAt(offset - 1)
  const inside = unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff
  return inside ? offset + 1 : offset
}
