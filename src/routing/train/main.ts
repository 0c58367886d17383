import { writeFileSync } from 'node:fs'
import { vocabularyHash } from '../model.ts'
import type { PackedModel, Weights } from '../model.ts'
import { generationExamples, problemExamples } from './examples.ts'
import type { Example } from './examples.ts'
import { foldsOf, heldOut, train, trainingFeatures } from './folds.ts'
import { calibrated } from './calibrate.ts'
import { pack, packHashes } from './pack.ts'
import { fittings } from './fittings.ts'

// Fits the weights of classify and writes ../weights.ts: npm run train:routing
// SPARING_DATA names the data folder. Two models, each logistic over hashed features:
//   generation  is anything to be generated? TREC's questions and CLINC's utterances
//   problem     is it to be worked out in steps? GSM8K and MMLU's worked-out subjects, against all the rest
// Nothing is chosen on what a model has seen: five folds hold out whole intents of CLINC, whole subjects of
// MMLU and shares of TREC and GSM8K, and Platt's line is fitted on what the folds' models say of those they
// never saw. The weights that are written are then fitted on everything. test/bench/routing-need.ts repeats
// the folds and prints what they come to. The same data give the same bytes.

const data = `${process.env['SPARING_DATA'] ?? new URL('../../../../shared/data', import.meta.url).pathname}/routing`
const [generation, problem] = [generationExamples(data), problemExamples(data)]
writeFileSync(new URL('../weights.ts', import.meta.url), source({
  generation: fitted(generation, fittings.generation),
  problem: fitted(problem, fittings.problem),
  vocabulary: packHashes(vocabularyOf(problem)),
}))

function fitted(examples: readonly Example[], fitting: (typeof fittings)['generation']): PackedModel {
  const features = examples.map(({ text }) => trainingFeatures(text))
  const logits = heldOut(examples, features, foldsOf(examples, 5, fitting.seed), fitting)
  return pack(train(examples, features, fitting), calibrated(examples, logits))
}

/** Words in lower case that several groups use, or the names in one question would count as English. */
function vocabularyOf(examples: readonly Example[]): Set<number> {
  const groups = new Map<string, Set<string>>()
  for (const { text, group } of examples) {
    for (const word of text.match(/(?<![\p{L}'])[a-z]+(?:'[a-z]+)*(?!\p{L})/gu) ?? []) groups.set(word, (groups.get(word) ?? new Set()).add(group))
  }
  return new Set([...groups].filter(([, { size }]) => size >= 3).map(([word]) => vocabularyHash(word)))
}

function source({ generation, problem, vocabulary }: Weights): string {
  const model = ({ features, weights, ...figures }: PackedModel) =>
    `{\n    features: '${features}',\n    weights: '${weights}',\n    ${Object.entries(figures).map(([key, value]) => `${key}: ${value}`).join(', ')},\n  }`
  return `import type { Weights } from './model.ts'

// Written by train/main.ts, not by hand.
export const weights: Weights = {
  generation: ${model(generation)},
  problem: ${model(problem)},
  vocabulary: '${vocabulary}',
}
`
}
