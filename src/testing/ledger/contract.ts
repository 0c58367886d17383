import type { Ledger } from '../../server/index.ts'
import { budgetScenes } from './budget-scenes.ts'
import { historyOf } from './history.ts'
import { holderScenes } from './holder-scenes.ts'
import type { LedgerPlace } from './place.ts'
import { raceScenes } from './race-scenes.ts'
import { recordScenes } from './record-scenes.ts'
import { replay } from './replay.ts'
import { runScenes } from './run-scenes.ts'
import { noon, sceneOf } from './scene.ts'
import type { Scene } from './scene.ts'
import { windowScenes } from './window-scenes.ts'

/** What the suite asks of a test runner; those of Node, Vitest and Jest have it. */
export interface LedgerRunner {
  test(name: string, body: () => Promise<void>): unknown
  /** Fails unless both are the same in every part. */
  equal(actual: unknown, expected: unknown): void
}

/** Histories that every ledger lives through. */
const seeds = Array.from({ length: 24 }, (_, at) => at + 1)

/**
 * Everything that a ledger must do, whatever it stands on, reported to a runner test by test: the
 * verbs, crashes and leases, many who ask at once, several holders of one record, and histories in
 * which clocks jump, limits change, holders vanish and answers are lost.
 *
 * @example
 * import { deepStrictEqual } from 'node:assert'
 * import { test } from 'node:test'
 * import { ledgerContract } from 'sparing/testing'
 *
 * ledgerContract({ test, equal: deepStrictEqual }, () => {
 *   const folder = freshFolder()
 *   return { durable: true, open: now => myLedger(folder, { now }), clear: () => remove(folder) }
 * })
 *
 * @param place called for every test: a record that is empty and nobody else's
 */
export function ledgerContract({ test, equal }: LedgerRunner, place: () => LedgerPlace | Promise<LedgerPlace>): void {
  for (const [name, body] of Object.entries({ ...budgetScenes, ...windowScenes, ...runScenes, ...recordScenes, ...raceScenes })) {
    test(name, async () => stage(await place(), equal, body))
  }
  for (const [name, body] of Object.entries(holderScenes)) {
    test(name, async () => {
      const where = await place()
      await (where.durable ? stage(where, equal, body) : where.clear())
    })
  }
  for (const seed of seeds) {
    test(`adds up through history ${seed}`, async () => {
      const where = await place()
      try {
        await replay(historyOf(seed), where, equal)
      } finally {
        await where.clear()
      }
    })
  }
}

async function stage(where: LedgerPlace, equal: LedgerRunner['equal'], body: (scene: Scene) => Promise<void>): Promise<void> {
  const clock = { now: noon }
  const opened: Ledger[] = []
  const again = async () => {
    const ledger = await where.open(() => clock.now)
    opened.push(ledger)
    return ledger
  }
  try {
    const ledger = await again()
    const both = async () => [ledger, where.durable ? await again() : ledger] as const
    await body(sceneOf({ ledger, clock, again, both, equal }))
  } finally {
    for (const ledger of opened) await ledger.close()
    await where.clear()
  }
}
