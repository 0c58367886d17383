import { UpstreamError } from '../../core/index.ts'
import { errorOf } from '../../core/problem.ts'
import type { Choice, Receipt } from '../../core/index.ts'
import type { Problem } from '../../core/problem.ts'
import type { StreamPart } from '../../protocol/index.ts'
import { completionError } from './error.ts'

/** What every piece of an answer says of it. */
export interface CompletionHead {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
}

interface ToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; arguments: string }
}

const finishes = { stop: 'stop', length: 'length', 'tool-calls': 'tool_calls', 'content-filter': 'content_filter' } as const

/** Calls may have been withheld by the host, or imagined: then it simply stopped. */
const finishOf = ({ finishReason = 'stop' }: Extract<StreamPart, { type: 'finish' }>, calls: number) => finishes[finishReason === 'tool-calls' && calls === 0 ? 'stop' : finishReason]

function usageOf({ usage: { input, cached, output, reasoning } }: Receipt) {
  return {
    prompt_tokens: input, completion_tokens: output, total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached }, completion_tokens_details: { reasoning_tokens: reasoning },
  }
}

/**
 * Writes a run's parts as events of `chat.completion.chunk`.
 * @returns what a part comes to, which may be nothing
 */
export function chunkWriter(head: CompletionHead, includeUsage: boolean): (part: StreamPart) => string {
  const openingFor = (model: string) => `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', model }).slice(0, -1)},"choices":`
  const closing = includeUsage ? ',"usage":null}\n\n' : '}\n\n'
  let opening = ''
  let role: { role?: 'assistant' } = { role: 'assistant' }
  const chunk = (delta: object, reason: string | null = null) => {
    const said = JSON.stringify({ ...role, ...delta })
    role = {}
    return `${opening}[{"index":0,"delta":${said},"logprobs":null,"finish_reason":${JSON.stringify(reason)}}]${closing}`
  }
  const calls: string[] = []
  let receipt: Receipt | null = null
  return part => {
    switch (part.type) {
      case 'data-choice':
        opening = openingFor(part.data.model)
        return ''
      case 'text-delta': return chunk({ content: part.delta })
      case 'reasoning-delta': return chunk({ reasoning_content: part.delta })
      case 'tool-input-start': return chunk({ tool_calls: [{ index: calls.push(part.toolCallId) - 1, ...emptyCall(part) }] })
      case 'tool-input-delta': return chunk({ tool_calls: [{ index: calls.indexOf(part.toolCallId), function: { arguments: part.inputTextDelta } }] })
      case 'data-receipt':
        receipt = part.data
        return ''
      case 'data-problem': return `data: ${JSON.stringify(completionError(part.data))}\n\n`
      case 'finish': return chunk({}, finishOf(part, calls.length)) + (includeUsage && receipt ? `${opening}[],"usage":${JSON.stringify(usageOf(receipt))}}\n\n` : '')
      default: return ''
    }
  }
}

const emptyCall = ({ toolCallId, toolName }: Extract<StreamPart, { type: 'tool-input-start' }>): ToolCall =>
  ({ id: toolCallId, type: 'function', function: { name: toolName, arguments: '' } })

interface Whole {
  text: string
  reasoning: string
  readonly calls: ToolCall[]
  finish: string
  choice: Choice | null
  receipt: Receipt | null
  problem: Problem | null
}

/**
 * A run's parts as one `chat.completion`.
 * @throws {SparingError} what the run failed of
 */
export async function wholeAnswer(head: CompletionHead, said: AsyncIterable<readonly StreamPart[]>): Promise<object> {
  const whole: Whole = { text: '', reasoning: '', calls: [], finish: 'stop', choice: null, receipt: null, problem: null }
  for await (const parts of said) for (const part of parts) gather(part, whole)
  const { text, reasoning, calls, finish, choice, receipt, problem } = whole
  if (problem) throw errorOf(problem)
  if (!choice || !receipt) throw new UpstreamError('The run ended without a receipt. Ask GET /v1/runs/:id for it.')
  const message = {
    role: 'assistant', content: calls.length > 0 && !text ? null : text, refusal: null,
    ...reasoning && { reasoning_content: reasoning }, ...calls.length > 0 && { tool_calls: calls },
  }
  return { ...head, object: 'chat.completion', model: choice.model, choices: [{ index: 0, message, logprobs: null, finish_reason: finish }], usage: usageOf(receipt) }
}

function gather(part: StreamPart, whole: Whole): void {
  switch (part.type) {
    case 'text-delta': whole.text += part.delta; break
    case 'reasoning-delta': whole.reasoning += part.delta; break
    case 'tool-input-start': whole.calls.push(emptyCall(part)); break
    case 'tool-input-delta': whole.calls.find(({ id }) => id === part.toolCallId)!.function.arguments += part.inputTextDelta; break
    case 'data-choice': whole.choice = part.data; break
    case 'data-receipt': whole.receipt = part.data; break
    case 'data-problem': whole.problem = part.data; break
    case 'finish': whole.finish = finishOf(part, whole.calls.length)
  }
}
