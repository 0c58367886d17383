import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { aiSdk, baseline, openaiCompatible } from '../../../src/server/index.ts'
import type { Provider, ProviderPart } from '../../../src/server/index.ts'
import { patience } from '../../../src/server/providers/patience.ts'
import { heeding, longestTimer } from '../../../src/server/waiting.ts'
import { bench, models, optInFor, partsOf, receiptIn, textOf } from './support.ts'
import type { Bench } from './support.ts'

const never = () => new Promise<never>(() => {})

/** Stops the server while a run goes on, and gives what its person was told. */
async function stoppedOnce(on: Bench, asked: Promise<unknown>, change: Record<string, unknown> = {}) {
  const response = await on.run(change)
  const parts = partsOf(response)
  await asked
  await on.modelSelector.close()
  return parts
}

describe('code of the host\'s that never ends', () => {
  test.each([['says nothing', []], ['spoke', [{ type: 'accepted' }, { type: 'text', text: 'Half' }]]] as [string, ProviderPart[]][])('a provider that heeds no signal and %s is left when the server is stopped, and its run is paid for', async (_, said) => {
    const asked = Promise.withResolvers<void>()
    const deaf: Provider = {
      id: 'deaf', models: openaiCompatible({ id: 'deaf', baseURL: 'https://models.test/v1', models }).models,
      async *stream() {
        yield* said
        asked.resolve()
        await never()
      },
    }
    const on = await bench({ providers: [deaf, baseline()] })
    const parts = await stoppedOnce(on, asked.promise)
    expect(textOf(parts)).toBe(said.length > 0 ? 'Half' : '')
    // Nobody knows what became of its input, so it counts as read.
    expect(receiptIn(parts)).toMatchObject({ status: 'aborted', usage: { input: expect.any(Number), output: said.length > 0 ? 1 : 0, source: 'counted' } })
    expect(receiptIn(parts).usage.input).toBeGreaterThan(0)
    expect(on.ledger.verbs).toEqual(['reserve', 'settle'])
  })

  test('a baseline is waited for no longer when the server is stopped', async () => {
    const asked = Promise.withResolvers<void>()
    const on = await bench({ providers: [baseline({ features: { summary: () => { asked.resolve(); return never() } } })] })
    expect(receiptIn(await stoppedOnce(on, asked.promise, { tier: 'baseline' })).status).toBe('aborted')
  })

  test('a baseline that is too slow fails', async () => {
    const on = await bench({ providers: [baseline({ features: { summary: never }, timeout: 5 })] })
    const parts = await partsOf(await on.run({ tier: 'baseline' }))
    expect(receiptIn(parts).status).toBe('failed')
    expect(on.errors).toMatchObject([{ name: 'TimeoutError', message: expect.stringContaining('The baseline of "summary" took longer than 5 ms') }])
  })
})

