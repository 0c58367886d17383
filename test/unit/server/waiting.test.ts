import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { aiSdk, baseline, openaiCompatible } from '../../../src/server/index.ts'
import type { Provider, ProviderPart } from '../../../src/server/index.ts'
import { patience } from '../../../src/server/providers/patience.ts'
import { heeding, longestTimer } from '../../../src/server/waiting.ts'
import { bench, models, partsOf, receiptIn, textOf } from './support.ts'
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
