/** ROUGE F1 in percent (Lin 2004): n-gram overlap and, for L, the longest common subsequence of words. */
export interface Rouge {
  r1: number
  r2: number
  rl: number
}

/** Words as ROUGE-1.5.5 reads them: lower case, runs of ASCII letters and digits. No stemming. */
export const rougeWords = (text: string) => text.toLowerCase().match(/[a-z0-9]+/g) ?? []

export function rouge(candidate: string, reference: string): Rouge {
  const a = rougeWords(candidate)
  const b = rougeWords(reference)
  return { r1: overlap(a, b, 1), r2: overlap(a, b, 2), rl: f1(subsequence(a, b), a.length, b.length) }
}

/** Per measure, the best over the references: how SciTLDR scores a paper with several summaries. */
export function rougeMax(candidate: string, references: readonly string[]): Rouge {
  const all = references.map(reference => rouge(candidate, reference))
  return { r1: Math.max(...all.map(s => s.r1)), r2: Math.max(...all.map(s => s.r2)), rl: Math.max(...all.map(s => s.rl)) }
}

/** Per measure, the mean over the references. */
export function rougeMean(candidate: string, references: readonly string[]): Rouge {
  const all = references.map(reference => rouge(candidate, reference))
  const mean = (pick: (score: Rouge) => number) => all.reduce((sum, score) => sum + pick(score), 0) / all.length
  return { r1: mean(s => s.r1), r2: mean(s => s.r2), rl: mean(s => s.rl) }
}

const f1 = (hits: number, a: number, b: number) => hits === 0 ? 0 : 200 * hits / (a + b)

function overlap(a: readonly string[], b: readonly string[], n: number): number {
  const left = grams(a, n)
  const right = grams(b, n)
  let hits = 0
  for (const [gram, count] of left) hits += Math.min(count, right.get(gram) ?? 0)
  return f1(hits, Math.max(0, a.length - n + 1), Math.max(0, b.length - n + 1))
}

function grams(words: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i + n <= words.length; i++) {
    const gram = words.slice(i, i + n).join(' ')
    counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  return counts
}

function subsequence(a: readonly string[], b: readonly string[]): number {
  let previous = new Uint16Array(b.length + 1)
  for (const word of a) {
    const row = new Uint16Array(b.length + 1)
    for (let j = 1; j <= b.length; j++) {
      row[j] = word === b[j - 1] ? previous[j - 1]! + 1 : Math.max(previous[j]!, row[j - 1]!)
    }
    previous = row
  }
  return previous[b.length]!
}
