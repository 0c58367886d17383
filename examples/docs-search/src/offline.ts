import { useEffect, useState } from 'react'
import type { Result, SearchAnswer } from '../shared/api.ts'
import { keptAnswers } from './load.ts'

const baseline = () => import('sparing/baseline')

/** Fetches what a search without the server needs, while there is a server. */
export const readyForOffline = (): void => void baseline().catch(() => {})

/**
 * The search again, over the results that were loaded before.
 * @param wanted whether the server did not answer
 * @returns `null` while nothing was found among them
 */
export function useFoundBefore(query: string, wanted: boolean): SearchAnswer | null {
  const [found, show] = useState<SearchAnswer | null>(null)
  useEffect(() => {
    if (!wanted) return undefined
    let dropped = false
    const find = async () => {
      const next = await findBefore(query).catch(() => null)
      if (!dropped) show(next)
    }
    void find()
    return () => {
      dropped = true
    }
  }, [query, wanted])
  return wanted && found?.query === query ? found : null
}

async function findBefore(query: string): Promise<SearchAnswer | null> {
  const { answer } = await baseline()
  const known = new Map(keptAnswers('/api/search').flatMap(value => (value as SearchAnswer).results).map(result => [`${result.document} ${result.passage}`, result]))
  const documents = [...known].map(([id, { title, passage }]) => ({ id, title, text: passage }))
  const results = answer(query, documents, { limit: 8 }).map(({ documentId }, at) => again(known.get(documentId)!, at + 1))
  return results.length > 0 ? { query, facts: null, results } : null
}

/** A result in another place. The words that were marked in it were another question's. */
const again = (result: Result, n: number): Result => ({ ...result, n, quote: result.quote.map(({ mark: _, ...segment }) => segment) })
