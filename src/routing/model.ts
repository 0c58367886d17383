import { hashBits } from './features.ts'

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

/** The chance that a request is of the model's class, 0 to 1, from its features. */
export type Chance = (features: readonly number[]) => number

/** A linear model ready for use. */
export function createModel({ features, weights, step, bias, slope, offset }: PackedModel): Chance {
  const table = tableOf(unpack(features), bytesOf(weights))
  return found => {
    let sum = 0
    let known = 0
    for (const hash of found) {
      const weight = weightIn(table, hash)
      if (weight === 0) continue
      sum += weight
      known++
    }
    // A request of many words is no surer than one of few.
    const logit = bias + step * sum / Math.sqrt(known + 1)
    return 1 / (1 + Math.exp(-(slope * logit + offset)))
  }
}

/** Hashes and weights by open addressing, at most half full. A weight is never 0, which marks a free place. */
interface Table {
  readonly hashes: Uint32Array
  readonly weights: Int8Array
  readonly mask: number
}

function tableOf(hashes: readonly number[], bytes: Uint8Array): Table {
  const size = 2 ** Math.ceil(Math.log2(2 * hashes.length + 2))
  const table = { hashes: new Uint32Array(size), weights: new Int8Array(size), mask: size - 1 }
  hashes.forEach((hash, at) => {
    const place = placeOf(table, hash)
    table.hashes[place] = hash
    table.weights[place] = bytes[at]!
  })
  return table
}

const weightIn = (table: Table, hash: number): number => table.weights[placeOf(table, hash >>> (32 - hashBits))]!

/** Where a hash stands, or would. Hashes are even already: their lower bits are as good as any. */
function placeOf({ hashes, weights, mask }: Table, hash: number): number {
  let place = hash & mask
  while (weights[place] !== 0 && hashes[place] !== hash) place = (place + 1) & mask
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
