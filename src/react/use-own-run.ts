import { useEffect, useState } from 'react'
import type { Input, Run } from '../client/index.ts'
import { isActive } from './control-state.ts'

/** The run that answers an input. Another input, or leaving the page, stops one that the host does not own. */
export function useOwnRun({ run: given, defaultRun = null, onRunChange }: {
  readonly run?: Run | null
  readonly defaultRun?: Run | null
  readonly onRunChange?: (run: Run | null) => void
}, input: Input) {
  const [own, setOwn] = useState(() => ({ run: defaultRun, input }))
  const [ended, setEnded] = useState<{ run: Run; took: number } | null>(null)
  const mine = given === undefined && own.input === input ? own.run : null
  const run = given === undefined ? mine : given
  useEffect(() => mine ? () => stopIfActive(mine) : undefined, [mine])
  const begin = (next: Run | null) => {
    setOwn({ run: next, input })
    onRunChange?.(next)
    if (!next) return
    const startedAt = performance.now()
    const end = () => setEnded({ run: next, took: (performance.now() - startedAt) / 1_000 })
    next.then(end, end)
  }
  return { run, begin, took: ended && ended.run === run ? ended.took : null }
}

function stopIfActive(run: Run): void {
  if (isActive(run.getState())) run.abort()
}
