import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { batches } from '../../src/server/ledger/postgres-batches.ts'
import { databaseClock } from '../../src/server/ledger/postgres-clock.ts'

describe('the database\'s clock', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function clockAhead(by: number) {
    const ahead = { by, asked: 0, fails: false }
    const clock = databaseClock(async () => {
      ahead.asked++
      if (ahead.fails) throw new Error('away')
      return Date.now() + ahead.by
    })
    return { clock, ahead }
  }

  test('is asked once, by however many at a time, and kept going', async () => {
    const { clock, ahead } = clockAhead(5_000)
    expect(await Promise.all([clock.now(), clock.now()])).toEqual([Date.now() + 5_000, Date.now() + 5_000])
    vi.advanceTimersByTime(1_234)
    expect(clock.now()).toBe(Date.now() + 5_000)
    expect(ahead.asked).toBe(1)
  })

  test('is asked again now and then without anybody waiting, also while it cannot be', async () => {
    const { clock, ahead } = clockAhead(5_000)
    await clock.now()
    Object.assign(ahead, { by: 5_100, fails: true })
    await vi.advanceTimersByTimeAsync(31_000)
    expect(clock.now()).toBe(Date.now() + 5_000)
    await vi.advanceTimersByTimeAsync(1)
    ahead.fails = false
    expect(clock.now()).toBe(Date.now() + 5_000)
    await vi.advanceTimersByTimeAsync(1)
    expect(clock.now()).toBe(Date.now() + 5_100)
  })

  test('does not follow a local clock that is set, and is asked when in doubt', async () => {
    const { clock, ahead } = clockAhead(0)
    const before = await clock.now()
    vi.setSystemTime(Date.now() + 3_600_000)
    ahead.by = -3_600_000
    expect(await clock.now()).toBe(before)
    clock.forget()
    ahead.fails = true
    await expect(clock.now()).rejects.toThrow('away')
    ahead.fails = false
    expect(await clock.now()).toBe(before)
  })
})

describe('batches', () => {
  test('take what is there, no two of a name, so many at most, and give each its own answer', async () => {
    const sent: (readonly string[])[] = []
    const together = batches(async (jobs: readonly string[]) => {
      sent.push(jobs)
      await new Promise(resolve => { setImmediate(resolve) })
      return jobs.map(job => `${job}!`)
    }, { most: 3, lanes: 1, nameOf: job => job[0]! })
    expect(await Promise.all(['a1', 'a2', 'b', 'a3', 'c', 'd'].map(together))).toEqual(['a1!', 'a2!', 'b!', 'a3!', 'c!', 'd!'])
    expect(sent).toEqual([['a1', 'b', 'c'], ['a2', 'd'], ['a3']])
    await together.idle()
  })

  test('beside each other keep jobs of one name apart and in order', async () => {
    const names = new Set<string>()
    const order: string[] = []
    const together = batches(async (jobs: readonly string[]) => {
      for (const job of jobs) {
        expect(names).not.toContain(job[0])
        names.add(job[0]!)
        order.push(job)
      }
      await new Promise(resolve => { setTimeout(resolve, Math.random() * 3) })
      for (const job of jobs) names.delete(job[0]!)
      return jobs
    }, { most: 3, lanes: 3, nameOf: job => job[0]! })
    const jobs = Array.from({ length: 60 }, (_, at) => `${'abcd'[at % 4]}${String(at).padStart(2, '0')}`)
    expect(await Promise.all(jobs.map(together))).toEqual(jobs)
    for (const name of 'abcd') expect(order.filter(job => job[0] === name)).toEqual(jobs.filter(job => job[0] === name))
    await together.idle()
  })

  test('fail together, and the next do not', async () => {
    let fails = true
    const together = batches(async (jobs: readonly string[]) => {
      if (fails) throw new Error('away')
      return jobs
    }, { most: 10, lanes: 2, nameOf: job => job })
    const both = await Promise.allSettled([together('a'), together('b')])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fails = false
    expect(await together('a')).toBe('a')
    await together.idle()
  })
})
