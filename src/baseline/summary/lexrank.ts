/** A sentence as the ids of its terms, repeats included. */
export type Bag = readonly number[]

/** Term weights of one sentence, sorted by nothing, of Euclidean length 1 (or empty). */
export interface Vector {
  terms: number[]
  weights: number[]
}

/**
 * Unit TF-IDF vectors of the sentences of one text. A sentence counts as a document, and idf is
 * log(1 + N / df), which leaves a term that is in every sentence a weight: in a text of a few sentences
 * that term is the topic. `boost` multiplies the weight of single terms (a title's, say).
 */
export function vectorsOf(bags: readonly Bag[], size: number, boost?: Float64Array): Vector[] {
  const df = new Uint32Array(size)
  const counted = bags.map(countTerms)
  for (const counts of counted) for (const term of counts.keys()) df[term]!++
  return counted.map(counts => {
    const terms = [...counts.keys()]
    const raw = terms.map(term => counts.get(term)! * Math.log(1 + bags.length / df[term]!) * (boost?.[term] ?? 1))
    const norm = Math.hypot(...raw) || 1
    return { terms, weights: raw.map(weight => weight / norm) }
  })
}

function countTerms(bag: Bag): Map<number, number> {
  const counts = new Map<number, number>()
  for (const term of bag) counts.set(term, (counts.get(term) ?? 0) + 1)
  return counts
}

/** Cosines of all pairs as a row-major n × n matrix, through an inverted index: only shared terms cost time. */
export function cosines(vectors: readonly Vector[], size: number): Float64Array {
  const n = vectors.length
  const matrix = new Float64Array(n * n)
  const postings: Array<number[] | undefined> = Array.from({ length: size })
  const values: Array<number[] | undefined> = Array.from({ length: size })
  vectors.forEach(({ terms, weights }, row) => {
    terms.forEach((term, k) => {
      const others = postings[term] ??= []
      const theirs = values[term] ??= []
      for (let i = 0; i < others.length; i++) matrix[row * n + others[i]!]! += weights[k]! * theirs[i]!
      others.push(row)
      theirs.push(weights[k]!)
    })
  })
  mirror(matrix, n)
  return matrix
}

function mirror(matrix: Float64Array, n: number): void {
  for (let row = 0; row < n; row++) {
    matrix[row * n + row] = 1
    for (let column = 0; column < row; column++) matrix[column * n + row] = matrix[row * n + column]!
  }
}

/**
 * Continuous LexRank: the stationary distribution of a random walk over sentences, each step to another
 * sentence in proportion to their cosine, with a jump anywhere at probability `jump`.
 * Erkan and Radev, "LexRank: Graph-based Lexical Centrality as Salience in Text Summarization" (JAIR 22,
 * 2004), section 3.3. The values sum to 1.
 */
export function lexRank(matrix: Float64Array, n: number, jump = 0.15, rounds = 40): Float64Array {
  const share = rowSums(matrix, n)
  let rank = new Float64Array(n).fill(1 / n)
  for (let round = 0; round < rounds; round++) {
    const next = step(matrix, share, rank, jump)
    const moved = distance(next, rank)
    rank = next
    if (moved < 1e-5) break
  }
  return rank
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!)
  return sum
}

function rowSums(matrix: Float64Array, n: number): Float64Array {
  const sums = new Float64Array(n)
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) sums[row]! += matrix[row * n + column]!
  }
  return sums
}

function step(matrix: Float64Array, share: Float64Array, rank: Float64Array, jump: number) {
  const n = rank.length
  const next = new Float64Array(n).fill(jump / n)
  for (let row = 0; row < n; row++) {
    const flow = (1 - jump) * rank[row]! / share[row]!
    for (let column = 0; column < n; column++) next[column]! += flow * matrix[row * n + column]!
  }
  return next
}
