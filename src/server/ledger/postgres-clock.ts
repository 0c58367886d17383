export interface DatabaseClock {
  /** Milliseconds since 1970 by the database. */
  now(): number | Promise<number>
  /** What was known is in doubt: asked again before it is used. */
  forget(): void
}

/** Milliseconds after which the database is asked anew, in the background. */
const freshFor = 30_000
/** Milliseconds by which the local clocks may come apart before something must have moved one of them. */
const tolerance = 1_000

/** The database's clock, read now and then and kept going by the local one in between. */
export function databaseClock(read: () => Promise<number>): DatabaseClock {
  let sample: { readonly ahead: number; readonly at: number; readonly apart: number } | undefined
  let reading: Promise<void> | undefined

  async function take(): Promise<void> {
    const asked = performance.now()
    const time = await read()
    const at = performance.now()
    sample = { ahead: time - (asked + at) / 2, at, apart: clocksApart() }
  }
  const refresh = () => reading ??= take().finally(() => { reading = undefined })
  const current = () => Math.floor(performance.now() + sample!.ahead)

  return {
    now() {
      // A machine that slept, or whose time was set, may not know how long.
      if (!sample || Math.abs(clocksApart() - sample.apart) > tolerance) return refresh().then(current)
      // Where it fails the next verb fails too, and says so.
      if (performance.now() - sample.at > freshFor) refresh().catch(() => {})
      return current()
    },
    forget() {
      sample = undefined
    },
  }
}

const clocksApart = () => Date.now() - performance.now()
