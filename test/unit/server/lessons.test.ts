import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Estimate } from '../../../src/core/index.ts'
import { memoryLedger } from '../../../src/server/index.ts'
import type { Ledger } from '../../../src/server/index.ts'
import { lessonsKey, paceKey } from '../../../src/server/ledger/keys.ts'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'
import { bench, partsOf, receiptIn, text } from './support.ts'
import type { Bench } from './support.ts'

/** Everybody may run as often as they like. */
const free = { budgets: [], concurrency: 100 } as const
/** After that what was learned is looked at again. */
const later = (on: Bench) => { on.clock.now += 6_000 }

const answerOf = (tokens: number) => ({ deltas: Array.from({ length: tokens }, () => 'word ') })

async function often(on: Bench, count: number, change: Record<string, unknown> = {}): Promise<void> {
  for (let i = 0; i < count; i++) await partsOf(await on.run(change))
}

const runsOf = async (on: Bench, feature = 'summary') => (await on.modelSelector.coverage())[feature]?.tokens?.runs ?? 0
const lengthsOf = async (on: Bench) => (await on.catalog()).features['summary']!.lengths

describe('what runs teach', () => {
  test('is in the catalog a little later, and in everybody\'s estimates', async () => {
    const on = await bench(free, answerOf(9))
    const before = await on.catalog()
    await often(on, 20)
    await on.modelSelector.coverage()
    later(on)
    const after = await on.catalog()
    expect(before.features['summary']!.lengths).toBeUndefined()
    const learned = after.features['summary']!.lengths!['small']!.none!
    expect(learned.mid).toBeGreaterThanOrEqual(8)
    expect(learned.high).toBeLessThan(20)
    const { estimate } = await (await on.post('/v1/estimate', { feature: 'summary', input: { text }, tier: 'eco', effort: 'none' })).json() as { estimate: Estimate }
    expect(estimate.tokens.output).toEqual(learned)
    expect(estimate.catalogVersion).toBe(after.version)
  })

  test('is how fast a model is, whatever the feature', async () => {
    const on = await bench(free)
    expect((await on.catalog()).models.find(({ id }) => id === 'small')!.pace).toBeNull()
    await often(on, 2)
    await often(on, 1, { feature: 'ask', input: { text, query: 'Explain why, please.' } })
    await on.modelSelector.coverage()
    later(on)
    const { first, each } = (await on.catalog()).models.find(({ id }) => id === 'small')!.pace!
    expect([first.low, each.low].every(seconds => seconds > 0)).toBe(true)
    const { first: firsts } = (await on.ledger.document(paceKey({ provider: 'fixture', id: 'small' })))!.value as { first: number[] }
    expect(firsts).toHaveLength(3)
  })

  test('changes the catalog\'s version where it makes a difference, and not with each run', async () => {
    const on = await bench(free, answerOf(9))
    const told = new Set<string>()
    for (let run = 0; run < 40; run++) {
      await often(on, 1)
      await on.modelSelector.coverage()
      later(on)
      told.add(JSON.stringify(await lengthsOf(on)))
    }
    expect(told.size).toBeGreaterThan(1)
    expect(told.size).toBeLessThan(15)
    const { version } = await on.catalog()
    on.upstream.reply(answerOf(38))
    await often(on, 5)
    await on.modelSelector.coverage()
    expect((await on.catalog()).version).toBe(version)
    later(on)
    expect((await on.catalog()).version).not.toBe(version)
  })

  test.each([
    ['quotes', { tier: 'baseline' }, {}], ['failed', {}, { end: 'cut', deltas: [] }],
  ] as const)('is nothing where it %s', async (_, change, reply) => {
    const on = await bench(free, reply)
    await often(on, 1, change)
    expect(await on.modelSelector.coverage()).toMatchObject({ summary: {} })
    expect(await runsOf(on)).toBe(0)
  })

  test('is beside the estimate of the model that served, where that was another, and scores nothing then', async () => {
    const on = await bench(free, ({ body }) => body.model === 'middle' ? { status: 503 } : answerOf(9))
    const receipt = receiptIn(await partsOf(await on.run({ tier: 'standard' })))
    expect([receipt.choice.model, receipt.estimate.model]).toEqual(['small', 'middle'])
    await on.modelSelector.coverage()
    const { models } = (await on.ledger.document(lessonsKey('summary')))!.value as { models: object }
    expect(Object.keys(models)).toEqual(['small'])
    expect(await runsOf(on)).toBe(0)
  })

  test('is of an answer that had to be repaired only how long the last one was', async () => {
    const replies = [answerOf(30), { deltas: ['{"opens": ', '"nine"', ', "floors": 3}'] }]
    const on = await bench(free, () => replies.shift()!)
    const receipt = receiptIn(await partsOf(await on.run({ feature: 'facts' })))
    expect([receipt.status, receipt.usage.output]).toEqual(['completed', 33])
    expect(await runsOf(on, 'facts')).toBe(0)
    const { models } = (await on.ledger.document(lessonsKey('facts')))!.value as { models: Record<string, { output: { none: number[] } }> }
    expect(models['small']!.output.none).toEqual([3])
    const { each } = (await on.ledger.document(paceKey({ provider: 'fixture', id: 'small' })))!.value as { each: number[] }
    expect(each).toHaveLength(1)
  })

  test('has nobody\'s name and no word of a text in it', async () => {
    const on = await bench(free, { deltas: ['Nine', ' to', ' four.'] })
    await often(on, 2)
    await on.modelSelector.coverage()
    const kept = JSON.stringify([await on.ledger.document(lessonsKey('summary')), await on.ledger.document(paceKey({ provider: 'fixture', id: 'small' }))])
    for (const word of ['user', 'ada"', 'museum', 'Nine', 'four']) expect(kept).not.toContain(word)
  })
})

