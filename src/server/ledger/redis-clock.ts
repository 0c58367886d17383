import type { Connection } from './redis-connection.ts'

/** How long a reading of the server's clock is good for, in milliseconds. */
const freshness = 10_000

/**
 * The server's clock, so that all its ledgers agree, whatever the clocks of their machines say. It
 * is read now and then; in between, this process's monotonic clock counts on.
 */
export function serverClock({ ask }: Pick<Connection, 'ask'>): () => number | Promise<number> {
  let reading: { readonly offset: number; readonly at: number } | undefined
  let asking: Promise<number> | undefined

  async function read(): Promise<number> {
    const before = performance.now()
    const [seconds, micros] = await ask(client => client.time())
    const after = performance.now()
    reading = { offset: Number(seconds) * 1_000 + Number(micros) / 1_000 - (before + after) / 2, at: after }
    return current(reading.offset)
  }
  const current = (offset: number) => Math.floor(performance.now() + offset)

  return () => {
    if (reading && performance.now() - reading.at < freshness) return current(reading.offset)
    return asking ??= read().finally(() => { asking = undefined })
  }
}
