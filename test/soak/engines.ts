import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresLedger } from '../../src/server/ledger/postgres.ts'
import { redisLedger } from '../../src/server/ledger/redis.ts'
import { sqliteLedger } from '../../src/server/ledger/sqlite.ts'
import type { Ledger } from '../../src/server/index.ts'
import { startPostgres } from '../setup/postgres.ts'
import { startRedis } from '../setup/redis.ts'

export const engineNames = ['sqlite', 'postgres', 'redis'] as const
export type EngineName = (typeof engineNames)[number]

/** Where a ledger's record is, for any process. */
export interface Address {
  readonly engine: EngineName
  readonly where: string
}

export interface Server {
  readonly address: Address
  /** Falls and comes back; nothing where there is no server. @returns whether there is one */
  restart(): Promise<boolean>
  stop(): Promise<void>
}

/** A record of its own: a file, or a throw-away server whose every answer is on disk. */
export async function startEngine(engine: EngineName): Promise<Server> {
  if (engine === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'sparing-soak-'))
    return { address: { engine, where: join(folder, 'ledger.db') }, restart: async () => false, stop: async () => rmSync(folder, { recursive: true }) }
  }
  const server = await (engine === 'postgres' ? startPostgres() : startRedis())
  return { address: { engine, where: server.url }, restart: () => server.restart().then(() => true), stop: () => server.stop() }
}

export function openLedger({ engine, where }: Address): Ledger {
  switch (engine) {
    case 'sqlite': return sqliteLedger(where)
    case 'postgres': return postgresLedger(where, { connections: 4 })
    case 'redis': return redisLedger({ url: where })
  }
}
