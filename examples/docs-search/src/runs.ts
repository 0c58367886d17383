import type { Run, RunInput } from 'sparing'
import { useEffect, useState } from 'react'
import { nameRun } from './receipts.ts'

/**
 * Answers of this page's life, by what they answer: who reads a cited document and comes back finds
 * the answer as it was left, without paying for it again.
 */
const runs = new Map<string, Run>()
const most = 20

/**
 * A control's run, owned by the page. Another question stops one that is still being written; a look at a document does not.
 * @param about what it is of, for its receipt in the list: a question, or a document's title
 */
export function useKeptRun(feature: string, input: RunInput, about: string): [Run | null, (run: Run | null) => void] {
  const key = JSON.stringify([feature, input])
  const [, show] = useState<Run | null>(null)
  useEffect(() => {
    for (const [other, run] of runs) if (other !== key && isWriting(run) && other.startsWith(`["${feature}"`)) run.abort()
  }, [key, feature])
  const keep = (run: Run | null) => {
    runs.delete(key)
    if (run) {
      runs.set(key, run)
      nameRun(run.id, about)
    }
    if (runs.size > most) runs.delete(runs.keys().next().value!)
    show(run)
  }
  return [runs.get(key) ?? null, keep]
}

const isWriting = (run: Run) => ['starting', 'thinking', 'writing'].includes(run.getState().status)
