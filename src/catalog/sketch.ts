import { rangeOf } from '../core/index.ts'
import type { Range } from '../core/index.ts'

/**
 * The last lengths that were seen, oldest first: whole numbers from 1, in any unit. One that was cut
 * off stands as a negative number, because it would have been at least that long. As JSON it takes
 * about 300 bytes, and forgetting the oldest keeps it there.
 */
export type Sketch = readonly number[]

/** Whether a value is such a list: for what storage hands over. */
export const isSketch = (value: unknown): value is Sketch =>
  Array.isArray(value) && value.length <= capacity && value.every(each => Number.isSafeInteger(each) && each !== 0)

/** What is taken to be likely before anything was seen. */
export interface Prior {
  readonly range: Range
  /** How far lengths of one kind lie apart: the standard deviation of their natural logarithms. */
  readonly deviation: number
}

/** What was seen of the very thing, and of others like it, which count for less the more there is of it. */
export interface Evidence {
  readonly own: Sketch
  readonly others?: readonly Sketch[]
}

/** The shares of outcomes that lie below a range's low end and below its high end. */
export type Levels = readonly [low: number, high: number]

export const nominalLevels: Levels = [0.1, 0.9]

const capacity = 60
/** What a length counts for after each later one: half after 46. */
const fading = 0.985
/** Lengths that all others together count for while there is none of one's own. */
const othersWeight = 6

/** The sketch with one more length in it. What is below 1 counts as 1. */
export function observe(sketch: Sketch, length: number, cut = false): Sketch {
  const whole = Math.max(1, Math.round(length))
  return [...sketch.slice(1 - capacity), cut ? -whole : whole]
}

/**
 * Where the next length is likely to lie. A normal distribution of the logarithms is fitted to the
 * prior and the evidence (normal-inverse-gamma; Murphy, "Conjugate Bayesian analysis of the Gaussian
 * distribution", 2007), and its predictive, a Student's t, counts as a few observations among those
 * that were made (Ferguson 1973). So the first lengths get the width of what is not known yet, and
 * many get their own quantiles, whatever their form. Weights fade with age, which bounds what a drift
 * can do to coverage (Barber, Candès, Ramdas & Tibshirani, "Conformal prediction beyond
 * exchangeability", 2023); what was cut hands its weight to what is longer (Efron 1967).
 */
export function likelyRange(evidence: Evidence, prior: Prior, levels: Levels = nominalLevels): Range {
  const seen = weighed(evidence)
  if (seen.length === 0) return prior.range
  const points = uncut([...seen, ...predictivePoints(fitted(seen, prior))])
  return rangeOf(quantile(points, levels[0]), quantile(points, 0.5), quantile(points, levels[1]))
}

/** A length as its logarithm. */
interface Point {
  readonly log: number
  readonly weight: number
  readonly cut: boolean
}

function weighed({ own, others = [] }: Evidence): Point[] {
  const mine = own.map((length, at) => pointOf(length, fading ** (own.length - 1 - at)))
  const shared = others.flatMap(sketch => sketch.slice(-Math.ceil(2 * othersWeight / others.length)))
  const weight = Math.min(1, othersWeight / shared.length) * othersWeight / (othersWeight + own.length)
  return [...mine, ...shared.map(length => pointOf(length, weight))]
}

const pointOf = (length: number, weight: number): Point => ({ log: Math.log(Math.abs(length)), weight, cut: length < 0 })

/** A Student's t of logarithms. */
interface Predictive {
  readonly mean: number
  readonly scale: number
  readonly freedom: number
}

/** Degrees of freedom of the prior's spread: how many lengths it takes to doubt it. */
const priorFreedom = 3

