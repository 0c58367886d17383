import { isAmount } from '../core/amount.ts'
import type { Adequacy } from '../core/index.ts'
import { allowance, emptySketch, fadeSketch, isSketch, noteIn, weightIn } from './sketch.ts'
import type { Sketch } from './sketch.ts'

/** What a person did with an answer. `rating` is 0, worthless, to 1, as good as can be. */
export type Outcome =
  | { readonly kind: 'kept' | 'dismissed' | 'escalated' }
  | { readonly kind: 'rated'; readonly rating: number }

/** An outcome with the model that ran and whose word it is. */
export interface Observation {
  /** See `evidenceKey`. */
  readonly key: string
  /**
   * A keyed hash of the identity, such as an HMAC under the server's secret: then nobody who reads the
   * state can tell who was there, and nobody can choose whose place in it they share. All who cannot
   * be told apart have one name together, and one person's weight.
   */
  readonly person: string
  readonly outcome: Outcome
}

/** What is remembered of one model at one feature. Weights of outcomes, faded. */
export interface Evidence {
  readonly good: number
  readonly bad: number
  /** Weight taken in since all was last faded, which `faded` makes up for. */
  readonly pending: number
  /** When all was last faded, milliseconds since 1970. */
  readonly at: number
  /** How much of it each person may have said. */
  readonly people: Sketch
}

/** All that is learned of one feature: JSON, and never longer than `mostModels` of them make it. */
export type AdequacyState = Readonly<Record<string, Evidence>>

/** Whether a value is such a state: for what storage hands over. */
export const isAdequacyState = (value: unknown): value is AdequacyState =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isEvidence)

function isEvidence(value: unknown): boolean {
  const { good, bad, pending, at, people } = (value ?? {}) as Record<keyof Evidence, unknown>
  return [good, bad, pending, at].every(isAmount) && isSketch(people)
}

/** What is said of models in advance: strength 0 to 1 by key, `null` where it is unknown. */
export type Strengths = Readonly<Record<string, number | null>>

// What an outcome says, and how loudly. Keeping an answer is the least that a person can do, and a
// poor one is often kept as well: half a vote. So is dismissing one, which may just have come at the
// wrong time. Asking a better model the same thing is a verdict on this one, and stands for others who
// did not bother: a whole vote. A rating is an answer to the question itself.
const votes: Record<Exclude<Outcome['kind'], 'rated'>, { good: number; bad: number }> = {
  kept: { good: 0.5, bad: 0 },
  dismissed: { good: 0, bad: 0.5 },
  escalated: { good: 0, bad: 1 },
}

/** After so much more evidence on a model, or so many days, what there was counts half. */
const halfLife = { outcomes: 500, days: 60 }
const dayLength = 86_400_000
/** Fading is put off until it is worth touching every number: then this many halvings, at least. */
const fadeAt = 0.04
/** Models of one feature that are remembered; beyond it the one with the least evidence is forgotten. */
export const mostModels = 24

// Logits of adequacy: what the catalog's strength says, plus what is peculiar to the feature and common
// to its models, plus what is peculiar to the two together. Standard deviations of the last two, chosen on
// half the subjects of test/bench/routing-adequacy.ts, where they hardly mattered.
const spread = { feature: 1, model: 0.5 }
/** Of a model whose strength nobody has stated. */
const unknownStrength = 0.6
/** A strength says nothing for certain. */
const surest = 0.97
/** Normal quantile of the bounds: the chance is below `low` in one of ten cases, and above `high` in one. */
const z = 1.2816

/** By what a model's outcomes are kept: thinking, it is as good as another model. */
export const evidenceKey = ({ provider, model, effort }: { provider: string; model: string; effort: string }): string =>
  effort === 'none' ? `${provider}/${model}` : `${provider}/${model}@${effort}`

/**
 * Takes in what a person did with an answer. One person's outcomes count less the more of them there
 * are, and never for more in all than `allowance` says, whatever they send. Outcomes that do not count
 * fade nothing either, so nobody can wash away what others said.
 * @param now milliseconds since 1970; a clock that goes back fades nothing
 */
export function observe(state: AdequacyState, { key, person, outcome }: Observation, now: number): AdequacyState {
  const { good, bad, pending, at, people } = refreshed(Object.hasOwn(state, key) ? state[key]! : emptyEvidence(now), now)
  const vote = voteOf(outcome)
  const share = weightIn(people, person, allowance(good + bad))
  const weight = (vote.good + vote.bad) * share
  if (weight === 0) return state
  const next: Evidence = {
    good: rounded(good + vote.good * share), bad: rounded(bad + vote.bad * share), pending: rounded(pending + weight), at,
    people: noteIn(people, person, weight),
  }
  return withinMost({ ...state, [key]: next }, key, now)
}

/** An outcome that counts for less than this teaches nothing that would be worth a trial. */
const leastTaught = 0.25

/**
 * Whether one more outcome of a person would still teach something of a model: of somebody who has said
 * nearly all that may count, it would not, and so it would not be learned from by trying the model on them.
 */
export function teaches(state: AdequacyState, key: string, person: string, now: number): boolean {
  if (!Object.hasOwn(state, key)) return true
  const evidence = state[key]!
  const { good, bad } = faded(evidence, now)
  return weightIn(evidence.people, person, allowance(good + bad), 0.5 ** halvings(evidence, now)) >= leastTaught
}

const emptyEvidence = (now: number): Evidence => ({ good: 0, bad: 0, pending: 0, at: now, people: emptySketch })

