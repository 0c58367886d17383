import type { ProviderPart, ToolCall } from './providers/port.ts'

/** A piece of a tool's call. */
export type CallPiece = Extract<ProviderPart, { type: 'tool-call' }>

/** A call as far as its pieces came. */
interface Begun {
  /** What it is called here: no two calls go by one name. */
  readonly id: string
  readonly given: string | undefined
  readonly name: string | undefined
  arguments: string
}

/**
 * Tells which call each piece is of, by its index. Some servers number every call 0 and tell them apart by
 * id and name, or by nothing but that another begins.
 */
export function callNamer(): (piece: CallPiece) => { readonly id: string; readonly isNew: boolean } {
  const open = new Map<number, Begun>()
  const taken = new Set<string>()
  const named = (wanted: string): string => {
    let id = wanted
    for (let more = 2; taken.has(id); more++) id = `${wanted}-${more}`
    taken.add(id)
    return id
  }
  return piece => {
    const { index, id, name, arguments: text } = piece
    const known = open.get(index)
    if (known && !isAnother(piece, known)) {
      known.arguments += text
      return { id: known.id, isNew: false }
    }
    const begun = { id: named(id ?? `call-${index}`), given: id, name, arguments: text }
    open.set(index, begun)
    return { id: begun.id, isNew: true }
  }
}

/** Whether a piece begins another call under the same index. Some repeat a call's name, or its id, with every piece. */
function isAnother({ id, name }: CallPiece, known: Begun): boolean {
  if (!name) return false
  if (id) return id !== known.given
  return name !== known.name || isWhole(known.arguments)
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Puts pieces together. */
export function callCollector(): { add(piece: CallPiece): void; readonly calls: readonly ToolCall[] } {
  const nameOf = callNamer()
  const calls: ToolCall[] = []
  return {
    calls,
    add(piece) {
      const { id, isNew } = nameOf(piece)
      if (isNew) calls.push({ id, name: piece.name ?? '', arguments: '' })
      const at = calls.findLastIndex(call => call.id === id)
      calls[at] = { ...calls[at]!, arguments: calls[at]!.arguments + piece.arguments }
    },
  }
}
