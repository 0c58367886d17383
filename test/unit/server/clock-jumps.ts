import { expect } from 'vitest'
import type { Ledger } from '../../../src/server/index.ts'
import { claim, hour, noon, receiptOf, request, run } from '../../../src/testing/ledger/scene.ts'

const day = 24 * hour

/** Opens another holder of the same record. */
type Open = (options: { now: () => number; retention: number; uptime: () => number }) => Ledger

/** What a ledger and its clock go through. */
interface Course {
  readonly clock: { now: number; lived: number }
  /** Time goes by, and the clock with it. */
  pass(by: number): void
  /** Asks for more runs of the month than there are, some time apart, and settles them. @returns how many were let through */
  spend(prefix: string, on?: Ledger): Promise<number>
  again(): Ledger
}

const claims = [claim(1, { window: 'month', limit: 10 })]

function course(open: Open): Course {
  const clock = { now: noon, lived: 0 }
  const again = () => open({ now: () => clock.now, retention: day, uptime: () => clock.lived })
  const first = again()
  return {
    clock, again,
    pass(by) {
      clock.now += by
      clock.lived += by
    },
    async spend(prefix, on = first) {
      const through: string[] = []
      for (let at = 0; at < 12; at++) {
        const key = run(`${prefix}${at}`)
        const { outcome } = await on.reserve(request(key, claims))
        if (outcome === 'reserved') through.push(key.run)
        if (outcome === 'reserved') await on.settle(key, { runs: 1 }, receiptOf(key.run))
        // A pause of the clearing goes by, and what it does meanwhile comes to its end.
        clock.now += 61_000
        clock.lived += 61_000
        await on.expire()
        await new Promise(resolve => { setTimeout(resolve, 2) })
      }
      return through.length
    },
  }
}

/**
 * Has the clock of a ledger with a retention go wrong, before and after it has believed one, and start anew meanwhile:
 * what was spent in the month that it really is counts on.
 */
export async function assertClockJumps(open: Open): Promise<void> {
  const { clock, pass, spend, again } = course(open)
  expect(await spend('a')).toBe(10)
  for (const by of [10 * day, 300 * day]) {
    clock.now += by
    // Another month has runs of its own.
    expect(await spend(`ahead${by}`)).toBe(10)
    const novice = again()
    await spend(`novice${by}`, novice)
    await novice.close()
    clock.now -= by
    expect(await spend(`b${by}`)).toBe(0)
    // By now it has believed the clock.
    pass(3 * hour)
    expect(await spend(`c${by}`)).toBe(0)
  }
}

/** A clock that went ahead and stays there is believed, also by those who live shorter than that takes. */
export async function assertClockIsBelieved(open: Open): Promise<void> {
  const { clock, pass, spend, again } = course(open)
  await spend('a')
  const isKept = async () => (await again().entry(run('a0'))) !== null
  clock.now += 40 * day
  pass(59 * 60_000)
  await spend('b')
  expect(await isKept()).toBe(true)
  pass(61 * 60_000)
  await spend('c')
  expect(await isKept()).toBe(false)
  // A server that is gone after half an hour, again and again.
  expect(await again().entry(run('b0'))).not.toBeNull()
  for (let at = 0; at < 60; at++) {
    pass(30 * 60_000)
    const short = again()
    await short.reserve(request(run(`short${at}`), []))
    await short.close()
  }
  expect(await again().entry(run('b0'))).toBeNull()
}
