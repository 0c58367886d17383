import { Redis } from 'ioredis'
import type { Cluster } from 'ioredis'
import { ledgerUnavailable } from './guarded.ts'
import type { Script } from './redis-scripts.ts'

export interface Connection {
  /** What the server answers; whatever goes wrong is a ledger that is unavailable. */
  ask<T>(command: (client: Redis) => Promise<T>): Promise<T>
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>
  /** Calls a listener whenever the server is there, also now if it is. */
  onReady(listener: () => void): void
  close(): Promise<void>
}

/**
 * A connection that never hangs, and asks nothing twice: a script whose answer was lost may have
 * run. What waits for a connection is not sent once its caller has been told that it failed.
 * @param patience milliseconds for a connection and an answer together
 */
export function redisConnection(to: string | Redis | Cluster, patience: number): Connection {
  const own = typeof to === 'string'
  // A cluster's client knows the same commands.
  const client = own ? connect(to, patience) : to as Redis
  let trouble: Error | undefined
  let waiting: Promise<void> | undefined
  let closed = false
  const onError = (error: Error) => { trouble = error }
  const listeners: (() => void)[] = []
  const ready = () => {
    trouble = undefined
    for (const listener of listeners) listener()
  }
  client.on('error', onError).on('ready', ready)

  const ask = async <T>(command: (client: Redis) => Promise<T>): Promise<T> => {
    const until = performance.now() + patience
    try {
      while (client.status !== 'ready' && !closed) await within(waiting ??= change(client).finally(() => { waiting = undefined }), until)
      if (closed) throw new Error('The ledger was closed.')
      return await within(command(client), until)
    } catch (error) {
      throw ledgerUnavailable(trouble ?? error)
    }
  }
  const run = ({ source, sha }: Script, keys: readonly string[], args: readonly (string | number)[]) => ask(async client => {
    try {
      return await client.evalsha(await sha, keys.length, ...keys, ...args)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return client.eval(source, keys.length, ...keys, ...args)
    }
  })
  const close = async () => {
    if (closed) return
    closed = true
    client.off('ready', ready)
    if (own) client.disconnect()
    else client.off('error', onError)
  }
  const onReady = (listener: () => void) => {
    listeners.push(listener)
    if (client.status === 'ready') listener()
  }
  return { ask, run, onReady, close }
}

function connect(url: string, patience: number): Redis {
  return new Redis(url, {
    enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0,
    connectTimeout: patience, socketTimeout: patience, retryStrategy: times => Math.min(50 * times, 1_000),
  })
}

/** Resolves at the next change of the connection that may matter to who waits for it. */
async function change(client: Redis): Promise<void> {
  if (client.status === 'end') throw new Error('The connection to Redis was closed.')
  // Whoever gave the client may have left it to the first who needs it.
  if (client.status === 'wait') client.connect().catch(() => {})
  await new Promise<void>(resolve => {
    const done = () => {
      client.off('ready', done).off('end', done)
      resolve()
    }
    client.on('ready', done).on('end', done)
  })
}

function within<T>(work: Promise<T>, until: number): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const late = () => reject(new Error('Redis did not answer in time. Whether it did what it was asked is unknown.'))
  const timer = setTimeout(late, until - performance.now())
  work.then(resolve, reject).finally(() => clearTimeout(timer))
  return promise
}

const isUnknownScript = (error: unknown) => (error as Error)?.message?.startsWith('NOSCRIPT')
