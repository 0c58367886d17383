import Markdown from 'react-markdown'
import type { Components } from 'react-markdown'
import { anchorName, documentTree } from './document-tree.ts'
import { Link } from './link.tsx'
import { documentHref } from './location.ts'

/** A document's Markdown. Its HTML is left out, and nothing is loaded from elsewhere. */
export function DocumentText({ id, text, query }: { id: string; text: string; query: string }) {
  const components: Components = {
    a: ({ href = '', children }) => <Target to={linkOf(href, id, query)}>{children}</Target>,
    img: () => null,
    pre: ({ children, node: _, ...props }) => <pre {...props} tabIndex={0}>{children}</pre>,
    table: ({ children, node: _, ...props }) => <div className="wide" tabIndex={0} role="group" aria-label="Table"><table {...props}>{children}</table></div>,
  }
  return <Markdown skipHtml remarkPlugins={[documentTree]} components={components}>{text}</Markdown>
}

type Target = { readonly kind: 'within' | 'site' | 'web'; readonly href: string } | { readonly kind: 'none' }

/** Where a document's link leads here: to its own headings, to another document, to the web, or nowhere. */
export function linkOf(href: string, id: string, query: string): Target {
  if (href.startsWith('#')) return { kind: 'within', href: `#${anchorName(decode(href.slice(1)).toLowerCase())}` }
  if (/^https?:\/\//i.test(href)) return { kind: 'web', href }
  if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(href)) return { kind: 'none' }
  const path = decode(new URL(href, `http://docs.invalid/${id.split('/').map(encodeURIComponent).join('/')}`).pathname.slice(1))
  return /\.(md|markdown)$/i.test(path) ? { kind: 'site', href: documentHref(path, { query }) } : { kind: 'none' }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function Target({ to, children }: { to: Target; children: React.ReactNode }) {
  // A link around a badge has nothing left to press.
  if (to.kind === 'none' || isEmpty(children)) return <>{children}</>
  if (to.kind === 'site') return <Link href={to.href}>{children}</Link>
  return <a href={to.href} {...to.kind === 'web' && { rel: 'noreferrer' }}>{children}</a>
}

const isEmpty = (children: React.ReactNode): boolean =>
  children == null || (Array.isArray(children) ? children.every(isEmpty) : typeof children === 'object' && 'type' in children && typeof (children as { type: unknown }).type === 'function')
