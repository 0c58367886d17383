import { ceilingCovers, tiers } from '../core/index.ts'
import type { Adequacy, Ceiling, Effort, Mix, ReachableModel } from '../core/index.ts'

/** A model that may serve a request, with what it would cost at most and what is known of it. */
export interface Candidate {
  readonly model: ReachableModel
  readonly effort: Effort
  /** It reasons more than was asked for, because it cannot do otherwise. */
  readonly thinks: boolean
  readonly ceiling: Ceiling
  /** What it costs at most, in money and energy mixed; infinite where that is unknown. */
  readonly cost: number
  readonly adequacy: Adequacy
  /** Whether what this person makes of its answer would still teach something of it. */
  readonly teaches: boolean
  /** By the catalog, 0 to 1; `null` where nobody has said. */
  readonly strength: number | null
}

/** What good enough means, and how far to go for it. */
export interface Weighing {
  /** The feature's bar: adequacy that is good enough. */
  readonly bar: number
  /** The adequacy that a model ten times as dear must add, where none is good enough. */
  readonly worth: number
  /** What the request itself says, about 0: how much more the stronger model is worth here than elsewhere. */
  readonly lean: number
  /** The share of runs that may try what is not yet known. */
  readonly explore: number
  /** Drawn for this run, 0 to 1: it is a trial if this is below the share. */
  readonly draw: number
  /** What is left of the budgets. */
  readonly available: { readonly usd: number; readonly wh: number }
  /** What the person agreed to: nothing above it is tried. */
  readonly agreed: Ceiling | undefined
}

/**
 * Why a candidate is where it is: known to be good enough; the best of what is known; in the place of
 * one that was found not to be; tried; ahead of a higher level, whose models are dominated or cannot be
 * paid, or cannot stop reasoning; or by its level and cost alone.
 */
export type Grounds = 'adequate' | 'nearest' | 'unjudged' | 'trial' | 'spared' | 'plain' | 'standing'

export interface Ranked extends Candidate {
  readonly grounds: Grounds
}

/** Outcomes, by weight, from which on a model is known: it is judged by them, and no more by who asked for what. */
const knownFrom = 10
/**
 * A model that may turn out better is tried until this many are known. With a quarter of the runs for
 * trials that is after some hundred. Of the shares and numbers compared in test/bench/routing-adequacy.ts
 * none did better beyond noise, and trials that never end cost more than they teach.
 */
const triedUntil = 25

const isKnown = ({ adequacy }: Candidate) => adequacy.evidence >= knownFrom

/** The cost of a mix; unknown where a part that has weight is. */
export function mixOf({ usd, wh }: Ceiling, mix: Mix): number {
  const part = (weight: number, amount: number | null) => weight === 0 ? 0 : weight * (amount ?? Infinity)
  return part(mix.usd, usd) + part(mix.wh, wh)
}

/**
 * Ranks candidates, best first. Of those known to be good enough, the cheapest. Where none is, the
 * most adequate of those known and of the one that stands first without any knowledge, or next after it
 * once that was found not good enough; dearer ones only as far as they are worth it. And in a share of the runs, one that is not yet known and may turn
 * out better. All others stand behind, for when the first fail: what is dominated last, and what
 * cannot be paid after that.
 */
export function rank(candidates: readonly Candidate[], weighing: Weighing): readonly Ranked[] {
  const backward = new Map(candidates.map(each => [each, backwardness(each, candidates, weighing)]))
  const standing = inStandingOrder(candidates, backward)
  const first = standing[0]
  if (!first) return []
  const serious = standing.filter(each => each === first || (backward.get(each) === 0 && (first.thinks || !each.thinks)))
  const good = serious.filter(each => isGood(each, weighing)).sort((a, b) => ascending(a.cost, b.cost))
  const heir = heirOf(first, serious, weighing)
  const contenders = serious.filter(each => each === first || each === heir || isKnown(each))
  const best = good[0] ?? nearest(contenders, weighing, each => each === heir && isRefused(first) ? each.adequacy.high : each.adequacy.mid)
  const trial = trialOf(serious, best, weighing)
  const order = new Set([...trial ? [trial] : [], best, ...good, ...standing])
  const groundsOf = (each: Candidate): Grounds => {
    if (each === trial) return 'trial'
    if (good.includes(each)) return 'adequate'
    if (each === best && each === heir) return 'unjudged'
    if (each === best && serious.some(isKnown)) return 'nearest'
    const above = each === first ? standing.filter(other => levelOf(other) > levelOf(each)) : []
    if (above.length === 0) return 'standing'
    return above.every(({ thinks }) => thinks && !each.thinks) ? 'plain' : 'spared'
  }
  return [...order].map(each => ({ ...each, grounds: groundsOf(each) }))
}

const levelOf = ({ model }: Candidate) => tiers.indexOf(model.tier)

