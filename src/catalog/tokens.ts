import { estimateTokenCount } from 'tokenx'
import { inputTexts, rangeOf } from '../core/index.ts'
import type { Range, RunInput } from '../core/index.ts'

/**
 * Tokens an input is likely to be, with the prompt around it. The counter is off by about 25 % for
 * Latin text and 50 % for Chinese, Japanese and Korean at the 95th percentile, either way.
 * @param count by default of the whole text: what is settled goes by it
 */
export function likelyTokens(input: RunInput, overhead: number, count: Counter = estimateTokenCount): Range {
  const { tokens, error } = countOf(input, count)
  // Overhead is a bound in bytes: real prompts come to a third of it.
  const mid = tokens + overhead / 3
  // A text of one token is not likely to be of none.
  const whole = (tokens: number) => Math.max(Math.round(tokens), Math.sign(mid))
  return rangeOf(whole(mid * (1 - error)), whole(mid), whole(mid * (1 + error)))
}

interface Count {
  readonly tokens: number
  /** How far it may be off, as a share of it. */
  readonly error: number
}

type Counter = (text: string) => number

// One input is estimated for every model that may serve it, and counted once while its text stays the same.
const counts = new WeakMap<RunInput, { readonly text: string; readonly by: Counter; readonly count: Count }>()

function countOf(input: RunInput, by: Counter): Count {
  const text = inputTexts(input).join('\n')
  const known = counts.get(input)
  if (known?.by === by && known.text === text) return known.count
  const count = { tokens: by(text), error: /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(text) ? 0.5 : 0.25 }
  counts.set(input, { text, by, count })
  return count
}

const windows = 4
const windowLength = 128

/**
 * Tokens of a text, of a long one from a few windows of it: an estimate is made at each keystroke,
 * and at every level on offer.
 */
export function sampleTokens(text: string): number {
  if (text.length <= 2 * windows * windowLength) return estimateTokenCount(text)
  const stride = (text.length - windowLength) / (windows - 1)
  const sample = Array.from({ length: windows }, (_, i) => text.slice(i * stride, i * stride + windowLength))
  const counted = sample.reduce((sum, window) => sum + estimateTokenCount(window), 0)
  return counted * text.length / (windows * windowLength)
}
