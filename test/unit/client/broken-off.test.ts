import { describe, expect, test, vi } from 'vitest'
import type { Receipt } from '../../../src/index.ts'
import { memoryLedger } from '../../../src/server/index.ts'
import type { Ledger } from '../../../src/server/index.ts'
import { errorOf, input, paused, pot, setUp, tearing, until } from './support.ts'
import type { Setup } from './support.ts'

/** A server that can be killed in the middle, and comes back with its ledger: nobody is told, and connections break. */
function mortal() {
  let alive = true
  const streams = new Set<ReadableStreamDefaultController>()
  const between: NonNullable<Setup['between']> = async (request, server) => {
    if (!alive) throw new TypeError('Failed to fetch')
    const response = await server.fetch(request)
    if (!response.headers.get('content-type')?.includes('event-stream')) return response
    const reader = response.body!.getReader()
    const body = new ReadableStream({
      start: controller => void streams.add(controller),
      async pull(controller) {
        const { done, value } = await reader.read()
        if (!alive) return
        if (done) controller.close()
        else controller.enqueue(value)
      },
    })
    return new Response(body, { headers: response.headers })
  }
  return {
    between,
    kill() {
      alive = false
      for (const stream of streams) stream.error(new TypeError('network error'))
    },
    restart: () => { alive = true },
  }
}

