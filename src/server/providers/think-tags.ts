/** A piece of an answer: what people read, or what the model told itself. `again`: it was told before, as reasoning. */
export interface Said {
  readonly type: 'text' | 'reasoning'
  readonly text: string
  readonly again?: true
}

export interface ThinkTags {
  read(text: string): Said[]
  /** Reasoning comes by a way of its own, so that what is read here is text. */
  apart(): Said[]
  /** What was held back when nothing more comes. @param cut it was broken off, so that nobody knows what it was to become */
  end(cut?: boolean): Said[]
}

const tags = { text: '<think>', reasoning: '</think>' } as const

/**
 * Takes reasoning out of text that has it between `<think>` and `</think>`, piece by piece. Such a tag
 * stands at the start of an answer: further on it is prose, about such tags. Only the
 * beginning of what may become a tag is held back. The white space after a tag belongs to it.
 * @param opened the model always reasons, and its template may have opened the tag in the prompt: what
 * begins without one is reasoning until `</think>`. It is told as such at once, since it counts and shows that
 * the model is at work. Where no `</think>` comes it was the answer after all, and is told again as text, late but
 * whole. The other way round reasoning would stand in the answer for good. What is broken off
 * before its `</think>` stays reasoning: most likely the answer was yet to come.
 */
export function thinkTags(opened = false): ThinkTags {
  const { say, turns, settle, tell } = voice(opened)
  let held = ''
  const take = (text: string): Said[] => {
    const said: Said[] = []
    let rest = text
    for (let tag = nextTag(rest); tag; tag = nextTag(rest)) {
      const after = tag.at + tag.length
      said.push(...say(rest.slice(0, tag.at)))
      if (!turns(tag.opens)) said.push(...say(rest.slice(tag.at, after)))
      rest = rest.slice(after)
    }
    const safe = rest.length - heldBack(rest)
    said.push(...say(rest.slice(0, safe)))
    held = rest.slice(safe)
    return said
  }
  return {
    // Most pieces hold no tag, and nothing before them was held back.
    read: text => held || text.includes('<') ? take(held + text) : say(text),
    apart: tell,
    end(cut = false) {
      const said = say(held)
      held = ''
      if (cut) settle()
      return [...said, ...tell()]
    },
  }
}

/** Knows whether what is said is text or reasoning. */
function voice(opened: boolean) {
  let inside: Said['type'] = opened ? 'reasoning' : 'text'
  /** What was taken for reasoning though no tag said so yet; `null` where it is known. */
  let taken: string | null = opened ? '' : null
  // The answer began, so that nothing opens any longer.
  let begun = false
  // After a tag, white space is its own until something else comes.
  let trims = opened
  const settle = () => { taken = null }
  // What closes nothing is prose: an answer that speaks of such a tag keeps it.
  const isTag = (opens: boolean) => opens ? taken === '' || inside === 'text' && !begun : inside === 'reasoning'
  return {
    settle,
    say(text: string): Said[] {
      const kept = trims ? text.trimStart() : text
      if (kept) trims = false
      if (taken !== null) taken += kept
      else if (inside === 'text') begun ||= kept.trim() !== ''
      return kept ? [{ type: inside, text: kept }] : []
    },
    /** Whether a tag, or what looks like one, changes what is said. */
    turns(opens: boolean): boolean {
      if (!isTag(opens)) return false
      inside = opens ? 'reasoning' : 'text'
      trims = true
      settle()
      return true
    },
    /** What was taken for reasoning was text. */
    tell(): Said[] {
      const text = taken
      if (text === null) return []
      inside = 'text'
      begun = text !== ''
      trims = false
      settle()
      return text ? [{ type: 'text', text, again: true }] : []
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
