import { readFileSync } from 'node:fs'
import { featureNames, featuresOf } from '../../src/baseline/summary/features.ts'
import type { FeatureName } from '../../src/baseline/summary/features.ts'
import { rankedSentences } from '../../src/baseline/summary/candidates.ts'
import { rougeMean } from './rouge.ts'

// Fits the linear weights of `kind: 'paper'` on SciTLDR-A's train split, listwise: the score of an abstract is
// its expected ROUGE (mean of 1, 2 and L) when one sentence is drawn by softmax of the linear scores.
// The weights in use: node test/bench/summaries-train.ts centrality,contribution,firstContribution,own,late
// SPARING_DATA names the data folder; without names all features are fitted.

interface Example {
  features: Float64Array[]
  gains: number[]
}

const data = process.env['SPARING_DATA'] ?? new URL('../../../shared/data', import.meta.url).pathname
const rows = readFileSync(`${data}/summaries/scitldr-a-train.jsonl`, 'utf8').trim().split('\n')
  .map(line => JSON.parse(line) as { source: string[]; target: string[] })

const chosen = (process.argv[2]?.split(',') ?? featureNames) as FeatureName[]
const names = chosen.filter(name => featureNames.includes(name))
const examples = rows.map(row => exampleOf(row.source.join(' '), row.target))
const folds = 5

for (let fold = 0; fold < folds; fold++) {
  const fitted = fit(examples.filter((_, i) => i % folds !== fold))
  console.log(JSON.stringify({ fold, heldOut: picked(fitted, examples.filter((_, i) => i % folds === fold)) }))
}
const fitted = fit(examples)
console.log(JSON.stringify({ train: picked(fitted, examples), weights: Object.fromEntries(names.map((name, i) => [name, Number(fitted[i]!.toFixed(2))])) }))

function exampleOf(text: string, target: string[]): Example {
  const { candidates } = rankedSentences(text)
  const features = featuresOf(candidates).map(each => Float64Array.from(names, name => each[name]))
  return { features, gains: candidates.map(candidate => gainOf(candidate.text, target)) }
}

function gainOf(text: string, target: string[]): number {
  const { r1, r2, rl } = rougeMean(text, target)
  return (r1 + r2 + rl) / 3
}

/** Gradient ascent (Adam) on expected ROUGE with a ridge that keeps useless weights at zero. */
function fit(set: Example[], rounds = 300, rate = 0.05, ridge = 0.02): Float64Array {
  const w = new Float64Array(names.length)
  const m = new Float64Array(names.length)
  const v = new Float64Array(names.length)
  for (let t = 1; t <= rounds; t++) {
    const gradient = gradientOf(set, w)
    for (let k = 0; k < w.length; k++) {
      const g = gradient[k]! - ridge * w[k]!
      m[k] = 0.9 * m[k]! + 0.1 * g
      v[k] = 0.99 * v[k]! + 0.01 * g * g
      w[k]! += rate * (m[k]! / (1 - 0.9 ** t)) / (Math.sqrt(v[k]! / (1 - 0.99 ** t)) + 1e-8)
    }
  }
  return w
}

function gradientOf(set: Example[], w: Float64Array): Float64Array {
  const gradient = new Float64Array(w.length)
  for (const { features, gains } of set) {
    const p = softmax(features.map(x => dot(w, x)))
    const mean = p.reduce((sum, share, i) => sum + share * gains[i]!, 0)
    p.forEach((share, i) => {
      const push = share * (gains[i]! - mean) / set.length
      for (let k = 0; k < w.length; k++) gradient[k]! += push * features[i]![k]!
    })
  }
  return gradient
}

function softmax(scores: number[]): number[] {
  const top = Math.max(...scores)
  const powers = scores.map(score => Math.exp(score - top))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map(power => power / total)
}

function dot(w: Float64Array, x: Float64Array): number {
  let sum = 0
  for (let k = 0; k < w.length; k++) sum += w[k]! * x[k]!
  return sum
}

/** Mean gain of the best-scored sentence. */
function picked(w: Float64Array, set: Example[]): number {
  const gains = set.map(({ features, gains }) => {
    const scores = features.map(x => dot(w, x))
    return gains[scores.indexOf(Math.max(...scores))] ?? 0
  })
  return Number((gains.reduce((sum, gain) => sum + gain, 0) / gains.length).toFixed(3))
}