describe('a host\'s provider that nobody aborts', () => {
  const served = openaiCompatible({ id: 'own', baseURL: 'https://models.test/v1', models })
  const own = (stream: Provider['stream'], silence?: number): Provider => ({ id: 'own', models: served.models, stream, ...silence !== undefined && { silence } })
  const hangs = (said: readonly ProviderPart[]) => own(async function* () {
    yield* said
    await never()
  })
  const accepted = { type: 'accepted' } as const
  const half = { type: 'text', text: 'Half' } as const

  test.each([['before its first word', [accepted], 0], ['having said nothing at all', [], 0], ['in the middle', [accepted, half], 1]] as const)('and that hangs %s is given up, settled at what was consumed', async (_, said, output) => {
    const on = await bench({ silence: 20, providers: [hangs(said), baseline()] })
    const parts = await partsOf(await on.run())
    expect(receiptIn(parts)).toMatchObject({ status: 'failed', usage: { output, source: 'counted' } })
    expect(receiptIn(parts).usage.input).toBeGreaterThan(0)
    expect(parts.find(({ type }) => type === 'data-problem')).toMatchObject({ data: { type: 'urn:sparing:upstream-failed', detail: expect.stringContaining('silent for too long') } })
    expect(on.errors).toMatchObject([{ facts: { reason: 'silent', awaited: output > 0 ? 'next token' : 'first token', retryable: output === 0 } }])
    expect(on.ledger.verbs).toEqual(['reserve', 'settle'])
    expect((await on.budgets())['usd']).toMatchObject({ held: 0, settled: receiptIn(parts).cost.usd })
  })

  test.each([['ends', async () => {}], ['fails', (signal: AbortSignal) => Promise.reject(signal.reason)]] as const)('learns that it is given up, and may say what it used before it %s', async (_, then) => {
    const on = await bench({ silence: 20, providers: [own(async function* ({ signal }) {
      yield half
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      yield { type: 'usage', usage: { input: 9, cached: 0, output: 3, reasoning: 0 } }
      await then(signal)
    }), baseline()] })
    expect(receiptIn(await partsOf(await on.run()))).toMatchObject({ status: 'failed', usage: { input: 9, output: 3, source: 'reported' } })
    expect(on.errors).toMatchObject([{ facts: { reason: 'silent' } }])
  })

  test('is waited for as long as it says something, whose words set no timer each', async () => {
    const set = vi.spyOn(globalThis, 'setTimeout')
    onTestFinished(() => set.mockRestore())
    const on = await bench({ silence: 300, providers: [own(async function* () {
      for (let i = 0; i < 5; i++) {
        for (let word = 0; word < 100; word++) yield { type: 'reasoning', text: '' }
        await new Promise(resolve => setTimeout(resolve, 100))
      }
      yield { type: 'text', text: 'Done.' }
    }), baseline()] })
    const parts = await partsOf(await on.run({ feature: 'think', tier: 'eco' }))
    expect(parts.map(part => part.type === 'text-delta' ? part.delta : '').join('')).toBe('Done.')
    expect(set.mock.calls.length).toBeLessThan(40)
  })

  test('goes by its own limit, if it has one', async () => {
    const late = (silence: number) => own(async function* () {
      await new Promise(resolve => setTimeout(resolve, 60))
      yield { type: 'text', text: 'Late.' }
    }, silence)
    const patient = await bench({ silence: 5, providers: [late(Infinity), baseline()] })
    expect(receiptIn(await partsOf(await patient.run())).status).toBe('completed')
    const hasty = await bench({ providers: [late(5), baseline()] })
    expect(receiptIn(await partsOf(await hasty.run())).status).toBe('failed')
  })

  test('and was silent is replaced by another, and left alone for a while where that happens to more than one person', async () => {
    const heeds = own(async function* ({ signal }) {
      yield accepted
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const on = await bench({ silence: 5, providers: [heeds, openaiCompatible({ id: 'twin', baseURL: 'https://models.test/v1', models, fetch: async () => Response.json({ choices: [{ message: { content: 'Well.' }, finish_reason: 'stop' }] }) }), baseline()] })
    const ceiling = { usd: 0.01, wh: 5, outputTokens: 40 }
    const run = async (user = 'ada') => {
      const body = await on.ask()
      return partsOf(await on.post('/v1/run', { ...body, ceiling, optIn: optInFor(body, { ceiling, catalogVersion: 'v' }, on.clock.now) }, { 'x-user': user }))
    }
    const outOfOrder = async () => (await (await on.get('/healthz')).json() as { outOfOrder: object }).outOfOrder
    const first = await run()
    expect(textOf(first)).toBe('Well.')
    expect(receiptIn(first)).toMatchObject({ status: 'completed', choice: { provider: 'twin', reasons: [{}, { code: 'failover' }] } })
    // Whoever sends what takes very long must not take a model from the others.
    for (let i = 0; i < 7; i++) await run()
    expect(await outOfOrder()).toEqual({})
    await run('ben')
    expect(await outOfOrder()).toMatchObject({ 'own/small': {} })
  })
})

describe('a stream that is heeded', () => {
  async function* three(ended: () => void) {
    try {
      yield* [1, 2, 3]
    } finally {
      ended()
    }
  }

  test('says the same, and its failures are its own', async () => {
    const said: number[] = []
    for await (const each of heeding(three(() => {}), new AbortController().signal, () => {})) said.push(each)
    expect(said).toEqual([1, 2, 3])
    const failing = heeding({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('broke')) }) }, new AbortController().signal, () => {})
    await expect(failing.next()).rejects.toThrow('broke')
  })

  test('learns that nobody reads on', async () => {
    let ended = false
    for await (const each of heeding(three(() => { ended = true }), new AbortController().signal, () => {})) if (each === 2) break
    expect(ended).toBe(true)
  })

  test('may say what it used after it was told to stop', async () => {
    const gone = new AbortController()
    const left = vi.fn<() => void>()
    async function* slow() {
      yield 'words'
      expect(gone.signal.aborted).toBe(true)
      yield 'usage'
    }
    const said: string[] = []
    for await (const each of heeding(slow(), gone.signal, left)) {
      said.push(each)
      gone.abort()
    }
    expect(said).toEqual(['words', 'usage'])
    expect(left).not.toHaveBeenCalled()
  })
})

describe('time-outs', () => {
  const open = [
    ['openaiCompatible', (timeout: object) => openaiCompatible({ baseURL: 'https://models.test/v1', models, timeout })],
    ['aiSdk', (timeout: object) => aiSdk({ modelId: 'm', provider: 'p', specificationVersion: 'v4', doStream: never }, { tier: 'eco', timeout })],
    ['baseline', ({ idle }: { idle?: number }) => baseline({ timeout: idle! })],
  ] as const
  test.each(open)('of %s are numbers above 0', (_, provider) => {
    for (const idle of [NaN, -1, 0, '5' as never]) expect(() => provider({ idle })).toThrow(/must be milliseconds above 0/)
    for (const idle of [1, 30 * 86_400_000, Infinity]) expect(() => provider({ idle })).not.toThrow()
  })

  test.each([Infinity, 30 * 86_400_000])('of %d milliseconds set no timer that rings at once', idle => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const set = vi.spyOn(globalThis, 'setTimeout')
    const wait = patience(new AbortController().signal, { first: 5_000, idle })
    wait.token()
    vi.advanceTimersByTime(longestTimer - 1)
    expect(set.mock.calls.every(([, milliseconds]) => milliseconds! <= longestTimer)).toBe(true)
    expect(set.mock.calls.length).toBeLessThan(10)
    expect(wait.gaveUp).toBeNull()
    vi.advanceTimersByTime(longestTimer)
    expect(wait.gaveUp).toBe(idle === Infinity ? null : 'next token')
    wait.stop()
  })
})
