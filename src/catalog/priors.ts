import { exactly, rangeOf, scaleRange } from '../core/index.ts'
import type { Effort, Range, ReachableModel, Task } from '../core/index.ts'
import type { Prior } from './sketch.ts'

// What is taken to be likely before a feature has runs of its own.

// Tokens of an answer, without reasoning: rough middle eight tenths of short answers by chat models.
// SciTLDR's summaries of one line (13 to 37) and worked answers to GSM8K (35 to 180) lie to either
// side of theirs: features of one task differ more than the answers within one.
const answers: Record<Task, Range> = {
  summarize: rangeOf(60, 130, 260),
  answer: rangeOf(50, 140, 320),
  chat: rangeOf(60, 220, 600),
  draft: rangeOf(120, 300, 700),
  rewrite: rangeOf(60, 200, 600),
  translate: rangeOf(60, 200, 600),
  classify: rangeOf(1, 4, 12),
  extract: rangeOf(20, 80, 250),
  describe: rangeOf(20, 50, 120),
  code: rangeOf(100, 350, 900),
}

/**
 * Reasoning before the answer, as multiples of the answer: rough medians of published counts of
 * reasoning tokens.
 */
export const reasoningShare: Record<Effort, Range> = {
  none: exactly(0),
  minimal: rangeOf(0, 0.5, 1),
  low: rangeOf(0.5, 1.5, 4),
  medium: rangeOf(1, 4, 12),
  high: rangeOf(3, 10, 30),
  xhigh: rangeOf(5, 20, 60),
}

/** Tokens of reasoning where nothing else is known. */
export const reasoningPrior: Prior = { range: rangeOf(100, 800, 6_000), deviation: 0.8 }

/**
 * How far answers within one feature lie apart, in natural logarithms: 0.41 on SciTLDR's train split,
 * 0.50 and 0.51 on the first half of two models' answers to GSM8K, and a little more, so that the
 * first ranges are rather too wide.
 */
const answerDeviation = 0.55

export const answerPrior = (task: Task): Prior => ({ range: answers[task], deviation: answerDeviation })

/** Tokens of input for each thousand that were estimated: what vocabularies differ by for one kind of text. */
export const countPrior: Prior = { range: rangeOf(750, 1_000, 1_500), deviation: 0.12 }

/** Seconds of one model differ by load more than by chance. */
const paceDeviation = 0.35

// Where a model's pace is not known: from the fastest of small models to the slowest of large ones.
const anyFirst = rangeOf(0.2, 1, 5)
const anyEach = rangeOf(0.005, 0.015, 0.05)

/** Milliseconds to the first token and microseconds of each. */
export function pacePrior(configured: ReachableModel['pace']): { readonly first: Prior; readonly each: Prior } {
  const prior = (range: Range | undefined, unknown: Range, scale: number): Prior =>
    ({ range: scaleRange(range && range.low > 0 ? range : unknown, scale), deviation: paceDeviation })
  return { first: prior(configured?.first, anyFirst, 1e3), each: prior(configured?.each, anyEach, 1e6) }
}
