/** Longer requests are read at their start and end, where what is asked stands. In UTF-16 units. */
const readAtMost = 600

/** What is read of a request: all of it, or its two ends. */
export function excerptOf(text: string): string {
  const half = readAtMost / 2
  return (text.length > readAtMost ? `${text.slice(0, half)}\n${text.slice(-half)}` : text).trim()
}
