import { isAmount, rangeOf } from '../core/index.ts'
import type { Range } from '../core/index.ts'
import { nominalLevels } from './sketch.ts'
import type { Levels } from './sketch.ts'

/** What the logarithms of a range's two halves are multiplied by. */
export type Spread = readonly [low: number, high: number]

/**
 * How often likely ranges held, in one unit of one feature, of one model or of all. Counts fade, so that it tells of the last
 * fifty runs or so; as JSON it takes about 200 bytes.
 */
export interface Coverage {
  /** Runs that were scored, those that were cut included, and none forgotten. */
  readonly runs: number
  readonly inside: number
  readonly below: number
  readonly above: number
  /** Sum of the natural logarithms of high by low. */
  readonly width: number
  /** Runs that the ceiling cut: what they would have come to is not known, so they are counted apart. */
  readonly cut: number
  /** Among those that were cut, the ones that had outgrown their range by then. */
  readonly cutAbove: number
  /** How far the two halves of a range are stretched. */
  readonly spread: Spread
  /** Whether that is being changed. */
  readonly adapting: boolean
}

/** Coverage as it is reported. */
export interface CoverageReport {
  readonly runs: number
  /** The share of runs that ended inside their range; `null` while there is none. */
  readonly coverage: number | null
  /** What of the rest was less, and what was more. */
  readonly below: number
  readonly above: number
  /** How many times the low end the high end is, on (geometric) average. */
  readonly width: number | null
  /** The share of runs that the ceiling cut, and of those that had outgrown their range. */
  readonly cut: number
  readonly cutAbove: number
  /** Whether ranges are wider or narrower now than they would be by themselves. */
  readonly adapted: 'wider' | 'narrower' | null
}

const target = 0.8
/** Coverage of a range that says 80 % and is left alone. */
const band = { low: 0.7, high: 0.92 }
const fading = 0.98
/** Runs before anything is made of their share. */
const enough = 15
/** How far a stretch moves for one outcome. */
const step = 0.1
/** Nearer to 1 than this, a stretch is over. */
const near = 0.05

const widest = 3
/**
 * The least that a range may be narrowed to. What is learned from the very lengths narrows by itself,
 * and covers too much only where few lengths are possible: there it must not leave one out.
 */
const narrowest = { learned: 1, derived: 0.2 }

export const emptyCoverage: Coverage = { runs: 0, inside: 0, below: 0, above: 0, width: 0, cut: 0, cutAbove: 0, spread: [1, 1], adapting: false }

/** Whether a value is a coverage: for what storage hands over. */
export function isCoverage(value: unknown): value is Coverage {
  const { runs, inside, below, above, width, cut, cutAbove, spread, adapting } = (value ?? {}) as Record<keyof Coverage, unknown>
  return [runs, inside, below, above, width, cut, cutAbove].every(isAmount) && typeof adapting === 'boolean'
    && Array.isArray(spread) && spread.length === 2 && spread.every(by => isAmount(by) && by > 0)
}

/** What a run came to, beside the range that was made before it. */
export interface Outcome {
  readonly range: Range
  readonly actual: number
  /** The ceiling cut it. @default false */
  readonly cut?: boolean
  /** Whether the range's ends are quantiles of what was seen, or worked out from other ranges. */
  readonly from: keyof typeof narrowest
}

/**
 * The coverage with one more run scored. Once it leaves the band, each end of the range is moved by
 * its own misses: nine tenths of a step outwards for one, a tenth of it inwards for anything else, so
 * that in the long run a tenth lies beyond each, whatever comes (adaptive conformal inference, Gibbs
 * & Candès 2021, on the score itself: quantile tracking, Angelopoulos, Candès & Tibshirani 2023).
 * When both ends are back where they started, ranges are left alone again.
 */
export function score(coverage: Coverage, outcome: Outcome): Coverage {
  const miss = missOf(outcome)
  const counted = countedIn(coverage, outcome, miss)
  const adapting = counted.adapting || isOutside(counted)
  // A run that was cut inside its range says nothing of where that should end.
  if (!adapting || (outcome.cut && miss === null)) return { ...counted, adapting }
  const spread = moved(counted.spread, miss, narrowest[outcome.from])
  return isOver(spread) && !isOutside(counted) ? { ...counted, spread: [1, 1], adapting: false } : { ...counted, spread, adapting }
}

