import { rangeOf } from '../core/index.ts'
import type { EnergyProfile, Range } from '../core/index.ts'
import { likelyRange, observe } from './sketch.ts'
import type { Prior, Sketch } from './sketch.ts'

/**
 * What an upstream's meter showed of a model's last runs: millionths of what was modelled for their
 * tokens, oldest first. As JSON it takes about 200 bytes.
 */
export type MeterSketch = Sketch

/** A run's energy by the upstream's own meter, and by the middle of the model's configured profile, in watt-hours. */
export interface MeterReading {
  readonly wh: number
  readonly modelled: number
}

/** Runs that are remembered: a deployment that changed is known after so many. */
const remembered = 20
/** Runs from which on the meter stands by itself; before, the profile has its say as well. */
const handful = 5
/** What a run may draw at most, beside the most that was metered: load and batches differ from hour to hour. */
const margin = 1.5
/**
 * How many times what the others said a reading counts for at most, once for each that says the like: load
 * and batches make such a difference, and one figure that was read wrong must not set the most for all.
 */
const leap = 3
/** Readings that say the like and so are believed, whatever they say. */
const enough = 3
/** How many times what the profile says a reading counts for at most, while there are too few to say otherwise. */
const doubt = 10
/** What meters are off by in any case, and what is lost where figures are rounded. */
const leastError = 0.05

const million = 1e6

/** The sketch with one more run in it; as it was where nothing was modelled to compare it with. */
export function observeMeter(sketch: MeterSketch, { wh, modelled }: MeterReading): MeterSketch {
  const ratio = million * wh / modelled
  return ratio > 0 && ratio < Infinity ? observe(sketch, Math.min(ratio, Number.MAX_SAFE_INTEGER)).slice(-remembered) : sketch
}

/** Whether a model's energy is known by the meter. */
export const isMetered = (sketch: MeterSketch): boolean => sketch.length >= handful

/**
 * A model's energy by what was metered: its middle, scaled by what the meter showed beside it. The
 * likely range ends at a tenth of the runs to either side; the most is half as much again as any
 * remembered run drew for its tokens, as far as it is believed. Until there is a handful of runs, it is
 * no less than modelled.
 */
export function meteredProfile(profile: EnergyProfile, sketch: MeterSketch): EnergyProfile {
  if (sketch.length === 0) return profile
  const prior = meterPrior(profile)
  const believed = credible(sketch, prior)
  const by = likelyScale(believed, prior)
  const scaled = (range: Range) => rangeOf(range.mid * by.low, range.mid * by.mid, Math.max(range.mid * by.high, isMetered(sketch) ? 0 : range.high))
  const { request, input, output, attention, embodied } = profile
  return {
    request: scaled(request), input: scaled(input), output: scaled(output), ...attention && { attention: scaled(attention) },
    // A meter of electricity says nothing of how the machines were made.
    ...embodied && { embodied },
    most: Math.max(1, margin * Math.max(...believed) / million / by.high),
  }
}

/** The readings, each no farther from the others than it is believed. What is true comes again, and is followed within a few runs. */
function credible(sketch: MeterSketch, { range }: Prior): MeterSketch {
  const sorted = sketch.toSorted((a, b) => a - b)
  // Of a few no more than half can be beside the others.
  const ranks = Array.from({ length: Math.min(enough, Math.ceil(sketch.length / 2)) - 1 }, (_, at) => at + 1)
  if (ranks.length === 0) return sketch.map(each => Math.min(Math.max(each, range.low / doubt), range.high * doubt))
  const least = Math.max(...ranks.map(rank => sorted[rank]! / leap ** rank))
  const most = Math.min(...ranks.map(rank => sorted.at(-1 - rank)! * leap ** rank))
  return sketch.map(each => Math.min(Math.max(each, least), most))
}

function likelyScale(believed: MeterSketch, prior: Prior): Range {
  const { low, mid, high } = likelyRange({ own: believed }, prior)
  return rangeOf(Math.min(low, mid * (1 - leastError)) / million, mid / million, Math.max(high, mid * (1 + leastError)) / million)
}

/** How far runs of one deployment lie apart for the same tokens, in natural logarithms: by the load, less than its model is off. */
const meterDeviation = 0.25

/** As far off as the profile says that it may be, or twice to either side where it claims to be surer. */
function meterPrior({ output: { low, mid, high } }: EnergyProfile): Prior {
  const [least, most] = low > 0 ? [low / mid, high / mid] : [1, 1]
  return { range: rangeOf(million * Math.min(least, 1 / 2), million, million * Math.max(most, 2)), deviation: meterDeviation }
}
