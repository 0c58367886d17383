import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import { createGzip, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { nodeTransport } from '../../../../src/server/node/index.ts'
import type { TransportOptions } from '../../../../src/server/node/index.ts'

/** A server and a transport to it, both gone after the test. */
async function pair(answer: RequestListener, options: TransportOptions = {}) {
  const sockets: Socket[] = []
  const server = createServer(answer).on('connection', socket => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const send = nodeTransport(options)
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await send.close()
  })
  return { send, sockets, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/x?y=1` }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

describe('a request', () => {
  test('arrives as it was sent, and its answer as it was given', async () => {
    const { send, url } = await pair(async (request, response) => {
      response.writeHead(201, { 'x-many': ['a', 'b'], 'content-type': 'text/plain' })
      response.end(`${request.method} ${request.url} ${request.headers['x-key']} ${await textOf(request)}`)
    })
    const response = await send(new URL(url), { method: 'POST', headers: { 'x-key': 'k' }, body: '{"é":1}' })
    expect({ status: response.status, many: response.headers.get('x-many'), text: await response.text() }).toEqual({ status: 201, many: 'a, b', text: 'POST /v1/x?y=1 k {"é":1}' })
    expect((await send(url, { headers: new Headers({ 'x-key': 'h' }) })).status).toBe(201)
  })

  test('follows no redirect, and may be answered by nothing', async () => {
    const { send, url } = await pair((request, response) => void response.writeHead(request.method === 'GET' ? 302 : 204, { location: 'http://elsewhere.test' }).end())
    expect((await send(url)).status).toBe(302)
    expect(await send(url, { method: 'DELETE' })).toMatchObject({ status: 204, body: null })
  })

  test('takes the connection that the one before it left', async () => {
    const { send, url, sockets } = await pair((_, response) => void response.end('ok'))
    for (let i = 0; i < 6; i++) await (await send(url)).text()
    // The next may begin in the same turn in which the one before it ends.
    expect(sockets.length).toBeLessThanOrEqual(2)
  })

  test('waits for one of so many connections', async () => {
    const { send, url, sockets } = await pair((_, response) => void response.end('ok'), { connections: 2 })
    await Promise.all(Array.from({ length: 10 }, async () => (await send(url)).text()))
    expect(sockets.length).toBeLessThanOrEqual(2)
  })
})

describe('an answer', () => {
  test.each([['gzip', gzipSync], ['deflate', deflateSync]] as const)('that was packed as %s is unpacked', async (packing, pack) => {
    const packed = pack('{"é":1}')
    const { send, url } = await pair((_, response) => void response.writeHead(200, { 'content-encoding': packing, 'content-length': packed.length }).end(packed))
    const response = await send(url)
    expect({ text: await response.text(), packing: response.headers.get('content-encoding') }).toEqual({ text: '{"é":1}', packing: null })
  })

  test('that was packed may be left half-way', async () => {
    const { send, url, sockets } = await pair((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      const packer = createGzip()
      packer.pipe(response)
      packer.write('half')
      packer.flush()
    })
    const reader = (await send(url)).body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('half')
    const gone = once(sockets[0]!, 'close')
    await reader.cancel()
    await gone
    expect(sockets[0]!.destroyed).toBe(true)
  })

  test('is handed on as it comes', async () => {
    let more!: () => void
    const { send, url } = await pair((_, response) => {
      response.write('first')
      more = () => response.end('last')
    })
    const reader = (await send(url)).body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('first')
    more()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('last')
    expect((await reader.read()).done).toBe(true)
  })

  test('of many chunks that came together is handed on together, whole and in order', async () => {
    const words = Array.from({ length: 200 }, (_, at) => `word ${at}, `)
    const { send, url } = await pair((_, response) => {
      for (const word of words) response.write(word)
      response.end()
    })
    const read: string[] = []
    for await (const bytes of (await send(url)).body!) read.push(new TextDecoder().decode(bytes))
    expect(read.join('')).toBe(words.join(''))
    expect(read.length).toBeLessThan(words.length / 2)
  })

  test('waits at its server for a reader that is slow', async () => {
    let written = 0
    const total = 64_000_000
    const { send, url } = await pair((_, response) => {
      const write = (): void => {
        while (written < total) {
          written += 1_000_000
          if (!response.write(Buffer.alloc(1_000_000))) return void response.once('drain', write)
        }
        response.end()
      }
      write()
    })
    const reader = (await send(url)).body!.getReader()
    await reader.read()
    // As many turns as it likes to take: nothing more is read until somebody reads.
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate)
    expect(written).toBeLessThan(total / 2)
    let size = 0
    for (let next = await reader.read(); !next.done; next = await reader.read()) size += next.value.length
    expect(size).toBeGreaterThan(total - 2_000_000)
  })

  test('that is torn is torn here too', async () => {
    const { send, url } = await pair((_, response) => {
      response.write('half')
      setImmediate(() => response.destroy())
    })
    const response = await send(url)
    await expect(response.text()).rejects.toThrow('closed')
  })
})

describe('stopping', () => {
  const hanging: RequestListener = (_, response) => void response.write('half')

  test('before it is sent sends nothing', async () => {
    const { send, url, sockets } = await pair(hanging)
    await expect(send(url, { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped')
    expect(sockets).toEqual([])
  })

  test('while it waits for an answer destroys the connection', async () => {
    const gone = new AbortController()
    const { send, url, sockets } = await pair(() => gone.abort(new Error('stopped')))
    await expect(send(url, { method: 'POST', body: '{}', signal: gone.signal })).rejects.toThrow('stopped')
    if (!sockets[0]!.destroyed) await once(sockets[0]!, 'close')
    expect(sockets[0]!.destroyed).toBe(true)
  })

  test('in the middle destroys it, and whoever reads learns why', async () => {
    const gone = new AbortController()
    const { send, url, sockets } = await pair(hanging)
    const response = await send(url, { signal: gone.signal })
    const reader = response.body!.getReader()
    await reader.read()
    gone.abort(new Error('stopped'))
    await expect(reader.read()).rejects.toThrow('stopped')
    if (!sockets[0]!.destroyed) await once(sockets[0]!, 'close')
    expect(sockets[0]!.destroyed).toBe(true)
  })

  test('to read destroys it as well', async () => {
    const { send, url, sockets } = await pair(hanging)
    await (await send(url)).body!.cancel()
    if (!sockets[0]!.destroyed) await once(sockets[0]!, 'close')
    expect(sockets[0]!.destroyed).toBe(true)
  })

  test('while it waits for a connection gives up its place', async () => {
    const asked = Promise.withResolvers<() => void>()
    const { send, url } = await pair((_, response) => asked.resolve(() => void response.end('ok')), { connections: 1 })
    const first = send(url)
    const answer = await asked.promise
    const gone = new AbortController()
    const second = send(url, { signal: gone.signal })
    gone.abort(new Error('stopped'))
    await expect(second).rejects.toThrow('stopped')
    answer()
    expect(await (await first).text()).toBe('ok')
  })
})

test('a connection that does not come in time was never made', async () => {
  const { send, url } = await pair((_, response) => void response.write(''), { connections: 1 })
  void send(url).catch(() => {})
  await expect(send(url, { connect: 20 } as RequestInit)).rejects.toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' })
})
