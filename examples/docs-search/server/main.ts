import { listen } from 'sparing/server/node'
import { readArguments, usage } from './arguments.ts'
import { readAssets } from './assets.ts'
import { start } from './start.ts'

async function main(): Promise<void> {
  const settings = readArguments(process.argv.slice(2), process.env)
  if (settings.help) return console.log(usage)
  const { site, close } = await start(settings, await readAssets(), line => console.log(line))
  const { port, host } = settings
  const listener = await listen(site, { port, host }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new Error(`Port ${port} is taken. Stop what uses it, or choose another: PORT=${port + 1} npm run demo`) : error
  })
  console.log(`\nDocs search is at ${listener.url}  (Ctrl+C stops it)`)
  const stop = async () => {
    await listener.close(2_000)
    await close()
  }
  process.once('SIGINT', () => void stop())
  process.once('SIGTERM', () => void stop())
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  // Not only the code: the ledger would keep the process.
  process.exit(1)
})
