import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localTimeZone, periodAt, windows } from '../../../src/core/window.ts'
import type { Window } from '../../../src/core/window.ts'

const iso = (at: number) => new Date(at).toISOString().replace(':00.000Z', 'Z')
const at = (utc: string) => Date.parse(utc)

function periodOf(window: Window, timeZone: string, utc: string): string {
  const { start, end } = periodAt(window, timeZone, at(utc))
  return `${iso(start)} ${iso(end!)}`
}

type Row = readonly [window: Window, instant: string, start: string, end: string]

/** Worked out by hand from each zone's rules; the comments are local time. */
const tables: Record<string, readonly Row[]> = {
  'UTC': [
    ['hour', '2026-02-28T23:59Z', '2026-02-28T23:00Z', '2026-03-01T00:00Z'],
    ['day', '2024-02-29T00:00Z', '2024-02-29T00:00Z', '2024-03-01T00:00Z'],
    ['week', '2026-01-01T12:00Z', '2025-12-29T00:00Z', '2026-01-05T00:00Z'], // a Thursday
    ['week', '2026-01-04T23:59Z', '2025-12-29T00:00Z', '2026-01-05T00:00Z'], // a Sunday still belongs to it
    ['week', '2026-01-05T00:00Z', '2026-01-05T00:00Z', '2026-01-12T00:00Z'],
    ['month', '2024-02-29T23:59Z', '2024-02-01T00:00Z', '2024-03-01T00:00Z'],
    ['month', '2100-02-28T12:00Z', '2100-02-01T00:00Z', '2100-03-01T00:00Z'], // no leap year
    ['month', '2026-12-31T23:59Z', '2026-12-01T00:00Z', '2027-01-01T00:00Z'],
    ['week', '1969-12-31T12:00Z', '1969-12-29T00:00Z', '1970-01-05T00:00Z'],
  ],
  // +1; +2 from 29 March 2026, 01:00Z, to 25 October, 01:00Z
  'Europe/Paris': [
    ['day', '2026-03-29T12:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'], // 23 hours
    ['day', '2026-10-25T12:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'], // 25 hours
    ['day', '2026-03-28T23:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
    ['day', '2026-03-28T22:59Z', '2026-03-27T23:00Z', '2026-03-28T23:00Z'],
    ['hour', '2026-03-29T00:30Z', '2026-03-29T00:00Z', '2026-03-29T01:00Z'], // 01:30, the next is 03:00
    ['hour', '2026-03-29T01:00Z', '2026-03-29T01:00Z', '2026-03-29T02:00Z'],
    ['hour', '2026-10-25T00:30Z', '2026-10-25T00:00Z', '2026-10-25T01:00Z'], // 02:30, the first time
    ['hour', '2026-10-25T01:30Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z'], // 02:30 again: another hour
    ['week', '2026-03-29T12:00Z', '2026-03-22T23:00Z', '2026-03-29T22:00Z'],
    ['week', '2026-10-19T12:00Z', '2026-10-18T22:00Z', '2026-10-25T23:00Z'],
    ['month', '2026-01-31T23:30Z', '2026-01-31T23:00Z', '2026-02-28T23:00Z'], // 1 February, 00:30
    ['month', '2024-02-29T12:00Z', '2024-01-31T23:00Z', '2024-02-29T23:00Z'],
    ['month', '2026-03-15T12:00Z', '2026-02-28T23:00Z', '2026-03-31T22:00Z'],
    ['month', '2026-10-31T12:00Z', '2026-09-30T22:00Z', '2026-10-31T23:00Z'],
  ],
  // −5; −4 from 8 March 2026, 07:00Z, to 1 November, 06:00Z
  'America/New_York': [
    ['day', '2026-03-08T12:00Z', '2026-03-08T05:00Z', '2026-03-09T04:00Z'],
    ['day', '2026-11-01T12:00Z', '2026-11-01T04:00Z', '2026-11-02T05:00Z'],
    ['day', '2026-11-02T04:59Z', '2026-11-01T04:00Z', '2026-11-02T05:00Z'], // 23:59
    ['hour', '2026-11-01T05:30Z', '2026-11-01T05:00Z', '2026-11-01T06:00Z'], // 01:30, the first time
    ['hour', '2026-11-01T06:30Z', '2026-11-01T06:00Z', '2026-11-01T07:00Z'], // 01:30 again
    ['week', '2026-11-01T12:00Z', '2026-10-26T04:00Z', '2026-11-02T05:00Z'],
    ['month', '2026-03-31T12:00Z', '2026-03-01T05:00Z', '2026-04-01T04:00Z'],
    ['month', '2026-11-30T12:00Z', '2026-11-01T04:00Z', '2026-12-01T05:00Z'],
    ['month', '2027-01-01T04:59Z', '2026-12-01T05:00Z', '2027-01-01T05:00Z'], // 31 December, 23:59
  ],
  // −5; −4 from 8 March 2026, 00:00 (then 01:00), to 1 November, 01:00 (then 00:00)
  'America/Havana': [
    ['day', '2026-03-08T12:00Z', '2026-03-08T05:00Z', '2026-03-09T04:00Z'], // begins at 01:00
    ['day', '2026-03-07T12:00Z', '2026-03-07T05:00Z', '2026-03-08T05:00Z'],
    ['day', '2026-11-01T12:00Z', '2026-11-01T04:00Z', '2026-11-02T05:00Z'], // at the first of two midnights
    ['day', '2026-11-01T04:30Z', '2026-11-01T04:00Z', '2026-11-02T05:00Z'], // 00:30, the first time
    ['day', '2026-11-01T05:30Z', '2026-11-01T04:00Z', '2026-11-02T05:00Z'], // 00:30 again
    ['week', '2026-03-08T12:00Z', '2026-03-02T05:00Z', '2026-03-09T04:00Z'],
    ['month', '2026-11-01T05:00Z', '2026-11-01T04:00Z', '2026-12-01T05:00Z'],
    ['month', '2026-03-31T12:00Z', '2026-03-01T05:00Z', '2026-04-01T04:00Z'],
  ],
  // +5:30, always
  'Asia/Kolkata': [
    ['hour', '2026-06-01T12:10Z', '2026-06-01T11:30Z', '2026-06-01T12:30Z'], // 17:40
    ['day', '2026-01-31T18:29Z', '2026-01-30T18:30Z', '2026-01-31T18:30Z'],
    ['day', '2026-01-31T18:30Z', '2026-01-31T18:30Z', '2026-02-01T18:30Z'],
    ['week', '2026-06-07T18:29Z', '2026-05-31T18:30Z', '2026-06-07T18:30Z'], // Sunday, 23:59
    ['month', '2026-01-31T18:30Z', '2026-01-31T18:30Z', '2026-02-28T18:30Z'],
    ['month', '2024-02-29T18:29Z', '2024-01-31T18:30Z', '2024-02-29T18:30Z'],
  ],
  // +10:30; +11 from 4 October 2026, 02:00 (then 02:30); back on 5 April 2026, 02:00 (then 01:30)
  'Australia/Lord_Howe': [
    ['day', '2026-04-05T00:00Z', '2026-04-04T13:00Z', '2026-04-05T13:30Z'], // 24½ hours
    ['day', '2026-10-04T00:00Z', '2026-10-03T13:30Z', '2026-10-04T13:00Z'], // 23½ hours
    ['week', '2026-04-05T00:00Z', '2026-03-29T13:00Z', '2026-04-05T13:30Z'],
    ['month', '2026-04-30T00:00Z', '2026-03-31T13:00Z', '2026-04-30T13:30Z'],
    ['month', '2026-10-01T00:00Z', '2026-09-30T13:30Z', '2026-10-31T13:00Z'],
    ['hour', '2026-06-01T00:00Z', '2026-05-31T23:30Z', '2026-06-01T00:30Z'],
    ['hour', '2026-04-04T14:59Z', '2026-04-04T14:00Z', '2026-04-04T15:00Z'], // 01:59, the first time
    ['hour', '2026-04-04T15:00Z', '2026-04-04T15:00Z', '2026-04-04T15:30Z'], // 01:30 again: half an hour
    ['hour', '2026-04-04T15:30Z', '2026-04-04T15:30Z', '2026-04-04T16:30Z'],
    ['hour', '2026-10-03T15:29Z', '2026-10-03T14:30Z', '2026-10-03T15:30Z'], // 01:59
    ['hour', '2026-10-03T15:45Z', '2026-10-03T15:30Z', '2026-10-03T16:00Z'], // 02:45, half an hour as well
    ['hour', '2026-10-03T16:00Z', '2026-10-03T16:00Z', '2026-10-03T17:00Z'],
  ],
  // −10 until the end of 29 December 2011, then +14: there was no 30 December
  'Pacific/Apia': [
    ['day', '2011-12-30T09:59Z', '2011-12-29T10:00Z', '2011-12-30T10:00Z'],
    ['day', '2011-12-30T10:00Z', '2011-12-30T10:00Z', '2011-12-31T10:00Z'], // 31 December
    ['week', '2011-12-30T12:00Z', '2011-12-26T10:00Z', '2012-01-01T10:00Z'], // six days
    ['month', '2011-12-31T09:59Z', '2011-12-01T10:00Z', '2011-12-31T10:00Z'], // thirty days
    ['month', '2011-12-31T10:00Z', '2011-12-31T10:00Z', '2012-01-31T10:00Z'],
  ],
  // −3; in those years −2 from 4 November 2018, 00:00 (then 01:00), to 18 February 2018, 00:00 (then 23:00)
  'America/Sao_Paulo': [
    ['day', '2018-11-04T12:00Z', '2018-11-04T03:00Z', '2018-11-05T02:00Z'],
    ['day', '2018-02-18T01:30Z', '2018-02-17T02:00Z', '2018-02-18T03:00Z'], // 23:30 on the 17th, the first time
    ['day', '2018-02-18T02:30Z', '2018-02-17T02:00Z', '2018-02-18T03:00Z'], // 23:30 on the 17th again
    ['day', '2018-02-18T03:00Z', '2018-02-18T03:00Z', '2018-02-19T03:00Z'],
    ['month', '2018-11-30T12:00Z', '2018-11-01T03:00Z', '2018-12-01T02:00Z'],
    ['month', '2018-02-28T12:00Z', '2018-02-01T02:00Z', '2018-03-01T03:00Z'],
    ['day', '2026-11-04T12:00Z', '2026-11-04T03:00Z', '2026-11-05T03:00Z'], // no longer
  ],
  // +2; +3 from 29 March 2026, 00:00 (then 01:00), to 25 October, 00:00 (then 23:00)
  'Asia/Beirut': [
    ['day', '2026-03-29T12:00Z', '2026-03-28T22:00Z', '2026-03-29T21:00Z'],
    ['day', '2026-10-24T12:00Z', '2026-10-23T21:00Z', '2026-10-24T22:00Z'], // 25 hours
    ['day', '2026-10-24T21:30Z', '2026-10-23T21:00Z', '2026-10-24T22:00Z'], // 23:30 again
    ['week', '2026-03-29T12:00Z', '2026-03-22T22:00Z', '2026-03-29T21:00Z'],
    ['month', '2026-03-31T12:00Z', '2026-02-28T22:00Z', '2026-03-31T21:00Z'],
    ['month', '2026-10-31T12:00Z', '2026-09-30T21:00Z', '2026-10-31T22:00Z'],
  ],
  // −3; −4 from 5 April 2026, 00:00 (then 23:00), to 6 September, 00:00 (then 01:00)
  'America/Santiago': [
    ['day', '2026-04-04T12:00Z', '2026-04-04T03:00Z', '2026-04-05T04:00Z'], // 25 hours
    ['hour', '2026-04-05T02:30Z', '2026-04-05T02:00Z', '2026-04-05T03:00Z'], // 23:30, the first time
    ['hour', '2026-04-05T03:30Z', '2026-04-05T03:00Z', '2026-04-05T04:00Z'], // 23:30 again
    ['day', '2026-09-06T12:00Z', '2026-09-06T04:00Z', '2026-09-07T03:00Z'], // begins at 01:00
    ['week', '2026-09-06T12:00Z', '2026-08-31T04:00Z', '2026-09-07T03:00Z'],
    ['month', '2026-04-30T12:00Z', '2026-04-01T03:00Z', '2026-05-01T04:00Z'],
    ['month', '2026-10-01T02:59Z', '2026-09-01T04:00Z', '2026-10-01T03:00Z'], // 30 September, 23:59
  ],
  // +5:45, always
  'Asia/Kathmandu': [
    ['hour', '2026-06-01T12:10Z', '2026-06-01T11:15Z', '2026-06-01T12:15Z'], // 17:55
    ['day', '2026-01-31T18:14Z', '2026-01-30T18:15Z', '2026-01-31T18:15Z'],
    ['month', '2026-01-31T18:15Z', '2026-01-31T18:15Z', '2026-02-28T18:15Z'], // 1 February, 00:00
  ],
}

describe.each(Object.entries(tables))('%s', (timeZone, rows) => {
  test.each(rows)('the %s of %s is %s to %s', (window, instant, start, end) => {
    expect(periodOf(window, timeZone, instant)).toBe(`${start} ${end}`)
  })
})

describe('a period', () => {
  const timeZone = fc.constantFrom(...Object.keys(tables), 'Pacific/Chatham', 'Africa/Casablanca', 'Africa/Cairo', 'Pacific/Kiritimati')
  const instant = fc.integer({ min: at('2012-01-01T00:00Z'), max: at('2037-12-31T00:00Z') })
  const calendar = fc.constantFrom<Window>('day', 'week', 'month')
  /** Near a change of clocks, which instants drawn evenly would hardly meet. */
  const nearChange = fc.tuple(
    fc.constantFrom('2026-03-08T05:00Z', '2026-03-08T07:00Z', '2026-03-29T01:00Z', '2026-03-28T22:00Z', '2026-10-24T21:00Z', '2026-10-25T01:00Z', '2026-11-01T05:00Z', '2026-11-01T06:00Z', '2026-04-04T15:00Z', '2026-10-03T15:30Z', '2018-02-18T02:00Z', '2018-11-04T03:00Z', '2011-12-30T10:00Z'),
    fc.integer({ min: -7_200_000, max: 7_200_000 }),
  ).map(([change, by]) => at(change) + by)
  const anyInstant = fc.oneof(instant, nearChange)

  test('holds its instant, and begins where the one before ends', () => {
    fc.assert(fc.property(calendar, timeZone, anyInstant, (window, zone, now) => {
      const { start, end } = periodAt(window, zone, now)
      expect(start).toBeLessThanOrEqual(now)
      expect(now).toBeLessThan(end!)
      expect(periodAt(window, zone, end!).start).toBe(end)
      expect(periodAt(window, zone, start - 1).end).toBe(start)
    }), { numRuns: 1_500 })
  })

  test('is the same for every instant inside', () => {
    fc.assert(fc.property(calendar, timeZone, anyInstant, fc.double({ min: 0, max: 1, noNaN: true }), (window, zone, now, share) => {
      const period = periodAt(window, zone, now)
      const inside = Math.min(period.end! - 1, period.start + Math.floor(share * (period.end! - period.start)))
      for (const each of [period.start, inside, period.end! - 1]) expect(periodAt(window, zone, each)).toEqual(period)
    }), { numRuns: 1_500 })
  })

  test('of an hour does all that too, and is shorter where clocks change within it', () => {
    fc.assert(fc.property(timeZone, anyInstant, fc.double({ min: 0, max: 1, noNaN: true }), (zone, now, share) => {
      const period = periodAt('hour', zone, now)
      const { start, end } = period
      const inside = start + Math.floor(share * (end! - 1 - start))
      for (const each of [start, inside, end! - 1]) expect(periodAt('hour', zone, each)).toEqual(period)
      expect(now >= start && now < end!).toBe(true)
      expect(end! - start).toBeLessThanOrEqual(3_600_000)
      expect(periodAt('hour', zone, end!).start).toBe(end)
      expect(periodAt('hour', zone, start - 1).end).toBe(start)
    }), { numRuns: 1_000 })
  })

  test('of a day is a day of the wall clock', () => {
    const date = (zone: string, now: number) => new Date(now).toLocaleDateString('sv', { timeZone: zone })
    fc.assert(fc.property(timeZone, anyInstant, (zone, now) => {
      const { start, end } = periodAt('day', zone, now)
      expect(date(zone, start)).toBe(date(zone, now))
      expect(date(zone, end! - 1)).toBe(date(zone, now))
      expect(date(zone, start - 1) < date(zone, now)).toBe(true)
      expect(date(zone, end!) > date(zone, now)).toBe(true)
    }))
  })

  test.each(['run', 'session'] as const)('of a %s is ended by no clock', window => {
    expect(periodAt(window, 'Europe/Paris', at('2026-03-29T01:00Z'))).toEqual({ start: 0, end: null })
  })
})

test.each(windows.filter(window => window !== 'run' && window !== 'session'))('a time zone that nobody knows is refused for a %s', window => {
  expect(() => periodAt(window, 'Europe/Atlantis', 0)).toThrow(RangeError)
})

test.each(windows)('no instant belongs to a %s that is none', window => {
  for (const none of [NaN, Infinity, -Infinity, 8.64e15 + 1]) expect(() => periodAt(window, 'UTC', none)).toThrow(RangeError)
})

test.each(['year', 'Day', '', 'toString', undefined, null])('%s is no window, and no month either', window => {
  expect(() => periodAt(window as Window, 'UTC', 0)).toThrow(/Use one of run, session, hour, day, week, month/)
})

test('the device has a time zone that periods can be made of', () => {
  expect(() => periodAt('day', localTimeZone(), Date.now())).not.toThrow()
})
