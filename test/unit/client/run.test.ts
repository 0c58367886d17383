import { describe, expect, test, vi } from 'vitest'
import { isSparingError } from '../../../src/index.ts'
import type { SparingError } from '../../../src/index.ts'
import { errorOf, input, paused, pot, ready, setUp, until } from './support.ts'

describe('nothing is run unasked', () => {
  test('looking, estimating, opting out and declining request no run', async () => {
    const { ai, requests } = await setUp()
    ai.estimate('summary', { input })
    ai.status('summary')
    ai.need('think', 'why is the sky blue')
    ai.optIn('summary', { scope: 'session' })
    ai.optOut('summary')
    ai.decline('summary')
    await errorOf(ai.run('summary', { input, trigger: 'user' }))
    expect(requests.filter(each => each.includes('run'))).toEqual([])
  })

  test('no opt-in', async () => {
    const { ai, requests } = await setUp()
    const run = ai.run('summary', { input, trigger: 'user' })
    const error = await errorOf(run)
    expect(error).toMatchObject({ code: 'opt-in-required', name: 'OptInRequiredError', gap: 'missing' })
    expect(run.getState()).toMatchObject({ status: 'refused', error })
    expect(requests).not.toContain('POST /v1/run')
    expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 0 })
  })

  test('an opt-in for less says what it lacks', async () => {
    const { ai, runs } = await setUp()
    ai.optIn('summary', { scope: 'session', tier: 'eco' })
    expect(await errorOf(ai.run('summary', { input, tier: 'max', trigger: 'user' }))).toMatchObject({ gap: 'tier' })
    const record = ai.optIn('summary', { scope: 'once', tier: 'eco' })
    expect(await errorOf(ai.run('summary', { input, tier: 'eco', optIn: { ...record, lapsesAt: Date.now() - 1 } }))).toMatchObject({ gap: 'lapsed' })
    expect(await errorOf(ai.run('light', { input, optIn: record }))).toMatchObject({ gap: 'feature' })
    expect(runs()).toEqual([])
  })

  test('a standing opt-in covers every input of the feature, until it is taken back', async () => {
    const { ai, provider } = await setUp()
    const longest = 'x'.repeat(2_000 * 4 - 16)
    const optIn = ai.optIn('summary', { scope: 'session' })
    expect(ai.status('summary', { input: longest })).toMatchObject({ state: 'on', optIn })
    const { receipt } = await ai.run('summary', { input: longest, trigger: 'user' })
    expect(receipt.optIn).toBe(optIn.id)
    ai.optOut('summary')
    expect(await errorOf(ai.run('summary', { input, trigger: 'user' }))).toMatchObject({ gap: 'missing' })
    expect(provider.calls).toHaveLength(1)
  })

  test('in the background', async () => {
    const { ai, runs } = await setUp()
    expect(await errorOf(ai.run('summary', { input, optIn: 'once', trigger: 'background' }))).toMatchObject({ code: 'background-blocked' })
    ai.optIn('summary', { scope: 'session' })
    expect(await errorOf(ai.run('summary', { input }))).toMatchObject({ code: 'background-blocked' })
    expect(runs()).toEqual([])
    expect(await ai.run('quiet', { input, optIn: 'once', trigger: 'background' })).toMatchObject({ text: 'Hello' })
  })

  test('switched off, by the person or by policy', async () => {
    const { ai, runs } = await setUp()
    expect(await errorOf(ai.run('gone', { input, optIn: 'once' }))).toMatchObject({ code: 'feature-disabled', details: { by: 'policy' } })
    expect(ai.status('gone').state).toBe('disabled')
    ai.setEnabled(false)
    expect(await errorOf(ai.run('summary', { input, optIn: 'once' }))).toMatchObject({ code: 'feature-disabled', details: { by: 'person' } })
    expect(ai.status('summary')).toMatchObject({ state: 'master-off', optIn: null })
    expect(runs()).toEqual([])
  })

  test('no model, too long, a level that the feature does not have', async () => {
    const { ai, runs } = await setUp()
    expect(await errorOf(ai.run('light', { input: 'x'.repeat(3_000), optIn: 'once' }))).toMatchObject({ code: 'input-too-long' })
    expect(await errorOf(ai.run('light', { input, tier: 'max', optIn: 'once' }))).toMatchObject({ code: 'no-model' })
    expect(await errorOf(ai.run('summary', { input, effort: 'high', optIn: 'once' }))).toMatchObject({ code: 'no-model' })
    expect(await errorOf(ai.run('nothing' as 'light', { input, optIn: 'once' }))).toMatchObject({ code: 'unknown-feature' })
    expect(await errorOf(ai.run('toString' as 'light', { input, optIn: 'once' }))).toMatchObject({ code: 'unknown-feature' })
    expect(runs()).toEqual([])
    expect(() => ai.optIn('light', { scope: 'always', tier: 'max' })).toThrow(expect.objectContaining({ code: 'no-model' }))
  })

  test('tier baseline needs no opt-in, draws on no budget, and runs with the master switch off', async () => {
    const { ai, provider, events } = await setUp({ client: { budgets: [{ id: 'none', per: 'day', limit: { usd: 0, runs: 0 } }] } })
    ai.setEnabled(false)
    const { text, receipt } = await ai.run('summary', { input, tier: 'baseline' })
    expect(text).toContain('harbour')
    expect(receipt).toMatchObject({ status: 'completed', optIn: null, choice: { tier: 'baseline' } })
    expect(receipt.cost.wh).toBeGreaterThan(0)
    expect(provider.calls).toEqual([])
    expect(ai.budget.getState().local.map(({ settled, held }) => settled + held)).toEqual([0, 0])
    expect(events.map(({ name }) => name)).toEqual(['enabled', 'run-start', 'run-end'])
  })
})

