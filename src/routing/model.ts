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

/** The chance that a request is of the model's class, 0 to 1, from its features. */
export type Chance = (features: readonly number[]) => number

/** A linear model ready for use. */
export function createModel({ features, weights, step, bias, slope, offset }: PackedModel): Chance {
  const table = tableOf(unpack(features), bytesOf(weights))
  return found => {
    let [sum, known] = [0, 0]
    const turn = nextTurn(table)
    for (const each of found) {
      const hash = each >>> (32 - hashBits)
      if (!mayHold(table, hash)) continue
      const place = placeOf(table, hash)
      const entry = table.entries[place]!
      // What is unknown weighs nothing, and what was there before counts once.
      if (entry === 0 || table.turns[place] === turn) continue
      table.turns[place] = turn
      sum += entry << 24 >> 24
      known++
    }
    // A request of many words is no surer than one of few.
    const logit = bias + step * sum / Math.sqrt(known + 1)
    return 1 / (1 + Math.exp(-(slope * logit + offset)))
  }
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
  /** A hash, and its weight in the lowest byte: beside each other, because reading memory is what takes the time. A weight is never 0, so 0 is a free place. */
  readonly entries: Uint32Array
  /** When each was last met: of one request a feature counts once. */
  readonly turns: Uint8Array
  readonly mask: number
  /** A bit for the lower bits of each hash: small enough to stay close to the processor, where most strange ones are told by it. */
  readonly sieve: Uint8Array
  turn: number
}

const sieveBits = 19
const mayHold = ({ sieve }: Table, hash: number): boolean => (sieve[(hash & (1 << sieveBits) - 1) >>> 3]! & 1 << (hash & 7)) !== 0

function tableOf(hashes: readonly number[], bytes: Uint8Array): Table {
  const size = 2 ** Math.ceil(Math.log2(2 * hashes.length + 2))
  const table: Table = { entries: new Uint32Array(size), turns: new Uint8Array(size), mask: size - 1, sieve: new Uint8Array(1 << sieveBits - 3), turn: 0 }
  hashes.forEach((hash, at) => {
    table.entries[placeOf(table, hash)] = hash << 8 | bytes[at]!
    table.sieve[(hash & (1 << sieveBits) - 1) >>> 3]! |= 1 << (hash & 7)
  })
  return table
}

function nextTurn(table: Table): number {
  // Marks of a byte stay in the processor's cache; before they come round again they are wiped.
  table.turn = (table.turn + 1) % 256
  if (table.turn === 0) table.turns.fill(0)
  return table.turn ||= 1
}

/** Where a hash stands, or would. Hashes are even already: their lower bits are as good as any. */
function placeOf({ entries, mask }: Table, hash: number): number {
  let place = hash & mask
  while (entries[place] !== 0 && entries[place]! >>> 8 !== hash) place = (place + 1) & mask
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
