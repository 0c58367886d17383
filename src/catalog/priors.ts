import { exactly, rangeOf } from '../core/index.ts'
import type { Effort, Range, Task } from '../core/index.ts'
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

export const answerTokens = (task: Task): Range => answers[task]

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

/**
 * How far answers within one feature lie apart, in natural logarithms: 0.41 on SciTLDR's train split,
 * 0.50 and 0.51 on the first half of two models' answers to GSM8K, and a little more, so that the
 * first ranges are rather too wide.
 */
export const answerDeviation = 0.55

/** Seconds differ by load and by place more than by chance. */
const paceDeviation = 0.35

export const pacePrior = (range: Range): Prior => ({ range, deviation: paceDeviation })

/** Where a model's pace is not known: from the fastest of small models to the slowest of those that think. */
export const anyPace = { first: rangeOf(0.2, 1, 5), each: rangeOf(0.005, 0.015, 0.05) }

/** Tokens for each that was estimated: what vocabularies differ by for one kind of text. */
export const countPrior: Prior = { range: rangeOf(0.75, 1, 1.5), deviation: 0.12 }
