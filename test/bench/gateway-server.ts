import { createServer, Agent, request as send } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

// One server of the gateway benchmark, in a process of its own: node gateway-server.ts <which> <upstream> <folder> <key>

const [, , which = '', upstream = '', folder = '', key = ''] = process.argv

/** The least that passing on costs: node:http on both sides, nothing read or checked. */
function bare(): void {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { 'content-type': type, 'content-length': length } = incoming.headers
    const passed = send(`${upstream}${incoming.url}`, { method: 'POST', agent, headers: { 'content-type': type, ...length !== undefined && { 'content-length': length } } }, answer => {
      outgoing.writeHead(answer.statusCode!, { 'content-type': answer.headers['content-type'] })
      answer.pipe(outgoing)
    })
    outgoing.on('close', () => passed.destroy())
    incoming.pipe(passed)
  }
  const server = createServer(pass)
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
}

/** What a team writes first. */
function hono(): void {
  const app = new Hono()
  app.post('*', async ({ req }) => {
    const answer = await fetch(`${upstream}${req.path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: await req.text(), signal: req.raw.signal })
    return new Response(answer.body, { status: answer.status, headers: { 'content-type': answer.headers.get('content-type')! } })
  })
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(`http://127.0.0.1:${port}`))
}

/** The package as built, as one would run it: a key, two budgets, every run reserved, settled and on disk. */
async function sparing(): Promise<void> {
  const { createModelSelector, defineFeatures, openaiCompatible } = await import('sparing/server')
  const { listen, nodeTransport } = await import('sparing/server/node')
  const { sqliteLedger } = await import('sparing/server/sqlite')
  const facts = { price: { input: 0.1, output: 0.4 }, params: { active: 4, total: 4 } }
  const modelSelector = createModelSelector({
    features: defineFeatures({ chat: { task: 'chat', baseline: 'search', tier: 'eco' } }),
    providers: [openaiCompatible({ id: 'upstream', baseURL: `${upstream}/v1`, fetch: nodeTransport(), models: { eco: [{ id: 'immediate', ...facts }, { id: 'patient', ...facts, price: { input: 0.2, output: 0.8 } }] } })],
    ledger: sqliteLedger(join(folder, 'ledger.db')), secret: 'a secret of the benchmark alone', concurrency: 10_000, share: 1,
    budgets: [{ id: 'user', per: 'day', limit: { usd: 1e6 } }, { id: 'all', scope: 'all', per: 'month', limit: { usd: 1e6 } }],
    apiKeys: [{ key, feature: 'chat', user: 'bench', tier: 'eco' }],
  })
  console.log((await listen(modelSelector, { port: 0 })).url)
}

const servers: Record<string, () => void | Promise<void>> = { bare, hono, sparing }
await servers[which]!()
