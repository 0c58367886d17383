import { describe, expect, test } from 'vitest'
import { featuresOf, hashBits } from '../../../src/routing/features.ts'
import { createModel } from '../../../src/routing/model.ts'
import { calibrated } from '../../../src/routing/train/calibrate.ts'
import type { Example } from '../../../src/routing/train/examples.ts'
import { foldsOf, heldOut, train, trainingFeatures } from '../../../src/routing/train/folds.ts'
import { pack } from '../../../src/routing/train/pack.ts'
import { phrases } from '../../../src/routing/train/phrases.ts'
import { opened, sealed } from '../../fixtures/routing/requests.ts'
import { rewordings } from '../../fixtures/routing/rewordings.ts'

const animals = ['cats', 'dogs', 'owls', 'bees', 'ants', 'eels', 'frogs', 'hens']
const examples = animals.flatMap((animal, at): Example[] => [
  { text: `why do ${animal} sleep`, positive: true, weight: 1, group: `why-${at}`, source: 'clinc' },
  { text: `find ${animal} near me`, positive: false, weight: 1, group: `find-${at}`, source: 'clinc' },
])
const features = examples.map(({ text }) => trainingFeatures(text))
const fitting = { rounds: 20, rate: 0.3, ridge: 0.0002, seed: 1, most: 500 }

describe('training', () => {
  test('learns what many groups share, and it holds for a subject it never saw', () => {
    const chance = createModel(pack(train(examples, features, fitting), { slope: 1, offset: 0 }))
    expect(chance(featuresOf('why do bats sleep'))).toBeGreaterThan(0.8)
    expect(chance(featuresOf('find bats near me'))).toBeLessThan(0.2)
  })

  test('learns what kind of thing is asked for, and it holds for words it never saw', () => {
    const told = ['purpose', 'history', 'significance', 'cause', 'effect', 'origin', 'function', 'outcome']
    const things = ['colour', 'breed', 'shape', 'drug', 'machine', 'disease', 'instrument', 'tree']
    const asked = (words: readonly string[], positive: boolean) => words.map((word, at): Example => ({ text: `what is the ${word} here`, positive, weight: 1, group: `${positive}-${at}`, source: 'clinc' }))
    const all = [...asked(told, true), ...asked(things, false)]
    const chance = createModel(pack(train(all, all.map(({ text }) => trainingFeatures(text)), fitting), { slope: 1, offset: 0 }))
    expect(chance(featuresOf('what is the meaning here'))).toBeGreaterThan(0.8)
    expect(chance(featuresOf('what is the metal here'))).toBeLessThan(0.2)
    // Of a word without a class there is nothing to go by.
    expect(Math.abs(chance(featuresOf('what is the flurb here')) - 0.5)).toBeLessThan(0.2)
  })

  test('keeps nothing that only one group says', () => {
    const known = new Set(train(examples, features, fitting).places.keys())
    const alone = examples.map(({ group }, at) => ({ group, hashes: features[at]! })).flatMap(({ group, hashes }) =>
      hashes.filter(hash => examples.every((other, at) => other.group === group || !features[at]!.includes(hash))))
    expect(alone.length).toBeGreaterThan(0)
    expect(alone.filter(hash => known.has(hash))).toEqual([])
  })

  test('gives the same weights for the same seed', () => {
    const once = pack(train(examples, features, fitting), { slope: 1, offset: 0 })
    expect(pack(train(examples, features, fitting), { slope: 1, offset: 0 })).toEqual(once)
  })

  test('keeps as many weights as it may', () => {
    expect(train(examples, features, { ...fitting, most: 7 }).places.size).toBe(7)
  })
})

describe('what is packed', () => {
  test('is read again as it was, to half a step', () => {
    const model = train(examples, features, fitting)
    const packed = pack(model, { slope: 1, offset: 0 })
    const chance = createModel({ ...packed, bias: 0 })
    const largest = Math.max(...model.weights.map(Math.abs))
    expect(packed.step).toBeCloseTo(largest / 127, 5)
    for (const [hash, place] of model.places) {
      // One feature alone: its weight over the root of two.
      const logit = Math.log(1 / (1 / chance([(hash << (32 - hashBits)) >>> 0]) - 1))
      expect(Math.abs(logit * Math.SQRT2 - model.weights[place]!)).toBeLessThanOrEqual(packed.step * 1.01)
    }
  })
})

describe('folds', () => {
  test('hold out whole groups, and some of each class in every fold', () => {
    const plan = foldsOf(examples, 4, 3)
    const folds = Map.groupBy(examples, (_, at) => plan[at])
    expect([...folds.values()].map(some => new Set(some.map(({ positive }) => positive)).size)).toEqual([2, 2, 2, 2])
    const twins = [...examples, ...examples]
    const both = foldsOf(twins, 4, 3)
    expect(both.slice(0, examples.length)).toEqual(both.slice(examples.length))
  })

  test('are read by models that never saw them', () => {
    // Each group has a word of its own that gives its class away. Held out, nothing does.
    const secrets = animals.map((animal, at): Example => ({ text: `${animal} ${animal}`, positive: at % 2 === 0, weight: 1, group: animal, source: 'clinc' }))
    const logits = heldOut(secrets, secrets.map(({ text }) => trainingFeatures(text)), foldsOf(secrets, 4, 1), fitting)
    expect(new Set(logits.map(logit => logit > 3 || logit < -3))).toEqual(new Set([false]))
  })
})

describe('calibration', () => {
  test('draws in what is too sure of itself', () => {
    const logits = examples.map(({ positive }, at) => (positive === (at % 4 < 2) ? 6 : -6) * (positive ? 1 : -1))
    expect(calibrated(examples, logits).slope).toBeLessThan(0.2)
  })
})

describe('phrases', () => {
  test('have all their slots filled, and repeat', () => {
    expect(phrases(2, 1)).toEqual(phrases(2, 1))
    expect(phrases(2, 1)).not.toEqual(phrases(2, 2))
    expect(phrases(2, 1).filter(({ text }) => /[{}]|undefined/.test(text))).toEqual([])
  })

  test('are not what is measured with', () => {
    const measured = new Set([...Object.values(opened), ...Object.values(sealed), ...rewordings].flat().map(text => text.toLowerCase().replace(/[.?]$/, '')))
    expect(phrases(12, 1).map(({ text }) => text.toLowerCase().replace(/[.?]$/, '')).filter(text => measured.has(text))).toEqual([])
  })
})
