import { useEffect, useState } from 'react'
import type { Passage } from 'sparing/baseline'
import type { Result, SearchAnswer, Segment } from '../shared/api.ts'
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
  const results = answer(query, documents, { limit: 8 }).map((passage, at) => resultOf(passage, known.get(passage.documentId)!, at + 1))
  return results.length > 0 ? { query, facts: null, results } : null
}

const resultOf = (passage: Passage, result: Result, n: number): Result => ({ ...result, n, quote: quoted(passage) })

/** The sentence that answers best, with the words that were asked for. */
function quoted({ start, quote, matches }: Passage): Segment[] {
  const from = quote.start - start
  const marks = matches.map(match => ({ start: match.start - from, end: match.end - from })).filter(mark => mark.start >= 0 && mark.end <= quote.text.length)
  const segments: Segment[] = []
  let read = 0
  for (const mark of marks) {
    if (mark.start > read) segments.push({ text: quote.text.slice(read, mark.start) })
    segments.push({ text: quote.text.slice(Math.max(read, mark.start), mark.end), mark: true })
    read = Math.max(read, mark.end)
  }
  return read < quote.text.length ? [...segments, { text: quote.text.slice(read) }] : segments
}
