import { randomFrom as uniformFrom } from '../../../src/routing/train/random.ts'

/** Numbers as chance would have them, and the same ones again for the same seed. */
export interface Random {
  (): number
  /** Of a standard normal distribution (Box & Muller). */
  normal(): number
}

export function randomFrom(seed: number): Random {
  const uniform = uniformFrom(seed)
  return Object.assign(() => uniform(), { normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) })
}
