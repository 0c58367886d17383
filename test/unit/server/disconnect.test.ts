import { once } from 'node:events'
import { request } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { listen } from '../../../src/server/node/index.ts'
import type { Receipt } from '../../../src/core/index.ts'
import { asJson, bench, json, partsOf, receiptIn, textOf } from './support.ts'
import type { Bench } from './support.ts'

/** The bench behind a real listener: connections can be cut. */
async function served(on: Bench) {
  const listener = await listen(on.modelSelector, { port: 0 })
  onTestFinished(() => listener.close(0))
  const send = async (body: unknown, headers: Record<string, string> = {}) => {
    const sent = request(`${listener.url}/v1/run`, { method: 'POST', headers: { ...json, ...headers } })
    sent.on('error', () => {})
    sent.end(JSON.stringify(body))
    return sent
  }
  return { listener, send }
}

/** Reads until so many deltas of text came. */
async function readDeltas(response: IncomingMessage, deltas: number): Promise<string> {
  let seen = ''
  response.on('error', () => {})
  await new Promise<void>(resolve => {
    response.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
      if (seen.split('"text-delta"').length > deltas) resolve()
    })
  })
  return seen
}

const answerTo = async (sent: ClientRequest) => (await once(sent, 'response'))[0] as IncomingMessage

/** The receipt, once the run is over. */
async function settled(on: Bench, id: unknown): Promise<Receipt> {
  await on.ledger.after('settle')
  return (await (await on.get(`/v1/runs/${String(id)}`)).json() as { receipt: Receipt }).receipt
}

async function expectNothingHeld(on: Bench): Promise<void> {
  for (const { held } of Object.values(await on.budgets())) expect(held).toBe(0)
}

const words = ['The ', 'museum ', 'opens ', 'at ', 'nine ', 'and ', 'closes ', 'at ', 'four.']

describe('a client that goes away half-way', () => {
  test.each([1, 3, 8])('after %i of nine tokens pays for those, and the upstream served no more', async count => {
    const on = await bench({}, { deltas: words, paused: true, usage: 'missing' })
    const { send } = await served(on)
    const body = await on.ask()
    const sent = await send(body)
    on.upstream.release(count)
    await readDeltas(await answerTo(sent), count)
    sent.destroy()
    await on.upstream.until(([call]) => call?.ended === 'client')
    const receipt = await settled(on, body['id'])
    expect(receipt).toMatchObject({ status: 'aborted', usage: { output: count, reasoning: 0, source: 'counted' } })
    expect(on.upstream.served).toBe(count)
    expect(await on.budgets()).toMatchObject({ usd: { settled: receipt.cost.usd, held: 0 }, wh: { settled: receipt.cost.wh, held: 0 }, runs: { settled: 1, held: 0 } })
    expect(on.errors).toEqual([])
  })

  test('pays what the upstream reported last, where it reports as it goes', async () => {
    const on = await bench({}, { deltas: words, paused: true, usage: 'each' })
    const { send } = await served(on)
    const body = await on.ask()
    const sent = await send(body)
    on.upstream.release(4)
    await readDeltas(await answerTo(sent), 4)
    sent.destroy()
    expect((await settled(on, body['id'])).usage).toMatchObject({ output: 4, source: 'reported' })
  })

  test('before the upstream answered pays for the input, which was sent', async () => {
    const on = await bench({}, { silent: true })
    const { send } = await served(on)
    const body = await on.ask()
    const sent = await send(body)
    await on.upstream.until(log => log.length === 1)
    sent.destroy()
    await on.upstream.until(([call]) => call!.ended === 'client')
    const receipt = await settled(on, body['id'])
    expect(receipt).toMatchObject({ status: 'aborted', usage: { output: 0, source: 'counted' } })
    expect(receipt.usage.input).toBeGreaterThan(0)
    await expectNothingHeld(on)
  })

  test('while it asked for JSON stops the upstream too', async () => {
    const on = await bench({}, { deltas: words, paused: true, usage: 'missing' })
    const { send } = await served(on)
    const body = await on.ask()
    const sent = await send(body, asJson)
    on.upstream.release(2)
    await on.upstream.until(([call]) => call?.served === 2)
    sent.destroy()
    await on.upstream.until(([call]) => call?.ended === 'client')
    const receipt = await settled(on, body['id'])
    expect(receipt.status).toBe('aborted')
    expect(receipt.usage.output).toBeLessThanOrEqual(2)
    await expectNothingHeld(on)
  })

  test('before its run was reserved pays nothing, and the upstream is not called', async () => {
    const on = await bench()
    const gone = AbortSignal.abort()
    for (const accept of ['application/json', 'text/event-stream']) {
      const body = await on.ask()
      const response = await on.modelSelector.fetch(new Request('http://product.test/v1/run', { method: 'POST', body: JSON.stringify(body), headers: { ...json, accept }, signal: gone }))
      await response.text()
      expect(await settled(on, body['id'])).toMatchObject({ status: 'aborted', cost: { usd: 0 } })
    }
    expect(on.upstream.log).toEqual([])
    expect((await on.budgets())['runs']).toMatchObject({ settled: 0, held: 0 })
  })

  test('in the same process, by cancelling the body', async () => {
    const on = await bench({}, { deltas: words, paused: true, usage: 'missing' })
    const body = await on.ask()
    const reader = (await on.post('/v1/run', body)).body!.getReader()
    on.upstream.release(5)
    const decoder = new TextDecoder()
    for (let seen = ''; seen.split('"text-delta"').length <= 5;) seen += decoder.decode((await reader.read()).value, { stream: true })
    await reader.cancel()
    await on.upstream.until(([call]) => call!.ended === 'client')
    expect(await settled(on, body['id'])).toMatchObject({ status: 'aborted', usage: { output: 5 } })
    await expectNothingHeld(on)
  })
})

