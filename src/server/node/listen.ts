import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { noteAddress } from '../client-address.ts'
import { clientBehind } from './forwarded.ts'
import type { TrustProxy } from './forwarded.ts'

/** Whatever answers web requests: a model selector, or an application around it. */
export interface Handler {
  fetch(request: Request): Response | Promise<Response>
}

export interface ListenOptions {
  /** 0 takes any that is free. @default 8787 */
  readonly port?: number
  /** @default '127.0.0.1': only this machine, until you say otherwise */
  readonly host?: string
  /**
   * Which proxies are believed when they say where a request came from: how many stand in a row before
   * this server, or their addresses and networks, such as `['10.0.0.0/8']`. Only where nobody can reach
   * this server but through them. @default none: the connection's own address counts
   */
  readonly trustProxy?: TrustProxy
  /** The header in which they say it. @default 'x-forwarded-for' */
  readonly forwardedHeader?: 'x-forwarded-for' | 'forwarded'
}

export interface Listener {
  readonly url: string
  /** Takes no more connections, lets running answers end for `grace` milliseconds, then cuts them. */
  close(grace?: number): Promise<void>
}

/**
 * Listens on Node. A client that goes away aborts its request's signal, which stops the upstream. The
 * client's address is noted beside the request, for `network` budgets: hand on this very object, not
 * a copy of it.
 * @throws {TypeError} for proxies that cannot be trusted
 * @throws when the port is taken
 */
export async function listen(handler: Handler, options: ListenOptions = {}): Promise<Listener> {
  const { port = 8787, host = '127.0.0.1', trustProxy = 0, forwardedHeader: header = 'x-forwarded-for' } = options
  const server = createServer(listenerFor(handler, clientBehind({ trustProxy, header }), header))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${name}:${address.port}`,
    close: (grace = 5_000) => new Promise(resolve => {
      const cut = setTimeout(() => server.closeAllConnections(), grace)
      // A connection whose answer ends meanwhile would be kept open for the next request.
      const sweep = setInterval(() => server.closeIdleConnections(), 50)
      server.close(() => {
        clearTimeout(cut)
        clearInterval(sweep)
        resolve()
      })
    }),
  }
}

/**
 * An answer that is sent as it comes. The listener would wait for more of it, to tell how long it is, and
 * asks for no more where it is said to come in chunks.
 */
function flowing(answer: Response, { httpVersion }: { readonly httpVersion: string }): Response {
  if (httpVersion === '1.1' && answer.headers.get('content-type')?.startsWith('text/event-stream')) answer.headers.set('transfer-encoding', 'chunked')
  return answer
}

function listenerFor(handler: Handler, clientOf: ReturnType<typeof clientBehind>, header: string): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const listener = getRequestListener((request, { incoming }) => {
    const { remoteAddress } = incoming.socket
    // Several headers of one name are one list.
    const said = incoming.headers[header]
    if (remoteAddress) noteAddress(request, clientOf(remoteAddress, Array.isArray(said) ? said.join(',') : said))
    const answer = handler.fetch(request)
    return answer instanceof Response ? flowing(answer, incoming) : answer.then(each => flowing(each, incoming))
  }, { overrideGlobalObjects: false })
  return (incoming, outgoing) => void listener(incoming, outgoing)
}
