import { inputTexts, rangeOf } from '../core/index.ts'
import type { Range, RunInput } from '../core/index.ts'
import { countTokens } from './count-tokens.ts'
import { countError } from './scripts.ts'

/**
 * Tokens of a text for a model's own tokeniser; `null` where there is none for it. Whatever stands in
 * the text is text: tokenisers that refuse special tokens are told to allow them all.
 */
export type TokenCounter = (text: string, model: string) => number | null

/**
 * Tokens an input is likely to be, with the prompt around it: estimated, within the error that was
 * measured for the scripts it is written in.
 * @param count by default of the whole text: what is settled goes by it
 */
export function likelyTokens(input: RunInput, overhead: number, count: (text: string) => number = countTokens): Range {
  const text = inputTexts(input).join('\n')
  const tokens = count(text)
  return around(tokens, errorOf(text, tokens), overhead)
}

/** What was made of an input's text, for as long as the input is there. */
const sampled = new WeakMap<RunInput, { readonly text: string; readonly tokens: number; readonly error: Range }>()

/**
 * The same from a sample of the text, and once for each input: an estimate is made at each keystroke,
 * for every level on offer, and by every hint on the page.
 */
export function sampledTokens(input: RunInput, overhead: number): Range {
  const text = inputTexts(input).join('\n')
  const known = sampled.get(input)
  // Hosts may change an input in place.
  const found = known?.text === text ? known : sampleOf(text)
  if (found !== known) sampled.set(input, found)
  return around(found.tokens, found.error, overhead)
}

function sampleOf(text: string) {
  const tokens = sampleTokens(text)
  return { text, tokens, error: errorOf(text, tokens) }
}

const errorOf = (text: string, tokens: number): Range => countError(windowsOf(text), text === '' ? 0 : tokens / text.length)

/** The same where a tokeniser has counted it: only the prompt around it is not known exactly. */
export const countedTokens = (tokens: number, overhead: number): Range => around(tokens, rangeOf(1, 1, 1), overhead)

/** A prompt's overhead is a bound in bytes: real ones come to a third of it, give or take a quarter of that. */
const overheadShare = rangeOf(0.25, 1 / 3, 5 / 12)

function around(tokens: number, error: Range, overhead: number): Range {
  // A text of one token is not likely to be of none.
  const least = Math.sign(tokens + overhead)
  const whole = (end: keyof Range) => Math.max(Math.round(tokens * error[end] + overhead * overheadShare[end]), least)
  return rangeOf(whole('low'), whole('mid'), whole('high'))
}

const windows = 4
const windowLength = 96

/** Tokens of a text, of a long one from a few windows of it. */
export function sampleTokens(text: string): number {
  const sample = windowsOf(text)
  const counted = sample.reduce((sum, window) => sum + countTokens(window), 0)
  return sample.length === 1 ? counted : counted * text.length / (windows * windowLength)
}

function windowsOf(text: string): string[] {
  if (text.length <= 1.25 * windows * windowLength) return [text]
  const stride = (text.length - windowLength) / (windows - 1)
  return Array.from({ length: windows }, (_, i) => text.slice(i * stride, i * stride + windowLength))
}
