import { describe, expect, test } from 'vitest'
import { memoryLedger } from '../../../src/server/index.ts'
import { asJson, bench, noon, optInFor, partsOf, problemOf, receiptIn, text } from './support.ts'
import type { RunRecord, RunResult } from '../../../src/protocol/index.ts'

describe('the same id again', () => {
  test('while the run goes on is refused, and the run goes on', async () => {
    const on = await bench({}, { paused: true })
    const body = await on.ask()
    const first = await on.post('/v1/run', body)
    expect(await problemOf(await on.post('/v1/run', body))).toMatchObject({ type: 'urn:sparing:run-in-progress', status: 409 })
    on.upstream.release(3)
    expect(receiptIn(await partsOf(first)).status).toBe('completed')
    expect(on.upstream.log).toHaveLength(1)
  })

  test('afterwards is answered with its receipt and no text, and costs nothing', async () => {
    const on = await bench()
    const body = await on.ask()
    const receipt = receiptIn(await partsOf(await on.post('/v1/run', body)))
    const before = await on.budgets()
    const again = await partsOf(await on.post('/v1/run', body))
    expect(again.map(({ type }) => type)).toEqual(['start', 'data-choice', 'data-receipt', 'finish'])
    expect(receiptIn(again)).toEqual({ ...receipt, replayed: true })
    expect(await (await on.post('/v1/run', body, asJson)).json() as RunResult).toEqual({ id: body['id'], text: '', choice: receipt.choice, receipt: { ...receipt, replayed: true } })
    expect(await on.budgets()).toEqual(before)
    expect(on.upstream.log).toHaveLength(1)
  })

  test('in the same moment, twenty times, runs once', async () => {
    const on = await bench()
    const body = await on.ask()
    const responses = await Promise.all(Array.from({ length: 20 }, () => on.post('/v1/run', body)))
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1)
    await Promise.all(responses.map(response => response.text()))
    expect(on.upstream.log).toHaveLength(1)
    expect((await on.budgets())['runs']).toMatchObject({ settled: 1, held: 0 })
  })

  test.each([
    ['text', { input: { text: `${text} More.` } }], ['question', { input: { text, query: 'When?' } }], ['tier', { tier: 'baseline' }], ['ceiling', { ceiling: { usd: 0.9, wh: 100, outputTokens: 40 } }],
  ])('with another %s is a conflict', async (_, change) => {
    const on = await bench()
    const ceiling = { usd: 1, wh: 100, outputTokens: 40 }
    const asked = await on.ask()
    const body = { ...asked, ceiling, optIn: optInFor(asked, { ceiling, catalogVersion: 'v' }, on.clock.now) }
    await partsOf(await on.post('/v1/run', body))
    const before = await on.budgets()
    expect(await problemOf(await on.post('/v1/run', { ...body, ...change }))).toMatchObject({ type: 'urn:sparing:idempotency-conflict', status: 409 })
    expect(await on.budgets()).toEqual(before)
  })

  test('with another opt-in or estimate is the same request', async () => {
    const on = await bench()
    const body = await on.ask()
    await partsOf(await on.post('/v1/run', body))
    expect(receiptIn(await partsOf(await on.post('/v1/run', { ...body, estimate: null, optIn: { ...body['optIn'] as object, id: 'another' } }))).replayed).toBe(true)
  })

  test('of a run that failed is answered with the receipt of the failure', async () => {
    const on = await bench({}, { status: 500 })
    const body = await on.ask()
    await partsOf(await on.post('/v1/run', body))
    on.upstream.reply({})
    const again = await partsOf(await on.post('/v1/run', body))
    expect(receiptIn(again)).toMatchObject({ status: 'failed', replayed: true })
    expect(again.map(({ type }) => type)).toEqual(['start', 'data-choice', 'data-receipt', 'data-problem', 'error'])
    const response = await on.post('/v1/run', body, asJson)
    expect(await problemOf(response)).toMatchObject({ type: 'urn:sparing:upstream-failed', receipt: { status: 'failed', replayed: true } })
    expect(on.upstream.log).toHaveLength(1)
  })
})

