/** A node of a Markdown tree, as far as plugins here care. */
export interface Tree {
  type: string
  value?: string
  url?: string
  depth?: number
  children?: Tree[]
  align?: (string | null)[]
  data?: { hProperties?: Record<string, string | number> }
  position?: { start: { offset?: number }; end: { offset?: number } }
}

/** Replaces every text outside of links and code by what it is mapped to. */
export function mapText(node: Tree, map: (text: string) => Tree[]): void {
  if (!node.children || node.type === 'link') return
  node.children = node.children.flatMap(child => child.type === 'text' ? map(child.value ?? '') : [child])
  node.children.forEach(child => mapText(child, map))
}

export function textIn(node: Tree): string {
  if (node.type === 'html' || node.type === 'image') return ''
  return node.value ?? (node.children ?? []).map(textIn).join('')
}

/** Levels of quotations and lists that a person can tell apart, and many more than any text needs. */
export const deepest = 40

/** Makes plain text of what is nested deeper than so many levels: everything after this goes down by calling itself. */
export function capDepth(tree: Tree, most: number): void {
  let level: Tree[] = [tree]
  for (let depth = 0; depth < most; depth++) level = level.flatMap(({ children }) => children ?? [])
  for (const node of level) {
    if (node.children?.some(({ children }) => children)) node.children = [{ type: 'text', value: textWithin(node) }]
  }
}

/** As `textIn`, however deep. */
function textWithin(node: Tree): string {
  const waiting = [node]
  let text = ''
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (!next.children) text += textIn(next)
    else waiting.push(...next.children.toReversed())
  }
  return text
}
