import { readCitations } from '../shared/passages.ts'
import { mapText } from './tree.ts'
import type { Tree } from './tree.ts'

/** A plugin for Markdown: "[1]" becomes a link to the first result, where there is one. */
export function citations({ known, growing }: { known: readonly number[]; growing: boolean }) {
  return (tree: Tree): void => mapText(tree, text => readCitations(text, n => known.includes(n), growing).map((piece): Tree =>
    'cites' in piece
      ? { type: 'link', url: `#result-${piece.cites}`, children: [{ type: 'text', value: String(piece.cites) }] }
      : { type: 'text', value: piece.text }))
}
