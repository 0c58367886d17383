import type { TokenCounter } from '../catalog/index.ts'
import { inputTexts } from '../core/index.ts'
import type { RunInput } from '../core/index.ts'
import { mostTokens } from './most-tokens.ts'
import type { PromptMessage } from './providers/port.ts'

/** What the host's tokeniser counts. */
export interface TokenCounts {
  /** Tokens of an input for a model; `null` where nobody can count them. */
  of(input: RunInput, model: string): number | null
  /** Tokens that messages count as where the model's server does not say: as the host's tokeniser has them, or else the most that they can be. */
  sent(messages: readonly PromptMessage[], model: string): number
}

interface CountsOptions {
  readonly tokenizer?: TokenCounter | undefined
  readonly onError: (error: unknown) => void
}

/** Roles and separators in common chat templates, and the start of the answer. */
const tokensPerMessage = 8

/**
 * Asks the host's tokeniser, once for each input and model, and of what was sent where its server does not say. One
 * that fails stops no run, whose tokens are estimated then; what it said may quote the text, so it is not passed on.
 */
export function tokenCounts({ tokenizer, onError }: CountsOptions): TokenCounts {
  const known = new WeakMap<object, Map<string, number | null>>()
  const faulty = new Set<string>()

  function count(text: string, model: string): number | null {
    try {
      const tokens = tokenizer?.(text, model) ?? null
      if (tokens === null || (Number.isSafeInteger(tokens) && tokens >= 0)) return tokens
    } catch {
      // Told below.
    }
    if (!faulty.has(model)) onError(new Error(`The tokenizer does not count every text for "${model}", so its tokens are estimated. Give a whole number or null for any text; gpt-tokenizer takes special tokens for text with { disallowedSpecial: new Set() }.`))
    faulty.add(model)
    return null
  }
  function once<T extends number | null>(of: object, model: string, work: () => T): T {
    const counted = known.get(of) ?? new Map<string, number | null>()
    known.set(of, counted)
    if (!counted.has(model)) counted.set(model, work())
    return counted.get(model)! as T
  }
  return {
    of: (input, model) => tokenizer ? once(input, model, () => count(inputTexts(input).join('\n'), model)) : null,
    sent: (messages, model) => once(messages, model, () => {
      const text = messages.map(({ content }) => content).join('\n')
      return (count(text, model) ?? mostTokens(text)) + messages.length * tokensPerMessage
    }),
  }
}
