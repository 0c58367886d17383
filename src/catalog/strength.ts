import type { ModelFacts } from './facts.ts'
import type { Bounds } from './impact.ts'

// A hundred points on Arena are 64 of a hundred votes. The weakest model of the table has some 1,100,
// the strongest 1,500.
const weakest = 1_000
const strongest = 1_550

/**
 * How able a model is, 0 to 1: its score on Arena's text board on a straight line from 1,000 to 1,550.
 * One that is not on the board has what open models of its size have there, and says that this is an
 * estimate. Votes go by style as by substance, and by chat: a feature's own outcomes outweigh it.
 * @param total billions of parameters
 */
export function strengthOf(total: Bounds, arena?: number): ModelFacts['strength'] {
  return arena === undefined ? { value: onScale(arenaBySize(total)), source: 'estimated' } : { value: onScale(arena), source: 'arena' }
}

/**
 * The line of least squares through the table's 72 open models that are on the board, by the logarithm
 * of their parameters. They scatter about it by 48 points (one standard deviation), mostly by their age.
 */
const arenaBySize = ([low, high]: Bounds) => 1_200 + 80 * Math.log10(Math.sqrt(low * high))

const onScale = (score: number) => Math.round(100 * Math.min(1, Math.max(0, (score - weakest) / (strongest - weakest)))) / 100