describe('the outcome', () => {
  test('awaited', async () => {
    const { ai } = await setUp()
    const run = ai.run('summary', { input, optIn: 'once', tier: 'eco' })
    const { text, receipt, choice } = await run
    expect(text).toBe('Hello')
    expect(receipt).toMatchObject({ id: run.id, status: 'completed', usage: { input: 100, output: 2, source: 'reported' } })
    expect(choice).toEqual(receipt.choice)
    expect(run.getState()).toMatchObject({ status: 'completed', text: 'Hello', receipt, error: null })
    expect(pot(ai, 'runs')).toEqual({ settled: 1, held: 0 })
    expect(pot(ai, 'usd')).toEqual({ settled: receipt.cost.usd, held: 0 })
    expect(ai.budget.getState().server).not.toEqual([])
  })

  test('iterated, by two readers and a late one, and awaited too', async () => {
    const { ai } = await setUp({ script: async function* () {
      for (const word of ['a ', 'b ', 'c']) {
        await new Promise(resolve => setTimeout(resolve, 5))
        yield word
      }
      yield { type: 'finish', reason: 'stop' }
    } })
    const run = ai.run('summary', { input, optIn: 'once' })
    const read = async () => {
      let text = ''
      for await (const delta of run) text += delta
      return text
    }
    const [first, second] = await Promise.all([read(), read()])
    expect([first, second, await read(), (await run).text]).toEqual(Array.from({ length: 4 }, () => 'a b c'))
  })

  test('a reader may leave early', async () => {
    const { script, go } = paused()
    const { ai } = await setUp({ script })
    const run = ai.run('summary', { input, optIn: 'once' })
    for await (const delta of run) {
      expect(delta).toBe('one ')
      break
    }
    go()
    expect((await run).text).toBe('one two')
  })

  test('of a refused run that nobody looks at raises nothing', async () => {
    const { ai } = await setUp()
    const rejections: unknown[] = []
    const note = (reason: unknown) => rejections.push(reason)
    process.on('unhandledRejection', note)
    const run = ai.run('summary', { input, trigger: 'user' })
    await until(each => each.getState().status === 'refused', run)
    await expect((async () => { for await (const _ of run) void _ })()).rejects.toMatchObject({ code: 'opt-in-required' })
    await new Promise(resolve => setTimeout(resolve, 20))
    process.off('unhandledRejection', note)
    expect(rejections).toEqual([])
  })

  test('cut by the ceiling', async () => {
    const { ai } = await setUp({ script: ['so far', { type: 'finish', reason: 'length' }] })
    const run = ai.run('summary', { input, optIn: 'once' })
    expect((await run).receipt.status).toBe('ceiling')
    expect(run.getState().status).toBe('ceiling')
  })

  test('a follower that throws does not break the run', async () => {
    const { ai } = await setUp()
    const thrown: unknown[] = []
    const note = (reason: unknown) => thrown.push(reason)
    process.on('unhandledRejection', note)
    ai.on(() => { throw new Error('a listener') })
    const run = ai.run('summary', { input, optIn: 'once' })
    run.subscribe(() => { throw new Error('a follower') })
    expect((await run).text).toBe('Hello')
    await new Promise(resolve => setTimeout(resolve, 20))
    process.off('unhandledRejection', note)
    expect(thrown.map(String)).toEqual(expect.arrayContaining(['Error: a listener', 'Error: a follower']))
  })
})

