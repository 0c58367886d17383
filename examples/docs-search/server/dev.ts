import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createServer as createVite } from 'vite'
import { sourceAlias } from '../../../test/setup/source-alias.ts'
import { readArguments, usage } from './arguments.ts'
import type { start as startSite } from './start.ts'

/** The demo from the sources: the page's edits show at once, the server's after a restart. */
async function main(): Promise<void> {
  const settings = readArguments(process.argv.slice(2), process.env)
  if (settings.help) return console.log(usage)
  const http = createServer()
  const vite = await createVite({
    configFile: new URL('../vite.config.ts', import.meta.url).pathname,
    resolve: { alias: sourceAlias }, appType: 'spa', server: { middlewareMode: true, hmr: { server: http } },
  })
  const { start } = await vite.ssrLoadModule('/server/start.ts') as { start: typeof startSite }
  const { site, close } = await start(settings, null, line => console.log(line))
  const api = getRequestListener(request => site.fetch(request))
  http.on('request', (request, response) => {
    if (request.url?.startsWith('/api/')) void api(request, response)
    else vite.middlewares(request, response)
  })
  http.listen(settings.port, settings.host, () => console.log(`\nDocs search, from the sources: http://${settings.host}:${settings.port}`))
  http.once('error', error => fail((error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? `Port ${settings.port} is taken. Choose another: PORT=${settings.port + 1} npm run dev` : error))
  const stop = async () => {
    http.closeAllConnections()
    http.close()
    await vite.close()
    await close()
  }
  process.once('SIGINT', () => void stop())
  process.once('SIGTERM', () => void stop())
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

main().catch(fail)
