import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { wattHoursOf } from '../../../../src/catalog/index.ts'
import { baseline } from '../../../../src/server/index.ts'
import type { BaselineOptions, ProviderPart } from '../../../../src/server/index.ts'
import { cpuClock, startTiming } from '../../../../src/server/providers/cpu-clock.ts'
import { callOf } from './calls.ts'

/** Watt-seconds of a core that draws one watt: the seconds it was charged for. */
async function secondsOf(features: NonNullable<BaselineOptions['features']>): Promise<number> {
  const parts: ProviderPart[] = []
  for await (const part of baseline({ features, watts: 1 }).stream(callOf())) parts.push(...[part].flat())
  const energy = parts.find(({ type }) => type === 'energy')
  return energy?.type === 'energy' ? energy.wh / wattHoursOf(1, 1) : Number.NaN
}

/** Keeps the processor busy for so many milliseconds of its own time. */
function work(milliseconds: number): string {
  const clock = cpuClock()!
  const until = clock() + milliseconds / 1_000
  while (clock() < until);
  return 'done'
}

const { feature } = callOf()

afterEach(() => vi.unstubAllGlobals())

describe('what an extractor is charged for', () => {
  test('is the time of the processor, and not what it waits', async () => {
    const waited = await secondsOf({ [feature]: async () => {
      await pause(300)
      return 'done'
    } })
    const worked = await secondsOf({ [feature]: () => work(40) })
    expect(waited).toBeGreaterThan(0)
    expect(waited).toBeLessThan(0.15)
    expect(worked).toBeGreaterThanOrEqual(0.04)
  })

  test('is all the time that passed where no clock tells that, and then it is modelled', async () => {
    expect(baseline().models[0]!.provenance.wh).toBe('measured')
    vi.stubGlobal('process', {})
    const { models: [model] } = baseline()
    const waited = await secondsOf({ [feature]: () => pause(60, 'done') })
    expect(model!.provenance).toEqual({ usd: 'local', wh: 'modelled' })
    expect(waited).toBeGreaterThanOrEqual(0.055)
  })
})

describe('a clock of the processor', () => {
  const reading = (...microseconds: number[]) => () => ({ user: microseconds.shift()!, system: 0 })

  test('is the thread\'s before the process\'s, and none where there is neither or it does not work', () => {
    expect(cpuClock({ process: { threadCpuUsage: reading(0, 2e6), cpuUsage: reading(0, 9e6) } })!()).toBe(2)
    expect(cpuClock({ process: { cpuUsage: reading(0, 9e6) } })!()).toBe(9)
    const broken = () => { throw new Error('Not here.') }
    for (const host of [{}, { process: {} }, { process: { cpuUsage: broken } }, { process: { cpuUsage: reading(Number.NaN) } }]) expect(cpuClock(host)).toBeNull()
  })

  test('is never believed beyond the time that passed, and nothing took no time', () => {
    const timed = (milliseconds: number, ...seconds: number[]) => {
      const times = [0, milliseconds]
      return startTiming(seconds.length > 0 ? () => seconds.shift()! : null, () => times.shift()!)()
    }
    expect([timed(1_000, 5, 5.2), timed(1_000, 5, 9), timed(1_000), timed(1_000, 5, 5), timed(0, 5, 6), timed(0)].map(each => Number(each.toFixed(7)))).toEqual([0.2, 1, 1, 1e-6, 1e-6, 1e-6])
  })
})
