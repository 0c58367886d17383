import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'
import { memoryLedger } from '../../../src/server/index.ts'
import { ledgerContract } from './ledger-contract.ts'
import type { LedgerPlace } from './ledger-contract.ts'

const runner = { test, equal: (actual: unknown, expected: unknown) => expect(actual).toEqual(expected) }

describe('the memory ledger', () => {
  ledgerContract(runner, (): LedgerPlace => ({ durable: false, open: now => memoryLedger({ now }), clear: () => {} }))
})

describe('the SQLite ledger', () => {
  ledgerContract(runner, (): LedgerPlace => {
    const folder = mkdtempSync(join(tmpdir(), 'sparing-ledger-'))
    return { durable: true, open: now => sqliteLedger(join(folder, 'ledger.db'), { now }), clear: () => rmSync(folder, { recursive: true }) }
  })
})
