/** A line of a stream; `null` where it was too long to be kept. */
export interface Line {
  readonly number: number
  readonly text: string | null
}

/** Longer lines are no requests; keeping them could fill the memory. In UTF-16 units. */
export const longestLine = 8_000_000

/** The lines of a stream, those of one chunk together, without a mark of its encoding. Ends with `\n` or `\r\n`; the last needs none. */
export async function* linesOf(chunks: AsyncIterable<string>, longest = longestLine): AsyncGenerator<Line[]> {
  let [number, rest, tooLong] = [0, '', false]
  const finish = (text: string): Line => {
    const line = { number: ++number, text: tooLong || text.length > longest ? null : (number === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '') }
    tooLong = false
    return line
  }
  for await (const chunk of chunks) {
    const [first, ...more] = chunk.split('\n')
    rest += first!
    const ended: Line[] = []
    for (const next of more) {
      ended.push(finish(rest))
      rest = next
    }
    if (rest.length > longest) [rest, tooLong] = ['', true]
    if (ended.length > 0) yield ended
  }
  if (rest !== '' || tooLong) yield [finish(rest)]
}
