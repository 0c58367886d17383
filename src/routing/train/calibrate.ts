import type { Example } from './examples.ts'
import { chanceOf } from './logistic.ts'
import type { Line } from './pack.ts'

const rounds = 30
/** Keeps the curvature above 0 where a class is never mistaken. */
const ridge = 1e-4

/** Platt's line (1999): the logistic regression of the class on held-out logits, by Newton's method on its two figures. */
export function calibrated(examples: readonly Example[], logits: readonly number[]): Line {
  let line: Line = { slope: 0, offset: 0 }
  for (let round = 0; round < rounds; round++) line = stepped(line, examples, logits)
  return line
}

function stepped({ slope, offset }: Line, examples: readonly Example[], logits: readonly number[]): Line {
  let [bend, shift, xx, x, one] = [0, 0, ridge, 0, ridge]
  examples.forEach(({ positive, weight }, at) => {
    const logit = logits[at]!
    const chance = chanceOf(slope * logit + offset)
    const error = (chance - Number(positive)) * weight
    const curve = chance * (1 - chance) * weight
    bend += error * logit
    shift += error
    xx += curve * logit * logit
    x += curve * logit
    one += curve
  })
  const determinant = xx * one - x * x
  return { slope: slope - (one * bend - x * shift) / determinant, offset: offset - (xx * shift - x * bend) / determinant }
}
