/** How a call of a model ended. */
interface Trial {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly ok: boolean
  /** Whose call took too long, where that is why it failed: it may have been long itself. */
  readonly late?: string | undefined
}

/**
 * Whether a model may be asked. `closed`: it may. `open`: it is left alone for a while. `half-open`:
 * one run asks it, and what becomes of that decides.
 */
export interface Breaker {
  /** The latest calls, the newest last. */
  readonly recent: readonly Trial[]
  /** Until when it is left alone, milliseconds since 1970; `null` while it is closed. */
  readonly until: number | null
  /** How often it opened since it last worked. */
  readonly openings: number
  /** Until when a probe is waited for; `null` where none is under way. */
  readonly probing: number | null
}

export const closed: Breaker = { recent: [], until: null, openings: 0, probing: null }

/** Calls that are looked at: those of the last minute, and no more than so many. */
const window = { milliseconds: 60_000, calls: 20 }
/** It opens after so many failures among them, if at least half of them failed, and not for one person's slow calls alone. */
const mostFailures = 5
/** Milliseconds that it is left alone at first, and at most; twice as long each time that it does not work again. */
const pauses = { first: 10_000, longest: 300_000 }
/** A probe that says nothing for so long was lost. */
const probeLease = 120_000

export type BreakerState = 'closed' | 'open' | 'half-open'

export function stateOf({ until }: Breaker, now: number): BreakerState {
  if (until === null) return 'closed'
  return now < until ? 'open' : 'half-open'
}

/** Whether it may be asked now: half-open, by one at a time. */
export const admits = (breaker: Breaker, now: number): boolean =>
  stateOf(breaker, now) === 'closed' || (stateOf(breaker, now) === 'half-open' && (breaker.probing === null || now >= breaker.probing))

/** It is being asked. */
export const entered = (breaker: Breaker, now: number): Breaker =>
  stateOf(breaker, now) === 'half-open' ? { ...breaker, probing: now + probeLease } : breaker

/** It was asked, and nobody can say whether it works: the one who asked went away. */
export const left = (breaker: Breaker): Breaker => ({ ...breaker, probing: null })

/** It answered. While it is open that was asked for before it opened, and closes nothing. */
export function succeeded(breaker: Breaker, now: number): Breaker {
  const state = stateOf(breaker, now)
  if (state === 'half-open') return closed
  return state === 'open' ? breaker : { ...breaker, recent: latest(breaker, { at: now, ok: true }) }
}

export interface Failure {
  readonly now: number
  /** Milliseconds that it asked to be left alone; `null` where it did not say. */
  readonly retryAfter: number | null
  /** From 0 to below 1. Servers that share a model must not all come back at once. */
  readonly random: number
  /** Whose call it was, where it took too long. */
  readonly late?: string
}

/** It failed. Where it asked to be left alone it is, at once and for no shorter than that. */
export function failed(breaker: Breaker, { now, retryAfter, random, late }: Failure): Breaker {
  const recent = latest(breaker, { at: now, ok: false, late })
  const state = stateOf(breaker, now)
  if (retryAfter !== null && retryAfter > 0) {
    const until = Math.max(breaker.until ?? 0, now + retryAfter * (1 + random / 10))
    return { recent, until, openings: Math.max(1, breaker.openings), probing: null }
  }
  if (state === 'open') return breaker
  if (state === 'closed' && !isTooMany(recent)) return { ...breaker, recent }
  const openings = breaker.openings + 1
  const pause = Math.min(pauses.longest, pauses.first * 2 ** (openings - 1))
  return { recent, until: now + pause * (0.5 + random), openings, probing: null }
}

const latest = ({ recent }: Breaker, trial: Trial): readonly Trial[] =>
  [...recent.filter(({ at }) => trial.at - at < window.milliseconds), trial].slice(-window.calls)

function isTooMany(recent: readonly Trial[]): boolean {
  const failures = recent.filter(({ ok }) => !ok)
  const isOnes = failures.every(({ late }) => late !== undefined && late === failures[0]!.late)
  return failures.length >= mostFailures && failures.length * 2 >= recent.length && !isOnes
}
