import type { Fitting } from './logistic.ts'

/**
 * How each model is fitted, chosen on held-out intents and subjects, and on the even shares of TREC: on
 * their folds letters, longer skeletons, log-count ratios, a model for each of TREC's labels, dropout and
 * smoothed classes gave half of what the classes of words did, at best. `most` is how many weights it keeps.
 */
export const fittings = {
  generation: { rounds: 10, rate: 0.3, ridge: 0.002, seed: 1, most: 32_000 },
  problem: { rounds: 6, rate: 0.3, ridge: 0.0002, seed: 1, most: 6_000 },
} satisfies Record<string, Fitting & { most: number }>