describe('another person\'s id', () => {
  test('is not found, and free to use', async () => {
    const on = await bench()
    const body = await on.ask()
    await partsOf(await on.post('/v1/run', body))
    const eve = { 'x-user': 'eve' }
    const response = await on.get(`/v1/runs/${String(body['id'])}`, eve)
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain('small')
    expect(receiptIn(await partsOf(await on.post('/v1/run', { ...body, input: { text: `${text} Mine.` }, ceiling: { usd: 1, wh: 100, outputTokens: 40 }, optIn: optInFor(body, { ceiling: { usd: 1, wh: 100, outputTokens: 40 }, catalogVersion: 'v' }, on.clock.now) }, eve))).replayed).toBeUndefined()
    expect((await on.budgets())['runs']!.settled).toBe(1)
    expect((await on.budgets(eve))['runs']!.settled).toBe(1)
  })
})

describe('the record of a run', () => {
  test('while it goes on, and afterwards', async () => {
    const on = await bench({}, { paused: true })
    const body = await on.ask()
    const response = await on.post('/v1/run', body)
    const record = async () => await (await on.get(`/v1/runs/${String(body['id'])}`)).json() as RunRecord
    expect(await record()).toEqual({ id: body['id'], status: 'running', receipt: null })
    on.upstream.release(3)
    const receipt = receiptIn(await partsOf(response))
    expect(await record()).toEqual({ id: body['id'], status: 'ended', receipt })
  })

  test.each(['abcdefgh', '%00', "' OR 1=1 --", '__proto__', 'a'.repeat(5_000)])('of %j is not found', async id => {
    const on = await bench()
    expect((await on.get(`/v1/runs/${encodeURIComponent(id)}`)).status).toBe(404)
  })
})

describe('what a lease ends', () => {
  test('a run whose holder is gone after it was dispatched is counted in full, and its id is not reused', async () => {
    const on = await bench({}, { paused: true })
    const body = await on.ask()
    const first = on.post('/v1/run', body)
    await on.upstream.until(log => log.length === 1)
    const held = (await on.budgets())['usd']!.held
    on.clock.now += 60_000
    const { status, receipt: assumed } = await (await on.get(`/v1/runs/${String(body['id'])}`)).json() as RunRecord
    expect(status).toBe('ended')
    expect(assumed).toMatchObject({ status: 'expired', usage: { output: 40, source: 'assumed' }, cost: { usd: held }, budgets: [{ settled: held }, {}, { settled: 1 }] })
    expect(assumed!.cost.wh).toBe(assumed!.estimate.ceiling.wh)
    expect((await on.budgets())['usd']).toMatchObject({ settled: held, held: 0 })
    expect(receiptIn(await partsOf(await on.post('/v1/run', body)))).toEqual({ ...assumed, replayed: true })
    expect(on.upstream.log).toHaveLength(1)
    // It was only slow: what it truly came to lowers the assumption.
    on.upstream.release(3)
    const receipt = receiptIn(await partsOf(await first))
    expect((await on.budgets())['usd']).toMatchObject({ settled: receipt.cost.usd, held: 0 })
    expect(receipt.cost.usd).toBeLessThan(held)
    expect((await (await on.get(`/v1/runs/${String(body['id'])}`)).json() as RunRecord).receipt).toEqual(receipt)
  })

  test('a run that outlives its lease before it starts is counted in full, and at what it used when it ends', async () => {
    const clock = { now: noon }
    const ledger = memoryLedger({ now: () => clock.now })
    const spent: number[] = []
    const on = await bench({ now: () => clock.now, ledger: { ...ledger, async reserve(request) {
      const answer = await ledger.reserve(request)
      clock.now += request.lease
      await ledger.expire()
      spent.push((await on.budgets())['usd']!.settled)
      return answer
    } } })
    const { status, cost } = receiptIn(await partsOf(await on.run()))
    expect(status).toBe('completed')
    const { settled, held } = (await on.budgets())['usd']!
    expect({ settled, held }).toEqual({ settled: cost.usd, held: 0 })
    expect(spent[0]).toBeGreaterThan(settled)
  })
})
