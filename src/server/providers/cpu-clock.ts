/** Seconds of processor time that were used so far. */
export type CpuClock = () => number

/** As Node has it, in microseconds: of this thread from 23.9 on, of the whole process before. */
type Reading = () => { readonly user: number; readonly system: number }

interface Host {
  readonly process?: { readonly threadCpuUsage?: Reading; readonly cpuUsage?: Reading }
}

/**
 * The clock of the processor, where there is one; `null` in browsers and on most edges. Nothing is
 * imported for it, because this also runs where there is no Node.
 */
export function cpuClock({ process }: Host = globalThis as Host): CpuClock | null {
  const read = process?.threadCpuUsage ?? process?.cpuUsage
  if (!read) return null
  const seconds = () => {
    const { user, system } = read.call(process)
    return (user + system) / 1e6
  }
  try {
    return seconds() >= 0 ? seconds : null
  } catch {
    // Some hosts have the name alone.
    return null
  }
}

/** What was done took some time, also where clocks are too coarse to tell it. */
const tick = 1e-6

/**
 * Starts to time a job, by a clock of the processor where there is one. Never more than the time that
 * passed: other jobs of this thread may run while this one waits.
 * @returns the seconds of processor time until now
 */
export function startTiming(clock: CpuClock | null, now: () => number = () => performance.now()): () => number {
  const [begun, used] = [now(), clock?.() ?? 0]
  return () => {
    const passed = Math.max(tick, (now() - begun) / 1_000)
    return clock ? Math.min(passed, Math.max(tick, clock() - used)) : passed
  }
}
