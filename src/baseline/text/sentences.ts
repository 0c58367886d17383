import { blocksOf, isProse } from './blocks.ts'
import type { Block } from './blocks.ts'
import { trim, wholeCharacter } from './span.ts'
import type { Span } from './span.ts'

/** A sentence and where it stands: the block it is in and whether it opens that block. */
export interface Sentence extends Span {
  text: string
  block: number
  opens: boolean
}

// The rules for a sentence end do not depend on the language, only on the script: one segmenter serves all.
const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

/** A sentence without an end is cut here (UTF-16 units), so that a wall of text still has candidates. */
const longest = 700
const longestUnmarked = 220
const unmarkedScript = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u0f00-\u0fff]/

const never = /(?:^|[\s(\["'“‘])(?:mr|mrs|ms|dr|drs|prof|st|mt|gen|gov|sen|rep|lt|col|sgt|capt|rev|hon|fig|figs|eq|eqs|sec|secs|tab|ch|vol|pp|ed|eds|vs|e\.g|i\.e|eg|ie|cf|ca|viz|resp|approx|dept|est|bzw|z\.b|d\.h|u\.a|sr|sra|mme|mlle|p\.ej|art)\.$/i
const maybe = /(?:^|[\s(\["'“‘])(?:\p{L}|(?:\p{L}\.)+\p{L}|et al|al|etc|inc|ltd|co|corp|jr|sr|phd|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|no|nos|w\.r\.t|a\.k\.a)\.$/iu
const numbered = /^\(?(?:\d{1,3}|[ivx]{1,4}|\p{Lu})[.)]$/u
const starter = /^["'“‘(]*(?:the|an?|this|that|these|those|it|its|he|she|they|we|you|i|in|on|at|for|but|and|or|if|when|while|after|before|however|there|his|her|their|our|as|to|with|by|from|since|although|under|while|so|then|what|how|why|who)\b/i
const lower = /^["'“‘(]*\p{Ll}/u
const opening = /[“‘«「『（《【]/
const terminal = /[\p{Sentence_Terminal}\u2024]/u
const hasWord = /[\p{L}\p{N}]/u

/**
 * The sentences of the prose blocks of a text, in order. Every `text` is `source.slice(start, end)`.
 *
 * `Intl.Segmenter` (UAX 29) finds the ends; abbreviations, initials, numbering and soft line breaks,
 * which its rules take for ends, are repaired.
 */
export function sentencesOf(source: string, blocks: Block[] = blocksOf(source), accept: (block: Block) => boolean = isProse): Sentence[] {
  const sentences: Sentence[] = []
  blocks.forEach((block, index) => {
    if (!accept(block)) return
    let opens = true
    for (const span of spansOf(source, block)) {
      sentences.push({ ...span, text: source.slice(span.start, span.end), block: index, opens })
      opens = false
    }
  })
  return sentences
}

function spansOf(source: string, block: Block): Span[] {
  const pieces = piecesOf(source, block)
  const spans = isProse(block) || block.kind === 'heading'
    ? pieces.flatMap(piece => repaired(source, withClosingMarks(source, withOpeningMarks(source, segmented(source, piece)))))
    : pieces
  return spans
    .flatMap(span => shortened(source, span))
    .map(span => trim(source, withoutQuoteMark(source, trim(source, span))))
    .filter(span => span.end > span.start)
}

const quoteMarks = /^(?:>\s+|\[!\w{1,20}\]\s*)+/

/** A later line of a Markdown quotation has its mark in front of what may be a sentence; so may an alert its kind. */
function withoutQuoteMark(source: string, { start, end }: Span): Span {
  const marks = quoteMarks.exec(source.slice(start, Math.min(end, start + 60)))?.[0]
  return { start: start + (marks?.length ?? 0), end }
}

/** Lines that were broken to fit a width are one piece; lines that end where the writer ended them are several. */
function piecesOf(source: string, { start, end, kind }: Block): Span[] {
  const pieces: Span[] = []
  const wide = isWide(source, start, end)
  let from = start
  for (let at = source.indexOf('\n', start); at >= 0 && at < end; at = source.indexOf('\n', at + 1)) {
    const literal = kind === 'code' || kind === 'table' || kind === 'markup'
    if (!literal && isSoftBreak(source, Math.max(from, source.lastIndexOf('\n', at - 1) + 1), at, end, wide)) continue
    pieces.push({ start: from, end: at })
    from = at + 1
  }
  pieces.push({ start: from, end })
  return pieces
}

/** Columns at which a writer's lines are broken to fit, and not because they are lines. */
const width = 65

/** Whether a line but the last is as long as broken ones are. */
function isWide(source: string, start: number, end: number): boolean {
  for (let from = start, at = source.indexOf('\n', start); at >= 0 && at < end; from = at + 1, at = source.indexOf('\n', from)) {
    if (at - from >= width) return true
  }
  return false
}

/** Markdown's own hard break, a backslash or two spaces, is one whatever stands around it. */
function isSoftBreak(source: string, lineStart: number, at: number, end: number, wide: boolean): boolean {
  const line = source.slice(Math.max(lineStart, at - 60), at).replace(/\r$/, '')
  if (/\\$| {2}$/.test(line)) return false
  const next = source.slice(at + 1, Math.min(at + 40, end)).replace(/^(?:\s|>)+/, '')
  return at - lineStart >= 45 || lower.test(next) || wide && !ended.test(line)
}

const ended = /[.!?…。！？؟।॥:;：；]["'”’»)\]*_`]*\s*$/

/** The segmenter takes every line break for an end, so soft ones are shown to it as spaces: offsets stay. */
function segmented(source: string, { start, end }: Span): Span[] {
  if (isOne(source.slice(start, end))) return [{ start, end }]
  const flat = capitalised(source.slice(start, end).replace(/[\r\n\u2028\u2029\u0085]/g, ' '))
  return [...segmenter.segment(flat)].map(({ index, segment }) =>
    ({ start: start + index, end: start + index + segment.length }))
}

/** True where no word follows a mark that ends sentences: calling the segmenter costs more than looking. */
function isOne(text: string): boolean {
  const mark = text.search(terminal)
  return mark < 0 || !hasWord.test(text.slice(mark))
}

/** Before a small letter the segmenter sees no end; of a text in small letters throughout it is shown capitals. */
function capitalised(text: string): string {
  if (/\p{Lu}/u.test(text)) return text
  const capitals = text.toUpperCase()
  return capitals.length === text.length ? capitals : text
}

/** Marks that close emphasis or code stand after the full stop, where the segmenter takes them for the next sentence's. */
function withClosingMarks(source: string, spans: Span[]): Span[] {
  spans.forEach((span, i) => {
    const next = spans[i + 1]
    const marks = next && /^(?:\*{1,3}|_{1,3}|~~|`)(?=\s|$)/.exec(source.slice(next.start, Math.min(next.end, next.start + 4)))?.[0]
    if (!next || !marks || /\s/.test(source.charAt(span.end - 1))) return
    span.end += marks.length
    next.start += marks.length
  })
  return spans.filter(span => span.end > span.start)
}

/** In scripts without spaces the segmenter leaves the next sentence's opening quotation mark behind. */
function withOpeningMarks(source: string, spans: Span[]): Span[] {
  spans.forEach((span, i) => {
    const next = spans[i + 1]
    while (next && span.end - 1 > span.start && opening.test(source.charAt(span.end - 1))) next.start = --span.end
  })
  return spans
}

function repaired(source: string, spans: Span[]): Span[] {
  const out: Span[] = []
  for (const span of spans) {
    const last = out.at(-1)
    if (last && belongs(source, last, span)) last.end = span.end
    else out.push({ ...span })
  }
  return out
}

function belongs(source: string, last: Span, next: Span): boolean {
  if (isInside(source, last, next)) return true
  const tail = source.slice(Math.max(last.start, last.end - 24), last.end).trimEnd()
  const head = source.slice(next.start, Math.min(next.end, next.start + 24))
  if (!hasWord.test(source.slice(next.start, next.end)) || never.test(tail) || tail.endsWith('[!')) return true
  if (/[!?]["”'’)]*$/.test(tail) && lower.test(head)) return true
  if (last.end - last.start < 8 && numbered.test(tail)) return true
  return maybe.test(tail) && !starter.test(head)
}

/** UTF-16 units in which a link, a piece of code or a bold label must close for it to be one. */
const longestMark = 400
const link = /\[[^[\]]{0,300}\]\([^()\s]{0,2000}(?:\s"[^"\n]{0,200}")?\)/g
const label = /^(\*\*|__)[^*_\n]{1,40}[.:!?]\1\s*$/

/** An end within a link's text or address or within code is none, nor is that of a label such as "**Safe.**" before what it says. */
function isInside(source: string, last: Span, next: Span): boolean {
  const from = Math.max(last.start, last.end - longestMark)
  const before = source.slice(from, last.end).trimEnd()
  if (!/[[`*_]/.test(before)) return false
  const after = source.slice(next.start, Math.min(next.end, next.start + longestMark))
  if (label.test(source.slice(last.start, Math.min(last.end, last.start + 60)))) return true
  const at = before.length
  const joined = before + source.slice(from + at, next.start) + after
  const spans = [...joined.matchAll(link), ...joined.matchAll(/`[^`\n]+`/g)]
  return spans.some(({ 0: mark, index }) => index < at && index + mark.length > next.start - from)
}

function shortened(source: string, span: Span): Span[] {
  const limit = unmarkedScript.test(source.slice(span.start, Math.min(span.end, span.start + 200))) ? longestUnmarked : longest
  const out: Span[] = []
  let from = span.start
  while (span.end - from > limit) {
    const cut = wholeCharacter(source, from + breakIn(source.slice(from, from + limit)))
    out.push({ start: from, end: cut })
    from = cut
  }
  out.push({ start: from, end: span.end })
  return out
}

/** Where to cut a sentence that is too long: after a clause, else between words, else anywhere. */
function breakIn(text: string): number {
  const clause = Math.max(...[';', '；', '،', '、', '，', ' – ', ' — ', '\n'].map(mark => text.lastIndexOf(mark)))
  if (clause > text.length / 3) return clause + 1
  const space = text.search(/\s\S*$/)
  return space > text.length / 3 ? space + 1 : text.length
}
