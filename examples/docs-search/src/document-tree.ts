import { textIn } from './tree.ts'
import type { Tree } from './tree.ts'

/**
 * A plugin for Markdown as documents have it: every block knows where it stands in the source, so
 * that a result can lead to it; headings have anchors; tables are tables; the title, which the page
 * shows itself, is left out.
 */
export function documentTree() {
  return (tree: Tree): void => {
    const slugs = new Map<string, number>()
    tree.children = (tree.children ?? []).filter((node, i, all) => !(node.type === 'heading' && node.depth === 1 && i === all.findIndex(each => each.type === 'heading')))
    visit(tree, node => {
      const at = node.position?.start.offset
      const properties = { ...at !== undefined && { dataAt: at }, ...node.type === 'heading' && { id: anchorOf(node, slugs) } }
      node.data = { ...node.data, hProperties: properties }
      if (node.type === 'paragraph' && isTable(node)) Object.assign(node, tableOf(node))
    })
  }
}

const blocks = new Set(['heading', 'paragraph', 'list', 'listItem', 'code', 'blockquote', 'table'])

function visit(node: Tree, act: (node: Tree) => void): void {
  for (const child of node.children ?? []) {
    if (!blocks.has(child.type)) continue
    visit(child, act)
    act(child)
  }
}

/** What GitHub calls the heading, out of the way of the page's own names. */
function anchorOf(heading: Tree, slugs: Map<string, number>): string {
  const slug = textIn(heading).trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-')
  const count = slugs.get(slug) ?? 0
  slugs.set(slug, count + 1)
  return anchorName(count ? `${slug}-${count}` : slug)
}

export const anchorName = (slug: string): string => `doc-${slug}`

const rule = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/

/** A paragraph whose second line is a rule of dashes and bars, in GitHub's way of writing tables. */
function isTable(paragraph: Tree): boolean {
  const [head = '', second = ''] = textIn(paragraph).split('\n')
  return head.includes('|') && second.includes('-') && second.includes('|') && rule.test(second)
}

function tableOf(paragraph: Tree): Partial<Tree> {
  const rows = linesOf(paragraph.children ?? []).map(cellsOf)
  const [head, , ...body] = rows
  const width = head!.length
  const row = (cells: Tree[][]): Tree => ({
    type: 'tableRow',
    children: Array.from({ length: width }, (_, i) => ({ type: 'tableCell', children: cells[i] ?? [] })),
  })
  return { type: 'table', align: [], children: [head!, ...body].map(row) }
}

/** The nodes of each line. */
function linesOf(nodes: readonly Tree[]): Tree[][] {
  const lines: Tree[][] = [[]]
  for (const node of nodes) {
    if (node.type !== 'text') {
      lines.at(-1)!.push(node)
      continue
    }
    const [first = '', ...rest] = (node.value ?? '').split('\n')
    lines.at(-1)!.push({ type: 'text', value: first })
    rest.forEach(value => lines.push([{ type: 'text', value }]))
  }
  return lines.filter(line => line.some(node => textIn(node).trim()))
}

/** The nodes of each cell; the bars at a line's ends divide nothing. */
function cellsOf(line: readonly Tree[]): Tree[][] {
  const cells: Tree[][] = [[]]
  for (const node of line) {
    if (node.type !== 'text') {
      cells.at(-1)!.push(node)
      continue
    }
    const [first = '', ...rest] = (node.value ?? '').split('|')
    cells.at(-1)!.push({ type: 'text', value: first })
    rest.forEach(value => cells.push([{ type: 'text', value }]))
  }
  const blank = (cell: readonly Tree[] | undefined) => cell?.every(node => !textIn(node).trim()) ?? true
  if (blank(cells[0])) cells.shift()
  if (blank(cells.at(-1))) cells.pop()
  return cells
}
