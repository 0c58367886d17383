import ky from 'ky'
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

export function createRequests({ address, fetch, init }: Wire): Requests {
  const http = ky.create({ prefix: address, fetch, ...init, throwHttpErrors: false, timeout: patience })
  const json = async (request: Promise<Response>) => bodyOf(await reached(request))
  const optIns = async (request: Promise<Response>) => optInsIn(await json(request))
  return {
    async run(request, signal) {
      // Never sent twice by itself: a retry is a new decision, with the same id.
      const response = await reached(http.post('v1/run', { json: request, signal, timeout: false, retry: 0, headers: { accept: 'text/event-stream' } }))
      if (response.ok && response.body) return response.body
      await bodyOf(response)
      throw unreachable('an empty stream')
    },
    async record(id) {
      try {
        // Asked again by whoever waits for the run, not from here.
        const found = await json(http.get(`v1/runs/${id}`, { retry: 0 })) as RunRecord | null
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
      await json(http.post(`v1/runs/${run}/outcome`, { json: feedback, keepalive: true }))
    },
    optIns: () => optIns(http.get('v1/opt-ins')),
    keepOptIn: record => optIns(http.put('v1/opt-ins', { json: record })),
    revokeOptIn: feature => optIns(http.delete(`v1/opt-ins/${encodeURIComponent(feature)}`)),
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