/** The order without any knowledge: what does not overthink, whatever its level; the level asked for, then those below; in each the cheapest first, and of those that cost the same the strongest. */
function inStandingOrder(candidates: readonly Candidate[], backward: ReadonlyMap<Candidate, number>): Candidate[] {
  return candidates.toSorted((a, b) => backward.get(a)! - backward.get(b)! || Number(a.thinks) - Number(b.thinks) || levelOf(b) - levelOf(a)
    || ascending(a.cost, b.cost) || ascending(a.ceiling.usd, b.ceiling.usd) || ascending(a.ceiling.wh, b.ceiling.wh)
    || (b.strength ?? -1) - (a.strength ?? -1) || (a.model.id < b.model.id ? -1 : 1))
}

/** Unknown last. */
function ascending(a: number | null, b: number | null): number {
  return a === b ? 0 : (a ?? Infinity) < (b ?? Infinity) ? -1 : 1
}

/** 0 for what is to be taken seriously; what is dominated stands behind that, and what cannot be paid behind both. */
const backwardness = (candidate: Candidate, all: readonly Candidate[], { available }: Weighing): number =>
  Number(isDominated(candidate, all)) + 2 * Number(!isPayable(candidate, available))

/** An unknown amount is left to whoever limits that amount. */
const isPayable = ({ ceiling }: Candidate, available: Weighing['available']) =>
  (ceiling.usd ?? 0) <= available.usd && (ceiling.wh ?? 0) <= available.wh

/** By one that costs less and is no weaker, or costs the same and is stronger. */
const isDominated = (candidate: Candidate, all: readonly Candidate[]) =>
  candidate.cost < Infinity && all.some(other => other.cost <= candidate.cost && !(other.thinks && !candidate.thinks) && isNoWeaker(other, candidate)
    && (other.cost < candidate.cost || !isNoWeaker(candidate, other)))

/**
 * By outcomes where both have them; by strength where the other has none, and then outcomes must bear it
 * out: a model that people refuse is no better than one that nobody has judged and that may be better,
 * whatever the catalog says of the two. Strength is no case against outcomes.
 */
function isNoWeaker(one: Candidate, other: Candidate): boolean {
  if (isKnown(one) && isKnown(other)) return one.adequacy.mid >= other.adequacy.mid && one.adequacy.low >= other.adequacy.low
  const isStatedNoWeaker = one.strength !== null && other.strength !== null && one.strength >= other.strength
  return !isKnown(other) && isStatedNoWeaker && (!isKnown(one) || one.adequacy.mid >= other.adequacy.high)
}

/** What seems easy is held to the bar all the same. */
export const isGood = (candidate: Candidate, { bar, lean }: Weighing) => isKnown(candidate) && candidate.adequacy.low >= bar + Math.max(0, lean)

/** Adequacy less what the cost is worth, on the scale of the cheapest. */
const merit = (adequacy: number, { cost }: Candidate, { worth, lean }: Weighing, cheapest: number) =>
  adequacy - Math.max(0, worth - lean) * tenfolds(cost, cheapest)

/** How many times over one is ten times as dear as the other. */
const tenfolds = (cost: number, cheapest: number) =>
  cost === Infinity ? unknownTenfolds : Math.log10(Math.max(cost, leastCost) / Math.max(cheapest, leastCost))

/** What is unknown is taken for a thousand times as dear. */
const unknownTenfolds = 3
/** A billionth of a dollar: what is free is not infinitely cheaper than what is all but free. */
const leastCost = 1e-9

/**
 * What stands next, dearer and of which little is known, where the first is known not to be good enough.
 * Trials alone would never reach it: they stay below what people agreed to, which is the first one's cost.
 */
function heirOf(first: Candidate, serious: readonly Candidate[], { bar }: Weighing): Candidate | undefined {
  if (!isKnown(first) || first.adequacy.high >= bar) return undefined
  return serious.find(each => each.adequacy.evidence < triedUntil && each.cost > first.cost)
}

/** Most of its answers are not good enough: then what may be better is better than what is sure. */
const isRefused = ({ adequacy }: Candidate) => adequacy.high < 0.5

function nearest(contenders: readonly Candidate[], weighing: Weighing, adequacyOf: (candidate: Candidate) => number): Candidate {
  const cheapest = Math.min(...contenders.map(({ cost }) => cost))
  const meritOf = (each: Candidate) => merit(adequacyOf(each), each, weighing, cheapest)
  return contenders.reduce((best, each) => meritOf(each) > meritOf(best) ? each : best)
}

/** What is tried in this run, if anything: drawn from those that may turn out to be the better choice. */
function trialOf(serious: readonly Candidate[], best: Candidate, weighing: Weighing): Candidate | undefined {
  const { draw, explore, agreed } = weighing
  if (!(draw < explore)) return undefined
  const trials = serious.filter(each => each !== best && each.teaches && !each.thinks && each.adequacy.evidence < triedUntil
    && (!agreed || ceilingCovers(agreed, each.ceiling)) && mayBeBetter(each, best, weighing))
  return trials[Math.floor(draw / explore * trials.length)]
}

function mayBeBetter(candidate: Candidate, best: Candidate, weighing: Weighing): boolean {
  if (candidate.cost < best.cost && candidate.adequacy.high >= weighing.bar) return true
  if (isGood(best, weighing)) return false
  const cheapest = Math.min(candidate.cost, best.cost)
  return merit(candidate.adequacy.high, candidate, weighing, cheapest) > merit(best.adequacy.mid, best, weighing, cheapest)
}
