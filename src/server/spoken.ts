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
export async function* spoken(said: AsyncIterable<readonly Said[]>, hasTools: boolean): AsyncGenerator<readonly StreamPart[]> {
  const { say, end } = speaker(hasTools)
  try {
    for await (const parts of said) yield parts.flatMap(say)
  } finally {
    yield end()
  }
}

function speaker(hasTools: boolean): { say(part: Said): readonly StreamPart[]; end(): readonly StreamPart[] } {
  const nameOf = callNamer()
  let open: Block | null = null
  let count = 0
  const end = (): readonly StreamPart[] => {
    const block = open
    open = null
    return block ? [{ type: `${block.kind}-end`, id: block.id }] : []
  }
  const words = (kind: Block['kind'], delta: string): readonly StreamPart[] => {
    if (open?.kind === kind) return [{ type: `${kind}-delta`, id: open.id, delta }]
    const ended = end()
    open = { kind, id: String(count++) }
    return [...ended, { type: `${kind}-start`, id: open.id }, { type: `${kind}-delta`, id: open.id, delta }]
  }
  return {
    end,
    say(part) {
      if (part.type === 'text' || part.type === 'reasoning') return words(part.type, part.text)
      if (part.type === 'tool-call') return hasTools ? called(part, nameOf(part)) : []
      const own = ownPart(part)
      return own ? [...end(), own] : []
    },
  }
}

function called({ name, arguments: text }: CallPiece, { id: toolCallId, isNew }: { readonly id: string; readonly isNew: boolean }): StreamPart[] {
  return [
    ...isNew ? [{ type: 'tool-input-start', toolCallId, toolName: name ?? '' } as const] : [],
    ...text ? [{ type: 'tool-input-delta', toolCallId, inputTextDelta: text } as const] : [],
  ]
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
