import { defineFeatures, openaiCompatible } from '../../../src/server/index.ts'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'
import { startSite } from './site.ts'

// A process to be killed: `node mortal-site.ts <port> <database> <upstream>`, which prints its address. What
// a run holds is given up two seconds after its process died.

const [, , port, database, upstream] = process.argv

const features = defineFeatures({ summary: { task: 'summarize', baseline: 'extract', tier: 'eco', maxInputTokens: 500, maxOutputTokens: 20 } })

const script = `
  import { createAI } from './src/index.ts'
  const ai = createAI({ modelSelector: '/api/ai', features: ${JSON.stringify(features)}, budgets: [{ id: 'mine', per: 'month', limit: { usd: 1, runs: 100 } }] })
  const events = []
  ai.on(({ name }) => events.push(name))
  await ai.refresh()
  // Gives nothing back: a run is awaited by whoever gets hold of it.
  const start = () => { window.page.run = ai.run('summary', { input: 'The council met. It approved a budget. Nobody objected.', optIn: 'once', trigger: 'user' }) }
  window.page = { ai, events, start }
`

const { url } = await startSite({
  script, port: Number(port),
  server: {
    features, ledger: sqliteLedger(database!), lease: 2_000, identify: () => ({ user: 'ada' }), onError: () => {},
    providers: [openaiCompatible({ id: 'fixture', baseURL: upstream!, models: { eco: [{ id: 'small', price: { input: 1, output: 4 }, params: { active: 4, total: 4 } }] } })],
    budgets: [{ id: 'user', scope: 'user', per: 'month', limit: { usd: 1, runs: 100 } }],
  },
})
process.stdout.write(`${url}\n`)
