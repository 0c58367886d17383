import type { Token } from './tokens.ts'

/** Tokens that may lie from one asked term to the next. */
const reach = 4

/** The share of neighbouring query terms that stand close together, in order, among tokens, 0 to 1. */
export function closeness(tokens: readonly Token[], terms: readonly string[]): number {
  if (terms.length < 2) return 0
  const last = new Map<string, number>()
  const near = new Set<string>()
  tokens.forEach(({ term }, place) => {
    const before = terms[terms.indexOf(term) - 1]
    if (before !== undefined && place - (last.get(before) ?? -Infinity) <= reach) near.add(term)
    last.set(term, place)
  })
  return near.size / (terms.length - 1)
}