describe('the report of coverage', () => {
  test('says by feature and unit how often ranges held, how wide they were, what was cut and whether they are adapted', async () => {
    const on = await bench(free, answerOf(100))
    const nightly = { feature: 'nightly' }
    await often(on, 20, nightly)
    const reports = await on.modelSelector.coverage()
    expect(Object.keys(reports['nightly']!)).toEqual(['tokens', 'usd'])
    expect(reports['nightly']!.tokens).toMatchObject({ runs: 20, coverage: 1, below: 0, above: 0, cut: 0 })
    expect(reports['nightly']!.tokens!.width).toBeGreaterThan(2)
    expect(reports['nightly']!.usd!.models).toEqual({ 'fixture/small': expect.objectContaining({ runs: 20 }) as object })
    expect(reports['summary']).toEqual({})
    on.upstream.reply({ ...answerOf(500), usage: { prompt_tokens: 60, completion_tokens: 500 }, finish: 'length' })
    await often(on, 10, nightly)
    const cut = (await on.modelSelector.coverage())['nightly']!.tokens!
    expect(cut).toMatchObject({ runs: 30, cutAbove: 1, adapted: 'wider' })
    expect(cut.cut).toBeGreaterThan(0.25)
  })
})

describe('a run', () => {
  test('does not wait for its lesson, and does not fail by it; whoever runs the server is told once', async () => {
    const ledger = memoryLedger()
    let written = 0
    const on = await bench({ ...free, ledger: { ...ledger, putDocument: (key, ...rest) => { written++; return key.startsWith('["lessons') || key.startsWith('["pace') ? Promise.reject(new Error('no room')) : ledger.putDocument(key, ...rest) } } })
    for (let run = 0; run < 3; run++) {
      expect(receiptIn(await partsOf(await on.run())).status).toBe('completed')
      await on.modelSelector.coverage()
    }
    expect(written).toBeGreaterThan(3)
    expect(on.errors).toHaveLength(1)
  })
})

describe.each<[string, () => () => Ledger]>([
  ['in memory', () => {
    const shared = memoryLedger()
    return () => ({ ...shared, close: async () => {} })
  }],
  ['on SQLite', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sparing-lessons-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return () => sqliteLedger(join(folder, 'ledger.db'))
  }],
])('servers that share a ledger %s', (_, place) => {
  test('learn together, and lose no run', async () => {
    const open = place()
    const servers = [await bench({ ...free, ledger: open() }), await bench({ ...free, ledger: open() })]
    for (const on of servers) on.clock.now = Date.now()
    const runs = await Promise.all(Array.from({ length: 60 }, async (_, at) => receiptIn(await partsOf(await servers[at % 2]!.run({}, { 'x-user': `person-${at}` })))))
    expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'completed'))
    for (const on of servers) await on.modelSelector.close()
    const last = await bench({ ledger: open() })
    expect(await runsOf(last)).toBe(60)
    const { models } = (await last.ledger.document(lessonsKey('summary')))!.value as { models: Record<string, { output: { none: number[] } }> }
    expect(models['small']!.output.none).toHaveLength(60)
    expect(await lengthsOf(last)).toHaveProperty('small')
  })
})
