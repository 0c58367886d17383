import type { SparingError } from '../../core/index.ts'
import { endMark } from './answer-events.ts'
import type { AnswerEvent } from './answer-events.ts'
import { errorIn, parseChunk, partsOf } from './completion-chunk.ts'
import type { Chunk } from './completion-chunk.ts'
import type { ProviderPart } from './port.ts'
import { thinkTags } from './think-tags.ts'
import { refusedLate, reported, unreadable } from './upstream-failure.ts'

/** What is known of an answer while it is read. */
export interface Progress {
  /** Its server answered, if only with an error under the status of a success. */
  answered: boolean
  /** What it answered was no error, so that it took the request. */
  accepted: boolean
  /** It said something, so that nobody else can answer in its place any longer. */
  said: boolean
  /** It said why it finished. */
  finished: boolean
  /** It was marked as over. What comes after that is no part of it, but may say what it used. */
  marked: boolean
  /** It said what it used. */
  counted: boolean
}

export const noProgress = (): Progress => ({ answered: false, accepted: false, said: false, finished: false, marked: false, counted: false })

/** What came at once, up to the failure that it says. */
interface Reading {
  readonly parts: readonly ProviderPart[]
  readonly failure?: SparingError
}

export interface AnswerReader {
  /** What events say, up to the first that says nothing that can be read, or that the model failed. */
  read(events: readonly AnswerEvent[]): Reading
  /** What was held back when nothing more comes. */
  end(): readonly ProviderPart[]
}

/**
 * Reads the events of one answer, noting how far it is.
 * @param retryAfter milliseconds that its server wants to be left alone where it failed; `null` where it did not say
 */
export function answerReader(progress: Progress, retryAfter: number | null): AnswerReader {
  const tags = thinkTags()
  function failureIn(event: AnswerEvent, chunk: Chunk | null): SparingError | null {
    const error = event.event === 'error' ? errorIn(chunk ?? {}) ?? {} : chunk && errorIn(chunk)
    if (!error) return chunk ? null : unreadable(progress.said)
    // Some count what they had read when they failed.
    progress.accepted ||= chunk !== null && usedIn(chunk).length > 0
    return progress.accepted ? reported(progress.said, error.httpStatus, retryAfter) : refusedLate(error.httpStatus, retryAfter)
  }
  function noted(parts: readonly ProviderPart[]): readonly ProviderPart[] {
    progress.accepted = true
    for (const part of parts) {
      progress.said ||= isToken(part)
      progress.finished ||= part.type === 'finish'
      progress.counted ||= part.type === 'usage'
    }
    return parts
  }
  return {
    end: () => tags.end(),
    read(events) {
      const parts: ProviderPart[] = []
      for (const event of events) {
        const chunk = parseChunk(event.data)
        if (event.data === endMark) {
          progress.accepted = progress.marked = true
        } else if (progress.marked) {
          parts.push(...noted(chunk ? usedIn(chunk) : []))
        } else {
          const failure = failureIn(event, chunk)
          if (failure) return { parts: [...parts, ...chunk ? usedIn(chunk) : []], failure }
          parts.push(...noted(partsOf(chunk!, tags)))
        }
      }
      return { parts }
    },
  }
}

export const isToken = ({ type }: ProviderPart): boolean => type === 'text' || type === 'reasoning' || type === 'tool-call'

/** What a chunk says of what was used, whatever else it says. */
const usedIn = (chunk: Chunk): ProviderPart[] =>
  partsOf({ ...chunk, choices: chunk.choices?.map(({ usage }) => ({ usage })) }, thinkTags())
