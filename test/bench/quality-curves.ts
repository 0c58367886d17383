import { randomFrom } from '../../src/routing/train/random.ts'

// Quality against the share of calls that the strong model gets, for policies that are each run at several settings
// (Ong et al. 2024, RouteLLM). Everything is kept by cluster, so that intervals can be drawn over clusters.

/** What one policy did with a cluster's prompts at one setting, as means: calls to the strong model, and right answers beyond the weak model's. */
export interface Tally {
  strong: number
  gain: number
}

export const meanTally = (tallies: readonly Tally[]): Tally =>
  ({ strong: sumOf(tallies, ({ strong }) => strong) / (tallies.length || 1), gain: sumOf(tallies, ({ gain }) => gain) / (tallies.length || 1) })

/** A cluster of prompts: how many, and how many of them each model alone gets right, as a mean. */
export interface Cluster {
  weight: number
  weak: number
  strong: number
}

/** At each setting, a tally for every cluster. */
export type Curve = readonly (readonly Tally[])[]

/** The share of calls to the strong model and the share of the gap between the models that is closed. */
interface Point {
  share: number
  pgr: number
}

/** The points of a curve, with always weak and always strong at its ends. @param counts how often each cluster counts */
export function pointsOf(curve: Curve, clusters: readonly Cluster[], counts: readonly number[]): Point[] {
  const total = sumOf(clusters, (cluster, i) => cluster.weight * counts[i]!)
  const gap = sumOf(clusters, ({ weight, weak, strong }, i) => weight * counts[i]! * (strong - weak))
  const points = curve.map(tallies => ({
    share: sumOf(clusters, ({ weight }, i) => weight * counts[i]! * tallies[i]!.strong) / total,
    pgr: sumOf(clusters, ({ weight }, i) => weight * counts[i]! * tallies[i]!.gain) / gap,
  }))
  return [{ share: 0, pgr: 0 }, ...points, { share: 1, pgr: 1 }].sort((a, b) => a.share - b.share)
}

/** Area under the points, joined by lines: what a mix of the neighbouring settings reaches. Random is 0.5. */
export const areaOf = (points: readonly Point[]) =>
  sumOf(points.slice(1), ({ share, pgr }, i) => (share - points[i]!.share) * (pgr + points[i]!.pgr) / 2)

/** The share of the gap that is closed at a share of calls. */
export function pgrAt(points: readonly Point[], share: number): number {
  const next = Math.max(1, points.findIndex(point => point.share >= share))
  return between(points[next - 1]!, points[next]!, 'share', 'pgr', share)
}

/** The least share of calls that closes so much of the gap. */
export function shareAt(points: readonly Point[], pgr: number): number {
  const next = points.findIndex((point, i) => i > 0 && point.pgr >= pgr)
  return between(points[next - 1]!, points[next]!, 'pgr', 'share', pgr)
}

function between(a: Point, b: Point, along: keyof Point, of: keyof Point, at: number): number {
  const run = b[along] - a[along]
  return run === 0 ? b[of] : a[of] + (at - a[along]) / run * (b[of] - a[of])
}

export interface Interval {
  mean: number
  low: number
  high: number
}

/** Figures of the whole, each with the interval that holds it in 95 % of resamples of the clusters (Efron 1979). */
export function clustered<K extends string>(size: number, resamples: number, figuresOf: (counts: readonly number[]) => Record<K, number>): Record<K, Interval> {
  const random = randomFrom(20_240_626)
  const whole = figuresOf(Array.from({ length: size }, () => 1))
  const drawn = Array.from({ length: resamples }, () => figuresOf(drawCounts(size, random)))
  const intervalOf = (key: K): Interval => {
    const sorted = drawn.map(figures => figures[key]).sort((a, b) => a - b)
    const at = (share: number) => rounded(sorted[Math.floor(share * resamples)]!)
    return { mean: rounded(whole[key]), low: at(0.025), high: at(0.975) }
  }
  return Object.fromEntries((Object.keys(whole) as K[]).map(key => [key, intervalOf(key)])) as Record<K, Interval>
}

function drawCounts(size: number, random: () => number): number[] {
  const counts = Array.from({ length: size }, () => 0)
  for (let i = 0; i < size; i++) counts[Math.floor(random() * size)]!++
  return counts
}


export const sumOf = <T>(all: readonly T[], of: (each: T, index: number) => number) => all.reduce((sum, each, i) => sum + of(each, i), 0)

const rounded = (value: number) => Number(value.toFixed(3))
