import { createHash } from 'node:crypto'
import { textKinds, texts } from '../fixtures/texts.ts'
import type { TextKind } from '../fixtures/texts.ts'
import type { Prompt, Reply } from '../fixtures/upstream.ts'

const ends: readonly RunPlan['end'][] = ['cut', 'error', 'unmarked', 'unmarked']

/** What a client does with its answer. */
export type Manner = 'reads' | 'streams' | 'leaves' | 'aborts'

/** What becomes of one run, as its seed and number say: the same in every process that asks. */
export interface RunPlan {
  /** What its prompt is written in. */
  readonly kind: TextKind
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
/** Of one kind all are of one length. */
export const textOf = (run: number, kind: TextKind): string => `Run ${idOf(run)}: ${texts[kind]}`
export const messagesOf = (text: string): Prompt & readonly { role: 'user'; content: string }[] => [{ role: 'user', content: text }]
export const runOf = (prompt: Prompt): number => Number(/^Run run-(\d+):/.exec(prompt.at(-1)!.content!)![1])
export const idOf = (run: number): string => `run-${String(run).padStart(8, '0')}`

/** @param killEvery one call in so many asks for a death */
export function planOf(seed: number, run: number, killEvery: number): RunPlan {
  const bytes = createHash('sha256').update(`${seed} ${run}`).digest()
  const pick = <T>(at: number, ...of: readonly T[]): T => of[bytes[at]! % of.length]!
  return {
    kind: pick(12, ...textKinds),
    words: bytes[0]! % (longestAnswer + 1),
    usage: pick(1, 'chunk', 'chunk', 'each', 'missing'),
    // Few enough fail that breakers seldom open: what they refuse puts no load on the budget. `soak:chaos` is for those.
    end: ends[bytes[2]! % 32] ?? 'done',
    status: bytes[3]! % 32 === 0 ? 429 : 200,
    manner: pick(4, 'reads', 'reads', 'streams', 'streams', 'leaves', 'aborts'),
    kill: bytes.readUInt32LE(8) % killEvery === 0 ? pick(5, 'before', 'before', 'while') : null,
  }
}
