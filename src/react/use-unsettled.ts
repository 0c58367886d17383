import { useLayoutEffect, useRef } from 'react'
import type { ControlState } from './control-state.ts'

/** Milliseconds after a change within which a press does nothing. */
const settling = 600

/** Tells whether the state has only just changed. That a figure has come is no change of what a press does. */
export function useUnsettled(name: ControlState['name']): () => boolean {
  const last = useRef({ name, at: -Infinity })
  useLayoutEffect(() => {
    const { name: before } = last.current
    const figureCame = before === 'estimating' && name === 'off'
    if (before !== name) last.current = { name, at: figureCame ? -Infinity : performance.now() }
  }, [name])
  return () => performance.now() - last.current.at < settling
}
