import { randomFrom, shuffled } from './random.ts'

/** A request as a model sees it: the places of its features in a list of weights. */
export interface Point {
  readonly at: Int32Array
  readonly positive: boolean
  readonly weight: number
}

export interface Fitted {
  readonly weights: Float64Array
  readonly bias: number
}

export interface Fitting {
  readonly rounds: number
  readonly rate: number
  readonly ridge: number
  readonly seed: number
}

/** A request of many words is no surer than one of few: the sum is over the root of the number of features known. */
export function logitOf({ weights, bias }: Fitted, at: Int32Array): number {
  let sum = 0
  for (const index of at) sum += weights[index]!
  return bias + sum / Math.sqrt(at.length + 1)
}

/** Logistic regression with a ridge, by AdaGrad (Duchi 2011) over shuffled examples; the same seed gives the same weights. */
export function fit(points: readonly Point[], size: number, { rounds, rate, ridge, seed }: Fitting): Fitted {
  const weights = new Float64Array(size)
  const slopes = new Float64Array(size + 1).fill(1e-6)
  const random = randomFrom(seed)
  let bias = 0
  for (let round = 0; round < rounds; round++) {
    for (const { at, positive, weight } of shuffled(points, random)) {
      const error = (chanceOf(logitOf({ weights, bias }, at)) - Number(positive)) * weight
      const push = error / Math.sqrt(at.length + 1)
      for (const index of at) {
        const slope = push + ridge * weights[index]!
        slopes[index]! += slope * slope
        weights[index]! -= rate * slope / Math.sqrt(slopes[index]!)
      }
      slopes[size]! += error * error
      bias -= rate * error / Math.sqrt(slopes[size]!)
    }
  }
  return { weights, bias }
}

export const chanceOf = (logit: number): number => 1 / (1 + Math.exp(-logit))
