import type { Connection } from './redis-connection.ts'

/** All of a hash, a little at a time, so that others get their turn. Each field comes once. */
export async function pairsOf(ask: Connection['ask'], key: string): Promise<[string, string][]> {
  const found = new Map<string, string>()
  let cursor = '0'
  do {
    const [next, page] = await ask(client => client.hscan(key, cursor, 'COUNT', 500))
    for (let at = 0; at < page.length; at += 2) found.set(page[at]!, page[at + 1]!)
    cursor = next
  } while (cursor !== '0')
  return [...found]
}

/** Members of a sorted set that end with a text, a little at a time, in the order of their own texts. */
export async function endingWith(ask: Connection['ask'], key: string, text: string): Promise<string[]> {
  const pattern = `*${text.replaceAll(/[\\*?[\]]/g, String.raw`\$&`)}`
  const found = new Set<string>()
  let cursor = '0'
  do {
    const [next, page] = await ask(client => client.zscan(key, cursor, 'MATCH', pattern, 'COUNT', 500))
    for (let at = 0; at < page.length; at += 2) found.add(page[at]!)
    cursor = next
  } while (cursor !== '0')
  return [...found].toSorted()
}
