import { useEffect, useRef } from 'react'
import type { Input } from '../client/index.ts'
import { useLatest } from './hooks.ts'

/** Runs once for an element that is visible and an input, however often React renders or remounts effects. */
export function useAutoRun(element: HTMLElement | null, feature: string, input: Input, run: () => void): void {
  const ran = useRef<{ element: HTMLElement; feature: string; input: Input } | null>(null)
  const latest = useLatest(run)
  useEffect(() => {
    if (!element) return
    const observer = new IntersectionObserver(entries => {
      const before = ran.current
      const again = before?.element === element && before.feature === feature && before.input === input
      if (again || !entries.some(entry => entry.isIntersecting)) return
      ran.current = { element, feature, input }
      latest.current()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [element, feature, input, latest])
}
