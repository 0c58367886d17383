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
  /** What was held back when nothing more comes. @param cut it broke off */
  end(cut: boolean): readonly ProviderPart[]
}

export interface AnswerFacts {
  /** Milliseconds that its server wants to be left alone where it failed; `null` where it did not say. */
  readonly retryAfter: number | null
  /** Its model always reasons, and its tag may have been opened in the prompt. */
  readonly opened: boolean
  /** Tokens that it may have at most. */
  readonly most: number
}

/** Events that say nothing, in a row and beyond those of reasoning that is not shown: a heartbeat a second makes fewer in any time that is waited. */
const mostQuiet = 10_000

/**
 * Reads the events of one answer, noting how far it is. Once it said why it finished it has answered:
 * what comes then may say what it used, and is no part of it, whatever it is.
 */
export function answerReader(progress: Progress, { retryAfter, opened, most }: AnswerFacts): AnswerReader {
  const tags = thinkTags(opened)
  let quiet = 0
  function noted(parts: readonly ProviderPart[]): readonly ProviderPart[] {
    progress.accepted = true
    quiet = parts.some(isToken) ? 0 : quiet + 1
    for (const part of parts) {
      progress.said ||= isToken(part)
      progress.finished ||= part.type === 'finish'
      progress.counted ||= part.type === 'usage'
    }
    return parts
  }
  return {
    end: cut => tags.end(cut),
    read(events) {
      const parts: ProviderPart[] = []
      for (const event of events) {
        if (quiet > most + mostQuiet && !progress.finished) return { parts, failure: unreadable(progress.said) }
        const data = event.data.trim()
        // https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
        if (!data && event.event !== 'error') continue
        const chunk = parseChunk(data)
        if (data === endMark) {
          progress.accepted = progress.marked = true
          continue
        }
        const failure = progress.marked ? null : failureIn(event, chunk, progress, retryAfter)
        if (failure && !progress.finished) return { parts: [...parts, ...chunk ? usedIn(chunk) : []], failure }
        if (failure || progress.marked) parts.push(...noted(chunk ? usedIn(chunk) : []))
        else parts.push(...noted(partsOf(chunk!, tags)))
      }
      return { parts }
    },
  }
}

function failureIn(event: AnswerEvent, chunk: Chunk | null, progress: Progress, retryAfter: number | null): SparingError | null {
  const error = event.event === 'error' ? errorIn(chunk ?? {}) ?? {} : chunk && errorIn(chunk)
  if (!error) return chunk ? null : unreadable(progress.said)
  // Some count what they had read when they failed.
  progress.accepted ||= chunk !== null && usedIn(chunk).length > 0
  return progress.accepted ? reported(progress.said, error, retryAfter) : refusedLate(error, retryAfter)
}

/** Whether a part says something. White space and pieces of calls with nothing in them say nothing, for however long they come. */
export function isToken(part: ProviderPart): boolean {
  switch (part.type) {
    case 'text':
    case 'reasoning': return isSeen(part.text)
    case 'tool-call': return part.name !== undefined || isSeen(part.arguments)
    default: return false
  }
}

const isSeen = (text: string): boolean => /\S/.test(text)

/** What a chunk says of what was used, whatever else it says. */
const usedIn = (chunk: Chunk): ProviderPart[] =>
  partsOf({ ...chunk, choices: chunk.choices?.map(({ usage }) => ({ usage })) }, thinkTags())
