import { useEffect, useRef } from 'react'
import type { Input } from '../client/index.ts'
import { useLatest } from './hooks.ts'

/** Milliseconds for which an input must have stood before it is run by itself: who still types has not asked yet. */
const settling = 1_500

/**
 * Runs once for an element that is visible and an input that has settled, however often React renders
 * or remounts effects.
 * @param after milliseconds since the input last changed; `Infinity` while it is known to change
 */
export function useAutoRun(element: HTMLElement | null, feature: string, input: Input, run: () => void, after = settling): void {
  const ran = useRef<{ element: HTMLElement; feature: string; input: Input } | null>(null)
  const stood = useRef<{ feature: string; input: Input; since: number } | null>(null)
  const latest = useLatest(run)
  useEffect(() => {
    const before = stood.current
    if (before?.feature !== feature || before.input !== input) stood.current = { feature, input, since: performance.now() }
  })
  useEffect(() => {
    if (!element || after === Infinity) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const start = () => {
      ran.current = { element, feature, input }
      latest.current()
    }
    const observer = new IntersectionObserver(entries => {
      clearTimeout(timer)
      const before = ran.current
      const again = before?.element === element && before.feature === feature && before.input === input
      if (again || !entries.at(-1)!.isIntersecting) return
      timer = setTimeout(start, Math.max(0, stood.current!.since + after - performance.now()))
    })
    observer.observe(element)
    return () => {
      clearTimeout(timer)
      observer.disconnect()
    }
  }, [element, feature, input, after, latest])
}
