/** A piece of an answer: what people read, or what the model told itself. */
export interface Said {
  readonly type: 'text' | 'reasoning'
  readonly text: string
}

const tags = { text: '<think>', reasoning: '</think>' } as const

/**
 * Takes reasoning out of text that has it between `<think>` and `</think>`, piece by piece. Only the
 * beginning of what may become a tag is held back. The white space after a tag belongs to it. A
 * `</think>` that nothing opened is a tag as well: some templates open it in the prompt.
 */
export function thinkTags(): { read(text: string): Said[]; end(): Said[] } {
  let held = ''
  let inside: Said['type'] = 'text'
  // After a tag, white space is its own until something else comes.
  let trims = false
  const piece = (text: string): Said[] => {
    const kept = trims ? text.trimStart() : text
    if (kept) trims = false
    return kept ? [{ type: inside, text: kept }] : []
  }
  return {
    read(text) {
      // Most pieces hold no tag, and nothing before them was held back.
      if (!held && !trims && !text.includes('<')) return text ? [{ type: inside, text }] : []
      const said: Said[] = []
      let rest = held + text
      for (let tag = nextTag(rest); tag; tag = nextTag(rest)) {
        said.push(...piece(rest.slice(0, tag.at)))
        inside = tag.opens ? 'reasoning' : 'text'
        trims = true
        rest = rest.slice(tag.at + tag.length)
      }
      const safe = rest.length - heldBack(rest)
      said.push(...piece(rest.slice(0, safe)))
      held = rest.slice(safe)
      return said
    },
    end() {
      const rest = held
      held = ''
      return piece(rest)
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
