import { useEffect, useState } from 'react'
import type { Input, Run, RunState } from '../client/index.ts'
import { isActive, isAnswer } from './control-state.ts'
import { useLatest } from './hooks.ts'

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
  const shown = useLatest(run)
  const show = (next: Run | null) => {
    setOwn({ run: next, input })
    onRunChange?.(next)
  }
  /** @param onRefused where the run is refused in the place of an answer, which is shown again: told how it stands */
  const begin = (next: Run | null, onRefused?: (refused: RunState) => void) => {
    show(next)
    if (!next) return
    const startedAt = performance.now()
    const end = () => {
      const state = next.getState()
      if (state.status !== 'refused' || !run || !isAnswer(run.getState())) return setEnded({ run: next, took: (performance.now() - startedAt) / 1_000 })
      if (shown.current !== next) return
      show(run)
      onRefused?.(state)
    }
    next.then(end, end)
  }
  return { run, begin, took: ended && ended.run === run ? ended.took : null }
}

function stopIfActive(run: Run): void {
  if (isActive(run.getState())) run.abort()
}
