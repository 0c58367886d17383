/** A limit on what is selected; both may hold at once. */
export interface Budget {
  words: number
  sentences: number
}

export interface Choices {
  scores: readonly number[]
  words: readonly number[]
  /** Similarity of two choices, 0 to 1. */
  similar(a: number, b: number): number
  /** Points a choice gains when these are selected already: its context, say. */
  bonus?(choice: number, selected: readonly number[]): number
}

/** Two sentences this similar say the same: never both. */
const same = 0.75

/** Share of the words with which a summary is whole: what comes next and does not fit ends it then, and nothing lesser fills it up. */
const enough = 0.5

/**
 * Greedy selection of high-scoring, dissimilar choices within a budget, best first: maximal marginal
 * relevance (Carbonell and Goldstein, SIGIR 1998) with `penalty` points off per unit of similarity to what
 * is selected. Choices that do not fit are passed over for smaller ones until half of the words are used; nothing is
 * selected when none fits.
 */
export function select(choices: Choices, budget: Budget, penalty: number): number[] {
  const open = new Set(choices.scores.keys())
  const nearest = new Float64Array(choices.scores.length)
  const selected: number[] = []
  let left = budget.words
  while (selected.length < budget.sentences) {
    const bestWithin = (words: number) => bestOf(choices, open, words, selected, choice => penalty * nearest[choice]!)
    const best = bestWithin(Infinity)
    const fits = best === undefined || choices.words[best]! <= left
    if (!fits && budget.words - left >= enough * budget.words) break
    const next = fits ? best : bestWithin(left)
    if (next === undefined) break
    selected.push(next)
    open.delete(next)
    left -= choices.words[next]!
    for (const choice of open) {
      nearest[choice] = Math.max(nearest[choice]!, choices.similar(choice, next))
      if (nearest[choice]! > same) open.delete(choice)
    }
  }
  return selected
}

function bestOf(choices: Choices, open: Set<number>, left: number, selected: readonly number[], cost: (choice: number) => number) {
  let best: number | undefined
  let top = -Infinity
  for (const choice of open) {
    if (choices.words[choice] === Infinity || choices.words[choice]! > left) continue
    const score = choices.scores[choice]! - cost(choice) + (choices.bonus?.(choice, selected) ?? 0)
    if (score > top) [best, top] = [choice, score]
  }
  return best
}
