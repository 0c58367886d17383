import { exactly, rangeOf } from '../core/index.ts'
import type { Provenance, Range, ReachableModel, Tier } from '../core/index.ts'
import { energyProfile } from './energy.ts'
import type { ModelFacts } from './facts.ts'
import { starsOf } from './stars.ts'

/** How a server calls a model, and the tier it gives it. */
export type Reach = Pick<ReachableModel, 'id' | 'provider'> & { readonly tier: Tier }

/** A generative model as the browser is told of it, from what the catalog knows. */
export function reachableFrom(facts: ModelFacts, reach: Reach): ReachableModel {
  const { context, efforts, tasks, price, strength, pace } = facts
  const stars = starsOf(facts)
  return {
    ...reach, kind: 'generative', tasks, context, efforts, price, energy: energyProfile(facts), pace: pace ? paceOf(pace) : null,
    stars: stars?.stars ?? null, ...stars && { starsFrom: stars.source }, strength: strength.value,
    provenance: { usd: price ? 'class' : 'unknown', wh: whProvenance(facts) },
  }
}

const whProvenance = ({ measured }: ModelFacts): Provenance => measured ? 'measured' : 'modelled'

/** Seconds to the first token and of each further one, from a measured pace. */
export function paceOf({ tps, ttft }: NonNullable<ModelFacts['pace']>): NonNullable<ReachableModel['pace']> {
  return { first: spread(ttft), each: spread(1 / tps) }
}

// Paces of public deployments differ by about this much through a day.
const spread = (seconds: number): Range => seconds === 0 ? exactly(0) : rangeOf(seconds * 0.6, seconds, seconds * 2.5)
