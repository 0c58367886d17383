import { countedTokens, likelyTokens } from '../catalog/index.ts'
import type { TokenCounter } from '../catalog/index.ts'
import { inputTexts } from '../core/index.ts'
import type { RunInput } from '../core/index.ts'

/** What the host's tokeniser counts. */
export interface TokenCounts {
  /** Tokens of an input for a model; `null` where nobody can count them. */
  of(input: RunInput, model: string): number | null
  /** Tokens that an input and the prompt around it likely are, counted or estimated. */
  likely(input: RunInput, overhead: number, model: string): number
}

interface CountsOptions {
  readonly tokenizer?: TokenCounter | undefined
  readonly onError: (error: unknown) => void
}

/**
 * Asks the host's tokeniser, once for each input and model. One that fails stops no run, whose tokens
 * are estimated then; what it said may quote the text, so it is not passed on.
 */
export function tokenCounts({ tokenizer, onError }: CountsOptions): TokenCounts {
  const known = new WeakMap<RunInput, Map<string, number | null>>()
  const faulty = new Set<string>()

  function count(input: RunInput, model: string): number | null {
    try {
      const tokens = tokenizer?.(inputTexts(input).join('\n'), model) ?? null
      if (tokens === null || (Number.isSafeInteger(tokens) && tokens >= 0)) return tokens
    } catch {
      // Told below.
    }
    if (!faulty.has(model)) onError(new Error(`The tokenizer does not count every text for "${model}", so its tokens are estimated. Give a whole number or null for any text; gpt-tokenizer takes special tokens for text with { disallowedSpecial: new Set() }.`))
    faulty.add(model)
    return null
  }
  function of(input: RunInput, model: string): number | null {
    if (!tokenizer) return null
    const counted = known.get(input) ?? new Map<string, number | null>()
    known.set(input, counted)
    if (!counted.has(model)) counted.set(model, count(input, model))
    return counted.get(model)!
  }
  return {
    of,
    likely(input, overhead, model) {
      const counted = of(input, model)
      return (counted === null ? likelyTokens(input, overhead) : countedTokens(counted, overhead)).mid
    },
  }
}
