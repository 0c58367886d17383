import { rangeOf } from '../core/index.ts'
import type { EnergyProfile, Range } from '../core/index.ts'

/** Watt-hours of tokens in and out, end by end. */
export function energyOf({ request, input: read, output: written, attention }: EnergyProfile, input: Range, output: Range): Range {
  const at = (end: keyof Range) => request[end] + (read[end] * input[end] + written[end] * output[end]) / 1_000 + (attention?.[end] ?? 0) * (input[end] / 1_000) ** 2
  return rangeOf(at('low'), at('mid'), at('high'))
}
