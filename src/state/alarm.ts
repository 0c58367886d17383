import type { Environment } from './environment.ts'

const longest = 3_600_000

/**
 * Rings once at the instant it is set to, or earlier: clocks jump, and `setTimeout` counts to 2^31
 * only, so whoever listens looks at the time and sets it again. `Infinity` is never.
 */
export function createAlarm({ now, page }: Environment, ring: () => void): (at: number) => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  return at => {
    clearTimeout(timer)
    if (page && at < Infinity) timer = setTimeout(ring, Math.min(Math.max(at - now(), 0), longest))
  }
}
