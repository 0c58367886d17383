/** Characters of a title at most. */
const longest = 120

/** A heading's words as a title has them: on one line, and cut where they go on for ever. */
export const titleOf = (words: string): string => words.replaceAll(/\s+/g, ' ').trim().slice(0, longest).trimEnd()