describe('a client that stops reading', () => {
  test('holds up nothing: its run ends at the model\'s pace and is settled', async () => {
    const on = await bench({}, { deltas: words })
    const body = await on.ask()
    const response = await on.post('/v1/run', body)
    const receipt = await settled(on, body['id'])
    expect(receipt).toMatchObject({ status: 'completed', usage: { output: 9 } })
    await expectNothingHeld(on)
    expect(textOf(await partsOf(response))).toBe(words.join(''))
  })

  test('over a real connection as well', async () => {
    const long = Array.from({ length: 200 }, () => 'x'.repeat(120))
    const on = await bench({ budgets: [{ id: 'user', per: 'day', limit: { usd: 100 } }] }, { deltas: long })
    const { send } = await served(on)
    const body = await on.ask({ feature: 'think', tier: 'eco' })
    const sent = await send(body)
    ;(await answerTo(sent)).pause()
    expect(await settled(on, body['id'])).toMatchObject({ status: 'completed', usage: { output: 200 } })
    await expectNothingHeld(on)
    sent.destroy()
  })
})

test('the first delta is there before the last is sent', async () => {
  const on = await bench({}, { deltas: ['first', 'last'], paused: true })
  const { send } = await served(on)
  const sent = await send(await on.ask())
  on.upstream.release(1)
  const response = await answerTo(sent)
  expect(await readDeltas(response, 1)).toContain('first')
  expect(on.upstream.served).toBe(1)
  on.upstream.release(1)
  expect(await readDeltas(response, 1)).toContain('last')
})

test('what came from the model at once goes out at once', async () => {
  const on = await bench({}, { raw: words.map(content => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`).join('') })
  const reader = (await on.run()).body!.getReader()
  const chunks: string[] = []
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(new TextDecoder().decode(next.value))
  expect(chunks.find(chunk => chunk.includes('"text-delta"'))!.split('"text-delta"')).toHaveLength(words.length + 1)
})

describe('the listener', () => {
  test('lets running answers end', async () => {
    const on = await bench({}, { deltas: words, paused: true })
    const { listener, send } = await served(on)
    const sent = await send(await on.ask(), { connection: 'close' })
    const response = await answerTo(sent)
    const over = listener.close()
    on.upstream.release(9)
    let all = ''
    for await (const chunk of response) all += String(chunk)
    await over
    expect(all).toContain('"status":"completed"')
  })

  test('cuts what does not end, and everything is settled when the model selector is closed', async () => {
    const on = await bench({}, { deltas: words, paused: true, usage: 'missing' })
    const { listener, send } = await served(on)
    const sent = await send(await on.ask())
    on.upstream.release(2)
    await readDeltas(await answerTo(sent), 2)
    await listener.close(0)
    await on.modelSelector.close()
    expect(on.ledger.verbs).toEqual(['reserve', 'settle'])
    await on.upstream.until(([call]) => call!.ended === 'client')
  })

  test.each([['1.1', true], ['1.0', false]])('streams to a client of HTTP/%s, in chunks where it knows them', async (version, chunked) => {
    const on = await bench({}, { deltas: words })
    const { listener } = await served(on)
    const body = JSON.stringify(await on.ask())
    const headers = Object.entries({ ...json, host: 'localhost', connection: 'close', 'content-length': Buffer.byteLength(body) }).map(([name, value]) => `${name}: ${value}\r\n`)
    const socket = connect(Number(new URL(listener.url).port), '127.0.0.1')
    socket.write(`POST /v1/run HTTP/${version}\r\n${headers.join('')}\r\n${body}`)
    let all = ''
    for await (const bytes of socket) all += String(bytes)
    const [head, said] = [all.slice(0, all.indexOf('\r\n\r\n')), all.slice(all.indexOf('\r\n\r\n') + 4)]
    expect(head.toLowerCase().includes('transfer-encoding: chunked')).toBe(chunked)
    expect(said.startsWith('data: ')).toBe(!chunked)
    expect(said).toContain('"status":"completed"')
  })

  test('refuses a port that is taken', async () => {
    const on = await bench()
    const { listener } = await served(on)
    await expect(listen(on.modelSelector, { port: Number(new URL(listener.url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test.each(['with a length', 'in chunks'])('refuses ten megabytes %s and lives on', async way => {
    const on = await bench()
    const { listener } = await served(on)
    const sent = request(`${listener.url}/v1/run`, { method: 'POST', headers: { ...json, ...way === 'with a length' && { 'content-length': 10_000_000 } } })
    sent.on('error', () => {})
    const answer = answerTo(sent)
    for (let i = 0; i < 160; i++) sent.write('a'.repeat(62_500))
    expect((await answer).statusCode).toBe(413)
    sent.destroy()
    expect((await fetch(`${listener.url}/healthz`)).status).toBe(200)
    expect(on.ledger.verbs).toEqual([])
  })
})

test('a stream that is silent is kept open by comments, which readers skip', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const on = await bench({}, { deltas: words, paused: true })
  const response = await on.run()
  await on.upstream.until(log => log.length === 1)
  vi.advanceTimersByTime(45_000)
  on.upstream.release(9)
  const all = await response.text()
  expect(all.match(/^: keep-alive$/gm)?.length).toBeGreaterThanOrEqual(2)
  const parts = await partsOf(new Response(all))
  expect(textOf(parts)).toBe(words.join(''))
  expect(receiptIn(parts).status).toBe('completed')
})
