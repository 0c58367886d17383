import { randomFrom } from '../../src/routing/train/random.ts'

// Shares, rankings and routes, with the intervals that hold them in 95 of 100 samples.

export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

export const rounded = (value: number): number => Number(value.toFixed(4))

/** A share of independent trials, by Wilson's score (1927). */
export function share(hits: number, of: number): Interval & { readonly n: number } {
  const z = 1.96
  const rate = hits / of
  const centre = (rate + z * z / (2 * of)) / (1 + z * z / of)
  const half = z / (1 + z * z / of) * Math.sqrt(rate * (1 - rate) / of + z * z / (4 * of * of))
  return { value: rounded(rate), low: rounded(centre - half), high: rounded(centre + half), n: of }
}

/**
 * A figure of rows that come in groups which are alike, by resampling whole groups (Efron 1979). The
 * draw is seeded, so that a figure repeats.
 */
export function clustered<Row>(rows: readonly Row[], groupOf: (row: Row) => string, figure: (rows: readonly Row[]) => number, resamples = 400): Interval {
  const groups = [...Map.groupBy(rows, groupOf).values()]
  const random = randomFrom(20_040_722)
  const drawn = Array.from({ length: resamples }, () => figure(groups.flatMap(() => groups[Math.floor(random() * groups.length)]!)))
    .filter(value => !Number.isNaN(value)).sort((a, b) => a - b)
  const at = (part: number) => rounded(drawn[Math.min(drawn.length - 1, Math.floor(part * drawn.length))]!)
  return { value: rounded(figure(rows)), low: at(0.025), high: at(0.975) }
}

/** How often a positive scores above a negative, ties as half (Mann and Whitney 1947); NaN without both. */
export function auc(rows: ReadonlyArray<{ readonly score: number; readonly positive: boolean }>): number {
  const sorted = [...rows].sort((a, b) => a.score - b.score)
  let [ranks, positives] = [0, 0]
  for (let start = 0; start < sorted.length;) {
    let end = start
    while (end < sorted.length && sorted[end]!.score === sorted[start]!.score) end++
    for (let i = start; i < end; i++) {
      if (!sorted[i]!.positive) continue
      ranks += (start + end + 1) / 2
      positives++
    }
    start = end
  }
  return (ranks - positives * (positives + 1) / 2) / (positives * (sorted.length - positives))
}

/** A prompt, how hard it was held to be, and whether each model was right. */
export interface Routed {
  readonly score: number
  readonly weak: number
  readonly strong: number
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Quality when the hardest 0, 10, … 100 % go to the strong model: thresholds at the deciles of the score. */
function qualities(rows: readonly Routed[]): number[] {
  const sorted = withoutTies([...rows].sort((a, b) => b.score - a.score))
  return Array.from({ length: 11 }, (_, tenth) => {
    const sent = Math.round(rows.length * tenth / 10)
    return mean(sorted.map(({ weak, strong }, at) => at < sent ? strong : weak))
  })
}

/** Among those of one score chance would decide: each has what they come to on average. */
function withoutTies(sorted: readonly Routed[]): Routed[] {
  const blocks = Map.groupBy(sorted, ({ score }) => score)
  return [...blocks.values()].flatMap(block => {
    const average = { weak: mean(block.map(({ weak }) => weak)), strong: mean(block.map(({ strong }) => strong)) }
    return block.map(({ score }) => ({ score, ...average }))
  })
}

/** PGR at each of the 11 thresholds: what part of the way from the weak model's quality to the strong one's is covered. */
export function pgr(rows: readonly Routed[]): number[] {
  const [weak, strong] = [mean(rows.map(row => row.weak)), mean(rows.map(row => row.strong))]
  return qualities(rows).map(quality => (quality - weak) / (strong - weak))
}

/** APGR: the area under PGR against the share sent, by trapezia; random comes to 0.5. */
export function apgr(rows: readonly Routed[]): number {
  const covered = pgr(rows)
  return covered.slice(1).reduce((sum, value, at) => sum + (value + covered[at]!) / 20, 0)
}

/** CPT: the least share sent that covers so much, between thresholds in a straight line. */
export function cpt(rows: readonly Routed[], wanted: number): number {
  const covered = pgr(rows)
  const at = covered.findIndex(value => value >= wanted)
  if (at <= 0) return at === 0 ? 0 : 1
  const [before, after] = [covered[at - 1]!, covered[at]!]
  return (at - 1 + (wanted - before) / (after - before)) / 10
}
