import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

/** Whatever answers web requests: a model selector, or an application around it. */
export interface Handler {
  fetch(request: Request): Response | Promise<Response>
}

export interface ListenOptions {
  /** 0 takes any that is free. @default 8787 */
  readonly port?: number
  /** @default '127.0.0.1': only this machine, until you say otherwise */
  readonly host?: string
}

export interface Listener {
  readonly url: string
  /** Takes no more connections, lets running answers end for `grace` milliseconds, then cuts them. */
  close(grace?: number): Promise<void>
}

/**
 * Listens on Node. A client that goes away aborts its request's signal, which stops the upstream.
 * @throws when the port is taken
 */
export async function listen(handler: Handler, { port = 8787, host = '127.0.0.1' }: ListenOptions = {}): Promise<Listener> {
  const server = createServer(getRequestListener(request => handler.fetch(request), { overrideGlobalObjects: false }))
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
      server.close(() => {
        clearTimeout(cut)
        resolve()
      })
      server.closeIdleConnections()
    }),
  }
}
