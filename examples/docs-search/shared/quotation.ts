import { fromMarkdown } from 'mdast-util-from-markdown'
import type { Span } from 'sparing/baseline'
import type { Segment } from './api.ts'

type Node = ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>['children'][number]

/** A piece of shown text, with where it stands in the source. */
interface Piece {
  readonly text: string
  readonly code: boolean
  /** Offset of `text` in the source; `null` where the source is written otherwise, as with escapes. */
  readonly at: number | null
}

/** Characters of a quotation on the page: about three lines. */
const longest = 320

/**
 * A quotation as it is shown: Markdown's signs gone, code told apart, asked words marked.
 * @param source a stretch of Markdown
 * @param matches where asked words stand in it
 * @param labels link labels that the document defines: `[such][label]` is a link there
 */
export const quotationOf = (source: string, matches: readonly Span[], labels: readonly string[] = []): Segment[] => shorten(segmentsOf(source, matches, labels))

/** A sentence as it is shown, in full: what looks like a link by a label is one, for its document is not at hand. */
export const sentenceOf = (source: string): Segment[] =>
  segmentsOf(source, [], [...source.matchAll(/\]\[(?!\d+\])([^[\]\n]{1,200})\]/g)].map(match => match[1]!))

function segmentsOf(source: string, matches: readonly Span[], labels: readonly string[]): Segment[] {
  // Four spaces would make code of a sentence. What is prepended or appended must not move offsets.
  const start = source.length - source.trimStart().length
  const definitions = labels.map(label => `\n[${label}]: <#>`).join('')
  const tree = fromMarkdown(`${withoutSigns(source.slice(start))}\n${definitions}`)
  const pieces = piecesOf(tree, source, start)
  return joined(pieces.filter(({ text }) => !/^\[![A-Z]+\]\s*$/.test(text)).flatMap(piece => marked(piece, matches, source)))
}

/** A stretch that begins inside of a quotation has its sign at the further lines only, where it would begin another. Spaces in its place move no offsets. */
const withoutSigns = (source: string): string =>
  source.startsWith('>') ? source : source.replaceAll(/^(?: {0,3}>)+/gm, signs => ' '.repeat(signs.length))

/** A line of code as it is shown, asked words marked. */
export const codeOf = (source: string, matches: readonly Span[]): Segment[] =>
  shorten(joined(marked({ text: source, code: true, at: 0 }, matches, source)))

/** Tags and pictures have neither children nor a value that is shown. */
function piecesOf(node: Node, source: string, offset: number): Piece[] {
  if (node.type === 'text' || node.type === 'inlineCode' || node.type === 'code') {
    const from = (node.position?.start.offset ?? 0) + offset
    const inside = source.slice(from, (node.position?.end.offset ?? 0) + offset).indexOf(node.value)
    return [{ text: node.value, code: node.type !== 'text', at: inside < 0 ? null : from + inside }]
  }
  if (node.type === 'break') return [space]
  const children = 'children' in node ? node.children : []
  return children.flatMap(child => isBlock(child) ? [...piecesOf(child, source, offset), space] : piecesOf(child, source, offset))
}

const space: Piece = { text: ' ', code: false, at: null }
const isBlock = ({ type }: Node) => ['paragraph', 'heading', 'listItem', 'list', 'blockquote', 'code'].includes(type)

function marked({ text, code, at }: Piece, matches: readonly Span[], source: string): Segment[] {
  const spans = at === null ? wordsIn(text, matches, source) : matches
    .map(({ start, end }) => ({ start: Math.max(0, start - at), end: Math.min(text.length, end - at) }))
    .filter(({ start, end }) => start < end)
  const segments: Segment[] = []
  let read = 0
  const add = (end: number, mark: boolean) => {
    if (end > read) segments.push({ text: text.slice(read, end), ...code && { code }, ...mark && { mark } })
    read = Math.max(read, end)
  }
  for (const { start, end } of spans) {
    add(start, false)
    add(end, true)
  }
  add(text.length, false)
  return segments
}

/** Where offsets do not tell, the matched words do. */
function wordsIn(text: string, matches: readonly Span[], source: string): Span[] {
  const words = new Set(matches.map(({ start, end }) => source.slice(start, end)))
  return [...words].flatMap(word => {
    const start = text.indexOf(word)
    return start < 0 ? [] : [{ start, end: start + word.length }]
  }).sort((a, b) => a.start - b.start)
}

/** One space wherever there was any, none at the ends, and neighbours of a kind as one. */
function joined(segments: readonly Segment[]): Segment[] {
  const all: Segment[] = []
  for (const { text, ...kind } of segments) {
    const last = all.at(-1)
    // A sentence may begin or end inside of emphasis: its signs are then alone. What stands between spaces, or begins a name, is none.
    const plain = (kind.code ? text : text.replaceAll(/\*\*(?=\S)|(?<=\S)\*\*|(?<!\w)__(?!\p{Ll})|(?<=\w)__(?!\w)/gu, '')).replaceAll(/\s+/g, ' ')
    const clean = !last || last.text.endsWith(' ') ? plain.trimStart() : plain
    if (!clean) continue
    if (last && last.code === kind.code && last.mark === kind.mark) all[all.length - 1] = { ...last, text: last.text + clean }
    else all.push({ text: clean, ...kind })
  }
  const end = all.at(-1)
  if (end) all[all.length - 1] = { ...end, text: end.text.trimEnd() }
  return all.filter(({ text }) => text)
}

function shorten(segments: readonly Segment[]): Segment[] {
  let room = longest
  const kept: Segment[] = []
  for (const segment of segments) {
    if (segment.text.length > room) return [...kept, { ...segment, text: `${segment.text.slice(0, room).replace(/\s+\S*$/, '')}…` }]
    room -= segment.text.length
    kept.push(segment)
  }
  return kept
}

/** The labels that a document defines as links. */
export const labelsOf = (text: string): string[] => [...text.matchAll(/^ {0,3}\[([^\]\n]{1,200})\]:\s*\S/gm)].map(match => match[1]!).filter(label => !label.startsWith('^'))
