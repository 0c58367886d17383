import { describe, expect, test, beforeAll, afterAll } from 'vitest'
import { redisLedger } from '../../src/server/ledger/redis.ts'
import { startRedis } from '../setup/redis.ts'
import type { RedisServer } from '../setup/redis.ts'
import { ledgerContract } from '../unit/server/ledger-contract.ts'
import type { LedgerPlace } from '../unit/server/ledger-contract.ts'

let server: RedisServer
beforeAll(async () => { server = await startRedis() })
afterAll(() => server.stop())

let places = 0
const partition = () => `test ${++places}`

describe('the Redis ledger', () => {
  const runner = { test, equal: (actual: unknown, expected: unknown) => expect(actual).toEqual(expected) }
  ledgerContract(runner, (): LedgerPlace => {
    const name = partition()
    return { durable: true, open: now => redisLedger({ url: server.url, partition: name, now }), clear: () => {} }
  })
})
