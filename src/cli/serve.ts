import { createModelSelector } from '../server/index.ts'
import { listen } from '../server/node/index.ts'
import type { TrustProxy } from '../server/node/index.ts'
import { defaultConfiguration, optionsFrom } from './configuration.ts'

export interface ServeArguments {
  readonly config?: string | undefined
  readonly port?: string | undefined
  readonly host?: string | undefined
  readonly 'trust-proxy'?: string | undefined
}

export const serveHelp = `sparing serve [--config ${defaultConfiguration}] [--port 8787] [--host 127.0.0.1] [--trust-proxy 1]

  --config  a module whose default export is the options of createModelSelector
  --port    0 takes any that is free; PORT is read where it is not given
  --host    127.0.0.1 is this machine only; 0.0.0.0 is everybody who can reach it
  --trust-proxy
            how many proxies stand in a row before it, or their addresses and networks with commas between
            (10.0.0.0/8,::1): they are believed when they say whose request it is`

/**
 * Runs a model selector until it is told to stop; then lets running answers end, and told again stops them.
 * @throws {Error} with a sentence for whoever started it
 */
export async function serve({ config = defaultConfiguration, port = process.env['PORT'] ?? '8787', host = '127.0.0.1', 'trust-proxy': proxies = '0' }: ServeArguments): Promise<void> {
  const options = await optionsFrom(config)
  const modelSelector = createModelSelector(options)
  const listener = await listen(modelSelector, { port: portOf(port), host, trustProxy: proxiesOf(proxies) }).catch((error: NodeJS.ErrnoException) => {
    throw unlistened(error, port, host)
  })
  console.log(`Model selector at ${listener.url}${options.basePath ?? ''} (${Object.keys(options.features).length} features). Ctrl+C stops it.`)
  stopOnSignal(async hurried => {
    const closed = listener.close(patience + 1_000)
    await Promise.race([closed, hurried, new Promise(resolve => setTimeout(resolve, patience).unref())])
    // What still goes on is settled at what it used, and whoever reads it gets the receipt.
    await modelSelector.close()
    await closed
  })
}

/** Why nothing listens, in words for whoever gave the port and the host. */
function unlistened(error: NodeJS.ErrnoException, port: string, host: string): Error {
  switch (error.code) {
    case 'EADDRINUSE': return new Error(`Port ${port} is taken. Stop what uses it, or give another with --port.`)
    case 'EACCES': return new Error(`Port ${port} is not for this user, so nothing was started. Give one above 1023 with --port.`)
    case 'ENOTFOUND': case 'EAI_AGAIN': case 'EADDRNOTAVAIL': return new Error(`"${host}" is no address of this machine, so nothing was started. Give 127.0.0.1 or 0.0.0.0 with --host.`)
    default: return error
  }
}

/** Milliseconds for which running answers may end by themselves. */
const patience = 4_000

/** @param stop called at the first signal; its promise resolves at the second */
function stopOnSignal(stop: (hurried: Promise<void>) => Promise<void>): void {
  let hurry: (() => void) | null = null
  const signalled = () => {
    if (hurry) hurry()
    else void stop(new Promise(resolve => { hurry = resolve }))
  }
  process.on('SIGINT', signalled)
  process.on('SIGTERM', signalled)
}

/** A number of proxies, or the addresses of those who are believed. */
const proxiesOf = (text: string): TrustProxy => /^\d+$/.test(text) ? Number(text) : text.split(',').map(each => each.trim())

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`"${text}" is no port. Give a number from 0 to 65535.`)
  return port
}
