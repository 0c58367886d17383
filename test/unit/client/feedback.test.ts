import { describe, expect, test, vi } from 'vitest'
import { input, problem, setUp } from './support.ts'

/** A server that takes outcomes, or does whatever it is told to. */
async function listening() {
  const told: unknown[] = []
  const server = { answer: (): Response => new Response(null, { status: 204 }) }
  const set = await setUp({ between: async (request, to) => {
    const run = /\/v1\/runs\/([^/]+)\/outcome$/.exec(new URL(request.url).pathname)?.[1]
    if (!run) return to.fetch(request)
    told.push({ run, ...await request.json() as object })
    return server.answer()
  } })
  return { ...set, told, server }
}

describe('what a person did with an answer', () => {
  test('is told the server, in order, and to whoever listens', async () => {
    const { ai, told, events } = await listening()
    const run = ai.run('summary', { input, optIn: 'once' })
    await run
    ai.report(run.id, { outcome: 'kept' })
    ai.report(run.id, { outcome: 'rated', enough: false })
    ai.report('of-another-page', { outcome: 'dismissed' })
    await vi.waitFor(() => expect(told).toEqual([
      { run: run.id, outcome: 'kept' }, { run: run.id, outcome: 'rated', enough: false }, { run: 'of-another-page', outcome: 'dismissed' },
    ]))
    expect(events.filter(({ name }) => name === 'outcome')).toEqual([
      { name: 'outcome', feature: 'summary', run: run.id, outcome: 'kept' },
      { name: 'outcome', feature: 'summary', run: run.id, outcome: 'rated', enough: false },
      { name: 'outcome', feature: null, run: 'of-another-page', outcome: 'dismissed' },
    ])
  })

  test.each([
    ['the network is gone', () => { throw new TypeError('Failed to fetch') }],
    ['the ledger is down', () => problem('ledger-unavailable', 503)],
    ['too much is asked', () => problem('too-many-runs', 429)],
  ])('is told later where %s, and nobody waits or hears of it', async (_, answer) => {
    const { ai, told, server } = await listening()
    const rejections: unknown[] = []
    const note = (reason: unknown) => rejections.push(reason)
    process.on('unhandledRejection', note)
    server.answer = answer
    ai.report('run-of-yours', { outcome: 'kept' })
    await vi.waitFor(() => expect(told).toHaveLength(1))
    server.answer = () => new Response(null, { status: 204 })
    await ai.refresh()
    expect(told.length).toBeGreaterThan(1)
    const count = told.length
    await ai.refresh()
    expect(told).toHaveLength(count)
    process.off('unhandledRejection', note)
    expect(rejections).toEqual([])
  })

  test('is let go where the server does not take it', async () => {
    const { ai, told, server } = await listening()
    server.answer = () => problem('not-found', 404)
    ai.report('run-of-yours', { outcome: 'kept' })
    ai.report('run-of-yours', { outcome: 'dismissed' })
    await vi.waitFor(() => expect(told).toHaveLength(2))
    await ai.refresh()
    expect(told).toHaveLength(2)
  })

  test('is kept for a while only, where nobody ever takes it', async () => {
    const { ai, told, server } = await listening()
    server.answer = () => { throw new TypeError('Failed to fetch') }
    for (let i = 0; i < 150; i++) ai.report(`run-${i}-of-yours`, { outcome: 'kept' })
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(0))
    await ai.refresh()
    told.length = 0
    server.answer = () => new Response(null, { status: 204 })
    await ai.refresh()
    expect(told).toHaveLength(100)
    expect(told.at(-1)).toEqual({ run: 'run-149-of-yours', outcome: 'kept' })
  })
})
