import type { Cluster, Redis } from 'ioredis'
import { createLedger } from './create-ledger.ts'
import type { Ledger } from './port.ts'
import { serverClock } from './redis-clock.ts'
import { redisConnection } from './redis-connection.ts'
import { redisEngine } from './redis-engine.ts'
import { warnOfHazards } from './redis-hazards.ts'
import { keysOf } from './redis-keys.ts'
import { checkedRetention } from './retention.ts'
import type { Retention } from './retention.ts'

export type { Retention } from './retention.ts'

interface Settings extends Retention {
  /** Keeps this ledger apart from others on the same server. A budget never spans partitions. @default 'main' */
  readonly partition?: string
  /** Milliseconds to wait for a connection and an answer. @default 5000 */
  readonly patience?: number
  /** Told once of each setting of the server that lets it forget. @default console.warn */
  readonly onWarning?: (message: string) => void
  /** The clock, milliseconds since 1970. @default the server's own */
  readonly now?: () => number
}

/** Where Redis is: an address, or a client that its owner configures and closes. */
export type RedisLedgerOptions = Settings & ({ readonly url: string; readonly client?: undefined } | { readonly client: Redis | Cluster; readonly url?: undefined })

/**
 * A ledger in Redis (7 or later) or Valkey, for any number of processes on any number of machines.
 * A verb changes everything by one script, which those that arrive together share. With `appendonly
 * yes` and `appendfsync always` an answer is on disk; with less, or when a replica takes over that
 * had not heard of it yet, what the server forgets may be spent again.
 *
 * A call whose answer is lost fails, and whether it was done is unknown. To ask again is safe: a
 * reserve that was done already answers `running`. A `client` of your own may repeat commands by itself
 * (`autoResendUnfulfilledCommands`, which ioredis does unless told otherwise, and any cluster): a verb knows what it
 * wrote itself, and a document that is written twice counts as somebody else's, so that it is worked out anew.
 * @throws {TypeError} for a partition that is empty or has braces
 * @throws {RangeError} for a retention that is no time
 */
export function redisLedger({ url, client, partition = 'main', patience = 5_000, onWarning = console.warn, now, ...kept }: RedisLedgerOptions): Ledger {
  const keep = checkedRetention(kept)
  const keys = keysOf(partition)
  const connection = redisConnection(url ?? client, patience)
  warnOfHazards(connection, onWarning)
  return createLedger(redisEngine(connection, keys, { now: now ?? serverClock(connection), patience }), keep)
}
