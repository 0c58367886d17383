import type { AnchorHTMLAttributes, MouseEvent } from 'react'
import { navigate } from './location.ts'

/** A link within the site. A plain click stays in the page; every other one is the browser's. */
export function Link({ href, children, ...props }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(href)
    scrollTo(0, 0)
  }
  return <a {...props} href={href} onClick={follow}>{children}</a>
}