describe('the estimate that was shown binds', () => {
  test('its ceiling is what is sent, and its level is the one that is run', async () => {
    const sent: { ceiling: unknown; estimate: string; tier: string; effort: string }[] = []
    const { ai } = await setUp({ between: async (request, to) => {
      if (request.method === 'POST') sent.push(await request.clone().json() as never)
      return to.fetch(request)
    } })
    const estimate = ready(ai.estimate('think', { input, tier: 'max', effort: 'high' }))
    const { receipt } = await ai.run('think', { input, estimate, optIn: 'once' })
    expect(sent[0]).toMatchObject({ ceiling: estimate.ceiling, estimate: estimate.id, tier: 'max', effort: 'high' })
    expect(receipt.estimate.ceiling).toEqual(estimate.ceiling)
    expect(receipt.choice.effort).toBe('high')
  })

  test('without one shown, a fresh one', async () => {
    const { ai } = await setUp()
    const { ceiling } = ready(ai.estimate('summary', { input }))
    const run = ai.run('summary', { input, optIn: 'once' })
    await run
    expect(run.getState().estimate?.ceiling).toEqual(ceiling)
  })

  test('a run that would cost more is refused with the new estimate, and nothing is spent', async () => {
    const { ai, provider, events } = await setUp()
    const estimate = ready(ai.estimate('summary', { input: 'short' }))
    const run = ai.run('summary', { input, estimate, optIn: 'once' })
    const error = await errorOf(run)
    expect(error).toMatchObject({ code: 'ceiling-exceeded', name: 'CeilingExceededError', estimate: { feature: 'summary' } })
    expect(error).toHaveProperty('estimate.ceiling', ready(ai.estimate('summary', { input })).ceiling)
    expect(run.getState().status).toBe('refused')
    expect(provider.calls).toEqual([])
    expect(pot(ai, 'usd')).toEqual({ settled: 0, held: 0 })
    expect(events.map(({ name }) => name)).toEqual(['run-start', 'run-refused'])
  })
})

