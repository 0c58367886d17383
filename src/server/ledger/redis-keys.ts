/**
 * All that a partition keeps, in one slot of a cluster: scripts reach only what lies together.
 * @throws {TypeError} for a partition that is empty or has braces
 */
export function keysOf(partition: string) {
  if (!/^[^{}]+$/.test(partition)) throw new TypeError(`"${partition}" cannot name a partition: a name is not empty and has no braces, which mark what Redis keeps together.`)
  const key = (name: string) => `{sparing:${partition}}:${name}`
  // Rows and their names, in a stable order and by time: see `timeOf`.
  const [runs, names, times] = [key('runs'), key('names'), key('times')]
  // Accounts and, by when their period ends, their keys.
  const [accounts, endings] = [key('accounts'), key('endings')]
  const [documents, totals] = [key('documents'), key('totals')]
  return {
    runs, names, times, accounts, endings, documents, totals,
    /** What scripts take, in their order. */
    changing: [runs, names, times, accounts, endings, documents],
    retiring: [runs, names, times, accounts, endings, totals],
  }
}

export type RedisKeys = ReturnType<typeof keysOf>
