import { Pool } from 'undici'

// The client of the gateway benchmark, in a process of its own: node gateway-load.ts <job as JSON>; prints one line of JSON.

/** What to ask, of whom, by how many at once, and for how long. */
export interface Job {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly model: string
  readonly stream: boolean
  readonly connections: number
  readonly milliseconds: number
  /** Goes away after the first piece, so many times. */
  readonly cancel?: number
}

export interface Load {
  readonly perSecond: number
  /** Milliseconds of each request. */
  readonly times: readonly number[]
  /** When requests were given up, by what they had asked; milliseconds since 1970. */
  readonly gaveUp: Readonly<Record<string, number>>
}

const question = 'A short question about a long text, please. '.repeat(25)

async function ask(pool: Pool, { headers, model, stream }: Job, content: string) {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content }], max_tokens: 400, ...stream && { stream, stream_options: { include_usage: true } } })
  const answer = await pool.request({ path: '/v1/chat/completions', method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
  if (answer.statusCode !== 200) throw new Error(`A server of the benchmark answered ${answer.statusCode}: ${(await answer.body.text()).slice(0, 300)}`)
  return answer.body
}

/** Whether an answer is what the upstream said: a server that is fast because it fails must not count. */
function check(text: string, { stream }: Job): void {
  if (!text.includes(stream ? '"finish_reason":"stop"' : '"completion_tokens":32')) throw new Error(`An answer was not complete: ${text.slice(0, 300)}`)
}

async function load(job: Job): Promise<Load> {
  const pool = new Pool(job.url, { connections: job.connections, pipelining: 1 })
  const times: number[] = []
  const start = performance.now()
  const worker = async () => {
    while (performance.now() - start < job.milliseconds) {
      const begun = performance.now()
      check(await (await ask(pool, job, question)).text(), job)
      times.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: job.connections }, worker))
  const seconds = (performance.now() - start) / 1_000
  await pool.destroy()
  return { perSecond: times.length / seconds, times, gaveUp: {} }
}

async function cancel(job: Job): Promise<Load> {
  const pool = new Pool(job.url, { connections: job.connections, pipelining: 1 })
  const gaveUp: Record<string, number> = {}
  let left = job.cancel!
  const worker = async () => {
    while (left-- > 0) {
      const name = `Question ${left}, please.`
      const body = await ask(pool, job, name)
      for await (const _ of body) {
        gaveUp[name] = performance.timeOrigin + performance.now()
        break
      }
    }
  }
  await Promise.all(Array.from({ length: job.connections }, worker))
  await pool.destroy()
  return { perSecond: 0, times: [], gaveUp }
}

if (process.argv[2] !== undefined) {
  const job = JSON.parse(process.argv[2]) as Job
  console.log(JSON.stringify(await (job.cancel === undefined ? load(job) : cancel(job))))
}