/** The coverage with one more run counted, and nothing made of it. */
export const count = (coverage: Coverage, outcome: Outcome): Coverage => countedIn(coverage, outcome, missOf(outcome))

type Miss = 'below' | 'above' | null

/** Amounts that were rounded up to a grain lie where the range's end would be rounded to. */
const grain = 1e-9

function missOf({ range: { low, high }, actual }: Outcome): Miss {
  if (actual < low * (1 - grain) - grain) return 'below'
  return actual > high * (1 + grain) + grain ? 'above' : null
}

function countedIn(coverage: Coverage, { range, cut = false }: Outcome, miss: Miss): Coverage {
  const fade = (count: number, one: boolean) => rounded(count * fading + Number(one))
  const width = range.low > 0 ? Math.log(range.high / range.low) : 0
  const apart = { ...coverage, runs: coverage.runs + 1, cut: fade(coverage.cut, cut), cutAbove: fade(coverage.cutAbove, cut && miss === 'above') }
  if (cut) return apart
  return {
    ...apart, width: rounded(coverage.width * fading + width),
    inside: fade(coverage.inside, miss === null), below: fade(coverage.below, miss === 'below'), above: fade(coverage.above, miss === 'above'),
  }
}

const rounded = (count: number) => Number(count.toFixed(4))

const scoredIn = ({ inside, below, above }: Coverage) => inside + below + above

/** The share that held. A run that had outgrown its range before it was cut is a miss; others that were cut are left out. */
function shareIn(coverage: Coverage): number {
  return coverage.inside / (scoredIn(coverage) + coverage.cutAbove)
}

function isOutside(coverage: Coverage): boolean {
  const share = shareIn(coverage)
  return scoredIn(coverage) + coverage.cutAbove >= enough && (share < band.low || share > band.high)
}

const isOver = (spread: Spread) => spread.every(by => Math.abs(by - 1) < near)

function moved([low, high]: Spread, miss: Miss, least: number): Spread {
  const beyond = (1 - target) / 2
  const next = (by: number, missed: boolean) => rounded(Math.min(Math.max(by + step * (Number(missed) - beyond), least), widest))
  return [next(low, miss === 'below'), next(high, miss === 'above')]
}

/** How far ranges are stretched on average over what was scored. */
export function spreadOver(coverages: readonly Coverage[]): Spread {
  const weight = (coverage: Coverage) => scoredIn(coverage) + coverage.cutAbove
  const all = coverages.reduce((sum, each) => sum + weight(each), 0)
  const mean = (end: 0 | 1) => all > 0 ? rounded(coverages.reduce((sum, each) => sum + weight(each) * each.spread[end], 0) / all) : 1
  return [mean(0), mean(1)]
}

/** What a report says of it. */
export function coverageReport(coverage: Coverage): CoverageReport {
  const { runs, inside, below, above, width, cut, cutAbove } = coverage
  const scored = scoredIn(coverage)
  const share = (count: number, of: number) => of > 0 ? count / of : 0
  return {
    runs, coverage: scored > 0 ? inside / scored : null, below: share(below, scored), above: share(above, scored),
    width: scored > 0 ? Math.exp(width / scored) : null, cut: share(cut, scored + cut), cutAbove: share(cutAbove, cut), adapted: adaptedBy(coverage.spread),
  }
}

function adaptedBy([low, high]: Spread): CoverageReport['adapted'] {
  if (low === 1 && high === 1) return null
  return low + high < 2 ? 'narrower' : 'wider'
}

/**
 * The quantiles at which the ends of a stretched range stand, where it is made of quantiles: those of
 * a logistic distribution lie at multiples of their log-odds.
 */
export function levelsOf([low, high]: Spread): Levels {
  const below = (by: number) => 1 / (1 + (nominalLevels[1] / nominalLevels[0]) ** by)
  return [below(low), 1 - below(high)]
}

/** The range with its halves stretched, in ratios, so that it stays above 0. */
export function stretched({ low, mid, high }: Range, [down, up]: Spread = [1, 1]): Range {
  if (low <= 0 || (down === 1 && up === 1)) return rangeOf(low, mid, high)
  return rangeOf(mid * (low / mid) ** down, mid, mid * (high / mid) ** up)
}
