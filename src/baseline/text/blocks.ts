import type { Span } from './span.ts'

/** What a run of lines is. Prose (paragraphs and items) may be quoted; markup is what a reader never sees. */
export type BlockKind = 'heading' | 'paragraph' | 'item' | 'code' | 'table' | 'markup'

/** A run of lines of one kind; offsets are into the text, `level` is a heading's depth (1 to 6). */
export interface Block extends Span {
  kind: BlockKind
  level?: number
}

interface Line extends Span {
  body: string
}

// None of these may take more than linear time on a line of a megabyte: no two unbounded repeats of the
// same characters stand side by side.

const fence = /^ {0,3}(`{3,}|~{3,})/
const heading = /^ {0,3}(#{1,6})\s+/
const closingMarks = /(^|\s)#+$/
const underline = /^ {0,3}(=+|-{3,})\s*$/
const rule = /^ {0,3}([-*_=])(\s*\1){2,}\s*$/
const item = /^\s*(?:[-*+•‣·–]|\(?\d{1,3}[.)]|\(?[a-z]\))\s+/
const quote = /^ {0,3}>\s?/
const tableRule = /^(?=.*--)[\s|:-]+$/
const markup = /^\s*(?:<[!/a-zA-Z][^]*>\s*$|\[[^\]]+\]:\s+\S|(?:import|export)\s.*\sfrom\s+['"])/
const images = /^\s*(?:\[?!\[[^\]]*\]\([^)\s]*\)\]?(?:\([^)\s]*\))?\s*)+$/
const alert = /^[\s>]*\[!\w{1,20}\]\s*$/
const comment = /<!--.{0,200}?-->/g
const indentedCode = /^(?: {4}|\t).*([{};]|\)|=>)\s*$/
// A line that is all bold, no sentence: what some write for a heading below their marked ones.
const bold = /^\s*(\*\*|__)(?!\s)[^*_\n]{1,80}[^*_\s.!?…。]\1:?\s*$/
const closed = /[.!?…。！？؟।॥։።۔:;,；：、，]["'”’»)\]*_`]*$/
// Scripts that do not end sentences with a mark: a short line there is no sign of a heading.
const unmarked = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u0f00-\u0fff]/

/**
 * The blocks of plain text or Markdown, in order: front matter, fenced and indented code, tables,
 * HTML and link definitions are kept apart from what a person wrote to be read. Where headings are `marked`, by
 * default where one is, a plain line is none.
 */
export function blocksOf(text: string, marked = /^ {0,3}#{1,6}\s/m.test(text)): Block[] {
  const lines = linesOf(text)
  const blocks: Block[] = []
  let at = frontMatter(lines)
  if (at > 0) blocks.push(join('markup', lines, 0, at))
  while (at < lines.length) {
    const next = readBlock(lines, at, marked)
    if (next.block) blocks.push(next.block)
    at = next.at
  }
  return blocks
}

/** True for blocks whose sentences may be quoted. */
export const isProse = (block: Block) => block.kind === 'paragraph' || block.kind === 'item'

function linesOf(text: string): Line[] {
  const lines: Line[] = []
  let start = 0
  while (start <= text.length) {
    const next = text.indexOf('\n', start)
    const stop = next < 0 ? text.length : next
    const end = text.charAt(stop - 1) === '\r' && stop > start ? stop - 1 : stop
    lines.push({ start, end, body: text.slice(start, end) })
    start = stop + 1
  }
  return lines
}

const isMarkup = (body: string) => markup.test(body) || alert.test(body) || (body.includes('![') && images.test(body.replace(comment, '')))

/** Also a line of a quotation with nothing on it. */
const isBlank = (line: Line | undefined) => line === undefined || /^\s*(?:>\s*)*$/.test(line.body)

const join = (kind: BlockKind, lines: Line[], from: number, to: number): Block =>
  ({ kind, start: lines[from]!.start, end: lines[to - 1]!.end })

