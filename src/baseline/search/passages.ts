import { blocksOf, isProse } from '../text/blocks.ts'
import type { Block } from '../text/blocks.ts'
import { plainHeading, withoutLinks } from '../text/markdown.ts'
import { sentencesOf } from '../text/sentences.ts'
import { trim } from '../text/span.ts'
import type { Span } from '../text/span.ts'

/** A text to search in; `id` is the host's own and must be unique. */
export interface SourceDocument {
  id: string
  title?: string | undefined
  text: string
}

/** A stretch of a document that can be shown by itself, with the headings it stands under. */
export interface Part extends Span {
  headings: string[]
  /** True where its section, or the text, begins with it. */
  opens: boolean
  /** False where there is only code or a table: it shows, but does not say. */
  prose: boolean
}

/** UTF-16 units that are shown: a part grows to about `roomy`, and one block beyond `longest` is divided at its sentences. */
const roomy = 900
const longest = 1500

/**
 * Divides a document at its headings, and long sections at their blocks, so that a part is about one thing;
 * code and tables stay with the words before them where there is room.
 */
export function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let path: Array<{ level: number; text: string }> = []
  let open: Part | undefined
  let filled = 0
  let first = true
  for (const block of blocksOf(text)) {
    if (block.kind === 'heading') {
      path = [...path.filter(above => above.level < (block.level ?? 6)), { level: block.level ?? 6, text: plainHeading(text.slice(block.start, block.end)) }]
      open = undefined
      first = true
      continue
    }
    if (block.kind === 'markup') continue
    const headings = path.map(above => above.text)
    const room = block.kind === 'code' || block.kind === 'table' ? longest : roomy
    for (const span of dividedBlock(text, block)) {
      const length = shownLength(text, span)
      if (open && filled + length <= room) Object.assign(open, { end: span.end, prose: open.prose || isProse(block) })
      else {
        parts.push(open = { ...span, headings, prose: isProse(block), opens: first })
        filled = 0
      }
      first = false
      filled += length
    }
  }
  return parts.length > 0 ? parts : wholeText(text)
}

/** Addresses take no room: nobody reads them. */
function shownLength(text: string, { start, end }: Span): number {
  const source = text.slice(start, end)
  const shown = withoutLinks(source)
  return shown === source ? source.length : shown.replaceAll(/\s+/g, ' ').length
}

function dividedBlock(text: string, block: Block): Span[] {
  if (block.end - block.start <= longest) return [{ start: block.start, end: block.end }]
  const sentences = sentencesOf(text, [block], () => true)
  const spans: Span[] = []
  for (const { start, end } of sentences) {
    const last = spans.at(-1)
    if (last && end - last.start <= roomy) last.end = end
    else spans.push({ start, end })
  }
  return spans
}

/** Of a document with nothing but headings or markup, its lines as they are. */
function wholeText(text: string): Part[] {
  const whole = trim(text, { start: 0, end: text.length })
  return dividedBlock(text, { kind: 'code', ...whole }).filter(span => span.end > span.start).map(span => ({ ...span, headings: [], prose: false, opens: span.start === whole.start }))
}
