import { textIn } from './tree.ts'
import type { Tree } from './tree.ts'

const rule = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/

/** A paragraph whose second line is a rule of dashes and bars, in GitHub's way of writing tables. */
export function isTable(paragraph: Tree): boolean {
  const [head = '', second = ''] = textIn(paragraph).split('\n')
  return head.includes('|') && second.includes('-') && second.includes('|') && rule.test(second)
}

/** The table that it writes. */
export function tableOf(paragraph: Tree): Partial<Tree> {
  const rows = linesOf(paragraph.children ?? []).map(cellsOf)
  const [head, , ...body] = rows
  const width = head!.length
  const row = (cells: Tree[][]): Tree => ({
    type: 'tableRow',
    children: Array.from({ length: width }, (_, i) => ({ type: 'tableCell', children: cells[i] ?? [] })),
  })
  return { type: 'table', align: head!.map(() => null), children: [head!, ...body].map(row) }
}

/** The nodes of each line. */
const linesOf = (nodes: readonly Tree[]): Tree[][] => dividedAt('\n', nodes).filter(line => line.some(node => textIn(node).trim()))

/** The nodes of each cell; the bars at a line's ends divide nothing. */
function cellsOf(line: readonly Tree[]): Tree[][] {
  const cells = dividedAt('|', line)
  const blank = (cell: readonly Tree[] | undefined) => cell?.every(node => !textIn(node).trim()) ?? true
  if (blank(cells[0])) cells.shift()
  if (blank(cells.at(-1))) cells.pop()
  return cells
}

/** Nodes in groups, a new one at every sign that stands in their text. */
function dividedAt(sign: string, nodes: readonly Tree[]): Tree[][] {
  const groups: Tree[][] = [[]]
  for (const node of nodes) {
    if (node.type !== 'text') {
      groups.at(-1)!.push(node)
      continue
    }
    const [first = '', ...rest] = (node.value ?? '').split(sign)
    groups.at(-1)!.push({ type: 'text', value: first })
    rest.forEach(value => groups.push([{ type: 'text', value }]))
  }
  return groups
}
