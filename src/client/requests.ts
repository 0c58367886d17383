import { AbortedError, isSparingError, SparingError } from '../core/index.ts'
import { errorOf } from '../core/problem.ts'
import type { OptIn } from '../core/index.ts'
import type { OptInsAnswer } from '../protocol/opt-ins.ts'
import type { RunRecord, RunRequest } from '../protocol/run.ts'
import type { RunFeedback } from './feedback.ts'
import { patience } from './wire.ts'
import type { Wire } from './wire.ts'

/** What follows from a person's acts, as requests. Every failure is a `SparingError`. */
export interface Requests {
  /**
   * @returns the stream of the run's parts
   * @throws {SparingError} the server's refusal, before any part
   */
  run(request: RunRequest, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
  /** @returns `null` when the server knows no such run */
  record(id: string): Promise<RunRecord | null>
  outcome(run: string, feedback: RunFeedback): Promise<void>
  /** The server's copy of what somebody who is signed in agreed to. @throws {SparingError} `identity-required` for others; so do the two below */
  optIns(): Promise<OptInsAnswer>
  keepOptIn(record: OptIn): Promise<OptInsAnswer>
  revokeOptIn(feature: string): Promise<OptInsAnswer>
}

/** How something is asked for. */
interface Ask extends Pick<RequestInit, 'method' | 'keepalive' | 'signal'> {
  readonly accept?: string
  /** Sent as JSON. */
  readonly json?: object
}

/** Nothing is sent twice from here: who asks knows whether, and when. */
export function createRequests({ address, fetch, init }: Wire): Requests {
  async function send(path: string, { accept, json, ...how }: Ask = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (accept) headers.set('accept', accept)
    if (json) headers.set('content-type', 'application/json')
    return reached(fetch(`${address}/v1/${path}`, { ...init, signal: AbortSignal.timeout(patience), ...how, headers, ...json && { body: JSON.stringify(json) } }))
  }
  const optIns = async (path: string, how?: Ask) => optInsIn(await bodyOf(await send(path, how)))
  return {
    async run(request, signal) {
      const response = await send('run', { method: 'POST', json: request, signal, accept: 'text/event-stream' })
      if (response.ok && response.body) return response.body
      await bodyOf(response)
      throw unreachable('an empty stream')
    },
    async record(id) {
      try {
        const found = await bodyOf(await send(`runs/${id}`)) as RunRecord | null
        // One that broke off on its way does not say that there is none.
        if (found) return found
      } catch (error) {
        if (isSparingError(error, 'not-found')) return null
        throw error
      }
      throw unreachable('no record')
    },
    async outcome(run, feedback) {
      // It may be the last thing that a page says.
      await bodyOf(await send(`runs/${run}/outcome`, { method: 'POST', json: feedback, keepalive: true }))
    },
    optIns: () => optIns('opt-ins'),
    keepOptIn: record => optIns('opt-ins', { method: 'PUT', json: record }),
    revokeOptIn: feature => optIns(`opt-ins/${encodeURIComponent(feature)}`, { method: 'DELETE' }),
  }
}

async function reached(request: Promise<Response>): Promise<Response> {
  try {
    return await request
  } catch (error) {
    if ((error as Error | null)?.name === 'AbortError') throw new AbortedError('The run was stopped.')
    throw unreachable('nothing', error)
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw errorOf(body, response.status)
  return body
}

/** Its records are checked by the store that takes them over. */
function optInsIn(body: unknown): OptInsAnswer {
  const { records, revoked } = (body ?? {}) as Partial<OptInsAnswer>
  if (Array.isArray(records) && Array.isArray(revoked)) return { records, revoked }
  throw unreachable('something else than opt-ins')
}

const unreachable = (answer: string, cause?: unknown) =>
  new SparingError('model-selector-unreachable', `The model selector answered ${answer}, so nothing was run. Check the connection, and its address.`, {}, { cause })
