import type { StreamPart } from '../protocol/index.ts'
import type { Said } from './answer.ts'

/** A block of the stream that is open. */
interface Block {
  readonly kind: 'text' | 'reasoning'
  readonly id: string
}

/** What is said as parts of the stream: text and reasoning each between a start and an end, also where it breaks off. */
export async function* spoken(said: AsyncIterable<Said>): AsyncGenerator<StreamPart> {
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

/** Parts that are this package's own; what else is said is for the bill. */
function ownPart(part: Said): StreamPart | null {
  switch (part.type) {
    case 'choice': return { type: 'data-choice', data: part.choice }
    case 'repair': return { type: 'data-repair', data: { faults: part.faults } }
    case 'object': return { type: 'data-object', data: part.object }
    default: return null
  }
}
