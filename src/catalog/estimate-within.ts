import { ceilingCovers, inputBound } from '../core/index.ts'
import type { Catalog, Ceiling, Estimate, ReachableModel } from '../core/index.ts'
import { ceilingAt, estimateRun, outputBound } from './estimate.ts'
import type { EstimateDemand } from './estimate.ts'

/** What a quarter more for each token leaves of an answer's length at the same cost. */
export const leastShare = 1 / 1.25

/**
 * The estimate of a run that may write less, so that it costs no more than was agreed to: whole where
 * that fits, otherwise with its output capped. A cap may take a fifth of what an answer may be, which
 * is what a rise by a quarter comes to, or whatever nine of ten answers do without.
 * @returns `null` where more would have to be taken: what a run typically costs has outgrown what was agreed to
 */
export function estimateWithin(demand: EstimateDemand, model: ReachableModel, catalog: Catalog, agreed: Ceiling): Estimate | null {
  const feature = catalog.features[demand.feature]!
  const inputTokens = inputBound(demand.input, feature.overhead)
  const most = outputBound(feature, model)
  const fitting = greatest(most, output => ceilingCovers(agreed, ceilingAt(model, inputTokens, output)))
  const whole = estimateRun(demand, model, catalog)
  if (fitting === most) return whole
  const least = Math.max(1, Math.min(most * leastShare, whole.tokens.output.high))
  return fitting < least ? null : estimateRun(demand, model, withMaxOutput(catalog, demand.feature, fitting))
}

/** The catalog with less output for a feature, where that is less. */
export function withMaxOutput(catalog: Catalog, name: string, most: number): Catalog {
  const feature = catalog.features[name]!
  if (most >= feature.maxOutputTokens) return catalog
  return { ...catalog, features: { ...catalog.features, [name]: { ...feature, maxOutputTokens: most } } }
}

/** The greatest whole number from 0 to `most` that fits, where all below one that fits do; -1 where none does. */
export function greatest(most: number, fits: (value: number) => boolean): number {
  if (fits(most)) return most
  let [low, high] = [-1, most]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}
