/** A piece of an answer: what people read, or what the model told itself. */
export interface Said {
  readonly type: 'text' | 'reasoning'
  readonly text: string
}

const tags = { text: '<think>', reasoning: '</think>' } as const

/**
 * Takes reasoning out of text that has it between `<think>` and `</think>`, piece by piece. Such a tag
 * stands at the start of an answer: further on it is prose, about such tags. Only the
 * beginning of what may become a tag is held back. The white space after a tag belongs to it. A first
 * `</think>` that nothing opened is a tag as well: some templates open it in the prompt.
 */
export function thinkTags(): { read(text: string): Said[]; end(): Said[] } {
  const { isTag, came } = tagRules()
  let held = ''
  let inside: Said['type'] = 'text'
  // After a tag, white space is its own until something else comes.
  let trims = false
  const piece = (text: string): Said[] => {
    const kept = trims ? text.trimStart() : text
    if (kept) trims = false
    if (inside === 'text') came(kept)
    return kept ? [{ type: inside, text: kept }] : []
  }
  const take = (text: string): Said[] => {
    const said: Said[] = []
    let rest = text
    for (let tag = nextTag(rest); tag; tag = nextTag(rest)) {
      said.push(...piece(rest.slice(0, tag.at)))
      const after = tag.at + tag.length
      if (isTag(tag.opens, inside)) {
        inside = tag.opens ? 'reasoning' : 'text'
        trims = true
      } else {
        said.push(...piece(rest.slice(tag.at, after)))
      }
      rest = rest.slice(after)
    }
    const safe = rest.length - heldBack(rest)
    said.push(...piece(rest.slice(0, safe)))
    held = rest.slice(safe)
    return said
  }
  return {
    // Most pieces hold no tag, and nothing before them was held back.
    read: text => held || text.includes('<') ? take(held + text) : piece(text),
    end() {
      const rest = held
      held = ''
      return piece(rest)
    },
  }
}

/** Tells tags from prose. */
function tagRules(): { isTag(opens: boolean, inside: Said['type']): boolean; came(text: string): void } {
  // The answer began, so that nothing opens any longer.
  let begun = false
  // What opened was closed, or was prose, so that what closes is prose too.
  let closed = false
  return {
    came: text => { begun ||= text.trim() !== '' },
    isTag(opens, inside) {
      if (inside === 'reasoning') return !opens
      const isTag = opens ? !begun : !closed
      closed = true
      return isTag
    },
  }
}

function nextTag(text: string): { at: number; length: number; opens: boolean } | null {
  const match = /<\/?think>/.exec(text)
  return match && { at: match.index, length: match[0].length, opens: match[0] === tags.text }
}

/** How many characters at the end may be the beginning of a tag. */
function heldBack(text: string): number {
  const at = text.lastIndexOf('<')
  const end = at < 0 ? '' : text.slice(at)
  return end && Object.values(tags).some(tag => tag.startsWith(end)) ? end.length : 0
}
