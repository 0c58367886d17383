import { useSyncExternalStore } from 'react'

/** Where the reader is: a search, or a document that one led to. */
export type Place =
  | { readonly page: 'search'; readonly query: string }
  | { readonly page: 'document'; readonly query: string; readonly id: string; readonly at: number | null }

export function placeOf(href: string): Place {
  const { pathname, searchParams } = new URL(href)
  const query = searchParams.get('q') ?? ''
  if (pathname !== '/document') return { page: 'search', query }
  const at = searchParams.get('at')
  return { page: 'document', query, id: searchParams.get('id') ?? '', at: at && /^\d+$/.test(at) ? Number(at) : null }
}

export const searchHref = (query: string): string => query ? `/?q=${encodeURIComponent(query)}` : '/'

export function documentHref(id: string, { query = '', at }: { query?: string; at?: string } = {}): string {
  const params = new URLSearchParams({ id, ...query && { q: query }, ...at && { at } })
  return `/document?${params}`
}

const listeners = new Set<() => void>()
const tell = () => listeners.forEach(listener => listener())

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('popstate', tell)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) removeEventListener('popstate', tell)
  }
}

/** The page's address, also after back and forward. */
export const useHref = (): string => useSyncExternalStore(subscribe, () => location.href)

/** An address that a key left behind: another may follow it. */
const typing = 'typing'

/** Whether the query is one that is being typed; not once Enter was pressed, nor where a link led to it. */
export const useTyping = (): boolean => useSyncExternalStore(subscribe, () => history.state === typing)

/** Goes to an address: by a link, or by Enter. */
export function navigate(href: string): void {
  const here = isHere(href)
  if (here && history.state !== typing) return
  if (here) history.replaceState(null, '', href)
  else history.pushState(null, '', href)
  tell()
}

/** Follows what is typed. @param how `replace` keeps "back" from stepping through every letter of a query */
export function follow(href: string, how: 'push' | 'replace'): void {
  if (isHere(href)) return
  if (how === 'push') history.pushState(typing, '', href)
  else history.replaceState(typing, '', href)
  tell()
}

const isHere = (href: string) => new URL(href, location.href).href === location.href
