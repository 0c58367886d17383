import type { Source } from './source.ts'

/** Milliseconds between two looks at what may have changed. A server may be some seconds behind, and no open tab half a minute. */
const every = 25_000
/** The first wait where something is left to be done; each further one is twice as long. */
const soonest = 1_000
/** How often that is tried where there is no page that somebody comes back to. */
const attempts = 10

/** Keeps a page up to date. */
export interface Watch {
  /** Asks for everything again. */
  again(): void
  /** Does at once what is to be done, and goes on trying until it is. */
  soon(): void
  close(): void
}

/**
 * In a page everything is asked for at once, when somebody comes back to it and when the network does;
 * and while it is visible, every now and then whether anything changed. On a server, and in a page that
 * is hidden, no timer runs; but on a server too, what was left to be done is tried for some minutes.
 * @param errands does what is to be done; resolves to whether nothing is left
 */
export function createWatch({ look, refresh }: Pick<Source, 'look' | 'refresh'>, errands: () => Promise<boolean>): Watch {
  const page = typeof window === 'undefined' ? null : window
  const isHidden = () => page?.document?.visibilityState === 'hidden'
  let timer: ReturnType<typeof setTimeout> | undefined
  let pause = soonest
  let left = 0
  let returning: Promise<void> | undefined
  let closed = false

  async function round(act: () => Promise<boolean>): Promise<void> {
    const isDone = await act()
    clearTimeout(timer)
    const wait = isDone ? every : pause
    pause = isDone ? soonest : Math.min(2 * pause, every)
    const goesOn = page ? !isHidden() : !isDone && left-- > 0
    if (closed || !goesOn) return
    timer = setTimeout(() => void round(look), wait)
    // Where timers can, this one keeps no process alive.
    ;(timer as { unref?(): void }).unref?.()
  }
  // Coming back is several events.
  const ask = () => returning ??= round(refresh).finally(() => { returning = undefined })
  const comeBack = () => {
    if (isHidden()) clearTimeout(timer)
    else void ask()
  }
  const events = ['online', 'focus', 'visibilitychange']
  for (const event of events) page?.addEventListener(event, comeBack)
  if (page) void ask()
  return {
    again: () => void round(refresh),
    soon() {
      left = attempts
      pause = soonest
      void round(errands)
    },
    close() {
      closed = true
      clearTimeout(timer)
      for (const event of events) page?.removeEventListener(event, comeBack)
    },
  }
}
