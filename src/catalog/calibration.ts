import { rangeOf } from '../core/index.ts'
import type { Range } from '../core/index.ts'
import { nominalLevels } from './sketch.ts'
import type { Levels } from './sketch.ts'

/**
 * How often likely ranges held, in one unit of one feature. Counts fade, so that it tells of the last
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
  /** Where the ends of the next range stand. */
  readonly levels: Levels
  /** What is being corrected, from when coverage leaves the band until it is back at 80 %. */
  readonly adapting: 'wider' | 'narrower' | null
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
/** How far a level moves for one outcome. */
const step = 0.03
/** What is left of a correction after each run that needed none. */
const ease = 0.995

const widest = 0.005
/**
 * The least that a range may be narrowed to. What is learned from the very lengths narrows by itself,
 * and covers too much only where few lengths are possible: there it must not leave one out.
 */
const narrowest = { learned: 0.1, derived: 0.4 }

export const emptyCoverage: Coverage = { runs: 0, inside: 0, below: 0, above: 0, width: 0, cut: 0, cutAbove: 0, levels: nominalLevels, adapting: null }

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
 * The coverage with one more run scored. When it leaves the band, the levels of both ends move by
 * adaptive conformal inference (Gibbs & Candès, "Adaptive conformal inference under distribution
 * shift", 2021), each end by its own misses: a miss moves it outwards by nine tenths of a step,
 * anything else inwards by one tenth, until coverage is back at its target.
 */
export function score(coverage: Coverage, outcome: Outcome): Coverage {
  const miss = missOf(outcome)
  const counted = countedIn(coverage, outcome, miss)
  const adapting = direction(counted)
  // A run that was cut inside its range says nothing of where that should end.
  const isKnown = !outcome.cut || miss !== null
  return { ...counted, adapting, levels: isKnown ? nextLevels(counted.levels, miss, adapting, narrowest[outcome.from]) : counted.levels }
}

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

function direction(coverage: Coverage): Coverage['adapting'] {
  const { adapting } = coverage
  if (scoredIn(coverage) + coverage.cutAbove < enough) return adapting
  const share = shareIn(coverage)
  if (share < band.low) return 'wider'
  if (share > band.high) return 'narrower'
  const isBack = adapting === 'wider' ? share >= target : share <= target
  return isBack ? null : adapting
}

function nextLevels([low, high]: Levels, miss: Miss, adapting: Coverage['adapting'], least: number): Levels {
  if (!adapting) {
    const eased = (level: number, nominal: number) => rounded(nominal + (level - nominal) * ease)
    return [eased(low, nominalLevels[0]), eased(high, nominalLevels[1])]
  }
  const outside = (1 - target) / 2
  const moved = (share: number, missed: boolean) => rounded(Math.min(Math.max(share + step * (outside - Number(missed)), widest), least))
  return [moved(low, miss === 'below'), rounded(1 - moved(1 - high, miss === 'above'))]
}

/** What a report says of it. */
export function coverageReport(coverage: Coverage): CoverageReport {
  const { runs, inside, below, above, width, cut, cutAbove } = coverage
  const scored = scoredIn(coverage)
  const share = (count: number, of: number) => of > 0 ? count / of : 0
  return {
    runs, coverage: scored > 0 ? inside / scored : null, below: share(below, scored), above: share(above, scored),
    width: scored > 0 ? Math.exp(width / scored) : null, cut: share(cut, scored + cut), cutAbove: share(cutAbove, cut), adapted: adaptedBy(coverage.levels),
  }
}

/** Below this nobody would see a difference. */
const visible = 0.01

function adaptedBy([low, high]: Levels): CoverageReport['adapted'] {
  const outwards = [nominalLevels[0] - low, high - nominalLevels[1]] as const
  if (outwards.every(by => Math.abs(by) < visible)) return null
  return outwards[0] + outwards[1] < 0 ? 'narrower' : 'wider'
}

/**
 * By how much a range's halves are stretched for its ends to stand at other levels: in the log-odds
 * of the levels, which are what the ends of a logistic distribution lie apart by.
 */
export function spreadOf([low, high]: Levels): Spread | undefined {
  const logOdds = (level: number) => Math.log(level / (1 - level)) / Math.log(nominalLevels[1] / nominalLevels[0])
  return adaptedBy([low, high]) ? [rounded(-logOdds(low)), rounded(logOdds(high))] : undefined
}

/** What the logarithms of a range's two halves are multiplied by. */
export type Spread = readonly [low: number, high: number]

/** The range with its halves stretched, in ratios, so that it stays above 0. */
export function stretched({ low, mid, high }: Range, [down, up]: Spread = [1, 1]): Range {
  if (low <= 0 || (down === 1 && up === 1)) return rangeOf(low, mid, high)
  return rangeOf(mid * (low / mid) ** down, mid, mid * (high / mid) ** up)
}
