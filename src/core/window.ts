/**
 * How long a budget lasts before it starts anew: one run, one session of a page, or a calendar
 * hour, day, week (from Monday) or month in a named time zone.
 */
export const windows = ['run', 'session', 'hour', 'day', 'week', 'month'] as const
export type NamedWindow = (typeof windows)[number]

/** One of those, or a rolling window of so many seconds: `'3600s'` is any hour, whenever it begins. */
export type Window = NamedWindow | `${number}s`

/** Milliseconds since 1970; `end` is the first instant that no longer belongs to it, `null` where no clock ends it. */
export interface Period {
  readonly start: number
  readonly end: number | null
}

const hour = 3_600_000
const day = 24 * hour

/** Steps that a rolling window moves on by, in its own length. */
const steps = 4
/** A leap year, so that what comes back can be waited for. */
const longest = 366 * 86_400

/** Whether it is a window that there is. */
export const isWindow = (value: unknown): value is Window => isNamed(value) || secondsOf(value) !== null

/** The length of a rolling window; `null` for any other. */
export function secondsOf(window: unknown): number | null {
  const seconds = typeof window === 'string' && /^[1-9]\d{0,7}s$/.test(window) ? Number.parseInt(window, 10) : Infinity
  return seconds <= longest ? seconds : null
}

/**
 * The periods an instant belongs to, the earliest first: one, or several that overlap where the window rolls.
 *
 * A window of n seconds rolls on in steps of s = n / 4. A period begins with every step and lasts
 * five: [k s, (k + 5) s). What is drawn counts in all five that hold its instant, and each obeys the
 * limit. Any n seconds [t - n, t] lie within one of them, that of k = ⌊(t - n) / s⌋, because
 * k s ≤ t - n and t < (k + 1) s + n = (k + 5) s. So nowhere do n seconds exceed the limit, however
 * they are laid, and the whole of it may go at once. The price of constant space: what was drawn at
 * x comes back with the last period that holds x, after more than n and at most 1.25 n seconds.
 *
 * Every fifth period (k divisible by 5) together hold each instant once: sums over time go by those.
 * @throws {RangeError} as `periodAt` does
 */
export function periodsAt(window: Window, timeZone: string, at: number): readonly Period[] {
  const seconds = secondsOf(window)
  if (seconds === null || !isInstant(at)) return [periodAt(window, timeZone, at)]
  const step = seconds * 1_000 / steps
  const last = Math.floor(at / step)
  return Array.from({ length: steps + 1 }, (_, index) => {
    const start = (last - steps + index) * step
    return { start, end: start + (steps + 1) * step }
  })
}

/** Whether sums over time go by the period that begins then: of a window that rolls every fifth does, so that nothing is summed twice. */
export function isSummed(window: unknown, start: number): boolean {
  const seconds = secondsOf(window)
  return seconds === null || start % (seconds * 1_000 / steps * (steps + 1)) === 0
}

// 8.64 × 10¹⁵ is the last instant that has a date.
const isInstant = (at: number) => Math.abs(at) <= 8.64e15

/**
 * The period of a calendar an instant belongs to. Days are calendar days: 23 or 25 hours long where clocks change.
 * @param timeZone an IANA name, such as `Europe/Paris`
 * @throws {RangeError} for a window or a time zone that nobody knows, and for no instant
 */
export function periodAt(window: Window, timeZone: string, at: number): Period {
  if (!isNamed(window) || !isInstant(at)) {
    throw new RangeError(`There is no ${window} at ${at}. Use one of ${windows.join(', ')}, and milliseconds since 1970.`)
  }
  if (window === 'run' || window === 'session') return { start: 0, end: null }
  if (window === 'hour') return hourAt(timeZone, at)
  const today = Math.floor((at + offsetAt(timeZone, at)) / day)
  const [first, next] = calendarDays(window, today)
  return { start: startOfDay(timeZone, first), end: startOfDay(timeZone, next) }
}

const isNamed = (window: unknown): window is NamedWindow => windows.includes(window as NamedWindow)

/** An hour of the wall clock: cut short where clocks change within it, as by half an hour on Lord Howe. */
function hourAt(timeZone: string, at: number): Period {
  const offset = offsetAt(timeZone, at)
  const start = at - modulo(at + offset, hour)
  const isSame = (other: number) => offsetAt(timeZone, other) === offset
  return {
    start: isSame(start) ? start : firstInstant(start, at, isSame),
    end: isSame(start + hour - 1) ? start + hour : firstInstant(at, start + hour, other => !isSame(other)),
  }
}

/** First day of this period and of the next, as days since 1970 on the zone's own calendar. */
function calendarDays(window: 'day' | 'week' | 'month', today: number): [number, number] {
  if (window === 'day') return [today, today + 1]
  if (window === 'week') {
    const monday = today - modulo(today + 3, 7) // day 0, 1 January 1970, was a Thursday
    return [monday, monday + 7]
  }
  const date = new Date(today * day)
  const month = (ahead: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1) / day
  return [month(0), month(1)]
}

/**
 * The first instant of a calendar day. Most days start at midnight; where clocks go forward at
 * midnight (Beirut, Havana) or a day is left out (Apia, 2011) they start when they start.
 */
function startOfDay(timeZone: string, date: number): number {
  const midnight = date * day
  const starts = [-1, 1].map(side => midnight - offsetAt(timeZone, midnight + side * day))
  return firstInstant(Math.min(...starts) - 1, Math.max(...starts), at => at + offsetAt(timeZone, at) >= midnight)
}

/** The first instant at which something has begun that had not `before` and has `after`. */
function firstInstant(before: number, after: number, hasBegun: (at: number) => boolean): number {
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (hasBegun(middle)) after = middle
    else before = middle
  }
  return after
}

/** Milliseconds that a zone's clocks are ahead of UTC. */
function offsetAt(timeZone: string, at: number): number {
  if (timeZone === 'UTC') return 0
  const parts: Record<string, number> = {}
  for (const { type, value } of clock(timeZone).formatToParts(at)) parts[type] = Number(value)
  const { year = 0, month = 0, day: date, hour: hours, minute, second } = parts
  return Date.UTC(year, month - 1, date, hours, minute, second) - Math.floor(at / 1000) * 1000
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clock(timeZone: string): Intl.DateTimeFormat {
  let known = clocks.get(timeZone)
  if (!known) {
    known = new Intl.DateTimeFormat('en-u-ca-iso8601', {
      timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    })
    clocks.set(timeZone, known)
  }
  return known
}

const modulo = (a: number, n: number) => ((a % n) + n) % n

/** The device's own time zone. */
export const localTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone
