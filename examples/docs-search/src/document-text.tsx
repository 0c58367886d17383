import type { ReactNode } from 'react'
import Markdown from 'react-markdown'
import type { Components } from 'react-markdown'
import { documentTree } from './document-tree.ts'
import { Link } from './link.tsx'
import { isEmpty, tableParts } from './table-parts.tsx'

/** A document's Markdown. Its HTML is left out, and nothing is loaded from elsewhere. */
export function DocumentText({ id, title, text, query }: { id: string; title: string; text: string; query: string }) {
  return <Markdown skipHtml remarkPlugins={[[documentTree, { id, title, query }]]} components={components}>{text}</Markdown>
}

const components: Components = {
  // A link around a badge has nothing left to press.
  a: ({ href = '', children, node }) => isEmpty(node) ? <>{children}</> : <Target href={href}>{children}</Target>,
  img: () => null,
  // What scrolls sideways must be reached by the keyboard.
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  pre: ({ children, node: _, ...props }) => <pre {...props} tabIndex={0}>{children}</pre>,
  ...tableParts,
}

function Target({ href, children }: { href: string; children: ReactNode }) {
  if (!href) return <>{children}</>
  if (href.startsWith('/')) return <Link href={href}>{children}</Link>
  return <a href={href} {...!href.startsWith('#') && { rel: 'noreferrer' }}>{children}</a>
}