describe('budgets', () => {
  test('the device\'s own refuses before anything is sent, and says what still fits', async () => {
    const { ai, runs } = await setUp({ client: { budgets: [{ id: 'mine', per: 'day', limit: { usd: 0.0002 } }] } })
    const error = await errorOf(ai.run('summary', { input, tier: 'max', optIn: 'once' }))
    expect(error).toMatchObject({ code: 'budget-exceeded', name: 'BudgetExceededError', cheaper: ['baseline', 'eco'], budgets: [{ id: 'mine', unit: 'usd' }] })
    expect(runs()).toEqual([])
    expect(pot(ai, 'usd')).toEqual({ settled: 0, held: 0 })
  })

  test('the server\'s refuses, and is told from then on', async () => {
    const { ai } = await setUp({ server: { budgets: [{ id: 'user', scope: 'user', per: 'day', limit: { runs: 1 } }] } })
    await ai.run('summary', { input, optIn: 'once' })
    const error = await errorOf(ai.run('summary', { input, optIn: 'once' }))
    expect(error).toMatchObject({ code: 'budget-exceeded', budgets: [{ id: 'user', available: 0 }] })
    expect((error as SparingError & { resetsAt: number }).resetsAt).toBeGreaterThan(Date.now())
    expect(pot(ai, 'runs')).toEqual({ settled: 1, held: 0 })
    expect(ai.budget.getState().server).toMatchObject([{ id: 'user', settled: 1 }])
  })

  test('the server\'s show what a run takes at most while it goes on, once, and what it cost when it is over', async () => {
    const arrive = Promise.withResolvers<void>()
    const write = Promise.withResolvers<void>()
    const { ai } = await setUp({
      server: { budgets: [{ id: 'user', scope: 'user', per: 'day', limit: { usd: 1 } }] },
      between: async (request, to) => (request.method === 'POST' && await arrive.promise, to.fetch(request)),
      script: async function* () {
        await write.promise
        yield 'Hello'
        yield { type: 'finish', reason: 'stop' }
      },
    })
    const line = () => ai.budget.getState().server.map(each => 'unit' in each && { settled: each.settled, held: each.held, available: each.available })[0]
    expect(line()).toEqual({ settled: 0, held: 0, available: 1 })
    const run = ai.run('summary', { input, tier: 'eco', optIn: 'once' })
    await vi.waitFor(() => expect(pot(ai, 'usd').held).toBeGreaterThan(0))
    const { held } = pot(ai, 'usd')
    const aside = { settled: 0, held, available: (1e9 - Math.round(held * 1e9)) / 1e9 }
    await vi.waitFor(() => expect(line()).toEqual(aside))
    // Before the server has heard of it, and after.
    await ai.refresh()
    expect(line()).toEqual(aside)
    arrive.resolve()
    await vi.waitFor(() => expect(run.getState().choice).not.toBeNull())
    expect(line()).toEqual(aside)
    await ai.refresh()
    expect(line()).toEqual(aside)
    write.resolve()
    const { receipt } = await run
    expect(line()).toMatchObject({ settled: receipt.cost.usd, held: 0 })
  })

  test('a run that the server refuses leaves nothing set aside', async () => {
    const { ai } = await setUp({ server: { budgets: [{ id: 'user', scope: 'user', per: 'day', limit: { usd: 1 } }, { id: 'none', scope: 'all', per: 'day', limit: { runs: 0 } }] } })
    expect(await errorOf(ai.run('summary', { input, tier: 'eco', optIn: 'once' }))).toMatchObject({ code: 'budget-exceeded' })
    expect(ai.budget.getState().server[0]).toMatchObject({ id: 'user', settled: 0, held: 0, available: 1 })
  })

  test('a hundred at once against sixty let exactly sixty through', async () => {
    const { ai, provider } = await setUp({
      server: { concurrency: 1_000, budgets: [{ id: 'all', scope: 'all', per: 'day', limit: { runs: 1_000 } }] },
      client: { budgets: [{ id: 'mine', per: 'day', limit: { runs: 60 } }] },
    })
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => ai.run('summary', { input, tier: 'eco', optIn: 'once' })))
    const refused = outcomes.filter(each => each.status === 'rejected')
    expect(refused).toHaveLength(40)
    expect(refused.every(({ reason }) => isSparingError(reason, 'budget-exceeded'))).toBe(true)
    expect(provider.calls).toHaveLength(60)
    expect(pot(ai, 'runs')).toEqual({ settled: 60, held: 0 })
  }, 20_000)

  test('a model whose energy nobody knows cannot run under an energy limit', async () => {
    const { scriptedProvider } = await import('../../../src/testing/index.ts')
    const known = scriptedProvider({ script: ['x'] })
    const unknown = { ...known, models: known.models.map(model => ({ ...model, energy: null })) }
    const { ai, runs } = await setUp({ server: { providers: [unknown] } })
    expect(ai.estimate('light', { input })).toEqual({ status: 'unavailable', reason: 'no-model' })
    const run = ai.run('light', { input, optIn: 'once' })
    expect(await errorOf(run)).toMatchObject({ code: 'no-model' })
    expect(run.getState().status).toBe('refused')
    expect(runs()).toEqual([])
  })

  test('warnings come once for each threshold', async () => {
    const { ai, events } = await setUp({ client: { budgets: [{ id: 'mine', per: 'day', limit: { runs: 4 }, warnAt: [0.5, 1] }, { id: 'zero', per: 'day', limit: { gco2e: 1_000, tokens: 1e6 }, warnAt: [0.5] }] } })
    for (let i = 0; i < 4; i++) await ai.run('summary', { input, tier: 'eco', optIn: 'once' })
    const warnings = events.filter(({ name }) => name === 'budget-warning')
    expect(warnings).toMatchObject([{ share: 0.5, budget: { id: 'mine', settled: 2 } }, { share: 1, budget: { settled: 4 } }])
  })
})

