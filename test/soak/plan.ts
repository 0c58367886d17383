import { createHash } from 'node:crypto'
import type { Reply } from '../fixtures/upstream.ts'

const ends: readonly RunPlan['end'][] = ['cut', 'error', 'unmarked', 'unmarked']

/** What a client does with its answer. */
export type Manner = 'reads' | 'streams' | 'leaves' | 'aborts'

/** What becomes of one run, as its seed and number say: the same in every process that asks. */
export interface RunPlan {
  /** Tokens that the upstream has to say. */
  readonly words: number
  readonly usage: Reply['usage'] & string
  readonly end: Reply['end'] & string
  readonly status: 200 | 429
  readonly manner: Manner
  /** Whether the upstream asks for the death of the process that called it: before its first byte, or while it goes on. */
  readonly kill: 'before' | 'while' | null
}

/** The most tokens of one answer. */
export const longestAnswer = 40
/** Tokens that the fixture counts for a prompt: its words. */
export const promptWords = 2

export const promptOf = (run: number): string => `Run ${String(run).padStart(8, '0')}`
export const runOf = (prompt: string): number => Number(prompt.slice('Run '.length))
export const idOf = (run: number): string => `run-${String(run).padStart(8, '0')}`

/** @param killEvery one call in so many asks for a death */
export function planOf(seed: number, run: number, killEvery: number): RunPlan {
  const bytes = createHash('sha256').update(`${seed} ${run}`).digest()
  const pick = <T>(at: number, ...of: readonly T[]): T => of[bytes[at]! % of.length]!
  return {
    words: bytes[0]! % (longestAnswer + 1),
    usage: pick(1, 'chunk', 'chunk', 'each', 'missing'),
    // Few enough fail that breakers seldom open: what they refuse puts no load on the budget. `soak:chaos` is for those.
    end: ends[bytes[2]! % 32] ?? 'done',
    status: bytes[3]! % 32 === 0 ? 429 : 200,
    manner: pick(4, 'reads', 'reads', 'streams', 'streams', 'leaves', 'aborts'),
    kill: bytes.readUInt32LE(8) % killEvery === 0 ? pick(5, 'before', 'before', 'while') : null,
  }
}

/** What all runs would come to if they were all let through. */
export function offeredTokens(seed: number, runs: number): number {
  return Array.from({ length: runs }, (_, run) => promptWords + planOf(seed, run, Infinity).words).reduce((sum, tokens) => sum + tokens, 0)
}
