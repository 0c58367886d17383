/** What the ledger asks of a pool of connections; `Pool` of `pg` is one. */
export interface PostgresPool {
  query(query: PostgresQuery): Promise<{ readonly rows: unknown[] }>
  connect(): Promise<PostgresClient>
  end(): Promise<void>
}

export interface PostgresClient {
  query(query: PostgresQuery): Promise<{ readonly rows: unknown[] }>
  release(error?: Error | boolean): void
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

export interface PostgresQuery {
  readonly text: string
  readonly values?: unknown[]
  readonly types?: { getTypeParser(): (value: string) => string }
  readonly query_timeout?: number
}

/** A row of an answer. Every column comes as text: what a program does with numbers elsewhere must not matter here. */
export type Columns = Readonly<Record<string, string | null>>

/** Runs one statement. */
export type Ask = (text: string, values?: unknown[]) => Promise<Columns[]>

export interface Database {
  readonly ask: Ask
  /** Several statements together or not at all. */
  transaction<T>(work: (ask: Ask) => Promise<T>): Promise<T>
}

const asText = { getTypeParser: () => String }

/** Asks a pool and waits so many milliseconds at most, whatever the pool itself would do. */
export function databaseOf(pool: PostgresPool, patience: number): Database {
  const asking = (target: Pick<PostgresPool, 'query'>): Ask => async (text, values = []) => {
    const { rows } = await within(patience, target.query({ text, values, types: asText, query_timeout: patience }))
    return rows as Columns[]
  }

  async function connect(): Promise<PostgresClient> {
    const connecting = pool.connect()
    return within(patience, connecting).catch((error: unknown) => {
      // One that comes too late goes back.
      connecting.then(client => client.release(), () => {})
      throw error
    })
  }

  async function transaction<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    const client = await connect()
    // The query under way hears of it as well; unheard, the event would end the process.
    const heard = () => {}
    client.on('error', heard)
    let failure: Error | undefined
    try {
      const ask = asking(client)
      await ask('BEGIN ISOLATION LEVEL READ COMMITTED')
      await ask(`SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $1, true)`, [`${patience}`])
      await ask(`SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`)
      const result = await work(ask)
      await ask('COMMIT')
      return result
    } catch (error) {
      // A connection that is closed takes its transaction with it.
      failure = error as Error
      throw error
    } finally {
      client.removeListener('error', heard)
      client.release(failure)
    }
  }

  return { ask: asking(pool), transaction }
}

/** The promise's outcome, or a failure once the time is over. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The database did not answer within ${milliseconds} ms.`)), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
