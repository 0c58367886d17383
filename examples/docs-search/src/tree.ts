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
