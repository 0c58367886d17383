import { estimateTokenCount } from 'tokenx'
import { inputBound, inputTexts, rangeOf } from '../core/index.ts'
import type { Range, RunInput } from '../core/index.ts'

/**
 * Tokens an input is likely to be, with the prompt around it. The counter is off by about 25 % for
 * Latin text and 50 % for Chinese, Japanese and Korean at the 95th percentile, either way.
 */
export function likelyTokens(input: RunInput, overhead: number): Range {
  const text = inputTexts(input).join('\n')
  const counted = estimateTokenCount(text)
  const error = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(text) ? 0.5 : 0.25
  // Overhead is a bound in bytes: real prompts come to a third of it.
  const mid = counted + overhead / 3
  const most = inputBound(input, overhead)
  // A text of one token is not likely to be of none.
  const whole = (tokens: number) => Math.min(Math.max(Math.round(tokens), Math.sign(mid)), most)
  return rangeOf(whole(mid * (1 - error)), whole(mid), whole(mid * (1 + error)))
}
