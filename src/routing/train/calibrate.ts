import type { Example } from './examples.ts'
import { chanceOf } from './logistic.ts'
import type { Line } from './pack.ts'

/** Platt's line (1999): the logistic regression of the class on held-out logits, by gradient descent on its two figures. */
export function calibrated(examples: readonly Example[], logits: readonly number[]): Line {
  let [slope, offset] = [1, 0]
  const total = examples.reduce((sum, { weight }) => sum + weight, 0)
  for (let round = 0; round < 500; round++) {
    let [bend, shift] = [0, 0]
    examples.forEach(({ positive, weight }, at) => {
      const error = (chanceOf(slope * logits[at]! + offset) - Number(positive)) * weight / total
      bend += error * logits[at]!
      shift += error
    })
    slope -= 0.5 * bend
    offset -= 0.5 * shift
  }
  return { slope, offset }
}
