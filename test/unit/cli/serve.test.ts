import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { optionsFrom } from '../../../src/cli/configuration.ts'
import { serve } from '../../../src/cli/serve.ts'
import { newId } from '../../../src/core/index.ts'
import { sqliteLedger } from '../../../src/server/ledger/sqlite.ts'
import { json, optInFor } from '../server/support.ts'
import type { EstimateAnswer } from '../../../src/protocol/index.ts'

const source = (path: string) => new URL(`../../../src/${path}`, import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'sparing-serve-'))
afterAll(() => rmSync(folder, { recursive: true }))

// The upstream says one word and then nothing, until nobody waits for it any longer.
writeFileSync(join(folder, 'sparing.config.mjs'), `
import { openaiCompatible } from '${source('server/index.ts').href}'
import { sqliteLedger } from '${source('server/ledger/sqlite.ts').href}'
const word = new TextEncoder().encode('data: {"choices":[{"delta":{"content":"Nine."}}]}\\n\\n')
const silent = async () => new Response(new ReadableStream({ start: pen => pen.enqueue(word) }), { headers: { 'content-type': 'text/event-stream' } })
export default {
  features: { summary: { task: 'summarize', baseline: 'extract', tier: 'eco' } },
  providers: [openaiCompatible({ id: 'house', baseURL: 'https://models.test/v1', fetch: silent, models: { eco: [{ id: 'small', price: { input: 0.1, output: 0.4 }, params: { active: 4, total: 4 } }] } })],
  ledger: sqliteLedger('${join(folder, 'ledger.db')}'),
  budgets: [{ id: 'office', scope: 'network', per: 'day', limit: { runs: 1 } }], share: 1,
}`)

interface Served {
  readonly url: string
  readonly child: ChildProcess
  readonly ended: Promise<number>
}

function started(...args: string[]) {
  const child = spawn(process.execPath, ['--no-warnings', fileURLToPath(source('cli/main.ts')), 'serve', ...args], { cwd: folder })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, ended: once(child, 'close').then(([code]) => code as number) }
}

async function serving(...args: string[]): Promise<Served> {
  const { child, ended } = started('--port', '0', ...args)
  const [line] = await once(createInterface(child.stdout), 'line') as [string]
  expect(line).toMatch(/^Model selector at http:\/\/127\.0\.0\.1:\d+ \(1 features\)\. Ctrl\+C stops it\.$/)
  return { url: /http:\S+/.exec(line)![0], child, ended }
}

/** A run of somebody new, from an address that a proxy tells of. */
async function runFrom({ url }: Served, address: string): Promise<Response> {
  const cookie = (await fetch(`${url}/v1/budget`)).headers.get('set-cookie')!.split(';')[0]!
  const what = { feature: 'summary', input: { text: 'The museum opens at nine.' }, tier: 'eco', effort: 'none' }
  const { estimate } = await (await fetch(`${url}/v1/estimate`, { method: 'POST', headers: json, body: JSON.stringify(what) })).json() as EstimateAnswer
  const body = { id: newId(), ...what, ceiling: estimate.ceiling, optIn: optInFor(what, estimate, Date.now()), trigger: 'user', estimate: estimate.id }
  return fetch(`${url}/v1/run`, { method: 'POST', headers: { ...json, cookie, 'sec-fetch-site': 'same-origin', 'x-forwarded-for': address }, body: JSON.stringify(body) })
}

async function refusesToConnect(url: string): Promise<void> {
  while (await fetch(`${url}/healthz`, { headers: { connection: 'close' } }).then(() => true, () => false)) await pause(20)
}

describe('sparing serve', () => {
  test('believes the proxies it is told to believe, and nobody else', async () => {
    const behind = await serving('--trust-proxy', '127.0.0.1,10.0.0.0/8')
    const alone = await serving()
    const statuses = async (server: Served, addresses: readonly string[]) => {
      const answers: number[] = []
      for (const address of addresses) answers.push((await runFrom(server, address)).status)
      return answers
    }
    expect(await statuses(behind, ['198.51.100.7', '203.0.113.7', '198.51.100.8'])).toEqual([200, 200, 429])
    expect(await statuses(alone, ['192.0.2.7', '192.0.3.7'])).toEqual([200, 429])
  })

  test.each([
    ['syntax.mjs', 'export default {', /syntax\.mjs cannot be (read|used): .* Nothing was started; correct the file/],
    ['lost.mjs', 'export default { features, providers: [] }', /lost\.mjs cannot be used: features is not defined\. Nothing was started/],
    ['options.json', '{}', /options\.json is no module, .* Write it as sparing\.config\.mjs/],
  ])('says of a file that is no configuration which it is: %s', async (name, content, sentence) => {
    writeFileSync(join(folder, name), content)
    await expect(optionsFrom(join(folder, name))).rejects.toThrow(sentence)
    await expect(optionsFrom(folder)).rejects.toThrow(/is a folder, .* Name the file with --config/)
  })

  test('says of a host that is nowhere what to give instead', async () => {
    await expect(serve({ config: join(folder, 'sparing.config.mjs'), port: '0', host: 'nope.invalid' })).rejects.toThrow(/"nope\.invalid" is no address of this machine, so nothing was started\. Give 127\.0\.0\.1/)
  })

  test('told to stop takes no more, and told again settles what still goes on', async () => {
    const server = await serving('--trust-proxy', '1')
    const answer = await runFrom(server, '192.0.9.7')
    expect(answer.status).toBe(200)
    const read = text(answer.body!)
    server.child.kill('SIGTERM')
    await refusesToConnect(server.url)
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(await read).toContain('"status":"aborted"')
    const ledger = sqliteLedger(join(folder, 'ledger.db'))
    onTestFinished(() => ledger.close())
    expect((await ledger.entries(null, 99)).some(({ receipt }) => receipt?.status === 'aborted')).toBe(true)
  })

  test.each([
    [['--trust-proxy', 'nobody'], /trustProxy/],
    [['--port', '70000'], /"70000" is no port/],
    [['--config', 'nowhere.mjs'], /There is no configuration at .*nowhere\.mjs/],
  ])('refuses %s with a sentence', async (args, sentence) => {
    const { child, ended } = started(...args)
    expect(await text(child.stderr)).toMatch(sentence)
    expect(await ended).toBe(1)
  })

  test('names a port that is taken', async () => {
    const { url } = await serving()
    const { child, ended } = started('--port', new URL(url).port)
    expect(await text(child.stderr)).toMatch(/^Port \d+ is taken\. Stop what uses it, or give another with --port\.\n$/)
    expect(await ended).toBe(1)
  })
})