function frontMatter(lines: Line[]): number {
  if (lines[0]?.body.trim() !== '---') return 0
  const close = lines.slice(1, 60).findIndex(line => line.body.trim() === '---')
  const inside = lines.slice(1, close + 1)
  return close > 0 && inside.every(line => isBlank(line) || /^[\s#-]|^[\w-]+:/.test(line.body)) ? close + 2 : 0
}

function readBlock(lines: Line[], at: number, marked: boolean): { block?: Block; at: number } {
  const line = lines[at]!
  if (isBlank(line)) return { at: at + 1 }
  const opening = fence.exec(line.body)
  if (opening) return readFence(lines, at, opening[1]!)
  const title = heading.exec(line.body)
  if (title) return readHeading(line, title, at)
  if (rule.test(line.body)) return { at: at + 1 }
  if (isTable(lines, at)) return readWhile('table', lines, at, body => body.includes('|'))
  if (indentedCode.test(line.body) && isBlank(lines[at - 1])) return readWhile('code', lines, at, body => /^( {4}|\t)/.test(body))
  if (line.body.trimStart().startsWith('<!--')) return readComment(lines, at)
  if (isMarkup(line.body)) return { block: join('markup', lines, at, at + 1), at: at + 1 }
  return readProse(lines, at, marked)
}

function readFence(lines: Line[], at: number, mark: string) {
  const closing = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}\\s*$`)
  let end = at + 1
  while (end < lines.length && !closing.test(lines[end]!.body)) end++
  end = Math.min(end + 1, lines.length)
  return { block: join('code', lines, at, end), at: end }
}

function readComment(lines: Line[], at: number) {
  const close = lines.slice(at, at + 200).findIndex(line => line.body.includes('-->'))
  const end = at + Math.max(close, 0) + 1
  return { block: join('markup', lines, at, end), at: end }
}

/** `# Title #`: the closing marks are no part of it, but those of "C#" are. An empty heading is nothing. */
function readHeading({ start, body }: Line, [opening, marks]: RegExpExecArray, at: number): { block?: Block; at: number } {
  const words = body.slice(opening.length).trimEnd().replace(closingMarks, '').trimEnd()
  const from = start + opening.length
  return words === '' ? { at: at + 1 } : { block: { kind: 'heading', level: marks!.length, start: from, end: from + words.length }, at: at + 1 }
}

function isTable(lines: Line[], at: number): boolean {
  const body = lines[at]!.body
  if (!body.includes('|')) return false
  return /^\s*\|.*\|\s*$/.test(body) || tableRule.test(lines[at + 1]?.body ?? '')
}

function readWhile(kind: BlockKind, lines: Line[], at: number, test: (body: string) => boolean) {
  let end = at + 1
  while (end < lines.length && !isBlank(lines[end]) && test(lines[end]!.body)) end++
  return { block: join(kind, lines, at, end), at: end }
}

function readProse(lines: Line[], at: number, marked: boolean): { block: Block; at: number } {
  const first = lines[at]!
  const quoted = quote.exec(first.body)?.[0].length ?? 0
  const bullet = item.exec(first.body.slice(quoted))
  const prefix = quoted + (bullet?.[0].length ?? 0)
  let end = at + 1
  while (end < lines.length && continues(lines, end)) end++
  const level = end < lines.length ? underlined(lines[end]!, end - at) : 0
  const block: Block = { ...join(bullet ? 'item' : 'paragraph', lines, at, end), start: first.start + prefix }
  if (level > 0) return { block: { ...block, kind: 'heading', level }, at: end + 1 }
  if (!bullet && end === at + 1 && end < lines.length && (marked ? bold.test(first.body) : looksLikeHeading(first.body))) block.kind = 'heading'
  return { block, at: end }
}

function continues(lines: Line[], at: number): boolean {
  const { body } = lines[at]!
  return !isBlank(lines[at]) && !fence.test(body) && !heading.test(body) && !item.test(body.replace(quote, '')) && !rule.test(body)
    && !underline.test(body) && !isTable(lines, at) && !isMarkup(body)
}

/** Setext headings: a single line with a line of `=` or `-` below it. */
function underlined(line: Line, height: number): number {
  const mark = underline.exec(line.body)?.[1]
  if (!mark || height > 1) return 0
  return mark.startsWith('=') ? 1 : 2
}

/** In plain text; a text that has marked headings marks them all. */
function looksLikeHeading(body: string): boolean {
  const line = body.trim()
  return line.length <= 90 && !closed.test(line) && !unmarked.test(line)
}
