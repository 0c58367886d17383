import { excerptOf } from '../excerpt.ts'
import { featuresOf, hashBits } from '../features.ts'
import type { Example } from './examples.ts'
import { fit, logitOf } from './logistic.ts'
import type { Fitted, Fitting, Point } from './logistic.ts'
import { randomFrom, shuffled } from './random.ts'

/** A model as its features' hashes and their weights. */
export interface Model extends Fitted {
  readonly places: ReadonlyMap<number, number>
}

/** Features that only one group has tell which group it is, and nothing of others. */
const leastGroups = 2

/** The features of what is read of a text, each once, in as many bits as a model keeps. */
export const trainingFeatures = (text: string): number[] => [...new Set(featuresOf(excerptOf(text)).map(hash => hash >>> (32 - hashBits)))]

/** @param features of each example, in the same order */
export function train(examples: readonly Example[], features: readonly (readonly number[])[], fitting: Fitting & { readonly most: number }): Model {
  const spread = spreadOf(examples, features)
  const all = new Map([...spread.keys()].map((hash, place) => [hash, place]))
  const first = fit(pointsOf(examples, features, all), all.size, fitting)
  // The least of the weights go, and the rest are fitted again without them.
  const use = ([hash, place]: [number, number]) => Math.abs(first.weights[place]!) * Math.sqrt(spread.get(hash)!)
  const strongest = [...all].sort((a, b) => use(b) - use(a)).slice(0, fitting.most)
  const places = new Map(strongest.map(([hash], place) => [hash, place]))
  return { places, ...fit(pointsOf(examples, features, places), places.size, fitting) }
}

/** In how many groups each feature is found that several share. */
function spreadOf(examples: readonly Example[], features: readonly (readonly number[])[]): Map<number, number> {
  const groups = new Map<number, Set<string>>()
  examples.forEach(({ group }, at) => {
    for (const hash of features[at]!) groups.set(hash, (groups.get(hash) ?? new Set()).add(group))
  })
  return new Map([...groups].filter(([, { size }]) => size >= leastGroups).map(([hash, { size }]) => [hash, size]))
}

const pointsOf = (examples: readonly Example[], features: readonly (readonly number[])[], places: ReadonlyMap<number, number>): Point[] =>
  examples.map(({ positive, weight }, at) => ({ positive, weight, at: placed(features[at]!, places) }))

function placed(features: readonly number[], places: ReadonlyMap<number, number>): Int32Array {
  return Int32Array.from(features.map(hash => places.get(hash) ?? -1).filter(place => place >= 0))
}

const scoreOf = (model: Model, features: readonly number[]): number => logitOf(model, placed(features, model.places))

/**
 * Which fold each example is held out in: whole groups at a time, and as many groups of each class
 * in every fold as can be, or a fold would have one side only.
 */
export function foldsOf(examples: readonly Example[], folds: number, seed: number): number[] {
  const random = randomFrom(seed)
  const classes = new Map<string, string[]>()
  for (const { group, positive, source } of examples) {
    // A share of TREC has both.
    const key = source === 'trec' ? source : `${source} ${positive}`
    const groups = classes.get(key) ?? []
    if (!groups.includes(group)) classes.set(key, [...groups, group])
  }
  const fold = new Map([...classes.values()].flatMap(groups => shuffled(groups, random).map((group, at) => [group, at % folds] as const)))
  return examples.map(({ group }) => fold.get(group)!)
}

/** What models that never saw an example's group say of it, as logits. */
export function heldOut(examples: readonly Example[], features: readonly (readonly number[])[], folds: readonly number[], fitting: Fitting & { readonly most: number }): number[] {
  const logits = Array.from<number>({ length: examples.length })
  for (const fold of new Set(folds)) {
    const inside = examples.map((_, at) => at).filter(at => folds[at] !== fold)
    const model = train(inside.map(at => examples[at]!), inside.map(at => features[at]!), fitting)
    examples.forEach((_, at) => { if (folds[at] === fold) logits[at] = scoreOf(model, features[at]!) })
  }
  return logits
}
