import { writeFileSync } from 'node:fs'
import { featuresOf, hashBits } from '../features.ts'
import type { PackedModel } from '../model.ts'
import { generationExamples, problemExamples } from './examples.ts'
import type { Example } from './examples.ts'
import { foldsOf, heldOut, train } from './folds.ts'
import { calibrated } from './calibrate.ts'
import { pack } from './pack.ts'
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
const models = { generation: fitted(generationExamples(data), fittings.generation), problem: fitted(problemExamples(data), fittings.problem) }
writeFileSync(new URL('../weights.ts', import.meta.url), source(models))

function fitted(examples: readonly Example[], fitting: (typeof fittings)['generation']): PackedModel {
  const features = examples.map(({ text }) => featuresOf(text).map(hash => hash >>> (32 - hashBits)))
  const logits = heldOut(examples, features, foldsOf(examples, 5, fitting.seed), fitting)
  return pack(train(examples, features, fitting), calibrated(examples, logits))
}

function source(models: Record<string, PackedModel>): string {
  const entries = Object.entries(models).map(([name, { features, weights, ...figures }]) =>
    `  ${name}: {\n    features: '${features}',\n    weights: '${weights}',\n    ${Object.entries(figures).map(([key, value]) => `${key}: ${value}`).join(', ')},\n  },\n`)
  return `import type { PackedModel } from './model.ts'

// Written by train/main.ts, not by hand.
export const weights: Readonly<Record<${Object.keys(models).map(name => `'${name}'`).join(' | ')}, PackedModel>> = {
${entries.join('')}}
`
}
