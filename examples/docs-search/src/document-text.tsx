import type { ReactNode } from 'react'
import Markdown from 'react-markdown'
import type { Components } from 'react-markdown'
import { documentTree } from './document-tree.ts'
import { Link } from './link.tsx'

/** A document's Markdown. Its HTML is left out, and nothing is loaded from elsewhere. */
export function DocumentText({ id, text, query }: { id: string; text: string; query: string }) {
  return <Markdown skipHtml remarkPlugins={[[documentTree, { id, query }]]} components={components}>{text}</Markdown>
}

// What scrolls sideways must be reached by the keyboard.
/* oxlint-disable jsx-a11y/no-noninteractive-tabindex */
const components: Components = {
  a: ({ href = '', children }) => <Target href={href}>{children}</Target>,
  img: () => null,
  pre: ({ children, node: _, ...props }) => <pre {...props} tabIndex={0}>{children}</pre>,
  // A corner without a word heads nothing.
  th: ({ children, node: _, ...props }) => isEmpty(children) ? <td aria-hidden="true" /> : <th {...props}>{children}</th>,
  table: ({ children, node: _, ...props }) => <figure className="wide" tabIndex={0}><table {...props}>{children}</table></figure>,
}
/* oxlint-enable jsx-a11y/no-noninteractive-tabindex */

function Target({ href, children }: { href: string; children: ReactNode }) {
  // A link around a badge has nothing left to press.
  if (!href || isEmpty(children)) return <>{children}</>
  if (href.startsWith('/')) return <Link href={href}>{children}</Link>
  return <a href={href} {...!href.startsWith('#') && { rel: 'noreferrer' }}>{children}</a>
}

/** Nothing, white space, or pictures only: their elements are the one kind here that is a function. */
function isEmpty(node: ReactNode): boolean {
  if (Array.isArray(node)) return node.every(isEmpty)
  if (typeof node === 'string') return !node.trim()
  return node == null || (typeof node === 'object' && 'type' in node && typeof node.type === 'function')
}
