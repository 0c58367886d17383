import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { memoryLedger } from '../../../src/server/index.ts'
import type { Ledger } from '../../../src/server/index.ts'
import { keepRuns } from '../../../src/server/runs-under-way.ts'
import { asJson, bench, noon, problemOf } from './support.ts'
import type { RunResult } from '../../../src/protocol/index.ts'

/** A ledger whose reserves are done at once and answered when the gate opens. */
function gated(): { ledger: Ledger; open(): void; reserved: Promise<void>; closed(): boolean } {
  const ledger = memoryLedger({ now: () => noon })
  const [gate, reserved] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let isClosed = false
  const whileOpen = <A extends unknown[], T>(verb: (...args: A) => Promise<T>) => (...args: A) => isClosed ? Promise.reject(new Error('closed')) : verb(...args)
  return {
    open: () => gate.resolve(), reserved: reserved.promise, closed: () => isClosed,
    ledger: {
      ...ledger, settle: whileOpen(ledger.settle), release: whileOpen(ledger.release), close: async () => { isClosed = true },
      async reserve(request) {
        const answer = await ledger.reserve(request)
        reserved.resolve()
        await gate.promise
        return answer
      },
    },
  }
}

describe('closing', () => {
  test('waits for a run that is being let in, stops it and settles it before the ledger is let go of', async () => {
    const { ledger, open, reserved, closed } = gated()
    const on = await bench({ ledger }, { paused: true })
    const answer = on.run({}, asJson)
    await reserved
    const over = on.modelSelector.close()
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(closed()).toBe(false)
    open()
    await over
    const { receipt } = await (await answer).json() as RunResult
    expect(receipt.status).toBe('aborted')
    expect((await ledger.entries(null, 9)).map(({ status }) => status)).toEqual(['settled'])
    expect([on.upstream.served, on.errors]).toEqual([0, []])
  })

  test('lets nothing begin any more, and says why, also to who waited for the host meanwhile', async () => {
    const { promise: word, resolve } = Promise.withResolvers<null>()
    const on = await bench({ onRun: { before: () => word } })
    const early = on.run()
    await vi.waitFor(async () => expect((await on.get('/healthz')).status).toBe(200))
    const over = on.modelSelector.close()
    resolve(null)
    for (const answer of [await early, await on.run()]) expect(await problemOf(answer)).toMatchObject({ type: 'urn:sparing:restarting', status: 503, detail: expect.stringContaining('Try again') })
    await over
    expect([on.ledger.verbs, on.upstream.log, on.errors]).toEqual([[], [], []])
  })

  test('does not wait for ever for a request that never begins', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const runs = keepRuns()
    void runs.during(new Promise(() => {}))
    let over = false
    void runs.close().then(() => { over = true })
    await vi.advanceTimersByTimeAsync(4_999)
    expect(over).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(over).toBe(true)
  })
})
