import { randomFrom } from '../../src/routing/train/random.ts'

const resamples = 2000

/** A mean with the interval that holds it in 95 % of resamples of the same size. */
export interface Interval {
  mean: number
  low: number
  high: number
}

/** The bootstrap (Efron 1979) over independent texts; the draw is seeded, so that a figure repeats. */
export function meanOf(values: readonly number[]): Interval {
  const random = randomFrom(20_040_722)
  const means = Array.from({ length: resamples }, () => resampledMean(values, random)).sort((a, b) => a - b)
  const at = (share: number) => rounded(means[Math.floor(share * resamples)]!)
  return { mean: rounded(values.reduce((sum, value) => sum + value, 0) / values.length), low: at(0.025), high: at(0.975) }
}

/** The mean difference of two methods text by text, and whether its interval leaves out 0. */
export function differenceOf(ours: readonly number[], theirs: readonly number[]): Interval & { beyondNoise: boolean } {
  const interval = meanOf(ours.map((value, i) => value - theirs[i]!))
  return { ...interval, beyondNoise: interval.low > 0 || interval.high < 0 }
}

function resampledMean(values: readonly number[], random: () => number): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)]!
  return sum / values.length
}


const rounded = (value: number) => Number(value.toFixed(2))