describe('the server dies in the middle of a run', () => {
  async function killed(extra: Pick<Setup, 'server'> = {}) {
    const { script, go } = paused()
    const server = mortal()
    const set = await setUp({ script, between: server.between, ...extra })
    const run = set.ai.run('summary', { input, optIn: 'once' })
    await until(each => each.text !== '', run)
    const since = performance.now()
    server.kill()
    const error = await errorOf(run)
    return { ...set, ...server, go, run, error, took: performance.now() - since }
  }

  test('the run fails at once and says that it counts as the most it may have cost', async () => {
    const { ai, run, error, took, events } = await killed()
    expect(took).toBeLessThan(1_000)
    expect(error).toMatchObject({ code: 'upstream-failed', receipt: null, message: expect.stringContaining('counts as the most') })
    expect(run.getState()).toMatchObject({ status: 'failed', text: 'one ', receipt: null })
    expect(pot(ai, 'usd')).toEqual({ settled: 0, held: run.getState().estimate!.ceiling.usd })
    expect(events.map(({ name }) => name)).toEqual(['run-start', 'run-failed'])
  })

  test('once it answers again the receipt is had by itself, and the run ends after all', async () => {
    const { ai, run, events, go, restart } = await killed()
    go()
    restart()
    await vi.waitFor(() => expect(events.map(({ name }) => name)).toEqual(['run-start', 'run-failed', 'run-end']), { timeout: 5_000 })
    const { receipt } = run.getState()
    expect(events.at(-1)).toMatchObject({ feature: 'summary', run: run.id, receipt })
    expect(receipt!.cost.usd).toBeGreaterThan(0)
    expect(pot(ai, 'usd')).toEqual({ settled: receipt!.cost.usd, held: 0 })
  })

  test('a ledger that has settled it in full and has no receipt is followed', async () => {
    let now = Date.now()
    const ledger = memoryLedger({ now: () => now })
    const withoutReceipt: Ledger['reserve'] = async ({ assumed: _, ...request }) => {
      const answer = await ledger.reserve(request)
      await ledger.dispatch(request)
      return answer
    }
    const { ai, run, events, restart } = await killed({ server: { ledger: { ...ledger, reserve: withoutReceipt, settle: () => Promise.reject(new Error('killed')), renew: async () => {} } } })
    restart()
    await ai.refresh()
    expect(pot(ai, 'usd').settled).toBe(0)
    now += 61_000
    await ai.refresh()
    const most = run.getState().estimate!.ceiling.usd
    expect(pot(ai, 'usd')).toEqual({ settled: most, held: 0 })
    expect(events.at(-1)).toEqual({ name: 'run-settled', feature: 'summary', run: run.id, counted: 'in-full' })
    const [entry] = await ledger.entries(null, 10)
    expect(entry!.status).toBe('assumed')
    expect(entry!.budgets.find(({ unit }) => unit === 'usd')!.settled).toBe(most)
    // Told once.
    await ai.refresh()
    expect(events.filter(({ name }) => name === 'run-settled')).toHaveLength(1)
  })

  test('a receipt that says so is the run\'s, and ends it', async () => {
    let expired: Receipt | null = null
    const { between, kill, restart } = mortal()
    const { ai, events } = await setUp({ script: paused().script, between: async (request, server) => {
      if (!/\/v1\/runs\//.test(request.url)) return between(request, server)
      return expired ? Response.json({ id: expired.id, status: 'ended', receipt: expired }) : Promise.reject(new TypeError('Failed to fetch'))
    } })
    const run = ai.run('summary', { input, optIn: 'once' })
    await until(each => each.text !== '', run)
    kill()
    await errorOf(run)
    const { choice, estimate } = run.getState()
    const { ceiling: { usd, wh, outputTokens: output } } = estimate!
    expired = {
      id: run.id, feature: 'summary', status: 'expired', choice: choice!, estimate: estimate!, optIn: null, budgets: [], at: Date.now(), signature: null,
      usage: { input: 1_000, cached: 0, output, reasoning: 0, source: 'assumed' }, cost: { usd, wh, gco2e: null },
    }
    restart()
    await ai.refresh()
    expect(events.at(-1)).toEqual({ name: 'run-end', feature: 'summary', run: run.id, receipt: expired })
    expect(run.getState()).toMatchObject({ status: 'failed', receipt: expired })
    expect(pot(ai, 'usd')).toEqual({ settled: usd, held: 0 })
  })

  test('a server that has lost its ledger cannot say that it never began: it counts in full', async () => {
    const { ai, run, restart, events } = await killed({ server: { ledger: { ...memoryLedger(), entry: async () => null } } })
    restart()
    await ai.refresh()
    expect(pot(ai, 'usd')).toEqual({ settled: run.getState().estimate!.ceiling.usd, held: 0 })
    expect(events.at(-1)).toMatchObject({ name: 'run-settled', counted: 'in-full' })
  })

  test('another person takes the page over meanwhile: it settles with whom it began', async () => {
    const { ai, run, restart } = await killed()
    ai.setSubject('bob')
    restart()
    await ai.refresh()
    expect(run.getState().receipt).toBeNull()
    expect(pot(ai, 'usd')).toEqual({ settled: 0, held: 0 })
  })
})

test('a request that never arrived costs nothing, once the server can say so', async () => {
  const network = tearing()
  const { ai, events } = await setUp(network)
  const run = ai.run('summary', { input, optIn: 'once' })
  expect(await errorOf(run)).toMatchObject({ code: 'model-selector-unreachable' })
  expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 1 })
  network.mend()
  await ai.refresh()
  expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 0 })
  expect(events.at(-1)).toEqual({ name: 'run-settled', feature: 'summary', run: run.id, counted: 'nothing' })
})

test('nor does a record that breaks off on its way say that it never arrived', async () => {
  const network = tearing()
  let broken = true
  const { ai, events } = await setUp({ between: async (request, server) => {
    if (!/\/v1\/runs\//.test(request.url)) return network.between(request, server)
    return broken ? new Response('{"id":', { headers: { 'content-type': 'application/json' } }) : server.fetch(request)
  } })
  await errorOf(ai.run('summary', { input, optIn: 'once' }))
  network.mend()
  await ai.refresh()
  expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 1 })
  broken = false
  await ai.refresh()
  expect(pot(ai, 'runs')).toEqual({ settled: 0, held: 0 })
  expect(events.at(-1)).toMatchObject({ name: 'run-settled', counted: 'nothing' })
})
