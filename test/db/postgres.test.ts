import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresLedger } from '../../src/server/ledger/postgres.ts'
import { startPostgres } from '../setup/postgres.ts'
import type { PostgresServer } from '../setup/postgres.ts'
import { ledgerContract } from '../unit/server/ledger-contract.ts'

let server: PostgresServer
let pool: Pool
let schemas = 0

beforeAll(async () => {
  server = await startPostgres()
  pool = new Pool({ connectionString: server.url })
  pool.on('error', () => {})
})

afterAll(async () => {
  await pool?.end()
  await server?.stop()
})

const runner = { test, equal: (actual: unknown, expected: unknown) => expect(actual).toEqual(expected) }

describe('the PostgreSQL ledger', () => {
  ledgerContract(runner, () => {
    const schema = `ledger_${++schemas}`
    return { durable: true, open: now => postgresLedger(pool, { schema, now }), clear: async () => void await pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`) }
  })
})
