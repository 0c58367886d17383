import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Provider } from 'sparing/server'
import { buildPackage } from '../setup/build.ts'

// What asking an upstream costs this process: requests a second with the global fetch and with the package's own
// transport, bare and through openaiCompatible, streamed and not. The upstream is a bare node:http server in a
// process of its own that answers at once. Ratios are of medians of rounds that take turns, so that a busy
// machine is busy for both.

type Print = (figure: Record<string, unknown>) => void
type Send = typeof fetch

const concurrency = 32
const requests = 3_000
const rounds = 7
const pieces = 32

/** Prints requests a second of each way and each form, and the own transport's ratio to the global fetch with the least and most of the rounds. */
export async function bench(print: Print): Promise<void> {
  await buildPackage()
  const { nodeTransport } = await import('sparing/server/node')
  const upstream = await startInChild()
  const own = nodeTransport()
  try {
    for (const form of ['whole', 'stream'] as const) {
      compare(print, `bare, ${form}`, await takeTurns([fetch, own].map(send => () => readBare(send, `${upstream.url}/${form}`))))
      const providers = await Promise.all([fetch, own].map(send => providerOver(send, `${upstream.url}/${form}`)))
      compare(print, `openaiCompatible, ${form}`, await takeTurns(providers.map(provider => () => drain(provider))))
    }
  } finally {
    await own.close()
    upstream.stop()
  }
}

function compare(print: Print, what: string, [global, own]: number[][]): void {
  const ratios = own!.map((each, round) => each / global![round]!)
  print({ bench: 'transport', what, unit: 'requests/s', fetch: Math.round(median(global!)), own: Math.round(median(own!)), ratio: figure(median(ratios)), least: figure(Math.min(...ratios)), most: figure(Math.max(...ratios)), concurrency, pieces: what.endsWith('stream') ? pieces : 1 })
}

const figure = (value: number) => Number(value.toPrecision(3))
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Requests a second of each way in each round; the first round warms up and is left out. */
async function takeTurns(ways: readonly (() => Promise<void>)[]): Promise<number[][]> {
  const rates: number[][] = ways.map(() => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [at, way] of ways.entries()) {
      const rate = await rateOf(way)
      if (round > 0) rates[at]!.push(rate)
    }
  }
  return rates
}

async function rateOf(work: () => Promise<void>): Promise<number> {
  let left = requests
  const worker = async () => { while (left-- > 0) await work() }
  const start = performance.now()
  await Promise.all(Array.from({ length: concurrency }, worker))
  return requests / ((performance.now() - start) / 1_000)
}

const body = JSON.stringify({ model: 'immediate', messages: [{ role: 'user', content: 'A short question about a long text. '.repeat(30) }], max_tokens: 400, stream: true })

async function readBare(send: Send, base: string): Promise<void> {
  const response = await send(`${base}/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const reader = response.body!.getReader()
  let next = await reader.read()
  while (!next.done) next = await reader.read()
}

async function providerOver(send: Send, baseURL: string): Promise<Provider> {
  const { openaiCompatible } = await import('sparing/server')
  return openaiCompatible({ baseURL, models: { eco: ['immediate'] }, fetch: send })
}

async function drain(provider: Provider): Promise<void> {
  const call = { run: 'r', model: 'immediate', feature: 'summary', task: 'summarize', input: { text: '' }, messages: [{ role: 'user', content: 'A short question about a long text. '.repeat(30) }], maxOutputTokens: 400, effort: 'none', signal: new AbortController().signal } as const
  let finished = false
  for await (const parts of provider.stream(call)) finished ||= [parts].flat().some(({ type }) => type === 'finish')
  if (!finished) throw new Error('The upstream of the benchmark did not answer.')
}

async function startInChild(): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = await once(createInterface(child.stdout), 'line') as [string]
  return { url, stop: () => void child.kill() }
}

/** The upstream: answers at once with the same bytes, as one object or as so many events. */
function serve(): void {
  const usage = { prompt_tokens: 250, completion_tokens: pieces, total_tokens: 250 + pieces }
  const whole = JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: ' word'.repeat(pieces) }, finish_reason: 'stop' }], usage })
  const event = (chunk: object) => `data: ${JSON.stringify(chunk)}\n\n`
  const deltas = Array.from({ length: pieces }, () => event({ choices: [{ index: 0, delta: { content: ' word' } }] }))
  const events = [...deltas, event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage }), 'data: [DONE]\n\n']
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.url!.startsWith('/whole')) return void response.writeHead(200, { 'content-type': 'application/json' }).end(whole)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const each of events) response.write(each)
      response.end()
    })
  })
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
}

if (process.argv[2] === 'serve') serve()
