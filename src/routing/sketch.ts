/**
 * How much weight each of any number of people has behind them, in constant space: a count-min sketch
 * (Cormode and Muthukrishnan 2005). It never says less than there is, so nobody gets more than is
 * theirs; and it holds no names. Thousandths in whole numbers, one row after the other; empty while
 * nobody was noted.
 */
export type Sketch = readonly number[]

export const emptySketch: Sketch = []

const rows = 2
const width = 64

export const isSketch = (value: unknown): value is Sketch =>
  Array.isArray(value) && [0, rows * width].includes(value.length) && value.every(each => Number.isSafeInteger(each) && each >= 0)

/** The most that one person may have said of a model: four outcomes, or a twentieth of all there is. */
export const allowance = (evidence: number): number => Math.max(4, evidence / 20)

/**
 * What one more outcome of a person counts for, 0 to 1: whole while they have said less than half of
 * what they may, then less and less.
 * @param faded share of what was said that still counts
 */
export function weightIn(sketch: Sketch, person: string, allowed: number, faded = 1): number {
  const left = 1 - faded * saidIn(sketch, person) / allowed
  return Math.min(1, Math.max(0, 2 * left))
}

function saidIn(sketch: Sketch, person: string): number {
  return Math.min(...placesOf(person).map(place => sketch[place] ?? 0)) / 1_000
}

/** Adds weight to a person's places, to each no more than what they now have in all. */
export function noteIn(sketch: Sketch, person: string, weight: number): Sketch {
  const next = sketch.length === 0 ? Array.from({ length: rows * width }, () => 0) : sketch.slice()
  const said = Math.ceil((saidIn(sketch, person) + weight) * 1_000)
  for (const place of placesOf(person)) next[place] = Math.max(next[place]!, said)
  return next
}

/** Rounded up: what is forgotten of a person is never more than what is forgotten of their outcomes. */
export const fadeSketch = (sketch: Sketch, by: number): Sketch => sketch.map(each => Math.ceil(each * by))

/** A place in each row. */
function placesOf(person: string): number[] {
  const hash = hashOf(person)
  return [hash % width, width + (hash >>> 16) % width]
}

/** FNV-1a, 32 bits, with its bits mixed once more; whom it is to protect from whom is up to the key of what is hashed. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
