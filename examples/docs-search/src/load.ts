import { useEffect, useState } from 'react'

/** What a request came to. `slow` is a wait that is long enough to be told of. */
export type Loaded<T> =
  | { readonly status: 'loading'; readonly slow: boolean }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'missing' | 'failed' }

interface Answered {
  readonly key: string
  readonly loaded: Loaded<unknown>
}

/** Answers as they came, so that "back" shows a page at once and the browser finds its place in it. */
const kept = new Map<string, unknown>()
const keptAtMost = 30
const waiting: Loaded<never> = { status: 'loading', slow: false }

/**
 * What an address of the server answers.
 * @param url `null` asks nothing
 * @param delay milliseconds to wait first: another address within them takes this one's place
 * @param attempt a new number asks again
 */
export function useLoaded<T>(url: string | null, delay = 0, attempt = 0): Loaded<T> {
  const key = `${url} ${attempt}`
  const [answered, setAnswered] = useState<Answered>({ key: '', loaded: waiting })
  useEffect(() => {
    if (url === null || kept.has(url)) return undefined
    const controller = new AbortController()
    // What comes after the address changed is dropped: the last one asked is the one that is shown.
    const show = (loaded: Loaded<unknown>) => !controller.signal.aborted && setAnswered({ key, loaded })
    const slow = setTimeout(() => show({ status: 'loading', slow: true }), delay + 400)
    const ask = setTimeout(() => void load(url, controller.signal).then(show).finally(() => clearTimeout(slow)), delay)
    return () => {
      controller.abort()
      clearTimeout(ask)
      clearTimeout(slow)
    }
  }, [url, key, delay])
  if (url !== null && kept.has(url)) return { status: 'ready', value: kept.get(url) as T }
  return answered.key === key ? answered.loaded as Loaded<T> : waiting
}

/** What addresses that begin so have answered, as far as it is kept. */
export const keptAnswers = (start: string): unknown[] => [...kept].flatMap(([url, value]) => url.startsWith(start) ? [value] : [])

async function load(url: string, signal: AbortSignal): Promise<Loaded<unknown>> {
  try {
    const response = await fetch(url, { signal })
    if (response.status === 404) return { status: 'missing' }
    if (!response.ok) return { status: 'failed' }
    const value: unknown = await response.json()
    kept.set(url, value)
    if (kept.size > keptAtMost) kept.delete(kept.keys().next().value!)
    return { status: 'ready', value }
  } catch {
    return { status: 'failed' }
  }
}

/** Counts the times that the browser says it is online again: a reason to ask once more. */
export function useReturns(): [number, () => void] {
  const [returns, setReturns] = useState(0)
  useEffect(() => {
    const again = () => setReturns(count => count + 1)
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [])
  return [returns, () => setReturns(count => count + 1)]
}
