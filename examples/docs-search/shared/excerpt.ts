/** Bytes of UTF-8 of a document that a summary is made of: within the feature's `maxInputTokens`, at four bytes each. */
const longest = 20_000

/** As much of a document as one summary may read, ended at a paragraph where one ends late enough. */
export function excerptOf(text: string): { excerpt: string; whole: boolean } {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= longest) return { excerpt: text, whole: true }
  // Decoding as a stream leaves out a character that was cut through.
  const head = new TextDecoder().decode(bytes.subarray(0, longest), { stream: true })
  const paragraph = head.lastIndexOf('\n\n')
  return { excerpt: head.slice(0, paragraph > head.length / 2 ? paragraph : undefined), whole: false }
}
