/** Numbers as chance would have them, and the same ones again for the same seed (mulberry32). */
export interface Random {
  (): number
  /** Of a standard normal distribution (Box & Muller). */
  normal(): number
}

export function randomFrom(seed: number): Random {
  let state = seed
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return Object.assign(uniform, { normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) })
}
