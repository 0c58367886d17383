import type { StreamPart } from '../protocol/index.ts'
import type { Said } from './answer.ts'
import { callNamer } from './tool-calls.ts'
import type { CallPiece } from './tool-calls.ts'

/** A block of the stream that is open. */
interface Block {
  readonly kind: 'text' | 'reasoning'
  readonly id: string
}

/**
 * What is said as parts of the stream: text and reasoning each between a start and an end, also
 * where it breaks off. Tools are called only where there are any: a model may imagine some.
 */
export async function* spoken(said: AsyncIterable<Said>, hasTools: boolean): AsyncGenerator<StreamPart> {
  const nameOf = callNamer()
  let open: Block | null = null
  let count = 0
  const ended = ({ kind, id }: Block): StreamPart => ({ type: `${kind}-end`, id })
  try {
    for await (const part of said) {
      const own = ownPart(part)
      const words = part.type === 'text' || part.type === 'reasoning' ? part : null
      if (open && (own || (words && words.type !== open.kind))) {
        yield ended(open)
        open = null
      }
      if (own) yield own
      if (part.type === 'tool-call' && hasTools) yield* called(part, nameOf(part))
      if (!words) continue
      if (!open) {
        open = { kind: words.type, id: String(count++) }
        yield { type: `${words.type}-start`, id: open.id }
      }
      yield { type: `${words.type}-delta`, id: open.id, delta: words.text }
    }
  } finally {
    if (open) yield ended(open)
  }
}

function* called({ name, arguments: text }: CallPiece, { id: toolCallId, isNew }: { readonly id: string; readonly isNew: boolean }): Generator<StreamPart> {
  if (isNew) yield { type: 'tool-input-start', toolCallId, toolName: name ?? '' }
  if (text) yield { type: 'tool-input-delta', toolCallId, inputTextDelta: text }
}

/** Parts that are this package's own; what else is said is for the bill. */
function ownPart(part: Said): StreamPart | null {
  switch (part.type) {
    case 'choice': return { type: 'data-choice', data: part.choice }
    case 'repair': return { type: 'data-repair', data: { faults: part.faults } }
    case 'object': return { type: 'data-object', data: part.object }
    default: return null
  }
}
