import { titleOf } from '../shared/title.ts'
import { documentHref } from './location.ts'
import { isTable, tableOf } from './tables.ts'
import { capDepth, deepest, textIn } from './tree.ts'
import type { Tree } from './tree.ts'

/**
 * A plugin for Markdown as documents have it: every block knows where it stands in the source, so
 * that a result can lead to it; headings have anchors; tables are tables; the title, which the page
 * shows itself, is left out; links lead to where they can be followed here.
 */
export function documentTree({ id, title, query }: { id: string; title: string; query: string }) {
  return (tree: Tree): void => {
    capDepth(tree, deepest)
    const slugs = new Map<string, number>()
    let level = 1
    const shown = titleIn(tree, title)
    tree.children = tree.children?.filter(node => node !== shown) ?? []
    follow(tree, url => linkOf(url, id, query))
    visit(tree, node => {
      const at = node.position?.start.offset
      const properties = { ...at !== undefined && { dataAt: at }, dir: node.type === 'code' ? 'ltr' : 'auto', ...node.type === 'heading' && { id: anchorOf(node, slugs) } }
      node.data = { ...node.data, hProperties: properties }
      // The page's own title is above all of them, and none may be skipped.
      if (node.type === 'heading') level = node.depth = Math.max(2, Math.min(node.depth ?? 2, level + 1))
      if (node.type === 'blockquote') nameAlert(node)
      if (node.type === 'paragraph' && isTable(node)) Object.assign(node, tableOf(node))
    })
  }
}

/** The heading that says the title: first of all, or of the first level. One of the first level that is first of all is the title however it words it. */
function titleIn({ children = [] }: Tree, title: string): Tree | undefined {
  const headings = children.filter(({ type }) => type === 'heading')
  const first = headings[0]
  return headings.find(each => (each === first || each.depth === 1) && titleOf(textIn(each)) === title) ?? (first?.depth === 1 ? first : undefined)
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

const anchorName = (slug: string): string => `doc-${slug}`

/** Links, and the definitions that links by name refer to. */
function follow(node: Tree, map: (url: string) => string): void {
  if (node.type === 'link' || node.type === 'definition') node.url = map(node.url ?? '')
  node.children?.forEach(child => follow(child, map))
}

/** Where a document's link leads here: to its own headings, to another document, to the web, or ('') nowhere. */
export function linkOf(href: string, id: string, query: string): string {
  if (href.startsWith('#')) return `#${anchorName(decode(href.slice(1)).toLowerCase())}`
  if (/^https?:\/\//i.test(href)) return href
  if (/^[a-z][a-z\d+.-]*:|^[/\\]{2}/i.test(href)) return ''
  const path = decode(new URL(href, `http://docs.invalid/${id.split('/').map(encodeURIComponent).join('/')}`).pathname.slice(1))
  return /\.(md|markdown)$/i.test(path) ? documentHref(path, { query }) : ''
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** "[!NOTE]" at the head of a quotation is GitHub's sign for a note. */
function nameAlert(quotation: Tree): void {
  const first = quotation.children?.[0]?.children?.[0]
  const kind = first?.type === 'text' ? /^\[!([A-Z]+)\]\s*/.exec(first.value ?? '') : null
  if (!kind || !first) return
  first.value = first.value!.slice(kind[0].length)
  quotation.children![0]!.children!.unshift({ type: 'strong', children: [{ type: 'text', value: `${kind[1]![0]}${kind[1]!.slice(1).toLowerCase()}. ` }] })
}
