import type { ProviderPart, ToolCall } from './providers/port.ts'

/** A piece of a tool's call. */
export type CallPiece = Extract<ProviderPart, { type: 'tool-call' }>

/** Tells which call each piece is of, by its index; some servers number every call 0 and tell them apart by id and name. */
export function callNamer(): (piece: CallPiece) => { readonly id: string; readonly isNew: boolean } {
  const ids = new Map<number, string>()
  return ({ index, id: given, name }) => {
    const known = ids.get(index)
    const id = known !== undefined && !(given && name && given !== known) ? known : given ?? `call-${index}`
    ids.set(index, id)
    return { id, isNew: id !== known }
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
