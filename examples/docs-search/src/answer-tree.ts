import { isTable, tableOf } from './tables.ts'
import { capDepth, deepest } from './tree.ts'
import type { Tree } from './tree.ts'

const sign = String.raw`[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]))`
const tooDeep = new RegExp(`^((?:${sign}){${deepest}})(?:${sign})+`, 'gm')

/** Without the signs at a line's head that nest it beyond all reason: the parser takes seconds for each thousand, and a text that grows is parsed again and again. */
export const flattened = (text: string): string => text.replaceAll(tooDeep, '$1')

/** A plugin for Markdown as models write it: nested no deeper than can be shown, and tables are tables. */
export function answerTree() {
  return (tree: Tree): void => {
    capDepth(tree, deepest)
    makeTables(tree)
  }
}

function makeTables(node: Tree): void {
  if (node.type === 'paragraph' && isTable(node)) Object.assign(node, tableOf(node))
  else node.children?.forEach(makeTables)
}
