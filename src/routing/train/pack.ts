import type { PackedModel } from '../model.ts'
import type { Model } from './folds.ts'

export interface Line {
  readonly slope: number
  readonly offset: number
}

/** A model in bytes: weights in 127 steps either way, and none of them 0. The greatest, one in a thousand, are cut. */
export function pack({ places, weights, bias }: Model, { slope, offset }: Line): PackedModel {
  const sizes = [...weights].map(Math.abs).sort((a, b) => a - b)
  const step = sizes[Math.floor(sizes.length * 0.999)]! / 127
  const entries = [...places].sort(([a], [b]) => a - b)
  const steps = entries.map(([, place]) => {
    const whole = Math.max(-127, Math.min(127, Math.round(weights[place]! / step)))
    return whole || (weights[place]! < 0 ? -1 : 1)
  })
  return { features: packHashes(places.keys()), weights: base64(steps.map(whole => whole & 0xff)), step: rounded(step), bias: rounded(bias), slope: rounded(slope), offset: rounded(offset) }
}

/** Hashes in bytes. */
export const packHashes = (hashes: Iterable<number>): string => base64(differences([...hashes].sort((a, b) => a - b)))

function differences(ascending: readonly number[]): number[] {
  return ascending.flatMap((number, at) => sevens(number - (ascending[at - 1] ?? 0)))
}

function sevens(number: number): number[] {
  return number < 0x80 ? [number] : [number & 0x7f | 0x80, ...sevens(number >>> 7)]
}

const base64 = (bytes: readonly number[]) => btoa(String.fromCharCode(...bytes))

const rounded = (value: number) => Number(value.toPrecision(6))