describe('an id that is used again', () => {
  test('after its end is answered with its receipt, and not counted again', async () => {
    const { ai, provider } = await setUp()
    const first = await ai.run('summary', { input, tier: 'eco', optIn: 'once', id: 'the-same-id' })
    const spent = pot(ai, 'usd')
    const second = await ai.run('summary', { input, tier: 'eco', optIn: 'once', id: 'the-same-id' })
    expect(second.receipt).toMatchObject({ id: 'the-same-id', replayed: true, cost: first.receipt.cost })
    expect(second.text).toBe('')
    expect(pot(ai, 'usd')).toEqual(spent)
    expect(pot(ai, 'runs')).toEqual({ settled: 1, held: 0 })
    expect(provider.calls).toHaveLength(1)
  })

  test('while it runs is refused, and leaves the first alone', async () => {
    const { script, go } = paused()
    const { ai } = await setUp({ script })
    const first = ai.run('summary', { input, optIn: 'once', id: 'the-same-id' })
    await until(run => run.text !== '', first)
    expect(await errorOf(ai.run('summary', { input: 'another', optIn: 'once', id: 'the-same-id' }))).toMatchObject({ code: 'run-in-progress' })
    expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 1 })
    go()
    expect((await first).text).toBe('one two')
    expect(pot(ai, 'runs')).toEqual({ settled: 1, held: 0 })
  })

  test('for something else is a conflict that costs nothing', async () => {
    const { ai } = await setUp()
    await ai.run('summary', { input, optIn: 'once', id: 'the-same-id' })
    expect(await errorOf(ai.run('summary', { input: 'another', optIn: 'once', id: 'the-same-id' }))).toMatchObject({ code: 'idempotency-conflict' })
    expect(pot(ai, 'runs')).toEqual({ settled: 1, held: 0 })
  })
})

describe('events', () => {
  test('come in order, and hold no word of input or output', async () => {
    const { ai, events } = await setUp({ script: ['A confidential answer.', { type: 'finish', reason: 'stop' }] })
    ai.optIn('summary', { scope: 'session' })
    await ai.run('summary', { input: { text: 'A private letter.', query: 'Whose letter?' }, trigger: 'user' })
    ai.optOut('summary')
    await errorOf(ai.run('summary', { input: 'A private letter.', trigger: 'user' }))
    ai.decline('summary')
    ai.undecline('summary')
    expect(events.map(({ name }) => name)).toEqual(['opt-in', 'run-start', 'run-end', 'opt-out', 'run-refused', 'decline', 'undecline'])
    expect(JSON.stringify(events)).not.toMatch(/private|Whose|confidential/)
  })
})
