import { hashBits, hashOf } from './features.ts'
import type { Vocabulary } from './language.ts'

/** A linear model as it is kept: `features` and `weights` are base64, see `unpack`. */
export interface PackedModel {
  readonly features: string
  readonly weights: string
  /** What one step of a weight is worth. */
  readonly step: number
  readonly bias: number
  /** Platt's line (1999) from a held-out logit to a calibrated one. */
  readonly slope: number
  readonly offset: number
}

/** What train/main.ts writes. */
export interface Weights {
  /** Is anything to be generated? */
  readonly generation: PackedModel
  /** Is it to be worked out in steps? */
  readonly problem: PackedModel
  /** The words they were learned from, packed. */
  readonly vocabulary: string
}

/** The chances that a request is of each model's class, 0 to 1, from its features. */
export type ChancesOf = (features: readonly number[]) => number[]

/** Linear models ready for use: side by side, since looking features up is what takes the time. */
export function createModels(models: readonly PackedModel[]): ChancesOf {
  const table = tableOf(models)
  return found => {
    const sums = models.map(() => 0)
    const known = models.map(() => 0)
    const turn = nextTurn(table)
    for (const each of found) {
      const place = placeOf(table, each >>> (32 - hashBits))
      // What is unknown weighs nothing, and what was there before counts once.
      if (place < 0 || table.turns[place] === turn) continue
      table.turns[place] = turn
      for (let at = 0; at < models.length; at++) {
        const weight = table.weights[place * models.length + at]!
        sums[at]! += weight
        known[at]! += Number(weight !== 0)
      }
    }
    return models.map(({ step, bias, slope, offset }, at) => {
      // A request of many words is no surer than one of few.
      const logit = bias + step * sums[at]! / Math.sqrt(known[at]! + 1)
      return 1 / (1 + Math.exp(-(slope * logit + offset)))
    })
  }
}

/** The chance of one model alone. */
export function createModel(packed: PackedModel): (features: readonly number[]) => number {
  const chances = createModels([packed])
  return features => chances(features)[0]!
}

/** The words of a list of packed hashes. */
export function createVocabulary(packed: string): Vocabulary {
  const known = new Set(unpack(packed))
  return word => known.has(vocabularyHash(word))
}

/** Of a word in lower case, in as many bits as a feature has. */
export const vocabularyHash = (word: string): number => hashOf(word) >>> (32 - hashBits)

/** By open addressing, at most half full. */
interface Table {
  /** Hashes, each one more than it is, so that 0 is a free place. */
  readonly keys: Uint32Array
  /** At each place the weight of each model: never 0 where it has one. */
  readonly weights: Int8Array
  /** When each was last met: of one request a feature counts once. */
  readonly turns: Uint8Array
  readonly mask: number
  /** A bit for the lower bits of each hash: small enough to stay close to the processor, where most strange ones are told by it. */
  readonly sieve: Uint8Array
  turn: number
}

const sieveBits = 20
const inSieve = (1 << sieveBits) - 1

function tableOf(models: readonly PackedModel[]): Table {
  const lists = models.map(({ features, weights }) => ({ hashes: unpack(features), bytes: bytesOf(weights) }))
  const size = 2 ** Math.ceil(Math.log2(2 * lists.reduce((sum, { hashes }) => sum + hashes.length, 0) + 2))
  const table: Table = { keys: new Uint32Array(size), weights: new Int8Array(size * models.length), turns: new Uint8Array(size), mask: size - 1, sieve: new Uint8Array(1 << sieveBits - 3), turn: 0 }
  for (const [at, { hashes, bytes }] of lists.entries()) {
    for (const [which, hash] of hashes.entries()) {
      let place = hash & table.mask
      while (table.keys[place] !== 0 && table.keys[place] !== hash + 1) place = (place + 1) & table.mask
      table.keys[place] = hash + 1
      table.weights[place * models.length + at] = bytes[which]!
      table.sieve[(hash & inSieve) >>> 3]! |= 1 << (hash & 7)
    }
  }
  return table
}

function nextTurn(table: Table): number {
  // Marks of a byte stay in the processor's cache; before they come round again they are wiped.
  table.turn = (table.turn + 1) % 256
  if (table.turn === 0) table.turns.fill(0)
  return table.turn ||= 1
}

/** Where a hash stands; below 0 for one that does not. Hashes are even already: their lower bits are as good as any. */
function placeOf({ keys, mask, sieve }: Table, hash: number): number {
  if ((sieve[(hash & inSieve) >>> 3]! & 1 << (hash & 7)) === 0) return -1
  let place = hash & mask
  while (keys[place] !== hash + 1) {
    if (keys[place] === 0) return -1
    place = (place + 1) & mask
  }
  return place
}

/** Ascending numbers from their differences: seven bits a byte, the lowest first, the eighth set where more follow. */
function unpack(base64: string): number[] {
  const numbers: number[] = []
  let [number, difference, shift] = [0, 0, 0]
  for (const byte of bytesOf(base64)) {
    difference |= (byte & 0x7f) << shift
    shift += 7
    if (byte >= 0x80) continue
    numbers.push(number += difference)
    ;[difference, shift] = [0, 0]
  }
  return numbers
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), character => character.charCodeAt(0))