function voteOf(outcome: Outcome): { good: number; bad: number } {
  if (outcome.kind !== 'rated') return votes[outcome.kind]
  const good = Math.min(1, Math.max(0, outcome.rating))
  return Number.isNaN(good) ? { good: 0, bad: 0 } : { good, bad: 1 - good }
}

/** Halvings since all was last faded. */
const halvings = ({ pending, at }: Evidence, now: number) =>
  pending / halfLife.outcomes + Math.max(0, now - at) / dayLength / halfLife.days

/** The evidence with its fading done, where there is enough of that to do. */
function refreshed(evidence: Evidence, now: number): Evidence {
  const due = halvings(evidence, now)
  if (due < fadeAt) return evidence
  const by = 0.5 ** due
  return { good: rounded(evidence.good * by), bad: rounded(evidence.bad * by), pending: 0, at: Math.max(now, evidence.at), people: fadeSketch(evidence.people, by) }
}

/** Good and bad as they count at a time. */
function faded(evidence: Evidence, now: number): Counts {
  const by = 0.5 ** halvings(evidence, now)
  return { good: evidence.good * by, bad: evidence.bad * by }
}

function withinMost(state: AdequacyState, newest: string, now: number): AdequacyState {
  const keys = Object.keys(state)
  if (keys.length <= mostModels) return state
  const weightOf = (key: string) => { const { good, bad } = faded(state[key]!, now); return good + bad }
  const least = keys.filter(key => key !== newest).reduce((a, b) => weightOf(b) < weightOf(a) ? b : a)
  const { [least]: _, ...rest } = state
  return rest
}

/** Long decimals would fill the document; a millionth of an outcome is nobody's. */
const rounded = (value: number) => Math.round(value * 1e6) / 1e6

interface Counts {
  readonly good: number
  readonly bad: number
}

/** Outcomes of a model with the logit of its strength. */
interface Known extends Counts {
  readonly stated: number
}

/**
 * How likely each model is good enough for the feature. Before anything was observed, that is its
 * strength; its own outcomes then count against that prior as a beta distribution's do, and those of
 * the feature's other models move the prior: where they do worse than their strength, so will this one.
 * Bounds are Wilson's (1927) with the prior as outcomes: they rise with every success and fall with
 * every failure, of the model itself and of the others.
 */
export function boundsOf(state: AdequacyState, strengths: Strengths, now: number): Readonly<Record<string, Adequacy>> {
  const stated = (key: string) => logit(Object.hasOwn(strengths, key) ? strengths[key] ?? unknownStrength : unknownStrength)
  const known = Object.entries(state).map(([key, evidence]) => ({ key, ...faded(evidence, now), stated: stated(key) }))
  return Object.fromEntries(Object.keys(strengths).map(key => {
    const own = known.find(each => each.key === key) ?? { good: 0, bad: 0 }
    return [key, posterior(priorOf(stated(key), known.filter(each => each !== own)), own)]
  }))
}

/**
 * What to expect of a model from its strength and from how the feature's other models did, as the
 * outcomes it is worth.
 */
function priorOf(stated: number, others: readonly Known[]): Counts {
  const offset = offsetOf(others)
  const chance = logistic(stated + offset)
  const variance = spread.model ** 2 + 1 / precisionAt(offset, others)
  // A beta distribution whose logit has that variance, to first order; which goes too far near 0 and 1.
  const worth = Math.max(leastPrior, 1 / (Math.max(leastVariance, chance * (1 - chance)) * variance) - 1)
  return { good: worth * chance, bad: worth * (1 - chance) }
}

/**
 * How far, in logits, a feature's models are from their strengths: where the likelihood of their
 * outcomes times a normal prior is highest. Its slope falls all the way, so halving finds it.
 */
function offsetOf(known: readonly Known[]): number {
  let [low, high] = [-furthest, furthest]
  if (known.length === 0) return 0
  for (let step = 0; step < halvingSteps; step++) {
    const middle = (low + high) / 2
    if (slopeAt(middle, known) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const furthest = 6
/** To within three thousandths. */
const halvingSteps = 12

const slopeAt = (offset: number, known: readonly Known[]) => known.reduce((sum, { good, bad, stated }) =>
  sum + tellsOfAll(good + bad) * (good - (good + bad) * logistic(stated + offset)), -offset / spread.feature ** 2)

const precisionAt = (offset: number, known: readonly Known[]) => known.reduce((sum, { good, bad, stated }) => {
  const chance = logistic(stated + offset)
  return sum + tellsOfAll(good + bad) * (good + bad) * chance * (1 - chance)
}, 1 / spread.feature ** 2)

/** The share of a model's outcomes that counts for the feature: however many, they are about one model. */
const tellsOfAll = (evidence: number) => 1 / (1 + typicalVariance * spread.model ** 2 * evidence)

/** p (1 - p) of an answer that is good in seven cases of ten. */
const typicalVariance = 0.21
/** p (1 - p) of an answer that is good in nearly nine cases of ten. */
const leastVariance = 0.1
/** However uncertain, a prior is worth one outcome. */
const leastPrior = 1

function posterior(prior: Counts, { good, bad }: Counts): Adequacy {
  const [a, b] = [prior.good + good, prior.bad + bad]
  const n = a + b
  const centre = a + z ** 2 / 2
  const reach = z * Math.sqrt(a * b / n + z ** 2 / 4)
  return { low: Math.max(0, (centre - reach) / (n + z ** 2)), mid: a / n, high: Math.min(1, (centre + reach) / (n + z ** 2)), evidence: good + bad }
}

function logit(chance: number): number {
  const within = Math.min(surest, Math.max(1 - surest, chance))
  return Math.log(within / (1 - within))
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x))