function fitted(seen: readonly Point[], { range, deviation }: Prior): Predictive {
  const [low, high] = [Math.log(range.low), Math.log(range.high)]
  // Kinds differ by what is left of the prior's width when that of one kind is taken out.
  const whole = (high - low) / 2 / studentsT(1.2816, priorFreedom)
  const confidence = deviation ** 2 / Math.max(whole ** 2 - deviation ** 2, 0.1 * deviation ** 2)
  const believed = { centre: (low + high) / 2, confidence, whole: Math.max(whole, deviation), variance: deviation ** 2 }
  const first = posterior(seen, believed)
  return seen.some(({ cut }) => cut) ? refitted(seen, believed, first) : first
}

interface Belief {
  readonly centre: number
  readonly confidence: number
  readonly whole: number
  readonly variance: number
}

function posterior(seen: readonly Point[], { centre, confidence: given, whole, variance }: Belief): Predictive {
  const sum = (of: (point: Point) => number) => seen.reduce((total, point) => total + point.weight * of(point), 0)
  const weight = sum(() => 1)
  const average = sum(({ log }) => log) / weight
  const squares = sum(({ log }) => (log - average) ** 2)
  const freedom = priorFreedom + weight
  // A prior that is far off is given up, rather than met half way.
  const confidence = given / Math.max(1, ((average - centre) / whole) ** 2)
  const believed = confidence + weight
  const pull = confidence * weight / believed * (average - centre) ** 2
  const spread = (priorFreedom * variance + squares + pull) / freedom
  return { mean: (confidence * centre + weight * average) / believed, scale: Math.sqrt(spread * (1 + 1 / believed)), freedom }
}

const refits = 4

/** Expectation and maximisation, in a few rounds: what was cut is spread over what the fit says lies beyond. */
function refitted(seen: readonly Point[], belief: Belief, first: Predictive): Predictive {
  let fit = first
  for (let round = 0; round < refits; round++) fit = posterior(seen.flatMap(point => point.cut ? beyond(point, fit) : [point]), belief)
  return fit
}

function beyond({ log, weight }: Point, fit: Predictive): Point[] {
  const longer = predictivePoints(fit).filter(point => point.log > log)
  return longer.length === 0 ? [{ log: log + fit.scale / 2, weight, cut: false }] : longer.map(point => ({ ...point, weight: weight / longer.length }))
}

/** Standard normal quantiles of the middles of nine equal shares. */
const middles = [-1.5932, -0.9674, -0.5895, -0.2822, 0, 0.2822, 0.5895, 0.9674, 1.5932]
/** Observations that the fit counts for among those that were made. */
const fitWeight = 3

const predictivePoints = ({ mean, scale, freedom }: Predictive): Point[] =>
  middles.map(z => ({ log: mean + scale * studentsT(z, freedom), weight: fitWeight / middles.length, cut: false }))

/** The quantile of a Student's t where a normal distribution has `z` (Wallace 1959, solved for t). */
function studentsT(z: number, freedom: number): number {
  const stretched = z * (8 * freedom + 3) / (8 * freedom + 1)
  return Math.sign(z) * Math.sqrt(freedom * Math.expm1(stretched ** 2 / freedom))
}

/** Points in order, the weight of each that was cut shared out among those after it. */
function uncut(points: readonly Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a.log - b.log || Number(a.cut) - Number(b.cut))
  let rest = sorted.reduce((sum, { weight }) => sum + weight, 0)
  let stretch = 1
  return sorted.flatMap((point, at) => {
    const weight = point.weight * stretch
    const isLast = at === sorted.length - 1
    rest -= weight
    if (!point.cut || isLast) return [{ ...point, weight }]
    stretch *= (rest + weight) / rest
    rest += weight
    return []
  })
}

/** Each point stands in the middle of its weight; between two of them it is interpolated. */
function quantile(points: readonly Point[], level: number): number {
  const total = points.reduce((sum, { weight }) => sum + weight, 0)
  let below = 0
  let last: { log: number; level: number } | undefined
  for (const { log, weight } of points) {
    const here = { log, level: (below + weight / 2) / total }
    if (here.level >= level) return Math.exp(last ? last.log + (log - last.log) * (level - last.level) / (here.level - last.level) : log)
    below += weight
    last = here
  }
  return Math.exp(last!.log)
}
